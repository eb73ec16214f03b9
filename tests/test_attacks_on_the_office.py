"""What a seller's own people try, to see or run what is not their seller's: see `test_attacks.py`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx

from halles.edge.tests.thief import ClientAs, SignIn, ordered
from halles.identity import api as identity
from halles.identity.types import Scope
from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.flash_sale.tests.sales import plan
from halles.journeys.fulfilment.steps import take_step
from halles.kernel.caller import Role
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.kernel.web import Services
from halles.orders.types import Step
from halles.payments import api as payments


async def test_to_look_into_wallets_of_others_customers(
    db: Database,
    client_as: ClientAs,
    sign_in: SignIn,
    shop: Shop,
    rival: Shop,
    victim: httpx.AsyncClient,
    services: Services,
) -> None:
    """A seller's head office sees its own accounts, its customers', and of these what moved between them."""
    order_id = await ordered(victim, shop)
    owner_id = (await victim.get("/api/me")).json()["party_id"]
    account_id = (await victim.get("/api/wallet")).json()["accounts"][0]["account_id"]
    async with db.transaction() as tx:
        await take_step(tx, shop.seller_id, UUID(order_id), Step.PACK, by="system", at=services.clock())
        await take_step(tx, shop.seller_id, UUID(order_id), Step.SHIP, by="system", at=services.clock())
    theirs, others = await client_as("visitor"), await client_as("visitor")
    await sign_in(theirs, Role.HEAD_OFFICE, shop.seller_id)
    await sign_in(others, Role.HEAD_OFFICE, rival.seller_id)
    path = f"/api/console/accounts/{owner_id}/{account_id}/postings"

    async def seen(who: httpx.AsyncClient, **query: str | int) -> set[int]:
        found: set[int] = set()
        cursor: dict[str, str] = {}
        while True:
            page = (await who.get("/api/console/accounts", params={**query, **cursor})).json()
            assert page["sums"] is None
            found |= {row["owner"]["party_id"] for row in page["items"]}
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    for query in ({}, {"limit": 1}):
        assert await seen(theirs, **query) == {owner_id, shop.seller_id}
        assert await seen(others, **query) <= {rival.seller_id}
    assert await seen(theirs, q=owner_id) == {owner_id}
    assert await seen(others, q=owner_id) == set()
    assert (await others.get(path)).json()["items"] == []
    moved = (await theirs.get(path)).json()["items"]
    assert {(row["kind"], row["order_id"]) for row in moved} == {("capture", order_id)}


async def test_to_run_the_whole_installation_as_a_sellers_head_office(
    client_as: ClientAs, db: Database, services: Services
) -> None:
    """What shows every seller's business is the operator's: metrics, parked events, top-ups that nobody knows the end of."""
    office, key, operator = [await client_as(role) for role in ("head_office", "service", "operator")]
    async with db.transaction() as tx:
        asked = services.clock() - timedelta(days=3)
        await payments.open_topup(
            tx, owner_id=4711, topup_id=uuid7(), amount=Money(1000, "EUR"), provider="fake", now=asked
        )
    for who in (office, key):
        for path in ("/api/metrics", "/api/console/events/parked"):
            assert (await who.get(path)).status_code == 403
        assert (await who.post(f"/api/console/events/{uuid7()}/retry")).status_code == 403
    for path in ("/api/metrics", "/api/console/events/parked"):
        assert (await operator.get(path)).status_code == 200
    assert (await office.get("/api/console/payments/unclear")).json()["items"] == []
    found = (await operator.get("/api/console/payments/unclear")).json()["items"]
    assert [one["what"] for one in found] == ["topup"]


async def test_a_key_is_an_operators_only_while_its_party_is_one(
    client_as: ClientAs, sign_in: SignIn, db: Database, services: Services
) -> None:
    person = await sign_in(await client_as("visitor"), Role.OPERATOR)
    collector, till = await client_as("visitor"), await client_as("visitor")
    for who, sellers in ((collector, []), (till, [1001])):
        async with db.transaction() as tx:
            token, _ = await identity.create_api_key(
                tx, party_id=person, name="k", seller_ids=sellers, scopes=[Scope.READ], now=services.clock()
            )
        who.headers["authorization"] = f"Bearer {token}"
    assert (await collector.get("/api/metrics")).status_code == 200
    assert (await till.get("/api/metrics")).status_code == 403
    async with db.transaction() as tx:
        assert await identity.take_role(tx, person, Role.OPERATOR, None)
    assert (await collector.get("/api/metrics")).status_code == 403


async def test_to_plan_a_sale_under_anothers_id(
    client_as: ClientAs, sign_in: SignIn, shop: Shop, rival: Shop, services: Services
) -> None:
    """To have one's own articles shown on the page of a rival's sale, which is found by its id alone."""
    sale_id = await plan(services.db, shop)
    thief = await client_as("visitor")
    await sign_in(thief, Role.STAFF, rival.seller_id)
    begins = services.clock() + timedelta(hours=2)
    body = {
        "sale_id": str(sale_id),
        "title": {"fr": "Volé", "en": "Stolen"},
        "currency": "EUR",
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "quantity": 5,
        "per_customer": 1,
        "items": [{"variant_id": rival.variants[0], "price_minor": 100}],
    }
    answer = await thief.post("/api/console/flash", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "flash.sale_id_taken")
    assert (await thief.get(f"/api/flash/{sale_id}")).json()["seller_id"] == shop.seller_id
    assert (await thief.post("/api/console/flash", json={**body, "sale_id": str(uuid7())})).status_code == 201


async def test_to_move_the_exchange_rates_of_every_seller(
    client_as: ClientAs, sign_in: SignIn, shop: Shop
) -> None:
    """Labels of all sellers are converted by them: a seller's head office reads them, the operator brings them."""
    rates = {"text": "date,currency,rate\n2026-11-20,USD,0.01\n", "source": "invented.csv"}
    for role in (Role.HEAD_OFFICE, Role.STAFF, Role.MERCHANT):
        office = await client_as("visitor")
        await sign_in(office, role, shop.seller_id)
        answer = await office.post("/api/console/rates", json=rates)
        assert (answer.status_code, answer.json()["code"]) == (403, "kernel.forbidden"), role
        assert (await office.get("/api/console/rates")).status_code == 200
    operator = await client_as(Role.OPERATOR)
    assert (await operator.post("/api/console/rates", json=rates)).json() == {"read": 1, "changed": 1}
    (kept,) = (await operator.get("/api/console/rates/USD")).json()["rates"]
    assert kept["source"] == "invented.csv"
