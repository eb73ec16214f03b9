"""Safety stock in the console: kept from sale at once, and nothing else changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.journeys.doctor.api import examine
from halles.kernel.web import Role, Services

SignIn = Callable[..., Awaitable[int]]


async def test_safety_stock_is_not_sold(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db, stock=3)
    await sign_in(client, Role.STAFF, shop.seller_id)
    path = f"/api/console/stock/{shop.hub}/{shop.variants[1]}/safety"
    for _ in range(2):
        level = (await client.put(path, json={"pieces": 2})).json()
        assert (level["safety"], level["sellable"], level["on_hand"]) == (2, 1, 3)
    intake = services.port(Intake)
    await intake.place(shop.order((1, 1)), shop.shoppers[0])
    with pytest.raises(InsufficientStock):
        await intake.place(shop.order((1, 1)), shop.shoppers[1])
    assert (await client.put(path, json={"pieces": 9})).json()["sellable"] == 0
    assert (await client.put(path, json={"pieces": -1})).status_code == 422
    assert (await client.put(path, json={"pieces": 0})).json()["sellable"] == 2
    assert (await examine(services.db)).findings == []


async def test_other_sellers_stock_is_not_theirs_to_keep(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.STAFF, shop.seller_id)
    path = f"/api/console/stock/{other.hub}/{other.variants[0]}/safety"
    assert (await client.put(path, json={"pieces": 1})).json()["code"] == "inventory.no_such_location"
    refused = await client.put(path, params={"seller_id": other.seller_id}, json={"pieces": 1})
    assert refused.status_code == 403
