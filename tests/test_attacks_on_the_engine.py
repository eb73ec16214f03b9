"""What a thief tries at the order engine, payments by card, flash sales, the hand-over between processes and backups.

Each test is named for what the thief wants. Hands and stages are in `halles/edge/tests/thief.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import string
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from halles.edge.tests.thief import GOOD_CARD, ClientAs, SignIn, as_json, key, spendable, top_up
from halles.flash.rules.tokens import read_admission, sign_admission
from halles.flash.types import Admission, SaleIdTaken
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import LATE, PRICE, Shop, open_shop, stock_sums
from halles.journeys.checkout.types import Part, PlaceOrder, SeenPromise, WantedLine
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
    with pytest.raises(SaleIdTaken):
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
