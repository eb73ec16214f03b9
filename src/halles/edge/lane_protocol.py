"""uvicorn's HTTP protocol with the hot lane in it: plain requests are read here, the rest is uvicorn's."""

from __future__ import annotations

import asyncio
import re
import time
from math import inf
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from halles.edge.hot_lane import HotLane, Visit
from halles.edge.patience import Stage, Watch
from halles.identity.types import Session
from halles.journeys.checkout.http import PATH
from halles.journeys.checkout.types import Outcome
from halles.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Coroutine

_PLAIN = re.compile(
    rb"(GET|PUT|POST|DELETE) (/api/[A-Za-z0-9/_-]*)(?:\?([!-~]*))? HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ -~]*\r\n)+)\r\n"
)
_HEADER = re.compile(rb"([A-Za-z0-9-]+): *([ -~]*)\r\n")
_NOT_PLAIN = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"http2-settings"})


def plain_request(data: bytes) -> tuple[dict[str, Any], bytes] | None:
    """The scope's own part and the body of bytes that are one whole request and nothing else, in plain characters, each header
    once, its length told; None: let a full parser judge it."""
    head = _PLAIN.match(data)
    if head is None:
        return None
    method, path, query, lines = head.groups()
    headers = [(name.lower(), value) for name, value in _HEADER.findall(lines)]
    told, body = dict(headers), data[head.end() :]
    length = told.get(b"content-length", b"0")
    if (
        len(told) != len(headers)
        or not _NOT_PLAIN.isdisjoint(told)
        or told.get(b"connection", b"keep-alive").lower() != b"keep-alive"
        or b"host" not in told
        or not (length.isdigit() and len(length) < 8 and int(length) == len(body))
    ):
        return None
    scope = {
        "method": method.decode(),
        "path": path.decode(),
        "raw_path": path,
        "query_string": query or b"",
        "headers": headers,
    }
    return scope, body


MOST_LOOSE = 64 * 1024
"""Bytes of a head, or of what a body comes with (the words of chunks, trailers), beyond those that came with its begin: the
parser keeps all of them until they are whole."""


class LaneProtocol(HttpToolsProtocol):
    """Reads a plain request for the lane itself; holds another that may take the lane back until its body is there; uvicorn
    does the rest."""

    lane: HotLane
    watch: Watch
    until = inf
    _stage = Stage.WHOLE
    _began = 0.0
    _received = 0
    _loose, _moved = 0, False
    _held: tuple[RequestResponseCycle, Any, Visit] | None = None
    _defaults: tuple[object, bytes] = (None, b"")

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.until = self.loop.time() + self.watch.patience.head_s
        self.watch.enter(self, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.leave(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self.watch.leave(self)
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if self._stage is Stage.WHOLE and self._is_idle():
            found = plain_request(data)
            if found is not None and self._take_plain(*found):
                self.until = inf
                return
        super().data_received(data)
        self._wait(len(data))

    def _is_idle(self) -> bool:
        last: RequestResponseCycle | None = vars(self)["cycle"]  # None until the first request
        return last is None or last.response_complete

    def _wait(self, received: int) -> None:
        """Note until when what is still to come has to be there; empty lines between requests are no beginning of one. A
        head or trailers without end are ended."""
        self._loose = 0 if self._moved else self._loose + received
        self._moved = False
        if self._loose > MOST_LOOSE and self._stage is not Stage.WHOLE:
            self.until = inf
            self.give_up()
        elif self._stage is Stage.BODY:
            self._received += received
            self.until = self.watch.patience.body_until(self._began, self._received, self.loop.time())
        elif self._stage is Stage.WHOLE and not self._is_idle():
            self.until = inf
        elif self.until == inf:
            self.until = self.loop.time() + self.watch.patience.head_s

    def is_held_up(self) -> bool:
        """Whether a body waits for the application to read on, or to ask for it."""
        if self._stage is not Stage.BODY or self.cycle.response_complete:
            return False
        return self.flow.read_paused or self.cycle.waiting_for_100_continue

    def wait_on(self, now: float) -> None:
        self._began, self._received = now, 0
        self.until = now + self.watch.patience.pause_s

    def give_up(self) -> None:
        """Nobody is told whose request has not begun, or whose answer has."""
        if self.transport.is_closing():
            return
        if self._stage is Stage.BODY and not self.cycle.response_started:
            self.cycle.disconnected = True  # whoever reads the body hears of it
            self.cycle.message_event.set()
            self._held = None
            self.transport.write(self.lane.unfinished(self.server_state.default_headers))
        elif self._stage is Stage.HEAD and self._is_idle():
            self.transport.write(self.lane.unfinished(self.server_state.default_headers))
        self.transport.close()

    def _take_plain(self, own: dict[str, Any], body: bytes) -> bool:
        scope: Any = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "state": self.app_state.copy(),
            **own,
        }
        visit = None if self.root_path or self.limit_concurrency is not None else self.lane.find(scope)
        if visit is None or self.transport.is_closing():
            return False
        self._unset_keepalive_if_required()
        self.cycle = RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )
        self.cycle.body += body
        self.cycle.more_body = False
        self.cycle.message_event.set()  # the long way waits for it
        app: Any = vars(self)["app"]  # of several types
        self._held = (self.cycle, app, visit)
        self._take()
        return True

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_begin(self) -> None:
        self._stage, self.until, self._moved = Stage.HEAD, inf, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._stage, self._began, self._received = Stage.BODY, self.loop.time(), 0
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        visit = None if cycle.waiting_for_100_continue else self.lane.find(cycle.scope)
        if visit is None:
            super()._start_asgi_task(cycle, app)
            return
        self._held = (cycle, app, visit)
        if not cycle.more_body:
            self._take()

    def on_message_complete(self) -> None:
        self._stage, self.until = Stage.WHOLE, inf
        super().on_message_complete()
        if self._held is not None and self._held[0] is self.cycle:
            self._take()

    def _take(self) -> None:
        assert self._held is not None
        cycle, app, visit = self._held
        self._held, started = None, time.perf_counter()
        if visit.page is not None:
            self._spawn(self._show(cycle, app, visit, started))
        elif (session := self.lane.recent(visit)) is not None:
            self._place(cycle, app, session, started)
        else:
            self._spawn(self._place_later(cycle, app, visit, started))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _place_later(self, cycle: RequestResponseCycle, app: Any, visit: Visit, started: float) -> None:
        try:
            session = await self.lane.session(visit)
        except Exception as error:  # noqa: BLE001  answered as the application answers it
            lines = self._default_lines(cycle)
            self._write(cycle, self.lane.refused(error, PATH, cycle.scope, started, lines))
            return
        self._place(cycle, app, session, started)

    def _place(self, cycle: RequestResponseCycle, app: Any, session: Session | None, started: float) -> None:
        found = self.lane.order(cycle.scope, session, bytes(cycle.body))
        if found is None:
            super()._start_asgi_task(cycle, app)
        elif isinstance(found, Refusal):
            self._placed(cycle, found, started)
        else:
            found.add_done_callback(lambda done: self._placed(cycle, done, started))

    def _placed(
        self, cycle: RequestResponseCycle, found: asyncio.Future[Outcome] | Refusal, started: float
    ) -> None:
        self._write(cycle, self.lane.placed(found, cycle.scope, started, self._default_lines(cycle)))

    async def _show(self, cycle: RequestResponseCycle, app: Any, visit: Visit, started: float) -> None:
        assert visit.page is not None
        route = visit.page.route.path
        try:
            answer = await self.lane.page(cycle.scope, visit, bytes(cycle.body))
            if answer is None:
                super()._start_asgi_task(cycle, app)
                return
            lines = self._default_lines(cycle)
            if isinstance(answer, Refusal):
                written = self.lane.refused(answer, route, cycle.scope, started, lines)
            else:
                written = self.lane.shown(answer, visit, cycle.scope, started, lines)
        except Exception as error:  # noqa: BLE001  a bug is answered as the application answers it
            written = self.lane.refused(error, route, cycle.scope, started, self._default_lines(cycle))
        self._write(cycle, written)

    def _write(self, cycle: RequestResponseCycle, written: bytes) -> None:
        if cycle.disconnected:
            return
        cycle.transport.write(written)
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            cycle.transport.close()
        self.on_response_complete()

    def _default_lines(self, cycle: RequestResponseCycle) -> bytes:
        """The server's own header lines, joined once for as long as it keeps them (a second: they tell the date)."""
        lines = self.server_state.default_headers
        if self._defaults[0] is not lines:
            LaneProtocol._defaults = (lines, b"".join(b"%b: %b\r\n" % line for line in lines))
        if (b"connection", b"close") in lines:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            return self._defaults[1] + b"connection: close\r\n"
        return self._defaults[1]


def protocol(lane: HotLane, watch: Watch | None = None) -> type[HttpToolsProtocol]:
    """The protocol of a server whose application has this lane."""
    return type("LaneProtocol", (LaneProtocol,), {"lane": lane, "watch": watch or Watch()})
