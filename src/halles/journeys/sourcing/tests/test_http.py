"""The sourcing rule over HTTP: who may change it, and that an order's page tells what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import msgspec

from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.kernel.web import Role, Services

SignIn = Callable[..., Awaitable[int]]
RULE = {
    "split": "lines",
    "distance_weight": 1,
    "cost_weight": 2,
    "load_weight": 0.5,
    "hub_parcel_minor": 590,
    "abroad_parcel_minor": 1900,
}


async def test_a_rule_is_made_followed_explained_and_dropped(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    page = (await client.get("/api/console/sourcing")).json()
    assert page["rule"] is None
    assert [place["name"] for place in page["locations"]] == ["Roissy hub", "Hangzhou warehouse"]
    spot = {"latitude": 49.0, "longitude": 2.5, "handling_minor": 120, "a_day": 3}
    page = (await client.put(f"/api/console/sourcing/locations/{shop.hub}", json=spot)).json()
    assert {name: page["locations"][0][name] for name in spot} == spot
    page = (await client.put("/api/console/sourcing/rule", json=RULE)).json()
    assert page["rule"] == RULE

    order = msgspec.structs.replace(shop.order(touchpoint=shop.touchpoint), ship_to=None)
    await services.port(Intake).place(order, shop.shoppers[0])
    sourced = (await client.get(f"/api/console/orders/{order.order_id}")).json()["sourced"]
    assert (sourced["rule"], sourced["split"]) == ("weighted", "lines")
    assert [(row["name"], row["chosen"]) for row in sourced["locations"]] == [
        ("Roissy hub", True),
        ("Hangzhou warehouse", False),
    ]
    assert (await client.get("/api/console/sourcing")).json()["locations"][0]["packed_today"] == 1
    assert (await client.delete("/api/console/sourcing/rule")).json()["rule"] is None


async def test_an_order_by_the_simple_rule_says_so(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db)
    await sign_in(client, Role.STAFF, shop.seller_id)
    order = shop.order()
    await services.port(Intake).place(order, shop.shoppers[0])
    sourced = (await client.get(f"/api/console/orders/{order.order_id}")).json()["sourced"]
    assert sourced["rule"] == "simple"
    assert [row["name"] for row in sourced["locations"]] == ["Roissy hub"]


async def test_wrong_points_and_other_sellers_locations(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    path = "/api/console/sourcing/locations"
    assert (await client.put(f"{path}/{shop.hub}", json={"latitude": 1.0})).json()[
        "code"
    ] == "inventory.bad_sourcing"
    assert (await client.put(f"{path}/{other.hub}", json={})).json()["code"] == "inventory.no_such_location"
