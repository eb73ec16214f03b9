"""A basket of two sellers over HTTP: one view, one order with a part a seller, cancelled in part or whole; reserved meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from halles.journeys.basket_view.models import BasketModel
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop, top_up
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.http import live_frames
from halles.journeys.fulfilment.models import OrderModel
from halles.kernel.caller import Caller
from halles.kernel.db import counting
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.live import LiveHub
from halles.kernel.web import Role, Services

SignIn = Callable[..., Awaitable[int]]


@dataclass
class Two:
    first: Shop
    second: Shop
    client: httpx.AsyncClient
    party: int

    @property
    def touchpoint(self) -> str:
        return self.first.touchpoint

    async def put(self, shop: Shop, index: int, quantity: int) -> dict[str, Any]:
        body = {"quantity": quantity, "touchpoint": self.touchpoint, "seller_id": shop.seller_id}
        answer = await self.client.put(f"/api/basket/lines/{shop.variants[index]}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def basket(self) -> dict[str, Any]:
        return (await self.client.get("/api/basket", params={"touchpoint": self.touchpoint})).json()

    async def order(self, basket: dict[str, Any], **more: Any) -> httpx.Response:
        """Order what the basket shows, as the pages do."""
        main, *others = basket["parts"]
        body = {
            "order_id": str(uuid7()),
            "currency": "EUR",
            **_part(main),
            "also": [_part(part) for part in others],
            "touchpoint": self.touchpoint,
            **more,
        }
        return await self.client.post("/api/orders", json=body)


def _part(part: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {
            "variant_id": line["variant_id"],
            "quantity": line["quantity"],
            "unit_price_minor": line["unit_price"]["minor"],
        }
        for line in part["lines"]
    ]
    promise = {name: part["promise"][name] for name in ("lane", "date", "latest")}
    return {"seller_id": part["seller_id"], "lines": lines, "promise": promise}


@pytest.fixture
async def two(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> Two:
    first = await open_shop(services.db, name="Maison")
    second = await open_shop(services.db, name="Atelier", stock=2)
    party = await sign_in(client)
    async with services.db.transaction() as tx:
        await top_up(tx, PartyId(party), 100_000)
    made = Two(first, second, client, party)
    await made.put(first, 0, 2)
    await made.put(second, 1, 1)
    return made


async def test_one_basket_tells_its_sellers_apart(two: Two, services: Services) -> None:
    with counting() as counted:
        basket = await two.basket()
    assert counted.statements <= 20
    assert [part["seller"] for part in basket["parts"]] == ["Maison", "Atelier"]
    assert [part["total"]["minor"] for part in basket["parts"]] == [2 * PRICE, PRICE]
    assert basket["total"] == {"minor": 3 * PRICE, "currency": "EUR"}
    assert len(basket["lines"]) == 2
    assert basket["enough"]
    assert BasketModel.model_validate(basket).model_dump(mode="json", by_alias=True) == basket
    assert all(part["promise"] for part in basket["parts"])
    await two.put(two.second, 1, 0)
    assert [part["seller_id"] for part in (await two.basket())["parts"]] == [two.first.seller_id]


async def test_one_order_has_a_part_for_each_and_one_can_be_cancelled(
    two: Two, services: Services, sign_in: SignIn
) -> None:
    answer = await two.order(await two.basket())
    assert answer.status_code == 201, answer.text
    placed = answer.json()
    own, other = [UUID(part["order_id"]) for part in placed["parts"]]
    page = (await two.client.get(f"/api/orders/{own}")).json()
    assert page["parent_id"] == str(own)
    assert OrderModel.model_validate(page).model_dump(mode="json", by_alias=True) == page
    assert [(part["seller"], part["state"]) for part in page["parts"]] == [
        ("Maison", "placed"),
        ("Atelier", "placed"),
    ]
    assert (await two.basket())["parts"] == []
    listed = (await two.client.get("/api/orders")).json()["items"]
    assert {order["parent_id"] for order in listed} == {str(own)}

    headers = {"idempotency-key": str(uuid7())}
    cancelled = (await two.client.post(f"/api/orders/{other}/cancel", headers=headers)).json()
    assert [part["state"] for part in cancelled["parts"]] == ["placed", "cancelled"]
    assert (await examine(services.db)).findings == []

    await sign_in(two.client, Role.STAFF, two.second.seller_id)
    console = (await two.client.get(f"/api/console/orders/{other}")).json()
    assert (console["parts"], console["total"]["minor"]) == ([], PRICE)
    assert (await two.client.get(f"/api/console/orders/{own}")).status_code == 404
    assert (await two.client.get(f"/api/orders/{other}")).json()["parts"] == []
    refused = await two.client.post(f"/api/orders/{own}/cancel-all", headers=headers)
    assert refused.status_code in {403, 404}


async def test_the_whole_order_can_be_cancelled_but_for_what_has_left(
    two: Two, services: Services, sign_in: SignIn, client_as: Any
) -> None:
    placed = (await two.order(await two.basket())).json()
    own, other = [part["order_id"] for part in placed["parts"]]
    staff = await client_as("visitor")
    await sign_in(staff, Role.STAFF, two.second.seller_id)
    for step in ("pack", "ship"):
        (
            await staff.post(f"/api/console/orders/{other}/{step}", headers={"idempotency-key": str(uuid7())})
        ).raise_for_status()
    headers = {"idempotency-key": str(uuid7())}
    for _ in range(2):
        page = (await two.client.post(f"/api/orders/{other}/cancel-all", headers=headers)).json()
        assert {part["order_id"]: part["state"] for part in page["parts"]} == {
            own: "cancelled",
            other: "shipped",
        }
    assert (await examine(services.db)).findings == []


async def test_a_reserved_basket_is_had_while_others_find_it_sold_out(
    two: Two, services: Services, client_as: Any
) -> None:
    await two.put(two.second, 1, 2)
    key = str(uuid7())
    answers = [
        await two.client.post("/api/basket/reservation", json={"reservation_id": key}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert sorted(line["quantity"] for line in answers[0].json()["lines"]) == [2, 2]

    basket = await two.basket()
    assert basket["reservation"]["reservation_id"] == key
    assert basket["problems"] == []
    guest = await client_as("guest")
    body = {"quantity": 1, "touchpoint": two.touchpoint, "seller_id": two.second.seller_id}
    seen = (await guest.put(f"/api/basket/lines/{two.second.variants[1]}", json=body)).json()
    assert seen["problems"][0]["code"] == "inventory.insufficient_stock"
    refused = await guest.post("/api/basket/reservation", json={"reservation_id": str(uuid7())})
    assert refused.json()["code"] == "inventory.insufficient_stock"

    renewed = await two.client.post(f"/api/basket/reservation/{key}/renew", json={"renewal": 1})
    assert renewed.json()["renewals_left"] == 1
    answer = await two.order(basket, reservation=key)
    assert answer.status_code == 201, answer.text
    assert (await two.basket())["reservation"] is None
    released = await two.client.delete(f"/api/basket/reservation/{key}")
    assert released.json()["state"] == "ordered"
    assert (await guest.delete(f"/api/basket/reservation/{key}")).status_code == 404
    assert (await examine(services.db)).findings == []


async def test_the_live_page_tells_of_every_part(two: Two, services: Services) -> None:
    placed = (await two.order(await two.basket())).json()
    own, other = [UUID(part["order_id"]) for part in placed["parts"]]
    caller = Caller(party_id=PartyId(two.party), roles=frozenset({Role.SHOPPER}))
    frames = cast("AsyncGenerator[str]", live_frames(services, own, caller, "en"))
    async with aclosing(frames):
        assert '"cancelled"' not in await anext(frames)
        headers = {"idempotency-key": str(uuid7())}
        (await two.client.post(f"/api/orders/{other}/cancel", headers=headers)).raise_for_status()
        services.port(LiveHub).publish(f"order:{other}")
        async with asyncio.timeout(20):
            while '"cancelled"' not in await anext(frames):
                pass
