"""The door of the web: who calls, from where, how often, how much, and what browsers may do with the answer.

Pure ASGI, since it stands on the order path: one dictionary of headers, one batched session read, no work for static files.
`docs/explanation/security.md` tells the reasons.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.edge.cookies import VISITOR, Cookies, cookie
from halles.edge.headers import answers
from halles.edge.limits import Limits, network_of
from halles.edge.problems import response
from halles.identity.api import SESSION_COOKIE, VISITOR_COOKIE, SessionReader, cookie_name, origin_of, vault
from halles.identity.types import API_KEY_PREFIX, ScopeMissing, Session
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import Forbidden, Invalid, PayloadTooLarge, Refusal, TooMany, Unauthenticated
from halles.kernel.settings import Settings
from halles.kernel.web import Access

VISITOR_DAYS = 30
"""Days after which a browser gets another anonymous id; it is not renewed by use."""
_MIB = 2**20
_BODY_DEFAULT = _MIB
_SAMPLES = "/api/console/taught-samples/photos"
_BODY = {"/api/photos": 12 * _MIB, _SAMPLES: 12 * _MIB, "/api/console/imports": 256 * _MIB}
_TYPES = {
    "/api/photos": ("image/", "application/octet-stream"),
    _SAMPLES: ("image/", "application/octet-stream"),
    "/api/console/imports": ("multipart/form-data",),
}
_CONSOLE = frozenset({Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT})
_FILES_FROM = {"/api/console/imports": _CONSOLE, _SAMPLES: _CONSOLE}
"""From whom large bodies are read at all: a form is parsed, and its files written, before its route asks who calls."""
_VISITS = "/api/visits/events"
_DOOR = ("/api/welcome/bookings", "/api/welcome/tickets")
_FORMS = "/api/demo/payments/"
_NOBODY = Caller()
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FILES = ("/media/", "/assets/")


class CrossSite(Forbidden):
    """A browser sent this from another site's page, or cannot show that it did not."""

    code, title = "edge.cross_site", "Sent from another site"


class UnsupportedMediaType(Invalid):
    """The body is of a type that this address does not take."""

    status, code, title = 415, "edge.unsupported_media_type", "Wrong type of body"


class RateLimited(TooMany):
    """Too many requests of this class from this session or network."""

    code, title = "edge.rate_limited", "Too many requests"


class Door:
    """What is checked of every request, and what is counted. One a process."""

    def __init__(self, settings: Settings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._https, self._proxies = settings.https, settings.trusted_proxies
        self._origin, self._demo = origin_of(settings.public_url).encode(), settings.demo
        self._session_cookie = cookie_name(SESSION_COOKIE, https=settings.https) + "="
        self._visitor_cookie = cookie_name(VISITOR_COOKIE, https=settings.https) + "="
        self._vault = vault(settings)
        self._cookies = Cookies(self._session_cookie, self._visitor_cookie, self._mark)
        self._limits = Limits(monotonic, settings.rate_limit_factor)
        self.answer = answers(settings)

    def visitor(self, headers: dict[bytes, bytes]) -> tuple[str, tuple[bytes, bytes] | None]:
        """The browser's anonymous id, and the cookie line that gives it one when it has none."""
        found = cookie(headers.get(b"cookie", b"").decode("latin-1"), self._visitor_cookie)
        if VISITOR.fullmatch(found):
            return found, None
        made = secrets.token_urlsafe(18)[:24]
        return made, None if b"authorization" in headers else self._visitor_line(made)

    async def enter(
        self, scope: Scope, headers: dict[bytes, bytes], visitor: str, receive: Receive
    ) -> _BodyGuard | None:
        """Check a request, find out who calls, count it; a guard when its body must be watched. Raises Refusal."""
        path, method, guard = scope["path"], scope["method"], None
        cookies = headers.get(b"cookie", b"").decode("latin-1")
        if method not in _SAFE:
            self._check_origin(scope, headers, cookies)
            guard = _check_body(path, headers, receive)
        network = scope["halles.client"] = network_of(scope, headers, self._proxies)
        scope["halles.unpaid"] = partial(self._count_unpaid, network)
        caller = scope["halles.caller"] = await self._caller(scope, headers, cookies, visitor)
        self._count(scope, caller, network)
        if path == _VISITS:
            who = caller.session_id or caller.visitor or network
            scope["halles.visits"] = partial(self._count_visits, who, network)
        if path in _DOOR:
            scope["halles.booked"] = partial(self._count_booked, network)
        if method not in _SAFE:
            _check_sender(path, caller)
        return guard

    async def _caller(self, scope: Scope, headers: dict[bytes, bytes], cookies: str, visitor: str) -> Caller:
        """Who calls. A key that stands for nobody is refused; a cookie that does makes a visitor, as if it were not there."""
        reader: SessionReader = scope["app"].state.services.port(SessionReader)
        mark = self._mark(visitor)
        bearer = headers.get(b"authorization")
        if bearer is not None:
            return await _by_key(reader, bearer.decode("latin-1"), scope["method"])
        token = cookie(cookies, self._session_cookie)
        session = await reader.read(token) if 32 <= len(token) <= 64 else None
        if session is None:
            return Caller(visitor=mark)
        return _caller_of(session, mark)

    def plain(self, scope: Scope, headers: dict[bytes, bytes], most_bytes: int) -> str | None:
        """The session's token, when a request is as a page of ours sends it: our cookies, our origin, JSON of a known length of
        at most `most_bytes`; 0: without a body."""
        if (
            b"authorization" in headers
            or b"x-request-id" in headers
            or not _is_plain_body(headers, most_bytes)
        ):
            return None
        token = self._cookies.told(headers.get(b"cookie", b""))[0]
        if token is not None and scope["method"] not in _SAFE:
            try:
                self._check_origin(scope, headers, self._session_cookie)  # which is among the cookies
            except CrossSite:
                return None
        return token

    def admit(self, scope: Scope, headers: Mapping[bytes, bytes], session: Session) -> None:
        """What `enter` does for a request that is plain, of a session that is known. Raises RateLimited."""
        network = scope["halles.client"] = network_of(scope, headers, self._proxies)
        scope["halles.unpaid"] = partial(self._count_unpaid, network)
        caller = scope["halles.caller"] = _caller_of(
            session, self._cookies.told(headers.get(b"cookie", b""))[1]
        )
        self._count(scope, caller, network)

    def _count(self, scope: Scope, caller: Caller, network: str) -> None:
        wait_s = self._limits.wait_s(scope["method"], scope["path"], caller, network)
        if wait_s:
            raise RateLimited("Too many requests; wait a moment.", retry_after_s=wait_s)

    def _mark(self, visitor: str) -> str:
        return self._vault.mark("visits.visitor", visitor)[:12].hex()

    def count(self, scope: Scope, session: Session) -> None:
        """Count an order against its limits. Raises RateLimited."""
        network = network_of(scope, dict(scope["headers"]) if self._proxies else {}, self._proxies)
        wait_s = self._limits.order_wait_s(session.session_id, network, guest=session.guest)
        if wait_s:
            raise RateLimited("Too many requests; wait a moment.", retry_after_s=wait_s)

    def _count_unpaid(self, network: str, pieces: int) -> None:
        wait_s = self._limits.unpaid_wait_s(network, pieces)
        if wait_s:
            raise RateLimited(
                "Too much is ordered by card from here; pay first, or wait.", retry_after_s=wait_s
            )

    def _count_booked(self, network: str, people: int) -> None:
        wait_s = self._limits.booked_wait_s(network, people)
        if wait_s:
            raise RateLimited(
                "Guests booked for many people from here; sign in, or wait.", retry_after_s=wait_s
            )

    def _count_visits(self, who: str, network: str, events: int) -> None:
        wait_s = self._limits.visits_wait_s(who, network, events)
        if wait_s:
            raise RateLimited("Too many events; tell them later.", retry_after_s=wait_s)

    def _check_origin(self, scope: Scope, headers: dict[bytes, bytes], cookies: str) -> None:
        """Unsafe methods: never from another site's page; with our cookie, only when the browser says it is from ours."""
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        if site is not None and site not in {b"same-origin", b"none"}:
            raise CrossSite("This request came from another site's page; nothing was changed.")
        if origin is not None and not self._is_ours(origin.lower(), scope, headers):
            raise CrossSite("This request came from another site's page; nothing was changed.")
        if (
            origin is None
            and site is None
            and self._session_cookie in cookies
            and b"authorization" not in headers
        ):
            raise CrossSite(
                "A request with a session cookie needs an Origin or Sec-Fetch-Site header; nothing was changed."
            )

    def _is_ours(self, origin: bytes, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """The public address, or the very host asked when that is a number (a phone on the shop's network) or localhost. Another
        name is not believed: whoever owns a name can have it lead here, and their page's requests would come from it."""
        if origin == self._origin:
            return True
        host = headers.get(b"host", b"?").lower()
        return (self._demo or _is_number(host)) and origin == scope["scheme"].encode() + b"://" + host

    def _visitor_line(self, visitor: str) -> tuple[bytes, bytes]:
        secure = "; Secure" if self._https else ""
        text = f"{self._visitor_cookie}{visitor}; Path=/; HttpOnly; SameSite=Lax; Max-Age={VISITOR_DAYS * 86_400}{secure}"
        return b"set-cookie", text.encode()


class Security:
    """Puts `halles.caller` and `halles.client` (the network address) into the scope, or refuses with problem details."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        *,
        door: Door | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._door = app, door or Door(settings, monotonic=monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/api/"):
            await self._api(scope, receive, send)
            return
        scope["halles.caller"] = _NOBODY
        lines = self._door.answer.file if path.startswith(_FILES) else self._door.answer.page
        await self._app(scope, receive, _adding(send, lines))

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        visitor, cookie = self._door.visitor(headers)
        lines = self._door.answer.api if cookie is None else [*self._door.answer.api, cookie]
        try:
            guard = await self._door.enter(scope, headers, visitor, receive)
        except Refusal as error:
            answer = response(error, scope.get("halles.request_id"))
            await answer(scope, receive, _adding(send, lines))
            return
        if guard is None:
            await self._app(scope, receive, _adding(send, lines))
        else:
            await guard.run(self._app, scope, _adding(send, lines))


class _BodyGuard:
    """Counts a body of unknown length as it arrives and answers 413 when it grows beyond `limit` bytes."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._left, self._spilled, self._started = receive, limit, False, False

    async def run(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        async def note(message: Message) -> None:
            self._started = True
            if not self._spilled:
                await send(message)

        try:
            await app(scope, self._next, note)
        except Exception:
            if not self._spilled:
                raise
        if self._spilled:
            answer = response(_too_large(), scope.get("halles.request_id"))
            await answer(scope, self._receive, send)

    async def _next(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0 and not self._started:
            self._spilled = (
                True  # the application hears that the caller hung up, and whatever it says to that is dropped
            )
            return {"type": "http.disconnect"}
        return message


@lru_cache(maxsize=256)
def _is_number(host: bytes) -> bool:
    """Whether a Host header names an address by its digits, or this machine by its own name: no other site can own those."""
    name = urlsplit(b"//" + host).hostname or b""
    if name == b"localhost":
        return True
    try:
        ipaddress.ip_address(name.decode("latin-1"))
    except ValueError:
        return False
    return True


def _is_plain_body(headers: Mapping[bytes, bytes], most_bytes: int) -> bool:
    """JSON of a known length of at most so many bytes; of 0: none at all."""
    length = headers.get(b"content-length", b"")
    if not most_bytes:
        return length in {b"", b"0"} and b"transfer-encoding" not in headers
    is_json = headers.get(b"content-type") == b"application/json"
    return is_json and length.isdigit() and 0 < int(length) <= most_bytes


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge("The body is larger than this address takes.")


def _check_body(path: str, headers: dict[bytes, bytes], receive: Receive) -> _BodyGuard | None:
    """Refuse a body too large or of a type that a plain HTML form could send; watch one whose length is not told."""
    length = headers.get(b"content-length")
    if length is not None and not length.isdigit():
        raise Invalid("The Content-Length is not a number.")
    chunked = length is None and b"transfer-encoding" in headers
    if not chunked and (length is None or int(length) == 0):
        return None
    limit = _BODY.get(path, _BODY_DEFAULT)
    if length is not None and int(length) > limit:
        raise PayloadTooLarge("The body is larger than this address takes.", limit_bytes=limit)
    kind = headers.get(b"content-type", b"").decode("latin-1").split(";", 1)[0].strip().lower()
    if kind != "application/json" and not _may_send(path, kind):
        raise UnsupportedMediaType(
            f"{kind[:80] or 'A body without a type'} is not accepted here.", accepts="application/json"
        )
    return _BodyGuard(receive, limit) if chunked else None


def _check_sender(path: str, caller: Caller) -> None:
    """Refuse a body that may be large before any of it is read, unless it comes from somebody whom its route will hear."""
    roles = _FILES_FROM.get(path)
    if roles is not None:
        Access(roles).check(caller)


def _may_send(path: str, kind: str) -> bool:
    if path.startswith(_FORMS):
        return kind == "application/x-www-form-urlencoded"
    return kind.startswith(_TYPES.get(path, ("application/json",)))


async def _by_key(reader: SessionReader, bearer: str, method: str) -> Caller:
    scheme, _, token = bearer.partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(API_KEY_PREFIX) or len(token) > 128:
        raise Unauthenticated("The Authorization header must read: Bearer hk_…")
    session = await reader.read_key(token)
    if session is None:
        raise Unauthenticated("This API key is unknown, revoked or expired.")
    if session.scopes is not None and ("read" if method in _SAFE else "write") not in session.scopes:
        raise ScopeMissing("This API key was not made for that.", scopes=sorted(session.scopes))
    return Caller(
        party_id=session.party_id,
        roles=session.roles,
        seller_ids=session.seller_ids,
        uses=session.uses,
        place_ids=session.place_ids,
    )


def _caller_of(session: Session, visitor: str) -> Caller:
    return Caller(
        party_id=session.party_id,
        roles=session.roles,
        seller_ids=session.seller_ids,
        grants=session.grants,
        guest=session.guest,
        visitor=visitor,
        by_cookie=True,
        session_id=session.session_id,
    )


def _adding(send: Send, lines: list[tuple[bytes, bytes]]) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name for name, _ in given}
            message["headers"] = given + [
                line for line in lines if line[0] not in names or line[0] == b"set-cookie"
            ]
        await send(message)

    return add
