"""`POST /api/orders` at the peak: answered where the bytes arrive, without a task, a coroutine or a layer between.

The lane takes what is in order: a session that was read a moment ago, a request as our own pages send it. Whatever is not goes
the long way through the application, where each layer says what is wrong. Both ways end at the same desk, and a caller cannot
tell them apart. Told with its measurements in docs/algorithms/intake.md.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from typing import TYPE_CHECKING, Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from halles.edge import problems
from halles.edge.observe import Meter
from halles.edge.security import Door
from halles.identity.api import SessionReader
from halles.journeys.checkout.api import Desk
from halles.journeys.checkout.http import MOST_BYTES, PATH, encode_placed, read_order
from halles.journeys.checkout.types import Outcome
from halles.kernel.caller import Role
from halles.kernel.errors import Refusal
from halles.kernel.web import Services

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger("halles.http")

_CREATED = b"HTTP/1.1 201 Created\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"


class HotLane:
    """What the protocol below asks: may this request take the lane, what came of it, how is it written."""

    def __init__(self, door: Door, meter: Meter, services: Callable[[], Services]) -> None:
        self._door, self._meter, self._services = door, meter, services
        own = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        lines = [*own, *(line for line in door.answer.api if line[0] != b"cache-control")]
        self._lines = b"".join(b"%b: %b\r\n" % line for line in lines)
        self._name, self._count = secrets.token_hex(6), itertools.count()

    def token(self, scope: Any) -> str | None:
        """The session's token when a request is one for the lane, judged by its head alone."""
        if scope["path"] != PATH or scope["method"] != "POST":
            return None
        return self._door.plain(scope, dict(scope["headers"]), MOST_BYTES)

    def take(self, scope: Any, token: str, body: bytes) -> asyncio.Future[Outcome] | Refusal | None:
        """Hand an order over; None: the long way. Counts it against the limits."""
        services = self._services()
        session = services.port(SessionReader).recent(token)
        if session is None or Role.SHOPPER not in session.roles:
            return None
        try:
            order = read_order(body)
            if order.payment == "card":
                return None  # what it may leave unpaid is counted on the long way
            self._door.count(scope, session)
            return services.port(Desk).submit(order, session.party_id)
        except Refusal as refusal:
            return refusal

    def written(
        self, found: asyncio.Future[Outcome] | Refusal, scope: Any, started: float, defaults: bytes
    ) -> bytes:
        """The whole answer; what went wrong is told as the application tells it."""
        request_id = f"{self._name}{next(self._count):x}"
        error = found if isinstance(found, Refusal) else found.exception()
        if error is None:
            assert not isinstance(found, Refusal)
            outcome = found.result()
            status, body, head, lines = 201, encode_placed(outcome.placed), _CREATED, self._lines
            if not outcome.first:
                status, head = 200, _OK
        else:
            status, body, head, lines = self._refused(error, request_id)
        self._meter.record(PATH, scope, status, time.perf_counter() - started, request_id)
        return b"%b%b%bcontent-length: %d\r\nx-request-id: %b\r\n\r\n%b" % (
            head, defaults, lines, len(body), request_id.encode(), body,
        )  # fmt: skip

    def _refused(self, error: BaseException, request_id: str) -> tuple[int, bytes, bytes, bytes]:
        if not isinstance(error, Refusal):
            log.error("http.bug", path=PATH, request_id=request_id, exc_info=error)
            error = problems.Bug("Something went wrong here; nothing was changed.", retry_after_s=5)
        answer = problems.response(error, request_id)
        names = {name for name, _ in answer.raw_headers}
        more = [line for line in self._door.answer.api if line[0] not in names]
        lines = [line for line in (*answer.raw_headers, *more) if line[0] != b"content-length"]
        head = b"HTTP/1.1 %d %b\r\n" % (answer.status_code, error.title.encode("ascii", "replace"))
        return answer.status_code, bytes(answer.body), head, b"".join(b"%b: %b\r\n" % line for line in lines)


def protocol(lane: HotLane) -> type[HttpToolsProtocol]:
    """uvicorn's protocol with the lane in it."""

    class OrderProtocol(HttpToolsProtocol):
        """Holds back a request that may take the lane until its body is there; starts every other at once, as uvicorn does."""

        _held: tuple[RequestResponseCycle, Any, str] | None = None
        _defaults: tuple[object, bytes] = (None, b"")

        def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
            token = None if cycle.waiting_for_100_continue else lane.token(cycle.scope)
            if token is None:
                super()._start_asgi_task(cycle, app)
                return
            self._held = (cycle, app, token)
            if not cycle.more_body:
                self._take()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            if self._held is not None and self._held[0] is self.cycle:
                self._take()

        def _take(self) -> None:
            assert self._held is not None
            cycle, app, token = self._held
            self._held, started = None, time.perf_counter()
            found = lane.take(cycle.scope, token, bytes(cycle.body))
            if found is None:
                super()._start_asgi_task(cycle, app)
            elif isinstance(found, Refusal):
                self._answer(cycle, found, started)
            else:
                found.add_done_callback(lambda done: self._answer(cycle, done, started))

        def _answer(
            self, cycle: RequestResponseCycle, found: asyncio.Future[Outcome] | Refusal, started: float
        ) -> None:
            written = lane.written(found, cycle.scope, started, self._default_lines(cycle))
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
                OrderProtocol._defaults = (lines, b"".join(b"%b: %b\r\n" % line for line in lines))
            if (b"connection", b"close") in lines:
                cycle.keep_alive = False
            elif not cycle.keep_alive:
                return self._defaults[1] + b"connection: close\r\n"
            return self._defaults[1]

    return OrderProtocol
