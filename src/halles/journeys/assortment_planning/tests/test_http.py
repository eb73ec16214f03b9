"""Scenarios over HTTP: what people around a place bought decides, small areas are merged, repeats change nothing, who may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx

from halles.assortments import api as assortments
from halles.assortments.types import PostcodePoint
from halles.catalog import api as catalog
from halles.journeys.assortment_planning.api import import_history
from halles.journeys.assortment_planning.files import read_history
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, Shop, open_shop
from halles.kernel.ids import uuid7
from halles.kernel.web import Role, Services
from halles.places import api as places
from halles.places.types import PlaceDraft

SignIn = Callable[..., Awaitable[int]]
PATH = "/api/console/assortments"


def wanted(shop: Shop, **wishes: Any) -> dict[str, Any]:
    return {
        "scenario_id": str(uuid7()),
        "place_id": shop.place_id,
        "name": "Spring",
        "wishes": {"samples": 2, **wishes},
    }


async def products(services: Services, shop: Shop) -> list[str]:
    async with services.db.reading() as tx:
        infos = await catalog.load_variants(tx, shop.seller_id, shop.variants)
    return [str(infos[variant].product_id) for variant in shop.variants]


async def history(services: Services, shop: Shop, *lines: str) -> int:
    head = "country,postcode,sku,day,shoppers,sales,views,searches"
    async with services.db.transaction() as tx:
        return await import_history(tx, shop.seller_id, read_history([head, *lines]), NOW)


async def test_what_the_area_buys_is_shown(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db, variants=4)
    ids = await products(services, shop)
    async with services.db.transaction() as tx:
        around = PlaceDraft(
            code="around", name="Around", kind="showroom", city="Paris", country="FR", timezone="Europe/Paris",
            currency="EUR", postcode="75003", latitude=48.86, longitude=2.36, opening_hours={},
        )  # fmt: skip
        shop.place_id = (await places.add_place(tx, shop.seller_id, around)).place_id
    assert await history(
        services,
        shop,
        "fr,75003,SKU-1,2026-11-01,30,60,,",
        "FR,75004,SKU-3,2026-11-01,12,25,40,12",
        "FR,69001,SKU-0,2026-11-02,300,900,,",
        "FR,69001,SKU-2,2026-11-02,300,700,,",
    ) == 4  # fmt: skip
    async with services.db.transaction() as tx:
        await assortments.put_postcodes(
            tx,
            shop.seller_id,
            [PostcodePoint(country="FR", postcode="75004", latitude=48.8554, longitude=2.3571)],
        )
    await sign_in(client, Role.STAFF, shop.seller_id)
    body = wanted(shop)
    made = await client.post(PATH, json=body)
    assert made.status_code == 201, made.text
    plan = made.json()
    assert {one["product_id"] for one in plan["chosen"]} == {ids[1], ids[3]}
    area = plan["figures"]["area"]
    assert (area["level"], area["label"], area["merged"], area["shoppers"]) == ("near", "75003", False, 42)
    assert plan["figures"]["covered"] <= plan["figures"]["bound"] <= plan["figures"]["total"] + 1e-6
    first = next(one for one in plan["chosen"] if one["product_id"] == ids[1])
    codes = {reason["code"]: reason for reason in first["reasons"]}
    assert codes["sold"]["facts"]["count"] == 60
    assert codes["times_country"]["facts"]["times"] > 2
    assert "sold 60 times" in codes["sold"]["text"]

    again = await client.post(PATH, json=body)
    assert (again.status_code, again.json()) == (201, plan)
    other = await client.post(PATH, json={**body, "name": "Summer"})
    assert (other.status_code, other.json()["code"]) == (409, "assortments.id_reused")
    (listed,) = (await client.get(PATH)).json()["items"]
    assert listed["samples"] == 2
    french = await client.get(f"{PATH}/{body['scenario_id']}", params={"lang": "fr"})
    assert "vendu 60 fois" in french.text


async def test_orders_count_and_few_shoppers_are_merged_away(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db, variants=3, shoppers=3)
    for shopper in shop.shoppers:
        await services.port(Intake).place(shop.order((2, 1)), shopper)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    few = (await client.post(PATH, json=wanted(shop))).json()
    assert few["figures"]["area"]["shoppers"] is None
    assert few["chosen"][0]["reasons"][0] == {
        "code": "too_few_shoppers",
        "facts": {"least": 10},
        "text": "demand not looked at: fewer than 10 shoppers",
    }
    lower = replace(services, settings=services.settings.model_copy(update={"assortment_min_shoppers": 3}))
    from halles.edge.app import create_app

    transport = httpx.ASGITransport(create_app(lower))
    async with httpx.AsyncClient(transport=transport, base_url=str(client.base_url)) as other:
        other.cookies, other.headers = client.cookies, client.headers
        seen = (await other.post(PATH, json=wanted(shop, samples=1))).json()
    ids = await products(services, shop)
    assert seen["figures"]["area"]["shoppers"] == 3
    assert [one["product_id"] for one in seen["chosen"]] == [ids[2]]


async def test_approved_compared_exported(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db, variants=4)
    ids = await products(services, shop)
    await sign_in(client, Role.MERCHANT, shop.seller_id)
    one, two = wanted(shop, must=[ids[0]], without=[ids[3]]), wanted(shop, samples=1, must=[ids[3]])
    for body in (one, two):
        assert (await client.post(PATH, json=body)).status_code == 201
    pair = [one["scenario_id"], two["scenario_id"]]
    compared = (await client.get(f"{PATH}/compare", params={"ids": pair})).json()
    assert [each["samples"] for each in compared["scenarios"]] == [2, 1]
    assert (compared["common"], len(compared["differing"]), compared["area_differs"]) == (0, 3, False)
    assert (await client.get(f"{PATH}/compare", params={"ids": [pair[0], str(uuid7())]})).status_code == 404
    assert (await client.get(f"{PATH}/compare", params={"ids": [pair[0]] * 2})).status_code == 422

    approved = await asyncio.gather(*(client.post(f"{PATH}/{each}/approve") for each in (*pair, *pair)))
    assert {answer.status_code for answer in approved} == {200}
    last = (await client.post(f"{PATH}/{pair[0]}/approve")).json()
    assert last["state"] == "approved"
    states = {each["scenario_id"]: each["state"] for each in (await client.get(PATH)).json()["items"]}
    assert states == {pair[0]: "approved", pair[1]: "replaced"}
    assert (await client.delete(f"{PATH}/{pair[1]}")).json()["code"] == "assortments.in_use"

    table = await client.get(f"{PATH}/{pair[0]}/plan.csv")
    assert table.text.startswith("\ufeffproduct_id,Rank,Product")
    assert table.text.count("\n") == 3
    assert "must-have" in table.text
    sheet = await client.get(f"{PATH}/{pair[0]}/plan.pdf", params={"lang": "fr"})
    assert sheet.content.startswith(b"%PDF")


async def test_what_is_refused(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.MERCHANT, shop.seller_id)
    ids = await products(services, shop)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("assortments.bad_wishes", {"must": [str(uuid7())]}),
        ("assortments.bad_wishes", {"must": [ids[0]], "without": [ids[0]]}),
        ("assortments.bad_wishes", {"must": ids}),
        ("assortments.bad_wishes", {"limits": [{"kind": "brand", "key": "Nobody"}]}),
        ("assortments.bad_wishes", {"bands": [{"from_minor": 0}, {"from_minor": 500}]}),
        ("assortments.no_plan", {"space_cm": 10, "must": [ids[0]]}),
        ("assortments.no_plan", {"bands": [{"from_minor": 5000, "least_pct": 50}]}),
    ]
    for code, wishes in cases:
        answer = await client.post(PATH, json=wanted(shop, **wishes))
        assert answer.json()["code"] == code, (wishes, answer.text)
    made = wanted(shop)
    assert (await client.post(PATH, json={**made, "place_id": other.place_id})).status_code == 404
    await client.post(PATH, json=made)
    mine = f"{PATH}/{made['scenario_id']}"
    await sign_in(client, Role.STAFF, shop.seller_id)
    assert (await client.post(f"{mine}/approve")).status_code == 403
    assert (await client.get(mine)).status_code == 200
    await sign_in(client, Role.HEAD_OFFICE, other.seller_id)
    for answer in (
        await client.get(mine),
        await client.post(f"{mine}/approve"),
        await client.delete(mine),
        await client.get(f"{mine}/plan.csv"),
        await client.get(f"{mine}/plan.pdf"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "assortments.no_such_scenario")
    await sign_in(client)
    assert (await client.get(PATH)).status_code == 403
    await sign_in(client, Role.MERCHANT, shop.seller_id)
    assert (await client.delete(mine)).status_code == 204
    assert (await client.get(mine)).status_code == 404
