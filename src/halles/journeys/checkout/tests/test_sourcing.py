"""Where an order leaves from: the search against every way there is, and the whole path on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.inventory import api as inventory
from halles.inventory.types import BadSourcing, InsufficientStock, Lane, LocationKind, SourcingRule, Split
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.geography import distance_km, point_of
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.sourcing import Portion, Spot, allocate, cost_of, score
from halles.journeys.checkout.tests.small_shop import Shop, open_shop, restock
from halles.journeys.checkout.types import SeenPromise
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.orders import api as orders
from halles.orders.types import Step
from halles.promises import api as promises
from halles.promises.types import LaneKind, PromiseChangedMeanwhile

PLACES = (1, 2, 3, 4)
RULE = SourcingRule(
    seller_id=0,
    split=Split.NEVER,
    distance_weight=1,
    cost_weight=1,
    load_weight=1,
    hub_parcel_minor=500,
    abroad_parcel_minor=2000,
)


def spots_of(rows: Sequence[tuple[bool, bool, int]]) -> dict[int, Spot]:
    return {
        place: Spot(
            location_id=place, late=late, full=full, distance_km=None, cost_minor=0, load=0, score=points
        )
        for place, (late, full, points) in zip(PLACES, rows, strict=True)
    }


def ways(quantity: int, row: Mapping[int, int], split: Split) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every way to serve one line: (location, pieces)."""
    if split is not Split.PIECES:
        yield from (((place, quantity),) for place in PLACES if row.get(place, 0) >= quantity)
        return
    for taken in product(*(range(max(0, min(quantity, row.get(place, 0))) + 1) for place in PLACES)):
        if sum(taken) == quantity:
            yield tuple((place, pieces) for place, pieces in zip(PLACES, taken, strict=True) if pieces)


def cheapest(
    lines: Sequence[int], sellable: Sequence[Mapping[int, int]], spots: Mapping[int, Spot], split: Split
) -> Any:
    """The least cost among all ways to serve all lines; None: there is none."""
    costs: list[Any] = []
    for way in product(*(list(ways(n, row, split)) for n, row in zip(lines, sellable, strict=True))):
        used = {place for line in way for place, _ in line}
        if split is not Split.NEVER or len(used) == 1:
            costs.append(cost_of([spots[place] for place in used]))
    return min(costs, default=None)


@settings(max_examples=400)
@given(
    lines=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    stock=st.lists(st.lists(st.integers(-1, 3), min_size=4, max_size=4), min_size=3, max_size=3),
    rows=st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=4, max_size=4),
    split=st.sampled_from(Split),
)
def test_no_way_is_better(
    lines: list[int], stock: list[list[int]], rows: list[tuple[bool, bool, int]], split: Split
) -> None:
    spots = spots_of(rows)
    sellable: list[dict[int, int]] = [dict(zip(PLACES, row, strict=True)) for row in stock[: len(lines)]]
    found, best = allocate(lines, sellable, spots, split), cheapest(lines, sellable, spots, split)
    if found is None or best is None:
        assert found is best
        return
    assert cost_of([spots[place] for place in {portion.location_id for portion in found}]) == best
    for number, quantity in enumerate(lines):
        own = [portion for portion in found if portion.line == number]
        assert sum(portion.quantity for portion in own) == quantity
        assert all(1 <= portion.quantity <= sellable[number][portion.location_id] for portion in own)
        assert len(own) == 1 or split is Split.PIECES
        assert len({portion.location_id for portion in own}) == len(own)


@given(stock=st.lists(st.integers(0, 2), min_size=20, max_size=20), quantity=st.integers(1, 6))
def test_many_locations_still_serve_what_a_few_can(stock: list[int], quantity: int) -> None:
    spots = {
        place: Spot(
            location_id=place, late=False, full=False, distance_km=None, cost_minor=0, load=0, score=place
        )
        for place in range(20)
    }
    found = allocate([quantity], [dict(enumerate(stock))], spots, Split.PIECES)
    assert (found is not None) == (sum(stock) >= quantity)
    assert found is None or sum(portion.quantity for portion in found) == quantity


def test_the_promise_comes_before_everything() -> None:
    spots = spots_of([(True, False, 0), (False, True, 9), (False, False, 9), (False, False, 9)])
    assert allocate([1], [{1: 5, 2: 5}], spots, Split.NEVER) == [Portion(0, 2, 1)]
    assert allocate([1, 1], [{1: 5, 2: 5}, {1: 5, 3: 5}], spots, Split.LINES) == [
        Portion(0, 2, 1),
        Portion(1, 3, 1),
    ]
    assert allocate([1, 1], [{1: 5, 2: 5}, {1: 5, 3: 5}], spots, Split.NEVER) == [
        Portion(0, 1, 1),
        Portion(1, 1, 1),
    ]


def test_distances_and_scores() -> None:
    paris, marseille = point_of("FR", "75004"), point_of("FR", "13001")
    assert distance_km(paris, marseille) == pytest.approx(661, abs=15)
    assert distance_km(paris, None) is None
    assert point_of("ZZ") is None
    assert point_of("FR", "99123") == point_of("FR")
    assert score(RULE, 300, 700, 50) == pytest.approx(3 + 7 + 5)
    assert score(RULE, None, 700, 0) == pytest.approx(7)


# ── on a real database ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db, variants=2, stock=0)


@pytest.fixture
async def south(db: Database, shop: Shop) -> int:
    """A second location in France, in Marseille, as fast as the hub near Paris."""
    async with db.transaction() as tx:
        place = await inventory.save_location(
            tx, shop.seller_id, kind=LocationKind.STORE, name="Marseille", lane=Lane.HUB, country="FR"
        )
        await promises.save_lane(
            tx,
            shop.seller_id,
            lane=LaneKind.HUB,
            origin="Marseille",
            origin_country="FR",
            country="FR",
            transit_days=3,
            spread_days=1,
            location_id=place,
        )
        await inventory.save_spot(
            tx, shop.seller_id, place, latitude=43.3, longitude=5.4, handling_minor=0, a_day=None
        )
        await inventory.save_spot(
            tx, shop.seller_id, shop.hub, latitude=49.0, longitude=2.5, handling_minor=0, a_day=None
        )
    return place


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(db, clock, facts=Facts(db, ttl_s=0.0))
    yield made
    await made.close()


async def set_rule(db: Database, shop: Shop, split: Split = Split.PIECES) -> None:
    async with db.transaction() as tx:
        await inventory.save_rule(tx, replace(RULE, seller_id=shop.seller_id, split=split))


async def stock(db: Database, shop: Shop, rows: Sequence[tuple[int, int, int]]) -> None:
    async with db.transaction() as tx:
        await restock(tx, shop.seller_id, [(place, shop.variants[index], n) for place, index, n in rows])


async def bought(db: Database, intake: Intake, shop: Shop, postcode: str, *lines: tuple[int, int]) -> Any:
    """(location, index of variant, quantity) of an order to this postcode, the order's id, and why."""
    address = msgspec.structs.replace(shop.ship_to, postcode=postcode)
    order = msgspec.structs.replace(shop.order(*lines), ship_to=address)
    await intake.place(order, shop.shoppers[0])
    async with db.reading() as tx:
        found = await orders.load_order(tx, order.order_id)
        why = await inventory.why(tx, shop.seller_id, order.order_id)
    rows = [(line.location_id, shop.variants.index(line.variant_id), line.quantity) for line in found.lines]
    return rows, order.order_id, why


async def test_without_a_rule_nothing_is_kept_and_the_fullest_serves(
    db: Database, shop: Shop, south: int, intake: Intake
) -> None:
    await stock(db, shop, [(shop.hub, 0, 5), (south, 0, 3)])
    rows, _, why = await bought(db, intake, shop, "13001", (0, 1))
    assert (rows, why) == ([(shop.hub, 0, 1)], None)


async def test_the_nearer_location_serves_and_says_why(
    db: Database, shop: Shop, south: int, intake: Intake, clock: FixedClock
) -> None:
    await set_rule(db, shop)
    await stock(db, shop, [(shop.hub, 0, 5), (south, 0, 3), (shop.abroad, 0, 9)])
    rows, _, why = await bought(db, intake, shop, "13001", (0, 1))
    assert rows == [(south, 0, 1)]
    assert [row["location_id"] for row in why["locations"]] == [south, shop.hub, shop.abroad]
    assert [row["chosen"] for row in why["locations"]] == [True, False, False]
    assert why["locations"][1]["distance_km"] == pytest.approx(661, abs=25)
    rows, _, _ = await bought(db, intake, shop, "75004", (0, 1))
    assert rows == [(shop.hub, 0, 1)]
    async with db.reading() as tx:
        packed = await inventory.packed_on(tx, shop.seller_id, clock().date())
    assert packed == {south: 1, shop.hub: 1}


async def test_late_is_what_checkout_would_refuse(
    db: Database, shop: Shop, south: int, intake: Intake
) -> None:
    """Placed on a Saturday: 26 to 27 November from France, 7 to 8 December from abroad."""
    await set_rule(db, shop)
    await stock(db, shop, [(shop.hub, 0, 5), (shop.abroad, 0, 9)])
    seen = SeenPromise(lane="hub", date=date(2026, 11, 26), latest=date(2026, 11, 27))
    order = msgspec.structs.replace(shop.order((0, 1)), promise=seen)
    await intake.place(order, shop.shoppers[0])
    async with db.reading() as tx:
        why = await inventory.why(tx, shop.seller_id, order.order_id)
    assert why is not None
    assert [(row["location_id"], row["late"]) for row in why["locations"]] == [
        (shop.hub, False),
        (shop.abroad, True),
    ]
    await stock(db, shop, [(south, 1, 1), (shop.abroad, 1, 9)])
    tomorrow = SeenPromise(lane="hub", date=date(2026, 11, 25), latest=date(2026, 11, 25))
    with pytest.raises(PromiseChangedMeanwhile):
        await intake.place(msgspec.structs.replace(shop.order((1, 1)), promise=tomorrow), shop.shoppers[0])


async def test_a_full_location_hands_over_to_the_next(
    db: Database, shop: Shop, south: int, intake: Intake
) -> None:
    await set_rule(db, shop)
    await stock(db, shop, [(shop.hub, 0, 5), (south, 0, 5)])
    async with db.transaction() as tx:
        await inventory.save_spot(
            tx, shop.seller_id, south, latitude=43.3, longitude=5.4, handling_minor=0, a_day=1
        )
    assert (await bought(db, intake, shop, "13001", (0, 1)))[0] == [(south, 0, 1)]
    rows, _, why = await bought(db, intake, shop, "13001", (0, 1))
    assert rows == [(shop.hub, 0, 1)]
    assert next(row for row in why["locations"] if row["location_id"] == south)["full"]


async def test_a_divided_line_is_reserved_shipped_and_cancelled_whole(
    db: Database, shop: Shop, south: int, intake: Intake, clock: FixedClock
) -> None:
    await stock(db, shop, [(shop.hub, 0, 2), (south, 0, 2), (south, 1, 1)])
    await set_rule(db, shop, Split.LINES)
    with pytest.raises(InsufficientStock):
        await bought(db, intake, shop, "13001", (0, 3))
    await set_rule(db, shop, Split.PIECES)
    rows, order_id, _ = await bought(db, intake, shop, "13001", (0, 3), (1, 1))
    assert sorted(rows) == sorted([(south, 0, 2), (shop.hub, 0, 1), (south, 1, 1)])
    assert (await examine(db)).findings == []
    async with db.transaction() as tx:
        await take_step(tx, shop.seller_id, order_id, Step.CANCEL, by="system", at=clock())
    assert (await examine(db)).findings == []
    async with db.reading() as tx:
        assert all(level.reserved == 0 for level in await inventory.levels(tx, shop.seller_id, shop.variants))


async def test_rules_that_mean_nothing(db: Database, shop: Shop) -> None:
    for wrong in ({"cost_weight": -1.0}, {"hub_parcel_minor": -1}, {"load_weight": float("nan")}):
        with pytest.raises(BadSourcing):
            async with db.transaction() as tx:
                await inventory.save_rule(tx, replace(RULE, seller_id=shop.seller_id, **wrong))
    for latitude, longitude, a_day in ((91.0, 0.0, None), (1.0, None, None), (None, None, -1)):
        with pytest.raises(BadSourcing):
            async with db.transaction() as tx:
                await inventory.save_spot(
                    tx, shop.seller_id, shop.hub, latitude=latitude, longitude=longitude, handling_minor=0, a_day=a_day
                )  # fmt: skip
