"""The shop by HTTP: basket, order, wallet, console, live page; status, body, and who may."""

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

from halles.journeys.checkout.http import read_order
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop, top_up
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.http import live_frames
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Database
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.live import LiveHub
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import TouchpointKind

SignIn = Callable[..., Awaitable[int]]
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def shop(db: Database) -> Shop:
    opened = await open_shop(db)
    async with db.transaction() as tx:
        await places.add_touchpoint(tx, opened.seller_id, code="web", kind=TouchpointKind.WEB, place_id=None)
    return opened


@pytest.fixture
async def shopper(db: Database, client: httpx.AsyncClient, sign_in: SignIn) -> int:
    party = await sign_in(client)
    async with db.transaction() as tx:
        await top_up(tx, PartyId(party), 10 * PRICE)
    return party


@pytest.fixture
async def staff(client_as: ClientAs, sign_in: SignIn, shop: Shop) -> httpx.AsyncClient:
    browser = await client_as("visitor")
    await sign_in(browser, Role.STAFF, shop.seller_id)
    return browser


def body(command: Any) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(command))


async def ordered(client: httpx.AsyncClient, shop: Shop, *lines: tuple[int, int]) -> str:
    command = shop.order(*lines, touchpoint=shop.touchpoint)
    answer = await client.post("/api/orders", json=body(command))
    assert answer.status_code == 201, answer.text
    return str(command.order_id)


async def test_from_basket_to_order(client: httpx.AsyncClient, shop: Shop, shopper: int) -> None:
    put = await client.put(
        f"/api/basket/lines/{shop.variants[0]}", json={"quantity": 2, "touchpoint": shop.touchpoint}
    )
    assert put.status_code == 200, put.text
    basket = put.json()
    assert (basket["total"]["minor"], basket["tax"]["minor"], basket["enough"]) == (2 * PRICE, 400, True)
    (line,) = basket["lines"]
    assert (line["title"], line["available"], line["left"], line["was_price"]) == (
        "Linen shirt 0",
        "yes",
        None,
        None,
    )
    assert basket["promise"]["lane"] == "hub"
    french = (await client.get("/api/basket", params={"lang": "fr"})).json()
    assert french["lines"][0]["title"] == "Chemise en lin 0"
    command = {
        **body(shop.order((0, 2), touchpoint=shop.touchpoint)),
        "promise": {"lane": basket["promise"]["lane"], "date": basket["promise"]["date"]},
    }
    first = await client.post("/api/orders", json=command)
    again = await client.post("/api/orders", json=command)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await client.get("/api/basket")).json()["lines"] == []
    wallet = (await client.get("/api/wallet")).json()["accounts"][0]
    assert (wallet["held"]["minor"], wallet["available"]["minor"]) == (2 * PRICE, 8 * PRICE)
    postings = await client.get("/api/wallet/postings", params={"account_id": wallet["account_id"]})
    assert [(p["kind"], p["amount"]["minor"]) for p in postings.json()["items"]] == [("top_up", 10 * PRICE)]


async def test_a_basket_names_its_problems(client: httpx.AsyncClient, shop: Shop, shopper: int) -> None:
    answer = await client.put(f"/api/basket/lines/{shop.variants[1]}", json={"quantity": 11})
    assert [problem["code"] for problem in answer.json()["problems"]] == ["inventory.insufficient_stock"]
    assert answer.json()["enough"] is False
    assert (await client.delete(f"/api/basket/lines/{shop.variants[1]}")).json()["lines"] == []
    unknown = await client.put("/api/basket/lines/999999", json={"quantity": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "catalog.unknown_variant")


async def test_refusals_are_problems(client: httpx.AsyncClient, shop: Shop, shopper: int) -> None:
    cases = [
        (shop.order((1, 99)), 409, "inventory.insufficient_stock"),
        (shop.order(unit_price_minor=1), 409, "pricing.price_changed"),
        (shop.order((0, 1), (0, 2)), 422, "orders.bad_order"),
        (shop.order((0, 6), (1, 6)), 409, "wallet.insufficient_funds"),
    ]
    for command, status, code in cases:
        answer = await client.post("/api/orders", json=body(command))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    wrong = await client.post("/api/orders", json={"order_id": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "orders.bad_order")
    client.cookies.clear()
    nobody = await client.post("/api/orders", json=body(shop.order()))
    assert nobody.status_code == 401


async def test_orders_are_seen_by_their_owner_and_their_seller(
    client: httpx.AsyncClient, staff: httpx.AsyncClient, shop: Shop, shopper: int, client_as: ClientAs
) -> None:
    order_id = await ordered(client, shop, (0, 1))
    page = await client.get(f"/api/orders/{order_id}")
    assert page.json()["place"]["name"] == "Pop-up Le Marais"
    assert [entry["code"] for entry in page.json()["tape"]] == ["orders.placed"]
    unchanged = await client.get(f"/api/orders/{order_id}", headers={"if-none-match": page.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert [order["order_id"] for order in (await client.get("/api/orders")).json()["items"]] == [order_id]
    for role in ("shopper", "staff", "head_office"):
        stranger = await client_as(role)
        hidden = await stranger.get(f"/api/orders/{order_id}")
        assert (hidden.status_code, hidden.json()["code"]) == (404, "orders.no_such_order")
    assert (await staff.get(f"/api/orders/{order_id}")).status_code == 200
    found = await staff.get("/api/console/orders", params={"q": page.json()["number"], "state": "placed"})
    assert [order["owner"]["party_id"] for order in found.json()["items"]] == [shopper]
    assert (await staff.get("/api/console/orders", params={"q": "nothing like it"})).json()["items"] == []


async def test_staff_send_an_order_once(
    client: httpx.AsyncClient, staff: httpx.AsyncClient, shop: Shop, shopper: int, db: Database
) -> None:
    order_id = await ordered(client, shop, (0, 1))
    key = {"idempotency-key": str(uuid7())}
    packed = await staff.post(f"/api/console/orders/{order_id}/pack", headers=key)
    again = await staff.post(f"/api/console/orders/{order_id}/pack", headers=key)
    assert (packed.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert packed.json() == again.json()
    shipped = await staff.post(
        f"/api/console/orders/{order_id}/ship", headers={"idempotency-key": str(uuid7())}
    )
    assert (shipped.json()["state"], shipped.json()["payment"]) == ("shipped", "captured")
    assert {posting["credit_kind"] for posting in shipped.json()["postings"]} == {"payable", "tax"}
    late = await client.post(f"/api/orders/{order_id}/cancel", headers={"idempotency-key": str(uuid7())})
    assert (late.status_code, late.json()["code"]) == (409, "orders.wrong_state")
    assert (await examine(db)).findings == []


async def test_a_shopper_cancels(client: httpx.AsyncClient, shop: Shop, shopper: int) -> None:
    order_id = await ordered(client, shop, (0, 1))
    cancelled = await client.post(f"/api/orders/{order_id}/cancel", headers={"idempotency-key": str(uuid7())})
    assert (cancelled.json()["state"], cancelled.json()["payment"], cancelled.json()["can_cancel"]) == (
        "cancelled",
        "voided",
        False,
    )
    assert cancelled.json()["tape"][-1]["by"] == "shopper"
    assert (await client.get(f"/api/orders/{order_id}")).json() == cancelled.json()
    assert (await client.get("/api/wallet")).json()["accounts"][0]["held"]["minor"] == 0


async def test_stock_in_the_console(staff: httpx.AsyncClient, shop: Shop) -> None:
    page = (await staff.get("/api/console/stock", params={"limit": 3})).json()
    rest = (await staff.get("/api/console/stock", params={"cursor": page["next"]})).json()
    assert [item["sellable"] for item in (*page["items"], *rest["items"])] == [10] * 4
    where = {"location_id": shop.hub, "variant_id": shop.variants[0]}
    change = {**where, "command_id": str(uuid7()), "quantity": 12, "reason": "yearly count"}
    for _ in range(2):
        counted = await staff.post("/api/console/stock/count", json=change)
        assert counted.json()["on_hand"] == 12
    moved = (await staff.get(f"/api/console/stock/{shop.hub}/{shop.variants[0]}/movements")).json()["items"]
    assert [(m["cause"], m["delta_on_hand"]) for m in moved] == [("counted", 2), ("received", 10)]
    found = (await staff.get("/api/console/stock", params={"q": "shirt 1"})).json()["items"]
    assert shop.variants[1] in {item["variant_id"] for item in found}


async def test_accounts_for_head_office(
    client: httpx.AsyncClient, shop: Shop, shopper: int, client_as: ClientAs
) -> None:
    office = await client_as("operator")
    page = (await office.get("/api/console/accounts")).json()
    accounts = page["items"]
    assert page["sums"] == [{"minor": 0, "currency": "EUR"}]
    assert sum(account["balance"]["minor"] for account in accounts) == 0
    own = (await office.get("/api/console/accounts", params={"q": str(shopper)})).json()["items"][0]
    postings = await office.get(f"/api/console/accounts/{shopper}/{own['account_id']}/postings")
    assert [p["amount"]["minor"] for p in postings.json()["items"]] == [10 * PRICE]
    assert (await office.get("/api/console/events/parked")).json()["items"] == []
    assert (await client.get("/api/console/accounts")).status_code == 403


async def test_the_live_page_follows_an_order(
    client: httpx.AsyncClient, staff: httpx.AsyncClient, shop: Shop, shopper: int, services: Services
) -> None:
    order_id = await ordered(client, shop, (0, 1))
    caller = Caller(party_id=PartyId(shopper), roles=frozenset({Role.SHOPPER}))
    frames = live_frames(services, UUID(order_id), caller, "en")
    first = await asyncio.wait_for(anext(frames), 5)
    assert '"state":"placed"' in first
    await client.post(f"/api/orders/{order_id}/cancel", headers={"idempotency-key": str(uuid7())})
    services.port(LiveHub).publish(f"order:{order_id}")
    assert '"state":"cancelled"' in await asyncio.wait_for(anext(frames), 5)
    with pytest.raises(StopAsyncIteration):
        await anext(frames)


def test_the_document_describes_the_hot_lane(app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/api/orders"]["post"]
    assert operation["x-access"] == ["shopper"]
    assert set(operation["responses"]) >= {"200", "201", "409", "422"}
    example = operation["requestBody"]["content"]["application/json"]["example"]
    assert read_order(msgspec.json.encode(example)).lines[0].variant_id == 17
