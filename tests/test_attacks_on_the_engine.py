"""What a thief tries at the order engine, payments by card, flash sales, the hand-over between processes and backups.

Each test is named for what the thief wants. Hands and stages are in `halles/edge/tests/thief.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import socket
import string
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from halles.edge.ops import manifest as manifests
from halles.edge.ops import restoring
from halles.edge.ops.errors import BackupDamaged
from halles.edge.tests.test_hot_lane import Server as Served
from halles.edge.tests.test_hot_lane import browser_of
from halles.edge.tests.thief import GOOD_CARD, ClientAs, SignIn, as_json, key, spendable, top_up
from halles.flash.rules.tokens import read_admission, sign_admission
from halles.flash.types import Admission, BadSale
from halles.journeys.checkout.handoff import Ask, Link, Server
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import LATE, PRICE, Shop, open_shop, stock_sums
from halles.journeys.checkout.types import Outcome, Part, PlaceOrder, SeenPromise, WantedLine
from halles.journeys.doctor.api import examine
from halles.journeys.flash_sale import planning
from halles.journeys.flash_sale.api import FlashRooms
from halles.journeys.flash_sale.tests.sales import at, draft_of, join, plan, solve
from halles.journeys.flash_sale.tickets import JoinMeter
from halles.kernel.caller import Caller, Role
from halles.kernel.clock import FixedClock, system_clock
from halles.kernel.db import Database, query
from halles.kernel.errors import Forbidden
from halles.kernel.ids import PartyId, SellerId, derived_uuid, uuid7
from halles.kernel.live import LiveHub, TooManyWatchers
from halles.kernel.settings import load
from halles.kernel.web import Services

_NETWORKS = query("select network from inventory.reservation", str)


def of_two(shop: Shop, rival: Shop, **changes: Any) -> PlaceOrder:
    """A piece of either seller, in one order."""
    line = WantedLine(variant_id=rival.variants[0], quantity=1, unit_price_minor=PRICE)
    part = Part(seller_id=rival.seller_id, lines=(line,), promise=SeenPromise(lane="hub", date=LATE))
    return msgspec.structs.replace(shop.order(), also=(part,), **changes)


async def sent(client: httpx.AsyncClient, command: PlaceOrder) -> dict[str, Any]:
    answer = await client.post("/api/orders", json=as_json(command))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def pay(client: httpx.AsyncClient, order_id: object) -> httpx.Response:
    return await client.post(f"/api/orders/{order_id}/payment", json={"method": {"demo_card": GOOD_CARD}})


async def back_to_the_card(
    client: httpx.AsyncClient, order_id: object, amount_minor: int | None = None
) -> httpx.Response:
    amount = None if amount_minor is None else {"minor": amount_minor, "currency": "EUR"}
    body = {"refund_id": str(uuid7()), "amount": amount}
    return await client.post(f"/api/orders/{order_id}/card-refunds", json=body)


# ── orders of several sellers ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", ["part", "whole"])
async def test_to_break_everybodys_batch_by_an_id_used_twice(
    shop: Shop, rival: Shop, thief: httpx.AsyncClient, db: Database, first: str
) -> None:
    """The id of a part follows from the order's: an order that was given it before, or at the same moment."""
    whole = of_two(shop, rival)
    part_id = derived_uuid("orders.part", whole.order_id, rival.seller_id)
    alone = rival.order(order_id=part_id)
    commands = [alone, whole] if first == "part" else [whole, alone]
    answers = [await thief.post("/api/orders", json=as_json(command)) for command in commands]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "orders.id_reused"
    intake = Intake(db, system_clock, lanes=1)
    whole = of_two(shop, rival)
    alone = rival.order(order_id=derived_uuid("orders.part", whole.order_id, rival.seller_id))
    asked = [
        intake.place(one, shop.shoppers[0]) for one in ([alone, whole] if first == "part" else [whole, alone])
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(getattr(one, "code", "placed") for one in found) == ["orders.id_reused", "placed"]
    await intake.close()
    assert (await examine(db)).findings == []


@pytest.mark.parametrize("field", ["also", "lines"])
async def test_to_pay_less_by_another_sellers_part(
    shop: Shop, rival: Shop, thief: httpx.AsyncClient, field: str
) -> None:
    command = as_json(of_two(shop, rival))
    for change in (
        {"unit_price_minor": 0},
        {"unit_price_minor": -PRICE},
        {"quantity": -1},
        {"quantity": 2**40},
    ):
        line = command["also"][0]["lines"][0] if field == "also" else command["lines"][0]
        kept = dict(line)
        line |= change
        assert (await thief.post("/api/orders", json=command)).status_code in {409, 422}
        line.clear()
        line |= kept
    twice = command | {"also": command["also"] * 2}
    assert (await thief.post("/api/orders", json=twice)).status_code == 422
    assert await spendable(thief) == 200_000


async def test_to_read_anothers_order_by_the_id_of_a_part(
    shop: Shop,
    rival: Shop,
    victim: httpx.AsyncClient,
    thief: httpx.AsyncClient,
    rival_staff: httpx.AsyncClient,
) -> None:
    placed = await sent(victim, of_two(shop, rival))
    mine, theirs = (part["order_id"] for part in placed["parts"])
    for order_id in (mine, theirs):
        assert (await thief.get(f"/api/orders/{order_id}")).status_code == 404
        assert (await pay(thief, order_id)).status_code == 404
        assert (await back_to_the_card(thief, order_id)).status_code == 404
    assert (await rival_staff.get(f"/api/console/orders/{mine}")).status_code == 404
    assert (await rival_staff.get(f"/api/console/orders/{theirs}")).status_code == 200
    assert (await back_to_the_card(rival_staff, mine)).status_code == 404


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_have_it_packed_without_paying(
    shop: Shop, thief: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn
) -> None:
    placed = await sent(thief, msgspec.structs.replace(shop.order(), payment="card"))
    staff = await client_as("visitor")
    await sign_in(staff, Role.STAFF, shop.seller_id)
    refused = await staff.post(f"/api/console/orders/{placed['order_id']}/pack", headers=key())
    assert refused.status_code == 409
    assert (await thief.get(f"/api/orders/{placed['order_id']}")).json()["state"] == "placed"


async def test_to_draw_the_wallet_onto_a_card_that_never_paid_it(
    shop: Shop, rival: Shop, client_as: ClientAs, db: Database
) -> None:
    thief = await client_as("guest")
    await top_up(thief, PRICE)
    placed = await sent(thief, of_two(shop, rival, payment="card"))
    paid, unpaid = (part["order_id"] for part in placed["parts"])
    assert (await thief.post(f"/api/orders/{unpaid}/cancel", headers=key())).status_code == 200
    assert (await pay(thief, paid)).json()["amount"]["minor"] == PRICE
    answer = await back_to_the_card(thief, unpaid)
    assert answer.json()["code"] == "payments.refund_too_large"
    assert await spendable(thief) == PRICE
    assert (await thief.post(f"/api/orders/{paid}/cancel", headers=key())).status_code == 200
    assert (await back_to_the_card(thief, paid)).json()["state"] == "succeeded"
    assert (await examine(db)).findings == []


async def test_to_have_a_part_that_was_paid_and_cancelled_back_on_the_card_once(
    shop: Shop, rival: Shop, client_as: ClientAs, db: Database
) -> None:
    thief = await client_as("guest")
    placed = await sent(thief, of_two(shop, rival, payment="card"))
    parts = [part["order_id"] for part in placed["parts"]]
    assert (await pay(thief, parts[1])).json()["amount"]["minor"] == 2 * PRICE
    assert (await back_to_the_card(thief, parts[1])).json()["code"] == "payments.nothing_to_refund"
    await thief.post(f"/api/orders/{parts[1]}/cancel", headers=key())
    asked = [back_to_the_card(thief, part, PRICE) for part in parts * 3]
    states = [(await one).json().get("state") for one in asked]
    assert states.count("succeeded") == 1
    assert await spendable(thief) == 0
    assert (await examine(db)).findings == []


async def test_to_be_paid_by_cancelling_while_paying(shop: Shop, client_as: ClientAs, db: Database) -> None:
    thief = await client_as("guest")
    for _ in range(3):
        placed = await sent(thief, msgspec.structs.replace(shop.order(), payment="card"))
        order_id = placed["order_id"]
        await asyncio.gather(
            pay(thief, order_id), thief.post(f"/api/orders/{order_id}/cancel", headers=key()), pay(thief, order_id),
            back_to_the_card(thief, order_id), back_to_the_card(thief, order_id),
        )  # fmt: skip
        await thief.post(f"/api/orders/{order_id}/cancel", headers=key())
        await asyncio.gather(*(back_to_the_card(thief, order_id) for _ in range(3)))
    assert await spendable(thief) == 0
    assert (await stock_sums(db))[1] == 0
    assert (await examine(db)).findings == []


# ── flash sales ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_pass_another_sellers_waiting_room_with_a_sale_of_the_same_id(
    shop: Shop, rival: Shop, services: Services, clock: FixedClock
) -> None:
    """Its page would show the thief's sale, and who was let in there would be let in here."""
    sale_id = await plan(services.db, shop)
    with pytest.raises(BadSale):
        async with services.db.transaction() as tx:
            await planning.plan(tx, rival.seller_id, sale_id, draft_of(rival, admit_per_s=1000.0), clock())
    assert (await services.port(FlashRooms).live(sale_id)).sale.seller_id == shop.seller_id


async def test_to_save_easy_computations_up(
    shop: Shop, services: Services, clock: FixedClock, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand challenges asked for while nobody joins are easy; the thief answers them all at once."""
    sale_id = await plan(services.db, shop)
    await at(services, clock, -200)
    thief = await client_as("shopper")
    asked = (await thief.post(f"/api/flash/{sale_id}/ticket", json={})).json()

    def busy(self: JoinMeter, network: str, now: float) -> float:
        return 2000.0

    monkeypatch.setattr(JoinMeter, "of", busy)
    refused = await thief.post(f"/api/flash/{sale_id}/ticket", json=solve(asked))
    assert (refused.status_code, refused.json()["code"]) == (403, "flash.proof_needed")
    assert refused.json()["bits"] > asked["bits"] + 2
    answered = await thief.post(f"/api/flash/{sale_id}/ticket", json=solve(refused.json()))
    assert answered.status_code == 200


def test_to_have_two_texts_of_one_admission() -> None:
    admission = Admission(sale_id=UUID(int=7), owner_id=12, until_s=1794391260)
    token = sign_admission(bytes(32), admission)
    letters = string.ascii_letters + string.digits + "-_"
    read = [token[:-1] + letter for letter in letters if read_admission(bytes(32), token[:-1] + letter)]
    assert read == [token]


async def test_to_buy_with_anothers_turn(
    shop: Shop, services: Services, clock: FixedClock, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    sale_id = await plan(services.db, shop)
    await at(services, clock, -200)
    await join(victim, sale_id)
    await at(services, clock, 0)
    turn = (await victim.post(f"/api/flash/{sale_id}/ticket", json={})).json()
    assert turn["admission"]
    for token in (turn["admission"], turn["admission"][:-1] + "A", "A" * 60, None):
        order = msgspec.structs.replace(shop.order(unit_price_minor=900), admission=token)
        assert (await thief.post("/api/orders", json=as_json(order))).json()["code"] == "flash.not_admitted"
    for many in (3, 2, 1):
        order = msgspec.structs.replace(
            shop.order((0, many), unit_price_minor=900), admission=turn["admission"]
        )
        answer = await victim.post("/api/orders", json=as_json(order))
        assert answer.status_code == (201 if many == 2 else 409)


async def test_to_take_every_counter_from_one_machine(db: Database) -> None:
    hub = LiveHub(db, capacity=12)

    async def frame() -> str:
        return "x"

    async with contextlib.AsyncExitStack() as streams:

        async def opened(network: str) -> None:
            stream = hub.follow("flash:1", [], frame, network=network)
            await anext(stream)
            assert isinstance(stream, AsyncGenerator)
            streams.push_async_callback(stream.aclose)

        for _ in range(10):
            await opened("192.0.2.1")
        with pytest.raises(TooManyWatchers):
            await opened("192.0.2.1")
        await opened("192.0.2.2")
    hub.admit("", "192.0.2.1")


# ── reservations ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def reserved(client: httpx.AsyncClient, shop: Shop, pieces: int) -> str:
    line = {"seller_id": shop.seller_id, "quantity": pieces, "touchpoint": shop.touchpoint}
    put = await client.put(f"/api/basket/lines/{shop.variants[1]}", json=line)
    assert put.status_code == 200, put.text
    answer = await client.post("/api/basket/reservation", json={"reservation_id": str(uuid7())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reservation_id"])


async def test_to_take_what_another_has_reserved(
    shop: Shop, rival: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient, db: Database
) -> None:
    """All ten pieces of an article are set aside for the victim."""
    mine = await reserved(victim, shop, 10)
    path = f"/api/basket/reservation/{mine}"
    assert (await thief.delete(path)).status_code == 404
    assert (await thief.post(f"{path}/renew", json={"renewal": 1})).status_code == 404
    taken = await thief.post("/api/basket/reservation", json={"reservation_id": mine})
    assert taken.json()["code"] in {"inventory.reservation_id_reused", "inventory.insufficient_stock"}
    for named in (mine, None):
        command = as_json(shop.order((1, 1))) | {"reservation": named}
        answer = await thief.post("/api/orders", json=command)
        assert answer.json()["code"] == "inventory.insufficient_stock"
    twice = [as_json(shop.order((1, 10))) | {"reservation": mine} for _ in range(4)]
    answers = await asyncio.gather(*(victim.post("/api/orders", json=one) for one in twice))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await examine(db)).findings == []


async def test_to_keep_a_reservation_for_ever(shop: Shop, thief: httpx.AsyncClient) -> None:
    mine = await reserved(thief, shop, 10)
    renewals = [
        await thief.post(f"/api/basket/reservation/{mine}/renew", json={"renewal": n})
        for n in (2, 1, 2, 2, 3, 1)
    ]
    assert [one.status_code for one in renewals] == [409, 200, 200, 200, 422, 200]
    answers = [
        await thief.post("/api/basket/reservation", json={"reservation_id": str(uuid7())}) for _ in range(7)
    ]
    assert answers[-1].json()["code"] == "inventory.too_much_reserved"


async def test_to_find_network_addresses_in_the_database(
    shop: Shop, thief: httpx.AsyncClient, db: Database
) -> None:
    await reserved(thief, shop, 1)
    async with db.reading() as tx:
        (network,) = await tx.all(_NETWORKS)
    assert len(network) == 64
    assert "." not in network


# ── the console ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_run_another_sellers_sales_and_stock(
    shop: Shop,
    services: Services,
    rival_staff: httpx.AsyncClient,
    thief: httpx.AsyncClient,
    client: httpx.AsyncClient,
) -> None:
    sale_id = await plan(services.db, shop)
    seller = {"seller_id": shop.seller_id}
    for who, statuses in ((rival_staff, {403, 404}), (thief, {401, 403}), (client, {401})):
        answers = [
            await who.get(f"/api/console/flash/{sale_id}"),
            await who.get("/api/console/flash", params=seller),
            await who.post(f"/api/console/flash/{sale_id}/stop"),
            await who.get("/api/console/sourcing", params=seller),
            await who.delete("/api/console/sourcing/rule", params=seller),
            await who.put(f"/api/console/sourcing/locations/{shop.hub}", params=seller, json={"a_day": 0}),
            await who.post(f"/api/console/payments/{uuid7()}/attended"),
            await who.get("/api/console/payments/unclear"),
            await who.get("/api/metrics"),
        ]
        assert [answer for answer in answers if answer.status_code not in statuses] == []
    assert (await services.port(FlashRooms).live(sale_id)).sale.stopped_at is None


# ── the hot lane ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def served(db: Database, tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    home = f"http://127.0.0.1:{port}"
    made = Served(load(data=tmp_path, database_url=db.dsn, public_url=home, secret="s" * 40, demo=True), port)
    yield made
    made.stop()


async def spoken(port: int, *packets: bytes) -> bytes:
    """What a server says to these bytes until it closes, or a second long nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        for packet in packets:
            writer.write(packet)
            await asyncio.sleep(0.05)
        while data := await asyncio.wait_for(reader.read(65536), 1):
            found += data
    writer.close()
    return found


async def test_to_smuggle_an_order_past_the_lane(db: Database, shop: Shop, served: Served) -> None:
    """Several requests in one packet are answered in their order; a length said twice or in two ways ends the connection."""
    async with await browser_of(db, shop, served) as phone:
        await phone.get("/api/me")
        cookies = "; ".join(f"{name}={value}" for name, value in phone.cookies.items())
        home = f"http://127.0.0.1:{served.port}"

        def request(body: bytes, *lines: str, version: str = "1.1", length: bool = True) -> bytes:
            head = [f"POST /api/orders HTTP/{version}", f"host: 127.0.0.1:{served.port}", f"origin: {home}"]
            head += [f"cookie: {cookies}", "content-type: application/json", *lines]
            if length:
                head.append(f"content-length: {len(body)}")
            return "\r\n".join(head).encode() + b"\r\n\r\n" + body

        def order() -> bytes:
            return msgspec.json.encode(shop.order((1, 1)))

        many = [request(order()) for _ in range(3)]
        mixed = many[0] + b"GET /api/me HTTP/1.1\r\nhost: x\r\n\r\n" + many[1] + many[2][:-20]
        said = await spoken(served.port, mixed, many[2][-20:-1], many[2][-1:])
        statuses = re.findall(rb"HTTP/1.1 (\d+)", said)
        assert statuses == [b"201", b"200", b"201", b"201"]
        assert len(set(re.findall(rb'"order_id":"([^"]+)"', said))) == 3
        before = (await stock_sums(db))[1]
        body = order()
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for bytes_ in (
            request(body, "content-length: 3"),
            request(chunked, "transfer-encoding: chunked"),
            request(body, "content-length: +5", length=False),
            request(body, f"content-length: {len(body)}, {len(body)}", length=False),
            request(body, "content-length : 5"),
            request(body, "origin: https://evil.example"),
            request(body, "sec-fetch-site: cross-site"),
            request(body, "content-type: text/plain"),
            request(body).replace(b"\r\ncontent-type: application/json", b""),
        ):
            assert not re.search(rb"HTTP/1.1 20\d", await spoken(served.port, bytes_)), bytes_
        assert (await stock_sums(db))[1] == before
        old = await spoken(served.port, request(body, version="1.0"))
        assert re.match(rb"HTTP/1.1 (201|200)", old)
        assert b"connection: close" in old.lower()


# ── the hand-over between processes ─────────────────────────────────────────────────────────────────────────────────────────


@contextlib.asynccontextmanager
async def a_writer(placed: list[int]) -> AsyncGenerator[int]:
    """A writer's port. Who is believed there is noted with the owner whose order they send."""

    def place(order: PlaceOrder, owner_id: int) -> asyncio.Future[Outcome]:
        placed.append(owner_id)
        return asyncio.get_running_loop().create_future()

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(_proof, place, "127.0.0.1"), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _proof(role: str, challenge: bytes) -> bytes:
    return hashlib.blake2b(challenge, key=b"secret", person=role.encode()[:16], digest_size=32).digest()


def _framed(*frames: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)


@pytest.mark.parametrize(
    "before", [(b"x" * 16, b"x" * 32), (b"",), (b"x" * 16,), (b"x" * 15, b"y"), ()], ids=len
)
async def test_to_order_for_another_without_the_secret(shop: Shop, before: tuple[bytes, ...]) -> None:
    """Everything in one packet: what comes after a wrong proof must not be heard any more."""
    placed: list[int] = []
    order = msgspec.msgpack.encode(Ask(1, shop.shoppers[0], shop.order()))
    async with a_writer(placed) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_framed(*before, order, order, order))
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(reader.read(4096), 5):
                pass
        writer.close()
    assert placed == []


async def test_to_reflect_the_writers_own_challenge(shop: Shop) -> None:
    placed: list[int] = []
    async with a_writer(placed) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        challenge = (await reader.readexactly(20))[4:]
        writer.write(_framed(challenge))
        proof = (await reader.readexactly(36))[4:]
        writer.write(_framed(proof, msgspec.msgpack.encode(Ask(1, shop.shoppers[0], shop.order()))))
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(4096), 5) == b""
        writer.close()
    assert placed == []


async def test_to_stand_between_two_processes(shop: Shop) -> None:
    """Whoever listens where a writer was until it died passes challenges and proofs on to a writer that lives."""
    placed: list[int] = []
    heard: list[bytes] = []
    async with a_writer(placed) as port:

        async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, to_there = await asyncio.open_connection("127.0.0.1", port)

            async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
                with contextlib.suppress(ConnectionError):
                    while data := await source.read(4096):
                        heard.append(data)
                        to.write(data)
                to.close()

            await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))

        trap = await asyncio.start_server(between, "127.0.0.1", 0)
        link = Link(_proof, f"127.0.0.1:{trap.sockets[0].getsockname()[1]}")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(link.ask(shop.order(), shop.shoppers[0]), 10)
        link.close()
        trap.close()
    assert placed == []
    assert b"Camille" not in b"".join(heard)


async def test_to_stop_orders_by_listening_in_silence(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.journeys.checkout.handoff._PROOF_S", 0.2)
    quiet = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await quiet.wait()
        writer.close()

    trap = await asyncio.start_server(silent, "127.0.0.1", 0)
    link = Link(_proof, f"127.0.0.1:{trap.sockets[0].getsockname()[1]}")
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(link.ask(shop.order(), shop.shoppers[0]), 30)
    quiet.set()
    link.close()
    trap.close()


# ── backups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_backup(folder: Path, *names: str, body: bytes = b"evil") -> Path:
    """A hostile folder whose sums are all right."""
    folder.mkdir(parents=True)
    kept = manifests.Kept(size=len(body), sha256=hashlib.sha256(body).hexdigest())
    (folder / manifests.DUMP).write_bytes(body)
    made = manifests.Manifest(
        format=1, version="1", revision=restoring.revisions.line()[-1], server=16, program=16, taken_at=0.0, database_bytes=1,
        files=dict.fromkeys((*names, manifests.DUMP), kept),
    )  # fmt: skip
    manifests.write(folder, made)
    return folder


@pytest.mark.parametrize(
    "name",
    ["media/../../{}/keys", "media/link/../../../keys", "media/link/keys", "media/../secret", "../{}/keys", "{}", "media/"],
)  # fmt: skip
def test_to_write_outside_the_data_folder(tmp_path: Path, name: str) -> None:
    """A name that leads back into the backup leads elsewhere from the data folder."""
    folder = tmp_path / "monday"
    name = name.format(folder.name)
    a_backup(folder, name)
    (folder / "a/b/c/d").mkdir(parents=True)
    (folder / "media").mkdir()
    (folder / "media/link").symlink_to(folder / "a/b/c/d")
    for place in (folder / "keys", folder / "a/keys", folder / "a/b/c/d/keys", folder / "secret"):
        place.write_bytes(b"evil")
    with pytest.raises(BackupDamaged):
        restoring.check(folder)


def test_to_read_the_machines_files_into_the_shop(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"evil")
    for number, name in enumerate(("media/link", str(outside))):
        folder = a_backup(tmp_path / f"backup-{number}", name)
        (folder / "media").mkdir()
        (folder / "media/link").symlink_to(outside)
        with pytest.raises(BackupDamaged):
            restoring.check(folder)


def test_to_keep_a_restore_reading_for_ever(tmp_path: Path) -> None:
    for number, kind in enumerate(("pipe", "device")):
        folder = a_backup(tmp_path / f"backup-{number}")
        (folder / "manifest.json").unlink()
        if kind == "pipe":
            os.mkfifo(folder / "manifest.json")
        else:
            (folder / "manifest.json").symlink_to("/dev/zero")
        with pytest.raises(BackupDamaged):
            restoring.check(folder)


def test_to_have_the_secret_read_by_everybody_after_a_restore(tmp_path: Path) -> None:
    source = tmp_path / "secret"
    source.write_text("s" * 64)
    source.chmod(0o666)
    manifests.copy(source, tmp_path / "copy", most=0o600)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600


async def test_to_empty_the_shelf_by_card(db: Database, client_as: ClientAs) -> None:
    """To order without paying, again and again."""
    shop, thief = await open_shop(db, stock=300), await client_as("shopper")
    codes = [(await thief.post("/api/orders", json=as_json(unpaid(shop, 60)))).json() for _ in range(3)]
    assert [answer.get("code", "placed") for answer in codes] == [
        "placed",
        "orders.too_much_unpaid",
        "orders.too_much_unpaid",
    ]


def unpaid(shop: Shop, quantity: int) -> PlaceOrder:
    return msgspec.structs.replace(shop.order((0, quantity)), payment="card")


def test_to_rise_by_a_role_at_another_seller() -> None:
    """To be staff at one seller, merchant at another, and use the higher role at the first."""
    both = Caller(
        party_id=PartyId(7),
        roles=frozenset({Role.SHOPPER, Role.STAFF, Role.MERCHANT}),
        seller_ids=frozenset({SellerId(1), SellerId(2)}),
        grants=frozenset({(Role.STAFF, SellerId(1)), (Role.MERCHANT, SellerId(2))}),
    )
    merchant = both.within(frozenset({Role.MERCHANT, Role.HEAD_OFFICE}))
    assert merchant.acts_for(2)
    with pytest.raises(Forbidden):
        merchant.need_seller(1)
    assert both.within(frozenset({Role.STAFF, Role.MERCHANT})).seller_ids == both.seller_ids
    assert both.within(frozenset({Role.SHOPPER})) is both
