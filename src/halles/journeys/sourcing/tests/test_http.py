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


async def test_a_trial_says_what_an_order_would_do_and_writes_nothing(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    path = "/api/console/sourcing"
    basket = {
        "lines": [{"variant_id": shop.variants[0], "quantity": 2}],
        "country": "FR",
        "postcode": "69001",
    }
    simple = (await client.post(f"{path}/trial", json=basket)).json()
    assert (simple["by"], simple["compared"]) == ("simple", [])
    assert [(one["name"], one["quantity"]) for one in simple["portions"]] == [("Roissy hub", 2)]

    tried = (await client.post(f"{path}/trial", json={**basket, "rule": RULE})).json()
    assert tried["by"] == "weighted"
    assert [(row["name"], row["chosen"], row["late"]) for row in tried["compared"]] == [
        ("Roissy hub", True, False),
        ("Hangzhou warehouse", False, True),
    ]
    assert (await client.get(path)).json()["rule"] is None, "a rule that is tried is not saved"

    more = {
        **basket,
        "lines": [{"variant_id": shop.variants[0], "quantity": 15}],
        "rule": {**RULE, "split": "pieces"},
    }
    split = (await client.post(f"{path}/trial", json=more)).json()
    assert [(one["name"], one["quantity"]) for one in split["portions"]] == [
        ("Roissy hub", 10),
        ("Hangzhou warehouse", 5),
    ]
    await client.put(f"{path}/rule", json={**RULE, "split": "never"})
    refused = await client.post(f"{path}/trial", json={**more, "rule": None})
    assert refused.json()["code"] == "inventory.insufficient_stock"
    theirs = {**basket, "lines": [{"variant_id": other.variants[0], "quantity": 1}]}
    assert (await client.post(f"{path}/trial", json=theirs)).json()["code"] == "catalog.unknown_variant"
    nowhere = await client.post(f"{path}/trial", json={**basket, "country": "JP"})
    assert nowhere.json()["code"] == "promises.no_lane"
    here = {"lines": basket["lines"], "touchpoint": shop.touchpoint}
    assert (await client.post(f"{path}/trial", json=here)).json()["portions"] == simple["portions"]


async def test_a_trial_is_what_the_order_then_does(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    await client.put("/api/console/sourcing/rule", json={**RULE, "split": "pieces"})
    wanted = {
        "lines": [{"variant_id": shop.variants[0], "quantity": 12}],
        "country": "FR",
        "postcode": "75004",
    }
    tried = (await client.post("/api/console/sourcing/trial", json=wanted)).json()
    order = shop.order((0, 12))
    await services.port(Intake).place(order, shop.shoppers[0])
    page = (await client.get(f"/api/console/orders/{order.order_id}")).json()["sourced"]
    assert {row["location_id"] for row in page["locations"] if row["chosen"]} == {
        one["location_id"] for one in tried["portions"]
    }
