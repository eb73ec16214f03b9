"""What a thief tries with accounts that are closed and archives that are taken along: see `test_attacks.py`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from conftest import SignIn
from halles.edge.limits import DATA, Limits
from halles.edge.tests.thief import ClientAs, browser
from halles.identity import api as identity
from halles.identity.api import closing
from halles.journeys.checkout.tests.small_shop import PRICE, Shop
from halles.journeys.leaving.tests.conftest import Closing, Deliver
from halles.journeys.leaving.tests.conftest import deliver as deliver  # noqa: PLC0414  a fixture
from halles.journeys.leaving.tests.conftest import leave as leave  # noqa: PLC0414  a fixture
from halles.journeys.leaving.tests.conftest import mailed as mailed  # noqa: PLC0414  a fixture
from halles.journeys.leaving.tests.conftest import shop as shop  # noqa: PLC0414  a fixture
from halles.journeys.leaving.tests.test_closing import buy, fund
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Database, command
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.web import Services

Mailed = Callable[[str], Awaitable[str]]
URL = "/api/me/closing"
_PHOTO = command(
    """insert into vision.photo_match (seller_id, match_id, outcome, found_by, candidates, cpu_ms, taken_at, order_id, gtin,
      model_id)
    values (%(seller)s, %(match)s, 'product', 'picture', '[]', 1, %(at)s, %(order)s, '4006381333931', 'm')"""
)


def by_order(order_id: str, email: str, code: str) -> dict[str, Any]:
    return {"closure_id": str(uuid7()), "order_id": order_id, "email": email, "code": code}


async def guest_with(client: httpx.AsyncClient, db: Database, minor: int) -> int:
    party = int((await client.post("/api/guest")).json()["party_id"])
    await fund(db, party, minor)
    return party


async def test_a_number_of_thousands_of_digits_is_refused(client: httpx.AsyncClient) -> None:
    amount = '{"minor": ' + "9" * 4300 + ', "currency": "EUR"}'
    body = f'{{"closure_id": "{uuid7()}", "give_up": [{", ".join([amount] * 50)}]}}'
    answer = await client.post(URL, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


async def test_who_was_given_one_order_of_a_guest_closes_nothing_of_theirs(
    app: FastAPI, client: httpx.AsyncClient, db: Database, shop: Shop, mailed: Mailed, deliver: Deliver
) -> None:
    """A present: its receiver knows the order and reads its mails, and is not its buyer."""
    giver = await guest_with(client, db, 4 * PRICE)
    present = await buy(client, shop, email="friend@example.com")
    own = await buy(client, shop, email="giver@example.com")
    async with browser(app) as friend:
        tried = await friend.post(
            URL, json=by_order(present, "friend@example.com", await mailed("friend@example.com"))
        )
        assert own not in tried.text
        assert (tried.status_code, tried.json()["code"]) == (401, "identity.code_refused")
        for order_id in (present, own):
            await deliver(order_id)
        give_up = [{"minor": 2 * PRICE, "currency": "EUR"}]
        body = by_order(present, "friend@example.com", await mailed("friend@example.com"))
        tried = await friend.post(URL, json={**body, "give_up": give_up})
        assert (tried.status_code, tried.json()["code"]) == (401, "identity.code_refused")
    assert (await client.get("/api/me")).json()["party_id"] == giver


async def test_an_orders_mail_closes_no_guest_who_has_become_somebody(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    services: Services,
    shop: Shop,
    mailed: Mailed,
    deliver: Deliver,
) -> None:
    """Between the sign-in and the hand-over of what the guest had, the order still bears the guest's number."""
    guest = await guest_with(client, db, PRICE)
    order_id = await buy(client, shop, email="old@example.com")
    await deliver(order_id)
    async with db.transaction() as tx:
        account = await identity.create_person(tx, "zoe@example.com", now=services.clock())
        caller = identity.caller_of(PartyId(guest), [], guest=True)
        await identity.sign_in(tx, account, caller, agent="", now=services.clock(), days=1)
    async with browser(app) as thief:
        tried = await thief.post(
            URL, json=by_order(order_id, "old@example.com", await mailed("old@example.com"))
        )
    assert (tried.status_code, tried.json()["code"]) == (401, "identity.code_refused")
    async with db.reading() as tx:
        assert await closing.closures(tx) == []


async def test_an_id_that_closed_one_account_says_nothing_of_another(
    client: httpx.AsyncClient, sign_in: SignIn, leave: Closing
) -> None:
    closure_id = uuid7()
    await sign_in(client)
    assert (await leave(client, closure_id=closure_id)).status_code == 200
    await sign_in(client)
    again = await leave(client, closure_id=closure_id)
    assert (again.status_code, again.json()["code"]) == (409, "identity.closure_id_reused")
    assert (await client.get("/api/me")).json()["signed_in"]


async def test_who_closes_an_old_guest_by_its_order_stays_signed_in(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    shop: Shop,
    sign_in: SignIn,
    mailed: Mailed,
    deliver: Deliver,
) -> None:
    """Else their browser forgets a session that lives on."""
    await guest_with(client, db, PRICE)
    order_id = await buy(client, shop, email="me@example.com")
    await deliver(order_id)
    async with browser(app) as later:
        await sign_in(later)
        closed = await later.post(
            URL, json=by_order(order_id, "me@example.com", await mailed("me@example.com"))
        )
        assert closed.status_code == 200, closed.text
        assert (await later.get("/api/me")).json()["signed_in"]
        assert (await client.get("/api/me")).json()["signed_in"] is False


async def test_no_key_is_made_for_an_account_that_closes(
    services: Services, shop: Shop, client_as: ClientAs, sign_in: SignIn
) -> None:
    office = await client_as("visitor")
    party = await sign_in(office, Role.HEAD_OFFICE, shop.seller_id)
    body = {"name": "left behind", "seller_id": shop.seller_id}
    async with services.db.transaction() as tx:
        await closing.shut(tx, [party], ruling=True)
        asked = asyncio.create_task(office.put("/api/console/api-keys/3f9c0a1b2d4e", json=body))
        await asyncio.wait([asked], timeout=0.5)
        await closing.close(
            tx,
            [party],
            closure_id=uuid7(),
            fingerprint=b"0" * 16,
            by="shopper",
            money="",
            now=services.clock(),
        )
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.account_closed")
    async with services.db.reading() as tx:
        assert [one.key_id for one in await identity.list_api_keys(tx) if one.revoked_at is None] == []


async def test_an_archive_tells_no_photo_of_somebody_elses_order(
    app: FastAPI, client: httpx.AsyncClient, db: Database, services: Services, shop: Shop, sign_in: SignIn
) -> None:
    """Which photo led to an article is the browser's own word."""
    await sign_in(client)
    match, order = uuid7(), uuid7()
    async with db.transaction() as tx:
        await tx.run(
            _PHOTO, {"seller": shop.seller_id, "match": match, "order": order, "at": services.clock()}
        )
    line = {"quantity": 1, "match_id": str(match)}
    assert (await client.put(f"/api/basket/lines/{shop.variants[0]}", json=line)).status_code == 200
    told = await client.get("/api/me/data")
    assert str(order) not in told.text
    assert told.json()["photos"] == []


async def test_archives_are_counted_for_what_they_cost() -> None:
    limits = Limits(lambda: 0.0, 1.0)
    caller = Caller(party_id=PartyId(7), roles=frozenset({Role.SHOPPER}), by_cookie=True, session_id="s")
    waits = [limits.wait_s("GET", "/api/me/data", caller, "192.0.2.1") for _ in range(DATA.burst + 1)]
    assert [wait > 0 for wait in waits] == [False] * DATA.burst + [True]
    assert limits.wait_s("GET", "/api/me", caller, "192.0.2.1") == 0


async def test_a_code_is_used_once_and_guesses_are_counted(
    app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn, mailed: Mailed
) -> None:
    """What was guessed at one door is used up at the other, and nobody else's code opens."""
    await sign_in(client)
    email = (await client.get("/api/me")).json()["email"]
    code = await mailed(email)
    wrong = "000000" if code != "000000" else "111111"
    async with browser(app) as thief:
        await sign_in(thief)
        own = (await thief.get("/api/me")).json()["email"]
        stolen = await thief.post(URL, json={"closure_id": str(uuid7()), "code": code})
        assert stolen.json()["code"] == "identity.code_refused"
        for _ in range(5):
            await thief.post(URL, json=by_order(str(uuid7()), email, wrong))
        assert own != email
    entered = await client.post("/api/sign-in/code/verify", json={"email": email, "code": code})
    assert entered.json()["code"] == "identity.code_refused"
    assert (await client.post(URL, json={"closure_id": str(uuid7()), "code": code})).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", None])
async def test_another_sites_page_closes_nothing(
    app: FastAPI, client: httpx.AsyncClient, origin: str | None
) -> None:
    await client.post("/api/guest")
    headers = {"origin": origin} if origin else {}
    del client.headers["origin"]
    answer = await client.post(URL, json={"closure_id": str(uuid7())}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "edge.cross_site")


async def test_what_was_answered_to_a_closed_account_is_answered_to_nobody(
    app: FastAPI,
    client: httpx.AsyncClient,
    db: Database,
    shop: Shop,
    sign_in: SignIn,
    leave: Closing,
    deliver: Deliver,
    mailed: Mailed,
) -> None:
    party = await sign_in(client)
    email = (await client.get("/api/me")).json()["email"]
    await fund(db, party, PRICE)
    order_id = await buy(client, shop)
    await deliver(order_id)
    assert (await leave(client)).status_code == 200
    async with browser(app) as again:
        code = await mailed(email)
        await again.post("/api/sign-in/code/verify", json={"email": email, "code": code})
        assert (await again.get("/api/orders")).json()["items"] == []
        replayed = await again.post("/api/orders", json=_same(shop, order_id))
        assert replayed.status_code in {402, 404, 409}, replayed.text
        assert "total" not in json.loads(replayed.text)
        assert (await again.get(f"/api/orders/{order_id}/events")).status_code == 404


def _same(shop: Shop, order_id: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(msgspec.json.encode(shop.order(touchpoint=shop.touchpoint)))
    return body | {"order_id": str(UUID(order_id))}
