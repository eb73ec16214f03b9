"""The lane and the long way give the same answers; what is not in order takes the long way."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
import uvicorn

from halles.edge.app import create_app
from halles.edge.hot_lane import HotLane, Visit
from halles.edge.lane_protocol import plain_request, protocol
from halles.edge.patience import Watch
from halles.identity import api as identity
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.settings import Settings, load


class Counting(HotLane):
    """Counts what took the lane."""

    taken = 0
    visits = 0

    async def page(self, scope: Any, visit: Visit, body: bytes) -> Any:
        found = await super().page(scope, visit, body)
        Counting.visits += found is not None
        return found

    def order(self, scope: Any, session: Any, body: bytes) -> Any:
        found = super().order(scope, session, body)
        Counting.taken += found is not None
        return found


class Server:
    """The application on a real socket, in a thread with a loop of its own."""

    def __init__(self, settings: Settings, port: int, watch: Watch | None = None) -> None:
        self.port = port
        app = create_app(settings=settings)
        app.state.lane.__class__ = Counting
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            http=protocol(app.state.lane, watch),
            log_config=None,
            lifespan="on",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def server(db: Database, tmp_path: Any) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = load(
        data=tmp_path, database_url=db.dsn, public_url=f"http://127.0.0.1:{port}", secret="s" * 40, demo=True
    )
    made = Server(settings, port)
    yield made
    made.stop()


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db, stock=1000, funds_minor=10**9)


async def browser_of(db: Database, shop: Shop, server: Server) -> httpx.AsyncClient:
    async with db.transaction() as tx:
        session = await identity.start_session(tx, shop.shoppers[0], agent="test", now=system_clock(), days=1)
    home = f"http://127.0.0.1:{server.port}"
    cookies = {"halles_session": session.token, "halles_visitor": "A" * 24}
    return httpx.AsyncClient(base_url=home, cookies=cookies, headers={"origin": home}, timeout=20)


def body_of(order: Any) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(order))


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """What a caller can see, but for what differs by its nature."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    headers = {
        n: v
        for n, v in answer.headers.items()
        if n not in {"x-request-id", "date", "content-length", "server"}
    }
    return answer.status_code, body, headers


async def test_both_ways_answer_alike(db: Database, shop: Shop, server: Server) -> None:
    async with await browser_of(db, shop, server) as phone:
        assert (await phone.get("/api/me")).status_code == 200  # the session is known from here on
        order = shop.order((1, 1))
        bodies = [
            body_of(order),
            {**body_of(order), "currency": "USD"},
            {**body_of(shop.order((1, 1))), "currency": "SEK"},
            body_of(shop.order((1, 99), (2, 99), unit_price_minor=1)),
            {"order_id": "no"},
        ]
        for body in bodies:
            await phone.get("/api/me")
            before = Counting.taken
            fast = await phone.post("/api/orders", json=body)
            if fast.status_code == 201:
                fast = await phone.post("/api/orders", json=body)
            assert Counting.taken > before
            before = Counting.taken
            slow = await phone.post("/api/orders", json=body, headers={"x-request-id": "12345678"})
            assert Counting.taken == before
            assert told(fast) == told(slow)


PAGES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("GET", "/api/basket?currency=eur", {}, False),
    ("GET", "/api/basket?lang=fr", {}, True),
    ("GET", "/api/basket", {}, True),
    ("GET", "/api/basket", {"headers": {"accept-encoding": "identity"}}, True),
    ("PUT", "/api/basket/lines/1", {"json": {"quantity": "two"}}, False),
    ("PUT", "/api/basket/lines/1", {"json": [1]}, False),
    ("PUT", "/api/basket/lines/999999", {"json": {"quantity": 1}}, True),
    ("GET", "/api/basket", {}, True),
    ("GET", "/api/orders/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10", {}, True),
    ("GET", "/api/orders/none", {}, False),
]
"""Requests, and whether the lane takes them."""


async def test_pages_are_shown_alike_both_ways(db: Database, shop: Shop, server: Server) -> None:
    async with await browser_of(db, shop, server) as phone:
        placed = body_of(shop.order((1, 1)))
        assert (await phone.post("/api/orders", json=placed)).status_code == 201
        order = f"/api/orders/{placed['order_id']}"
        tag = (await phone.get(order)).headers["etag"]
        first, second = (f"/api/basket/lines/{variant}" for variant in shop.variants[:2])
        more: list[tuple[str, str, dict[str, Any], bool]] = [
            ("PUT", first, {"json": {"quantity": 3, "touchpoint": shop.touchpoint}}, True),
            ("PUT", second, {"json": {"quantity": 1, "touchpoint": shop.touchpoint}}, True),
            ("GET", f"/api/basket?touchpoint={shop.touchpoint}", {}, True),
            ("DELETE", second, {}, True),
            ("GET", "/api/basket?lang=fr", {"headers": {"accept-encoding": "identity"}}, True),
            ("GET", order, {}, True),
            ("GET", order, {"headers": {"if-none-match": tag}}, True),
        ]
        slow, found = httpx.Response(200), set[int]()
        for method, path, how, lane in [*PAGES, *more]:
            before = Counting.visits
            fast = await phone.request(method, path, **how)
            assert (Counting.visits > before) is lane, (method, path)
            own = {**how.get("headers", {}), "x-request-id": "12345678"}
            before = Counting.visits
            told_slow: Any = {**how, "headers": own}
            slow = await phone.request(method, path, **told_slow)
            assert Counting.visits == before
            assert seen(fast) == seen(slow)
            found.add(fast.status_code)
        assert slow.status_code == 304
        assert found == {200, 304, 404, 422}


def seen(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    if not answer.content:
        return (
            answer.status_code,
            None,
            {n: v for n, v in answer.headers.items() if n not in {"x-request-id", "date"}},
        )
    return told(answer)


async def test_what_is_not_in_order_takes_the_long_way(db: Database, shop: Shop, server: Server) -> None:
    async with await browser_of(db, shop, server) as phone:
        await phone.get("/api/me")
        before, body = Counting.taken, body_of(shop.order((1, 1)))
        answer = await phone.post("/api/orders", json=body, headers={"origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "edge.cross_site")
        answer = await phone.post(
            "/api/orders", content=json.dumps(body), headers={"content-type": "text/plain"}
        )
        assert answer.status_code == 415
        large = json.dumps(body)[:-1] + " " * 70_000 + "}"
        answer = await phone.post("/api/orders", content=large, headers={"content-type": "application/json"})
        assert answer.status_code == 413

        async def chunks() -> AsyncIterator[bytes]:
            for part in (json.dumps(body)[:20], json.dumps(body)[20:]):
                yield part.encode()
                await asyncio.sleep(0.01)

        answer = await phone.post(
            "/api/orders", content=chunks(), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 201
        assert Counting.taken == before
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as stranger:
        assert (await stranger.post("/api/orders", json=body)).status_code == 401
        stranger.cookies.update({"halles_session": "x" * 43, "halles_visitor": "A" * 24})
        home = f"http://127.0.0.1:{server.port}"
        assert (await stranger.post("/api/orders", json=body, headers={"origin": home})).status_code == 401
    assert Counting.taken == before


async def test_an_ended_session_ends_in_the_lane_too(
    db: Database, shop: Shop, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halles.identity.api.sessions.RECENT_S", 0.05)
    async with await browser_of(db, shop, server) as phone:
        assert (await phone.post("/api/orders", json=body_of(shop.order((1, 1))))).status_code == 201
        async with db.transaction() as tx:
            await identity.end_all_sessions(tx, shop.shoppers[0])
        await asyncio.sleep(0.1)
        assert (await phone.post("/api/orders", json=body_of(shop.order((1, 1))))).status_code == 401


async def test_pipelined_and_broken_requests(db: Database, shop: Shop, server: Server) -> None:
    """Two requests in one packet are answered in order; a body that never comes harms nobody."""
    async with await browser_of(db, shop, server) as phone:
        await phone.get("/api/me")
        token = phone.cookies["halles_session"]
    home = f"127.0.0.1:{server.port}"

    def request(order: Any) -> bytes:
        body = msgspec.json.encode(order)
        head = (
            f"POST /api/orders HTTP/1.1\r\nHost: {home}\r\nOrigin: http://{home}\r\nContent-Type: application/json\r\n"
            f"Cookie: halles_session={token}; halles_visitor={'A' * 24}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    orders = [shop.order((1, 1)) for _ in range(3)]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"".join(map(request, orders)))
    found = b""
    async with asyncio.timeout(10):
        while found.count(b"HTTP/1.1 201") < 3:
            found += await reader.read(65536)
    places = [found.index(str(order.order_id).encode()) for order in orders]
    assert places == sorted(places)
    writer.write(request(shop.order((1, 1)))[:-10])
    await writer.drain()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for byte in (part[n : n + 7] for part in [request(shop.order((1, 1)))] for n in range(0, len(part), 7)):
        writer.write(byte)
        await writer.drain()
    async with asyncio.timeout(10):
        assert b"HTTP/1.1 201" in await reader.read(65536)
    writer.close()
    with psycopg.connect(db.dsn) as connection:
        row = connection.execute('select count(*) from orders."order"').fetchone()
    assert row == (4,)


async def test_a_request_in_one_packet_may_still_take_the_long_way(
    db: Database, shop: Shop, server: Server
) -> None:
    async with await browser_of(db, shop, server) as phone:
        token = phone.cookies["halles_session"]
    home = f"127.0.0.1:{server.port}"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for path, body, status in [
        ("/api/orders", '{"order_id": "no"}', b"422"),
        ("/api/basket/lines/1", '{"quantity": "two"}', b"422"),
        (
            f"/api/basket/lines/{shop.variants[0]}",
            f'{{"quantity": 2, "touchpoint": "{shop.touchpoint}"}}',
            b"200",
        ),
        ("/api/basket/lines/1", "{", b"422"),
    ]:
        method = "POST" if path == "/api/orders" else "PUT"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {home}\r\nOrigin: http://{home}\r\nContent-Type: application/json\r\n"
            f"Cookie: halles_session={token}; halles_visitor={'A' * 24}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body.encode())
        async with asyncio.timeout(20):
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", answer)[1])  # type: ignore[index]
            await reader.readexactly(length)
        assert answer.split(b" ", 2)[1] == status, (path, body)
    writer.close()


_REQUEST = b"POST /api/orders?x=1 HTTP/1.1\r\nHost: a\r\nCookie: b=c\r\nContent-Length: 2\r\n\r\n{}"


def test_a_plain_request_is_read_whole() -> None:
    found = plain_request(_REQUEST)
    assert found is not None
    scope, body = found
    assert body == b"{}"
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/api/orders", b"x=1")
    assert scope["headers"] == [(b"host", b"a"), (b"cookie", b"b=c"), (b"content-length", b"2")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{}", b"{"),
        (b"{}", b"{}GET / HTTP/1.1"),
        (b"Content-Length: 2", b"Content-Length: +2"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 2"),
        (b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        (b"Content-Length: 2", b"Content-Length : 2"),
        (b"Content-Length: 2\r\n", b""),
        (b"Cookie: b=c", b"Cookie: b=c\r\n d=e"),
        (b"Cookie: b=c", b"Cookie: b=\x00c"),
        (b"Cookie: b=c", b"Cookie: b=c\nX: y"),
        (b"Cookie: b=c", b"Cookie: b=\xe9"),
        (b"Cookie: b=c", b"Connection: close"),
        (b"Cookie: b=c", b"Connection: upgrade"),
        (b"Cookie: b=c", b"Expect: 100-continue"),
        (b"Cookie: b=c", b"Upgrade: h2c"),
        (b"Host: a\r\n", b""),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"HTTP/1.1\r\n", b"HTTP/1.1\n"),
        (b"/api/orders", b"/api/%6frders"),
        (b"/api/orders", b"//evil/api/orders"),
        (b"/api/orders", b"http://evil/api/orders"),
        (b"POST", b" POST"),
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(old: bytes, new: bytes) -> None:
    assert old in _REQUEST
    assert plain_request(_REQUEST.replace(old, new)) is None
