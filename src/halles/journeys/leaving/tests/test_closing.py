"""Closing an account through the whole application: what stands in the way, what is forgotten, what stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from fastapi import FastAPI

from conftest import ORIGIN, SignIn
from halles.identity.api import closing
from halles.identity.tests.authenticator import Authenticator
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, top_up
from halles.journeys.doctor.api import examine
from halles.journeys.leaving.tests.conftest import Closing, Deliver
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, Statement, command, query
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.visits import api as visits
from halles.visits.types import CONSENT_TEXT, Consent

_TEXTS = query(
    """select table_schema || '.' || table_name from information_schema.tables
    where table_schema not in ('information_schema', 'pg_catalog', 'public') and table_type = 'BASE TABLE'
      and (table_schema, table_name) not in (('kernel', 'command'), ('kernel', 'parcel'), ('kernel', 'outbox'))""",
    str,
)
_RESERVE = command(
    """insert into inventory.customer_group_member (seller_id, group_id, owner_id)
    values (%(seller)s, gen_random_uuid(), %(owner)s)"""
)

_TERMS = command(
    """insert into welcome.terms (seller_id, place_id, slot_min, stay_min, bookable_pct, largest_party, days_ahead, grace_min,
      open_bookings, queue, auto_call, come_min, rules, updated_at)
    values (%(seller)s, %(place)s, 30, 30, 50, 6, 7, 10, 2, true, false, 5, '[]', %(now)s)"""
)
_SLOT = command(
    """insert into welcome.slot (seller_id, place_id, starts_at, booked, most)
    values (%(seller)s, %(place)s, %(now)s::timestamptz + interval '2 hours', 2, 10)"""
)
_BOOKING = command(
    """insert into welcome.booking (seller_id, booking_id, place_id, party_id, starts_at, ends_at, day, size, code, made_at)
    values (%(seller)s, gen_random_uuid(), %(place)s, %(party)s, %(now)s::timestamptz + interval '2 hours',
      %(now)s::timestamptz + interval '3 hours', %(now)s::timestamptz::date, 2, 'ABCDEF', %(now)s)"""
)
_TICKET = command(
    """insert into welcome.ticket (seller_id, ticket_id, place_id, party_id, day, number, size, joined_at)
    values (%(seller)s, gen_random_uuid(), %(place)s, %(party)s, %(now)s::timestamptz::date, 1, 2, %(now)s)"""
)
_DOOR: Statement[tuple[Any, ...]] = query(
    """select state, party_id, coalesce((select sum(booked) from welcome.slot), 0)::int from welcome.booking
    union all select state, party_id, 0 from welcome.ticket order by 1""",
    tuple,
)


def other(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN})


async def fund(db: Database, party: int, minor: int) -> None:
    async with db.transaction() as tx:
        await top_up(tx, PartyId(party), minor)


async def buy(client: httpx.AsyncClient, shop: Shop, **changes: Any) -> str:
    order = json.loads(msgspec.json.encode(shop.order(touchpoint=shop.touchpoint))) | changes
    answer = await client.post("/api/orders", json=order)
    assert answer.status_code == 201, answer.text
    return str(order["order_id"])


async def rows_with(db: Database, words: list[str]) -> list[tuple[str, str]]:
    """Tables of the whole database in which one of the words stands."""
    found: list[tuple[str, str]] = []
    async with db.reading() as tx:
        for table in await tx.all(_TEXTS):
            schema, name = table.split(".")
            cursor = await tx.connection.execute(f'select t::text from "{schema}"."{name}" t'.encode())
            texts = [str(row[0]).lower() for row in await cursor.fetchall()]
            found += [(table, word) for word in words for text in texts if word.lower() in text]
    return found


async def test_all_is_forgotten_but_the_books(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    clock: FixedClock,
    shop: Shop,
    shopper: int,
    leave: Closing,
    deliver: Deliver,
) -> None:
    await client.patch("/api/me", json={"name": "Zoé Marquand-Ravel", "locale": "fr"})
    email = (await client.get("/api/me")).json()["email"]
    await fund(db, shopper, PRICE)
    order_id = await buy(client, shop, email=email)
    await deliver(order_id)
    await client.put(f"/api/basket/lines/{shop.variants[1]}", json={"quantity": 2})
    reserved = await client.post("/api/basket/reservation", json={"reservation_id": str(uuid7())})
    assert reserved.status_code == 201, reserved.text
    async with db.transaction() as tx:
        await tx.run(_RESERVE, {"seller": shop.seller_id, "owner": shopper})
        said = Consent(
            seller_id=shop.seller_id,
            party_id=shopper,
            consent_id=uuid7(),
            agreed=True,
            text_version=CONSENT_TEXT,
            language="fr",
            at=clock(),
        )
        await visits.say(tx, said)
        await visits.tie(tx, [shop.seller_id], shopper, "browser-of-zoe", [clock()])
    words = ["Zoé Marquand", email, "12 rue des Archives", "browser-of-zoe"]
    before = await rows_with(db, words)
    assert {word for _, word in before} == set(words)

    answer = await leave(client)
    assert answer.status_code == 200, answer.text
    assert answer.json()["forgotten"] is True
    assert await rows_with(db, words) == []
    assert (await client.get("/api/me")).json()["signed_in"] is False
    async with db.reading() as tx:
        kept = await orders.load_order(tx, UUID(order_id))
        closure = await closing.find_closure(tx, party_id=shopper)
    assert (kept.owner_id, kept.total_minor, kept.email) == (shopper, PRICE, None)
    assert kept.ship_to is not None
    assert (kept.ship_to.country, kept.ship_to.postcode, kept.ship_to.name) == ("FR", "75004", "")
    assert closure is not None
    assert (closure.by, closure.passes, closure.next_at) == ("shopper", 1, clock() + timedelta(hours=1))
    assert (await examine(db)).findings == []


async def test_a_stranger_gets_the_address_and_none_of_the_orders(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    shop: Shop,
    shopper: int,
    leave: Closing,
    deliver: Deliver,
    mailed: Callable[[str], Awaitable[str]],
) -> None:
    email = (await client.get("/api/me")).json()["email"]
    await fund(db, shopper, PRICE)
    order_id = await buy(client, shop)
    await deliver(order_id)
    stolen = dict(client.cookies)
    assert (await leave(client)).status_code == 200
    async with other(app) as stranger:
        entered = {"email": email, "code": await mailed(email)}
        me = (await stranger.post("/api/sign-in/code/verify", json=entered)).json()
        assert me["signed_in"]
        assert me["party_id"] != shopper
        assert (await stranger.get("/api/orders")).json()["items"] == []
        assert (await stranger.get(f"/api/orders/{order_id}")).status_code == 404
        assert (await stranger.get("/api/me/data")).json()["orders"]["orders"] == []
    async with other(app) as thief:
        for name, value in stolen.items():
            thief.cookies.set(name, value, domain="localhost.local", path="/")
        assert (await thief.get(f"/api/orders/{order_id}")).status_code == 401


async def test_what_stands_in_the_way_is_told_and_refused(
    client: httpx.AsyncClient, db: Database, shop: Shop, shopper: int, leave: Closing, deliver: Deliver
) -> None:
    await fund(db, shopper, 2 * PRICE)
    order_id = await buy(client, shop)
    shown = (await client.get("/api/me/closing")).json()
    assert [one["code"] for one in shown["obstacles"]] == ["leaving.order_open", "leaving.money_left"]
    assert shown["proof"] == ["code"]
    refused = await leave(client)
    assert (refused.status_code, refused.json()["code"]) == (409, "leaving.order_open")
    assert refused.json()["orders"][0]["order_id"] == order_id
    await deliver(order_id)
    refused = await leave(client)
    assert refused.json()["code"] == "leaving.money_left"
    assert refused.json()["money"] == [{"minor": PRICE, "currency": "EUR"}]
    assert (await leave(client, give_up=(PRICE - 1,))).json()["code"] == "leaving.money_left"
    assert (await client.get("/api/me")).json()["signed_in"]
    assert (await leave(client, give_up=(PRICE,))).status_code == 200
    async with db.reading() as tx:
        closure = await closing.find_closure(tx, party_id=shopper)
    assert closure is not None
    assert closure.money == f"given up: {PRICE} EUR"
    assert (await examine(db)).findings == []


async def test_a_payment_under_way_keeps_the_account(
    client: httpx.AsyncClient, shopper: int, leave: Closing
) -> None:
    body = {"topup_id": str(uuid7()), "amount": {"minor": 500, "currency": "EUR"}}
    started = await client.post("/api/topups", json=body)
    assert started.status_code == 200, started.text
    assert (await leave(client)).json()["code"] == "leaving.payment_pending"


async def test_a_fresh_proof_is_needed(
    app: FastAPI, client: httpx.AsyncClient, shopper: int, mailed: Callable[[str], Awaitable[str]]
) -> None:
    body = {"closure_id": str(uuid7())}
    assert (await client.post("/api/me/closing", json=body)).json()["code"] == "leaving.proof_needed"
    email = (await client.get("/api/me")).json()["email"]
    code = await mailed(email)
    wrong = "000000" if code != "000000" else "000001"
    assert (await client.post("/api/me/closing", json={**body, "code": wrong})).json()["code"] == (
        "identity.code_refused"
    )
    refused = await client.post("/api/me/closing", json={**body, "credential": {"id": "AAAA"}})
    assert refused.status_code in {401, 422}
    async with other(app) as visitor:
        assert (await visitor.post("/api/me/closing", json={**body, "code": code})).status_code == 401
    assert (await client.post("/api/me/closing", json={**body, "code": code})).status_code == 200


async def test_a_passkey_of_the_account_proves_it(
    app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn, shopper: int
) -> None:
    mine = Authenticator(rp_id="localhost", origin=ORIGIN)
    made = mine.create((await client.post("/api/passkeys/options")).json())
    assert (await client.post("/api/passkeys", json={"credential": made})).status_code == 201
    assert (await client.get("/api/me/closing")).json()["proof"] == ["code", "passkey"]
    async with other(app) as stranger:
        await sign_in(stranger)
        options = (await stranger.post("/api/sign-in/passkey/options")).json()
        body = {"closure_id": str(uuid7()), "credential": mine.get(options)}
        assert (await stranger.post("/api/me/closing", json=body)).json()[
            "code"
        ] == "identity.passkey_refused"
    options = (await client.post("/api/sign-in/passkey/options")).json()
    body = {"closure_id": str(uuid7()), "credential": mine.get(options)}
    answer = await client.post("/api/me/closing", json=body)
    assert answer.status_code == 200, answer.text


async def test_an_id_closes_once(client: httpx.AsyncClient, shopper: int, leave: Closing) -> None:
    closure_id = uuid7()
    first = await leave(client, closure_id=closure_id)
    again = await client.post("/api/me/closing", json={"closure_id": str(closure_id)})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["closed_at"] == again.json()["closed_at"]
    body = {"closure_id": str(closure_id), "give_up": [{"minor": 1, "currency": "EUR"}]}
    reused = await client.post("/api/me/closing", json=body)
    assert (reused.status_code, reused.json()["code"]) == (409, "identity.closure_id_reused")


async def test_who_alone_runs_a_seller_stays(
    app: FastAPI, client: httpx.AsyncClient, shop: Shop, sign_in: SignIn, leave: Closing
) -> None:
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    refused = await leave(client)
    assert (refused.status_code, refused.json()["code"]) == (409, "leaving.last_in_charge")
    assert refused.json()["sellers"] == [shop.seller_id]
    async with other(app) as second:
        await sign_in(second, Role.HEAD_OFFICE, shop.seller_id)
        answers = await asyncio.gather(leave(client), leave(second))
        codes = sorted(answer.json().get("code", "closed") for answer in answers)
        assert codes == ["closed", "leaving.last_in_charge"]
    async with other(app) as staff:
        await sign_in(staff, Role.STAFF, shop.seller_id)
        assert (await leave(staff)).status_code == 200


async def test_a_guest_leaves_by_session_or_by_the_orders_link(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    shop: Shop,
    leave: Closing,
    deliver: Deliver,
    mailed: Callable[[str], Awaitable[str]],
) -> None:
    guest = (await client.post("/api/guest")).json()["party_id"]
    await fund(db, guest, PRICE)
    order_id = await buy(client, shop, email="Passante@example.com")
    await deliver(order_id)
    async with other(app) as later:
        body = {"closure_id": str(uuid7()), "order_id": order_id, "email": "passante@example.com"}
        assert (await later.post("/api/me/closing", json=body)).json()["code"] == "leaving.proof_needed"
        strange = {**body, "email": "other@example.com", "code": await mailed("other@example.com")}
        assert (await later.post("/api/me/closing", json=strange)).json()["code"] == "identity.code_refused"
        right = {**body, "code": await mailed("passante@example.com")}
        answer = await later.post("/api/me/closing", json=right)
        assert answer.status_code == 200, answer.text
    assert (await client.get("/api/me")).json()["party_id"] is None
    assert await rows_with(db, ["passante@example.com"]) == []
    async with other(app) as second:
        await second.post("/api/guest")
        assert (await leave(second)).status_code == 200


async def test_an_accounts_order_is_no_door(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    shop: Shop,
    shopper: int,
    deliver: Deliver,
    mailed: Callable[[str], Awaitable[str]],
) -> None:
    await fund(db, shopper, PRICE)
    order_id = await buy(client, shop, email="someone@example.com")
    await deliver(order_id)
    async with other(app) as visitor:
        code = await mailed("someone@example.com")
        body = {
            "closure_id": str(uuid7()),
            "order_id": order_id,
            "email": "someone@example.com",
            "code": code,
        }
        assert (await visitor.post("/api/me/closing", json=body)).json()["code"] == "identity.code_refused"


async def test_places_in_queues_and_bookings_are_given_back(
    services: Services,
    client: httpx.AsyncClient,
    db: Database,
    clock: FixedClock,
    shop: Shop,
    shopper: int,
    leave: Closing,
) -> None:
    at = {"seller": shop.seller_id, "place": shop.place_id, "party": shopper, "now": clock()}
    async with db.transaction() as tx:
        for statement in (_TERMS, _SLOT, _BOOKING, _TICKET):
            await tx.run(statement, at)
    made = (await client.get("/api/me/data")).json()
    assert made["places"]["bookings"][0]["state"] == "booked"
    assert made["places"]["tickets"][0]["state"] == "waiting"
    answer = await leave(client)
    assert (answer.status_code, answer.json()["forgotten"]) == (200, True)
    async with db.reading() as tx:
        assert await tx.all(_DOOR) == [("cancelled", None, 0), ("left", None, 0)]
    assert (await examine(db)).findings == []
