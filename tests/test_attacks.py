"""What a thief tries, and gets nothing for: each test is named for what the thief wants.

The thief is a visitor, a guest, a shopper beside another one, or staff of another seller; the walls behind each attack have
their own tests in the capabilities. Hands and stages are in `halles/edge/tests/thief.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from halles.catalog import api as catalog
from halles.catalog.types import ProductEdit, State
from halles.edge.tests.thief import (
    BAD_CARD,
    GOOD_CARD,
    SECOND_STEP,
    ClientAs,
    SignIn,
    as_json,
    key,
    ordered,
    spendable,
    top_up,
)
from halles.identity import api as identity
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, money_sums, open_shop, stock_sums
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.http import live_frames
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Database, query
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.live import LiveHub
from halles.kernel.web import Services
from halles.orders import api as orders

_MERGES = query("select count(*) from kernel.waiting_event where kind = 'identity.guest_became'", int)


# ── to read what is another's ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/api/orders/{}", "/api/orders/{}/events", "/api/console/orders/{}"])
async def test_to_read_anothers_order(
    shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient, rival_staff: httpx.AsyncClient,
    client: httpx.AsyncClient, path: str,
) -> None:  # fmt: skip
    address = path.format(await ordered(victim, shop))
    for who, statuses in ((client, {401}), (thief, {401, 404}), (rival_staff, {404})):
        answer = await who.get(address)
        assert answer.status_code in statuses
        assert "Camille" not in answer.text


async def test_to_learn_from_a_validator_that_an_order_stands(
    shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    order_id = await ordered(victim, shop)
    tag = (await victim.get(f"/api/orders/{order_id}")).headers["etag"]
    assert (await victim.get(f"/api/orders/{order_id}", headers={"if-none-match": tag})).status_code == 304
    assert (await thief.get(f"/api/orders/{order_id}", headers={"if-none-match": tag})).status_code == 404


async def test_to_list_anothers_orders_with_their_cursor(
    shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient, rival_staff: httpx.AsyncClient
) -> None:
    for _ in range(2):
        await ordered(victim, shop)
    cursor = (await victim.get("/api/orders", params={"limit": 1})).json()["next"]
    assert (await thief.get("/api/orders", params={"cursor": cursor})).json()["items"] == []
    assert (await rival_staff.get("/api/console/orders", params={"cursor": cursor})).json()["items"] == []


async def test_to_read_anothers_wallet(
    victim: httpx.AsyncClient, thief: httpx.AsyncClient, rival_staff: httpx.AsyncClient
) -> None:
    account_id = (await victim.get("/api/wallet")).json()["accounts"][0]["account_id"]
    found = await thief.get("/api/wallet/postings", params={"account_id": account_id})
    assert (found.status_code, found.json()["code"]) == (404, "wallet.no_such_account")
    owner_id = (await victim.get("/api/me")).json()["party_id"]
    for who in (thief, rival_staff):
        assert (await who.get("/api/console/accounts")).status_code in {401, 403}
        assert (await who.get(f"/api/console/accounts/{owner_id}/{account_id}/postings")).status_code in {
            401,
            403,
        }


async def test_to_read_or_answer_anothers_top_up(victim: httpx.AsyncClient, thief: httpx.AsyncClient) -> None:
    pending = (await top_up(victim, 5000, card=SECOND_STEP)).json()
    step = pending["next"]["url"]
    assert (await thief.get(f"/api/topups/{pending['topup_id']}")).status_code == 404
    assert (await thief.get(step)).status_code == 404
    assert (await thief.post(step, data={"answer": "refuse"})).status_code == 404
    assert (await victim.get(f"/api/topups/{pending['topup_id']}")).json()["state"] == "pending"


async def test_to_go_on_watching_after_the_session_ended(
    shop: Shop,
    rival: Shop,
    victim: httpx.AsyncClient,
    client_as: ClientAs,
    sign_in: SignIn,
    services: Services,
) -> None:
    order_id, staff = await ordered(victim, shop), await client_as("visitor")
    party_id = PartyId(await sign_in(staff, Role.STAFF, shop.seller_id))
    (session,) = (await staff.get("/api/sessions")).json()
    roles, sellers = frozenset({Role.STAFF, Role.SHOPPER}), frozenset({shop.seller_id})
    caller = Caller(party_id=party_id, roles=roles, seller_ids=sellers, session_id=session["id"])
    streams = [live_frames(services, UUID(order_id), caller, "en") for _ in range(2)]
    for stream in streams:
        assert "Camille" in await asyncio.wait_for(anext(stream), 5)
    async with services.db.transaction() as tx:
        await identity.take_role(tx, party_id, Role.STAFF, shop.seller_id)
    services.port(LiveHub).publish(f"order:{order_id}")
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(streams[0]), 5)
    async with services.db.transaction() as tx:
        await identity.give_roles(tx, party_id, [(Role.STAFF, shop.seller_id)])
    await staff.post("/api/sign-out")
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(streams[1]), 5)


# ── to pay less ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "line",
    [
        {"unit_price_minor": 1}, {"unit_price_minor": 0}, {"unit_price_minor": -PRICE}, {"unit_price_minor": float(PRICE)},
        {"unit_price_minor": str(PRICE)}, {"unit_price_minor": 2**64 + PRICE}, {"quantity": 0}, {"quantity": -1},
        {"quantity": 2**32 + 1}, {"quantity": True}, {"variant_id": 2**62, "unit_price_minor": 1},
    ],
)  # fmt: skip
async def test_to_pay_less_by_a_line(shop: Shop, thief: httpx.AsyncClient, line: dict[str, Any]) -> None:
    command = as_json(shop.order())
    command["lines"][0] |= line
    answer = await thief.post("/api/orders", json=command)
    assert answer.status_code in {404, 409, 422}, answer.text
    assert await spendable(thief) == 200_000


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "JPY"}, {"currency": "eur"}, {"total_minor": 1}, {"owner_id": 1}, {"seller_id": 1}, {"seller_id": -1},
        {"promise": {"lane": "free", "date": "2026-12-31"}}, {"promise": {"lane": "hub", "date": "2020-01-01"}},
        {"lines": []},
    ],
)  # fmt: skip
async def test_to_pay_less_by_the_order(shop: Shop, thief: httpx.AsyncClient, change: dict[str, Any]) -> None:
    answer = await thief.post("/api/orders", json=as_json(shop.order()) | change)
    assert answer.status_code in {404, 409, 422}, answer.text
    assert await spendable(thief) == 200_000


async def test_to_buy_one_sellers_article_from_another(
    shop: Shop, rival: Shop, thief: httpx.AsyncClient
) -> None:
    command = as_json(replace(shop, seller_id=rival.seller_id).order())
    assert (await thief.post("/api/orders", json=command)).json()["code"] == "pricing.no_price"


async def test_to_buy_what_is_hidden(shop: Shop, thief: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as tx:
        info = (await catalog.load_variants(tx, shop.seller_id, shop.variants))[shop.variants[0]]
        product = (await catalog.load_products(tx, shop.seller_id, [info.product_id]))[info.product_id]
        edit = ProductEdit(
            title=product.title, description=product.description, brand=None, category=product.category,
            attributes=(), state=State.HIDDEN,
        )  # fmt: skip
        await catalog.edit_product(tx, shop.seller_id, info.product_id, product.version, edit)
    assert (await thief.post("/api/orders", json=as_json(shop.order()))).json()["code"] == "pricing.no_price"
    assert (await thief.get(f"/api/products/{info.product_id}")).status_code == 404


async def test_to_be_taxed_at_another_sellers_place(
    shop: Shop, rival: Shop, thief: httpx.AsyncClient, db: Database
) -> None:
    order_id = await ordered(thief, shop, touchpoint=rival.touchpoint)
    async with db.reading() as tx:
        order = await orders.load_order(tx, UUID(order_id))
    assert (order.touchpoint_id, order.place_id) == (None, None)


# ── to get money, or goods twice ────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_have_one_payment_booked_twice(client_as: ClientAs, db: Database) -> None:
    thief, topup_id = await client_as("guest"), str(uuid7())
    await asyncio.gather(*(top_up(thief, 5000, topup_id=topup_id) for _ in range(8)))
    assert await spendable(thief) == 5000
    assert (await examine(db)).findings == []


async def test_to_approve_a_payment_twice(client_as: ClientAs) -> None:
    thief = await client_as("guest")
    step = (await top_up(thief, 5000, card=SECOND_STEP)).json()["next"]["url"]
    await asyncio.gather(*(thief.post(step, data={"answer": "approve"}) for _ in range(6)))
    await thief.post(step, data={"answer": "refuse"})
    assert await spendable(thief) == 5000


async def test_to_settle_a_declined_card(client_as: ClientAs) -> None:
    thief, topup_id = await client_as("guest"), str(uuid7())
    for card in (BAD_CARD, GOOD_CARD, SECOND_STEP):
        assert (await top_up(thief, 5000, card=card, topup_id=topup_id)).json()["state"] == "failed"
    assert await spendable(thief) == 0


@pytest.mark.parametrize(
    ("minor", "currency"),
    [(-5000, "EUR"), (0, "EUR"), (10**9, "EUR"), (2**70, "EUR"), (5000, "KWD"), (5000, "XXX"), (500.5, "EUR")]
)  # fmt: skip
async def test_to_top_up_what_no_card_pays(client_as: ClientAs, minor: float, currency: str) -> None:
    thief = await client_as("guest")
    assert (await top_up(thief, minor, currency=currency)).status_code == 422
    assert await spendable(thief) == 0


async def test_to_claim_anothers_top_up(victim: httpx.AsyncClient, thief: httpx.AsyncClient) -> None:
    topup_id = str(uuid7())
    await top_up(victim, 5000, topup_id=topup_id)
    assert (await top_up(thief, 5000, topup_id=topup_id)).json()["code"] == "payments.topup_reused"


@pytest.mark.parametrize("path", ["/api/psp/stripe/webhook", "/api/psp/demo/webhook"])
async def test_to_forge_the_providers_word(client: httpx.AsyncClient, path: str) -> None:
    forged = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "ref": "demo_1",
        "data": {"object": {"id": "pi_1"}},
    }
    answer = await client.post(path, json=forged, headers={"stripe-signature": "t=1,v1=00"})
    assert answer.status_code in {400, 404, 405}


async def test_to_spend_the_same_money_twice(shop: Shop, client_as: ClientAs, db: Database) -> None:
    thief = await client_as("guest")
    await top_up(thief, PRICE)
    answers = await asyncio.gather(*(thief.post("/api/orders", json=as_json(shop.order())) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert (await examine(db)).findings == []


async def test_to_buy_more_than_there_is(
    db: Database, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    shop = await open_shop(db, stock=3)
    crowd = [who.post("/api/orders", json=as_json(shop.order((1, 1)))) for who in (victim, thief) * 5]
    assert sorted(answer.status_code for answer in await asyncio.gather(*crowd)) == [*[201] * 3, *[409] * 7]
    assert (await examine(db)).findings == []


async def test_to_be_given_back_twice(shop: Shop, thief: httpx.AsyncClient, db: Database) -> None:
    order_id, before = await ordered(thief, shop), await stock_sums(db)
    cancels = [thief.post(f"/api/orders/{order_id}/cancel", headers=key()) for _ in range(6)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*cancels)) == [200, *[409] * 5]
    assert (await spendable(thief), (await money_sums(db))[1]) == (200_000, 0)
    assert await stock_sums(db) == (before[0], 0)


async def test_to_keep_the_goods_and_the_money(
    shop: Shop, thief: httpx.AsyncClient, client_as: ClientAs, sign_in: SignIn
) -> None:
    order_id, staff = await ordered(thief, shop), await client_as("visitor")
    await sign_in(staff, Role.STAFF, shop.seller_id)
    for step in ("pack", "ship"):
        assert (await staff.post(f"/api/console/orders/{order_id}/{step}", headers=key())).status_code == 200
    assert (await thief.post(f"/api/orders/{order_id}/cancel", headers=key())).json()[
        "code"
    ] == "orders.wrong_state"
    assert (await thief.post(f"/api/console/orders/{order_id}/take-back", headers=key())).status_code == 401
    assert await spendable(thief) == 200_000 - PRICE


async def test_to_take_over_an_order_id(
    shop: Shop, rival: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    order_id = UUID(await ordered(victim, shop))
    for command in (shop.order(order_id=order_id), rival.order(order_id=order_id)):
        assert (await thief.post("/api/orders", json=as_json(command))).json()["code"] == "orders.id_reused"
    assert await spendable(thief) == 200_000


async def test_to_replay_anothers_answer(
    shop: Shop, victim: httpx.AsyncClient, thief: httpx.AsyncClient
) -> None:
    order_id, same = await ordered(victim, shop), {"idempotency-key": "the-same-key"}
    assert (await victim.post(f"/api/orders/{order_id}/cancel", headers=same)).status_code == 200
    answer = await thief.post(f"/api/orders/{order_id}/cancel", headers=same)
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (404, False)


async def test_to_be_merged_twice_from_two_tabs(db: Database, services: Services) -> None:
    """A guest's request that was under way while the guest signed in elsewhere moves nothing again, and makes no account of
    a guest that is gone (what is paid into it later would be another's)."""
    now = services.clock()
    async with db.transaction() as tx:
        first, second = [await identity.create_person(tx, f"{n}@test.example", now=now) for n in "ab"]
        guest = (await identity.start_guest(tx, agent="", now=now, days=1)).party_id
    tab = Caller(party_id=guest, guest=True, by_cookie=True, session_id="0" * 16)
    async with db.transaction() as tx:
        await identity.sign_in(tx, first, tab, agent="", now=now, days=1)
    async with db.transaction() as tx:
        await identity.sign_in(tx, second, tab, agent="", now=now, days=1)
        third = await identity.sign_in_by_email(
            tx, "c@test.example", tab, agent="", now=now, days=1, locale="en"
        )
        assert await identity.current_party(tx, guest) == first
        assert third.party_id != guest
        assert await tx.one(_MERGES) == 1


# ── to act for another seller ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_to_handle_another_sellers_orders(
    shop: Shop, victim: httpx.AsyncClient, rival_staff: httpx.AsyncClient
) -> None:
    order_id = await ordered(victim, shop)
    for step in ("pack", "ship", "deliver", "cancel", "take-back"):
        assert (
            await rival_staff.post(f"/api/console/orders/{order_id}/{step}", headers=key())
        ).status_code == 404
    assert (await rival_staff.post(f"/api/orders/{order_id}/cancel", headers=key())).status_code == 404
    assert (await victim.get(f"/api/orders/{order_id}")).json()["state"] == "placed"


async def test_to_handle_another_sellers_goods(
    shop: Shop, rival_staff: httpx.AsyncClient, db: Database
) -> None:
    async with db.reading() as tx:
        info = (await catalog.load_variants(tx, shop.seller_id, shop.variants))[shop.variants[0]]
    stock = {
        "command_id": str(uuid7()),
        "location_id": shop.hub,
        "variant_id": shop.variants[0],
        "quantity": 5,
        "reason": "x",
    }
    theirs: list[tuple[str, str, Any]] = [
        ("PUT", f"/api/console/variants/{shop.variants[0]}/price", {"minor": 1, "currency": "EUR"}),
        ("GET", f"/api/console/products/{info.product_id}", None),
        ("POST", "/api/console/stock/receive", stock), ("POST", "/api/console/stock/adjust", stock),
        ("POST", "/api/console/stock/count", stock),
        ("GET", f"/api/console/places/{shop.place_id}/samples", None),
        ("POST", f"/api/console/places/{shop.place_id}/samples", {"variant_id": shop.variants[0], "position": "A"}),
        ("GET", f"/api/console/places/{shop.place_id}/labels.pdf", None),
    ]  # fmt: skip
    for method, path, body in theirs:
        assert (await rival_staff.request(method, path, json=body)).status_code == 404, path
        named = await rival_staff.request(method, path, json=body, params={"seller_id": shop.seller_id})
        assert named.status_code == 403, path
    assert (await rival_staff.get("/api/console/live", params={"place": shop.place_id})).status_code == 403
    assert (await rival_staff.get(f"/api/console/stock/{shop.hub}/{shop.variants[0]}/movements")).json()[
        "items"
    ] == []


async def test_to_rise_above_ones_role(
    thief: httpx.AsyncClient, rival_staff: httpx.AsyncClient, client_as: ClientAs
) -> None:
    for gift in ({"roles": ["head_office"]}, {"seller_ids": [1]}, {"guest": False}, {"party_id": 1}):
        assert (await thief.patch("/api/me", json=gift)).status_code == 422
    assert (await rival_staff.post("/api/console/places", json={})).status_code == 403
    service = await client_as(Role.SERVICE)
    for path in ("/api/wallet", "/api/orders", "/api/console/orders", "/api/console/accounts"):
        assert (await service.get(path)).status_code == 403
