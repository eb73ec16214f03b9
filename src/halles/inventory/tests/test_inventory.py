"""Stock by hand and for orders, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from halles.inventory import api
from halles.inventory.api.change import change
from halles.inventory.rules import merged
from halles.inventory.types import (
    BadQuantity,
    Cause,
    Lane,
    LocationKind,
    NoSuchLocation,
    StockCommand,
    StockIsReserved,
    StockItem,
    StockLevel,
    StockMissing,
)
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.idempotency import KeyReused
from halles.kernel.ids import SellerId, uuid7

SELLER, SHIRT, SCARF = SellerId(1002), 11, 12


@pytest.fixture
async def hub(db: Database) -> int:
    async with db.transaction() as tx:
        return await api.save_location(
            tx, SELLER, kind=LocationKind.HUB, name="Hub", lane=Lane.HUB, country="FR"
        )


def command(hub: int, quantity: int, *, variant: int = SHIRT) -> StockCommand:
    item = StockItem(location_id=hub, variant_id=variant, quantity=quantity)
    return StockCommand(
        seller_id=SELLER, command_id=uuid7(), items=(item,), by="staff:7", reason="delivery note 12"
    )


async def level(db: Database) -> StockLevel:
    async with db.reading() as tx:
        return (await api.levels(tx, SELLER, [SHIRT]))[0]


async def healthy(db: Database) -> bool:
    async with db.snapshot() as tx:
        return not await api.differences(tx)


async def test_receive_adjust_count(db: Database, clock: FixedClock, hub: int) -> None:
    async with db.transaction() as tx:
        assert (await api.receive(tx, command(hub, 10), clock()))[0].on_hand == 10
        assert (await api.adjust(tx, command(hub, -2), clock()))[0].on_hand == 8
        assert (await api.count(tx, command(hub, 9), clock()))[0].on_hand == 9
    async with db.reading() as tx:
        moved = await api.movements(tx, SELLER, hub, SHIRT)
    assert [(m.cause, m.delta_on_hand, m.quantities, m.by) for m in moved] == [
        ("counted", 1, [1], "staff:7"),
        ("adjusted", -2, [2], "staff:7"),
        ("received", 10, [10], "staff:7"),
    ]
    assert await healthy(db)


async def test_a_command_id_counts_once(db: Database, clock: FixedClock, hub: int) -> None:
    order = command(hub, 5)
    answers: list[list[StockLevel]] = []
    for _ in range(2):
        async with db.transaction() as tx:
            answers.append(await api.receive(tx, order, clock()))
    first, again = answers
    assert first == again
    assert (await level(db)).on_hand == 5
    with pytest.raises(KeyReused):
        async with db.transaction() as tx:
            await api.receive(tx, replace(order, items=(replace(order.items[0], quantity=6),)), clock())


@pytest.mark.parametrize(
    ("verb", "quantity"),
    [("receive", 0), ("receive", -1), ("count", -1), ("adjust", 0), ("receive", 10**10)],
)
async def test_quantities_that_mean_nothing(
    db: Database, clock: FixedClock, hub: int, verb: str, quantity: int
) -> None:
    with pytest.raises(BadQuantity):
        async with db.transaction() as tx:
            await getattr(api, verb)(tx, command(hub, quantity), clock())


async def test_unknown_locations(db: Database, clock: FixedClock, hub: int) -> None:
    with pytest.raises(NoSuchLocation):
        async with db.transaction() as tx:
            await api.receive(tx, command(hub + 99, 1), clock())
    with pytest.raises(NoSuchLocation):
        async with db.transaction() as tx:
            await api.set_safety(tx, SELLER, location_id=hub, variant_id=SHIRT, safety=1)


async def test_reserved_stock_is_not_adjusted_away_and_leaves_when_shipped(
    db: Database, clock: FixedClock, hub: int
) -> None:
    order_id = uuid7()
    async with db.transaction() as tx:
        await api.receive(tx, command(hub, 10), clock())
        await change(
            tx,
            SELLER,
            Cause.RESERVED,
            {(hub, SHIRT): (0, 4)},
            ref=order_id,
            by="shopper",
            reason=None,
            at=clock(),
        )
        await api.set_safety(tx, SELLER, location_id=hub, variant_id=SHIRT, safety=3)
        await api.fence(tx, SELLER, [(hub, SHIRT, 1)])
    assert (await level(db)).sellable == 2
    with pytest.raises(StockIsReserved):
        async with db.transaction() as tx:
            await api.count(tx, command(hub, 3), clock())
    async with db.transaction() as tx:
        await api.release(tx, SELLER, [(hub, SHIRT, 1)], order_id=order_id, by="shopper", at=clock())
        await api.ship(
            tx, SELLER, [(hub, SHIRT, 2), (hub, SHIRT, 1)], order_id=order_id, by="staff:7", at=clock()
        )
    assert ((await level(db)).on_hand, (await level(db)).reserved) == (7, 0)
    with pytest.raises(StockMissing):
        async with db.transaction() as tx:
            await api.ship(tx, SELLER, [(hub, SHIRT, 1)], order_id=order_id, by="staff:7", at=clock())
    async with db.transaction() as tx:
        await api.take_back(tx, SELLER, [(hub, SHIRT, 3)], order_id=order_id, by="staff:7", at=clock())
        moved = await api.movements_of_order(tx, SELLER, order_id, [(hub, SHIRT)], [clock()])
    assert [m.cause for m in moved] == ["reserved", "released", "shipped", "returned"]
    assert await healthy(db)


async def test_opposite_orders_of_items_do_not_deadlock(db: Database, clock: FixedClock, hub: int) -> None:
    async def receive(variants: tuple[int, ...]) -> None:
        items = tuple(StockItem(location_id=hub, variant_id=v, quantity=1) for v in variants)
        async with db.transaction() as tx:
            await api.receive(
                tx, StockCommand(seller_id=SELLER, command_id=uuid7(), items=items, by="system"), clock()
            )

    await asyncio.gather(*(receive(pair) for pair in [(SHIRT, SCARF), (SCARF, SHIRT)] * 10))
    async with db.reading() as tx:
        page = await api.stock_page(tx, SELLER, limit=1)
        rest = await api.stock_page(tx, SELLER, after=(page[0].location_id, page[0].variant_id))
    assert [(row.variant_id, row.on_hand) for row in (*page, *rest)] == [(SHIRT, 20), (SCARF, 20)]


def test_merged_adds_up_and_sorts() -> None:
    assert list(merged([(2, 1, 1), (1, 9, 2), (2, 1, 3)]).items()) == [((1, 9), 2), ((2, 1), 4)]
