"""Sales as staff plan, change and stop them: prices, fences, and the doctor's look at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from halles.flash.types import BadSale
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, Shop
from halles.journeys.doctor.api import examine
from halles.journeys.flash_sale.api import (
    SaleItem,
    levels_in_sale,
    settle_sales,
)
from halles.journeys.flash_sale.planning import check_in_time
from halles.journeys.flash_sale.tests.sales import START, at, draft_of, plan, price
from halles.kernel.clock import FixedClock
from halles.kernel.db import command
from halles.kernel.ids import uuid7
from halles.kernel.web import Role, Services
from halles.orders import api as orders

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]


_COLOURED = command(
    """update catalog.variant set options = '[{"name": "colour", "value": {"en": "red"}}]'
    where seller_id = %(seller_id)s and variant_id = %(variant_id)s"""
)


async def manager(client_as: ClientAs, services: Services, shop: Shop, sign_in: Any) -> httpx.AsyncClient:
    client = await client_as("visitor")
    await sign_in(client, Role.STAFF, shop.seller_id)
    return client


def body_of(shop: Shop, **changes: Any) -> dict[str, Any]:
    return {
        "sale_id": str(uuid7()),
        "title": {"fr": "Manteaux", "en": "Coats"},
        "currency": "EUR",
        "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(hours=1)).isoformat(),
        "quantity": 10,
        "per_customer": 2,
        "prequeue_s": 300,
        "items": [{"variant_id": shop.variants[0], "price_minor": 900, "location_id": shop.hub, "fenced": 5}],
        **changes,
    }


async def test_the_console_tells_two_variants_of_an_article_apart(
    client_as: ClientAs, services: Services, shop: Shop, sign_in: Any, clock: FixedClock
) -> None:
    async with services.db.transaction() as tx:
        await tx.run(_COLOURED, {"seller_id": shop.seller_id, "variant_id": shop.variants[0]})
    sale_id = await plan(services.db, shop)
    office = await manager(client_as, services, shop, sign_in)
    (item,) = (await office.get(f"/api/console/flash/{sale_id}", headers={"accept-language": "en"})).json()[
        "items"
    ]
    assert item["title"].endswith(" · red")


async def test_staff_plan_change_and_stop_a_sale(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop, sign_in: Any
) -> None:
    staff = await manager(client_as, services, shop, sign_in)
    body = body_of(shop)
    made = [await staff.post("/api/console/flash", json=body) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[1].headers["idempotency-replayed"] == "true"
    other = await staff.post("/api/console/flash", json={**body, "quantity": 11})
    assert other.status_code == 409
    path = f"/api/console/flash/{body['sale_id']}"
    found = (await staff.get(path)).json()
    assert (found["phase"], found["left"], found["items"][0]["regular"]["minor"]) == ("before", 10, 1200)

    edit: dict[str, Any] = {**found["plan"], "version": found["version"], "quantity": 8}
    edit["items"][0] |= {"price_minor": 800, "fenced": 8}
    assert (await staff.put(path, json=edit)).json()["plan"]["quantity"] == 8
    assert (await staff.put(path, json=edit)).json()["code"] == "flash.changed_meanwhile"
    await at(services, clock, 5)
    assert await price(services, shop) == (800, 1200)
    assert (await staff.put(path, json={**edit, "version": 2})).json()["code"] == "flash.started"

    for _ in range(2):
        stopped = (await staff.post(f"{path}/stop")).json()
        assert (stopped["phase"], stopped["settled"]) == ("ended", True)
    clock.at += timedelta(seconds=1)
    assert await price(services, shop) == (1200, None)
    async with services.db.reading() as tx:
        levels = await levels_in_sale(tx, shop.seller_id, shop.variants[:1], services.clock())
    assert all(level.ring_fenced == 0 for level in levels)
    listed = (await staff.get("/api/console/flash")).json()["items"]
    assert [(one["sale_id"], one["phase"]) for one in listed] == [(body["sale_id"], "ended")]


async def test_a_sale_that_is_called_off_leaves_no_price_behind(
    services: Services, clock: FixedClock, shop: Shop
) -> None:
    from halles.journeys.flash_sale import planning

    sale_id = await plan(services.db, shop)
    await planning.stop(services.db, shop.seller_id, sale_id, NOW + timedelta(minutes=1))
    clock.at = START + timedelta(minutes=1)
    assert await price(services, shop) == (1200, None)


async def test_another_sellers_sale_is_not_there(
    client_as: ClientAs, services: Services, shop: Shop, sign_in: Any
) -> None:
    sale_id = await plan(services.db, shop)
    stranger = await client_as("staff")
    for method, path in (("GET", ""), ("POST", "/stop")):
        answer = await stranger.request(method, f"/api/console/flash/{sale_id}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "flash.no_such_sale")


async def test_wrong_plans_are_refused_with_their_reason(
    client_as: ClientAs, services: Services, shop: Shop, sign_in: Any
) -> None:
    staff = await manager(client_as, services, shop, sign_in)
    item = {"variant_id": shop.variants[0]}
    for code, changes in (
        ("flash.bad_sale", {"ends_at": START.isoformat()}),
        ("flash.bad_sale", {"items": [{**item, "price_minor": 1200}]}),
        ("catalog.unknown_variant", {"items": [{"variant_id": 10**9}]}),
        ("inventory.no_such_location", {"items": [{**item, "location_id": 10**9, "fenced": 1}]}),
        (
            "inventory.insufficient_stock",
            {"quantity": 90, "items": [{**item, "location_id": shop.hub, "fenced": 90}]},
        ),
    ):
        answer = await staff.post("/api/console/flash", json=body_of(shop, **changes))
        assert answer.json()["code"] == code


async def test_the_price_holds_from_start_to_end_and_what_was_fenced_comes_back(
    services: Services, clock: FixedClock, shop: Shop
) -> None:
    variant = shop.variants[0]
    item = SaleItem(variant_id=variant, price_minor=900, location_id=shop.hub, fenced=10)
    await plan(services.db, shop, items=(item,))

    async def sellable() -> int:
        async with services.db.reading() as tx:
            levels = await levels_in_sale(tx, shop.seller_id, [variant], services.clock())
        return sum(level.sellable for level in levels if level.location_id == shop.hub)

    assert (await price(services, shop), await sellable()) == ((1200, None), 10)
    clock.at = START
    assert (await price(services, shop), await sellable()) == ((900, 1200), 20)
    clock.at = START + timedelta(hours=1)
    assert (await price(services, shop), await sellable()) == ((1200, None), 10)
    for _ in range(2):
        await settle_sales(services)
        assert await sellable() == 20


async def test_no_more_is_fenced_than_can_be_sold(services: Services, shop: Shop) -> None:
    from halles.inventory.types import InsufficientStock

    item = SaleItem(variant_id=shop.variants[0], location_id=shop.hub, fenced=21)
    with pytest.raises(InsufficientStock):
        await plan(services.db, shop, quantity=30, items=(item,))


async def test_the_doctor_compares_a_sale_with_its_orders(
    services: Services, clock: FixedClock, shop: Shop
) -> None:
    await plan(services.db, shop, waiting_room=False)
    clock.at = START + timedelta(seconds=1)
    assert (await examine(services.db)).findings == []
    async with services.db.transaction() as tx:
        await tx.run(_MISCOUNT)
    found = {finding.check for finding in (await examine(services.db)).findings}
    assert found == {"flash.orders", "flash.customers"}


async def test_what_orders_bought_is_found_by_article_and_moment(
    services: Services, clock: FixedClock, shop: Shop
) -> None:
    await services.port(Intake).place(shop.order((0, 2), (1, 1)), shop.shoppers[0])
    now, variant = services.clock(), shop.variants[0]
    soon, later = now + timedelta(seconds=1), now + timedelta(hours=1)
    windows = [
        (shop.seller_id, variant, now, soon),
        (shop.seller_id, variant, soon, later),
        (shop.seller_id, shop.variants[1], now, soon),
        (shop.seller_id + 1, variant, now, soon),
    ]
    async with services.db.reading() as tx:
        assert await orders.bought_within(tx, windows) == {0: 2, 2: 1}


_MISCOUNT = command("update flash.counter set taken = taken + 1")


def test_a_sale_whose_writing_took_too_long_is_refused(shop: Shop) -> None:
    check_in_time(draft_of(shop), START - timedelta(seconds=8))
    with pytest.raises(BadSale):
        check_in_time(draft_of(shop), START - timedelta(seconds=6))
