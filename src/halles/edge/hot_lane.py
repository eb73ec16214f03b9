"""The peak's requests, answered where the bytes arrive, without the layers between: orders, and the pages at every order.

The lane takes what is in order: a shopper's session, a request as our own pages send it. Whatever is not goes the long way
through the application, where each layer says what is wrong. Both ways end at the same desk and the same routes, and a caller
cannot tell them apart. Told with its measurements in docs/algorithms/intake.md.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog

from halles.edge import problems
from halles.edge.observe import Meter
from halles.edge.patience import RequestUnfinished
from halles.edge.security import Door
from halles.edge.short_way import NotPlain, Short, ShortWay, decoded
from halles.identity.api import SessionReader
from halles.identity.types import Session
from halles.journeys.checkout.api import Desk
from halles.journeys.checkout.http import MOST_BYTES, PATH, encode_placed, read_order
from halles.journeys.checkout.types import Outcome
from halles.kernel.caller import Role
from halles.kernel.errors import Refusal
from halles.kernel.web import Services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI, Response

log = structlog.get_logger("halles.http")

_CREATED = b"HTTP/1.1 201 Created\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"
_SHOPPER = frozenset({Role.SHOPPER})
_SQUEEZED_FROM, _SQUEEZE_LEVEL = 1024, 5
"""Answers of so many bytes are compressed for callers that take it, as hard: as the application does."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that may take the lane, judged by its head: whose, and to which page; None: an order."""

    token: str
    headers: Mapping[bytes, bytes]
    page: Short | None
    params: Mapping[str, Any]


class HotLane:
    """What the protocol below asks: may this request take the lane, what came of it, how is it written."""

    def __init__(
        self, door: Door, meter: Meter, services: Callable[[], Services], app: FastAPI, pages: ShortWay
    ) -> None:
        self._door, self._meter, self._services = door, meter, services
        self._app, self._pages = app, pages
        own = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        self._lines = _joined([*own, *_beside(door.answer.api, own)])
        self._beside: dict[tuple[bytes, ...], bytes] = {}
        self._name, self._count = secrets.token_hex(6), itertools.count()

    def find(self, scope: Any) -> Visit | None:
        """What a request is to the lane, judged by its head alone; None: the long way."""
        page, params = None, {}
        if scope["path"] != PATH or scope["method"] != "POST":
            found = self._pages.find(scope)
            if found is None:
                return None
            page, params = found
        headers = dict(scope["headers"])
        most = MOST_BYTES if page is None or page.takes_body else 0
        token = self._door.plain(scope, headers, most)
        return None if token is None else Visit(token, headers, page, params)

    def recent(self, visit: Visit) -> Session | None:
        """Whose request it is, if that was asked a moment ago."""
        return self._services().port(SessionReader).recent(visit.token)

    async def session(self, visit: Visit) -> Session | None:
        """Whose request it is; None: nobody's. Raises DatabaseUnavailable, QueueFull."""
        return self.recent(visit) or await self._services().port(SessionReader).read(visit.token)

    def order(
        self, scope: Any, session: Session | None, body: bytes
    ) -> asyncio.Future[Outcome] | Refusal | None:
        """Hand an order over; None: the long way. Counts it against the limits."""
        if session is None or Role.SHOPPER not in session.roles:
            return None
        try:
            order = read_order(body)
            if order.payment == "card":
                return None  # what it may leave unpaid is counted on the long way
            self._door.count(scope, session)
            return self._services().port(Desk).submit(order, session.party_id)
        except Refusal as refusal:
            return refusal

    async def page(self, scope: Any, visit: Visit, body: bytes) -> Response | Refusal | None:
        """What a page answers to a shopper; None: the long way, nothing was done. Counts it against the limits."""
        assert visit.page is not None
        try:
            session = await self.session(visit)
            if session is None or session.roles != _SHOPPER:
                return None
            scope["app"], scope["path_params"] = self._app, visit.params
            call = visit.page.read(scope, decoded(body) if body else None)
            self._door.admit(scope, visit.headers, session)
            return await call()
        except NotPlain:
            return None
        except Refusal as refusal:
            return refusal

    def placed(
        self, found: asyncio.Future[Outcome] | Refusal, scope: Any, started: float, defaults: bytes
    ) -> bytes:
        """The whole answer to an order; what went wrong is told as the application tells it."""
        error = found if isinstance(found, Refusal) else found.exception()
        if error is not None:
            return self.refused(error, PATH, scope, started, defaults)
        assert not isinstance(found, Refusal)
        outcome = found.result()
        status, head = (201, _CREATED) if outcome.first else (200, _OK)
        body = encode_placed(outcome.placed)
        return self._whole((status, head, self._lines, body), PATH, scope, started, defaults)

    def shown(self, answer: Response, visit: Visit, scope: Any, started: float, defaults: bytes) -> bytes:
        """A page's whole answer."""
        status, body, given = answer.status_code, bytes(answer.body), answer.raw_headers
        assert visit.page is not None
        head = _OK if status == 200 else b"HTTP/1.1 %d %b\r\n" % (status, HTTPStatus(status).phrase.encode())
        if len(body) >= _SQUEEZED_FROM:
            given = [*given, (b"vary", b"Accept-Encoding")]
            if b"gzip" in visit.headers.get(b"accept-encoding", b""):
                squeezer = zlib.compressobj(_SQUEEZE_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
                body = squeezer.compress(body) + squeezer.flush()
                given.append((b"content-encoding", b"gzip"))
        names = tuple([name for name, _ in given])
        beside = self._beside.get(names)
        if beside is None:
            beside = self._beside[names] = _joined(_beside(self._door.answer.api, given))
        return self._whole(
            (status, head, _joined(given) + beside, body), visit.page.route.path, scope, started, defaults
        )

    def refused(self, error: BaseException, route: str, scope: Any, started: float, defaults: bytes) -> bytes:
        """The whole answer to what went wrong."""
        request_id = self._request_id()
        if not isinstance(error, Refusal):
            log.error("http.bug", path=scope["path"], request_id=request_id, exc_info=error)
            error = problems.Bug("Something went wrong here; nothing was changed.", retry_after_s=5)
        answer = problems.response(error, request_id)
        lines = _joined([*answer.raw_headers, *_beside(self._door.answer.api, answer.raw_headers)])
        head = b"HTTP/1.1 %d %b\r\n" % (answer.status_code, error.title.encode("ascii", "replace"))
        made = (answer.status_code, head, lines, bytes(answer.body))
        return self._whole(made, route, scope, started, defaults, request_id)

    def unfinished(self, defaults: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The answer to a request of which no more came: the last on its connection."""
        answer = problems.response(RequestUnfinished("The rest of the request did not come in time."), None)
        own = [
            *answer.raw_headers,
            *(line for line in defaults if line[0] != b"connection"),
            (b"connection", b"close"),
        ]
        lines = _joined([*own, *_beside(self._door.answer.api, own)])
        body = bytes(answer.body)
        return b"HTTP/1.1 408 Request Timeout\r\n%bcontent-length: %d\r\n\r\n%b" % (lines, len(body), body)

    def _whole(
        self,
        made: tuple[int, bytes, bytes, bytes],
        route: str,
        scope: Any,
        started: float,
        defaults: bytes,
        request_id: str | None = None,
    ) -> bytes:
        """`made`: status, status line, header lines of its own, body."""
        status, head, lines, body = made
        request_id = request_id or self._request_id()
        self._meter.record(route, scope, status, time.perf_counter() - started, request_id)
        length = b"" if status == 304 else b"content-length: %d\r\n" % len(body)
        return b"%b%b%b%bx-request-id: %b\r\n\r\n%b" % (
            head, defaults, lines, length, request_id.encode(), body,
        )  # fmt: skip

    def _request_id(self) -> str:
        return f"{self._name}{next(self._count):x}"


def _beside(lines: list[tuple[bytes, bytes]], given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Those of `lines` whose names are not given already."""
    names = {name for name, _ in given}
    return [line for line in lines if line[0] not in names]


def _joined(lines: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % line for line in lines if line[0] != b"content-length")
