"""Orders through channels that have stock of their own: what they take, what others are left, and that the books agree."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from halles.flash.types import SaleDraft, SaleItem
from halles.inventory import api as inventory
from halles.inventory.types import (
    FenceIdReused,
    FenceOver,
    InsufficientStock,
    RingFence,
    StockCommand,
    StockItem,
)
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop, stock_sums
from halles.journeys.checkout.types import PlaceOrder
from halles.journeys.doctor.api import examine
from halles.journeys.flash_sale.planning import plan as plan_sale
from halles.journeys.fulfilment.api import take_step
from halles.journeys.ring_fence.api import levels_for, settle_due
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.pipe import Pipe
from halles.orders.types import Step

PHOTO = ("touchpoint_kind", "photo")


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(db, clock, facts=Facts(db, ttl_s=0.0))
    yield made
    await made.close()


async def fence(
    db: Database,
    shop: Shop,
    now: datetime,
    quantity: int,
    *,
    article: int = 1,
    channel: tuple[str, str] = PHOTO,
    location_id: int | None = None,
    starts_in: timedelta = timedelta(),
    lasts: timedelta | None = None,
) -> RingFence:
    made = RingFence(
        seller_id=shop.seller_id,
        fence_id=uuid7(),
        channel=channel[0],
        channel_key=channel[1],
        variant_id=shop.variants[article],
        location_id=location_id,
        quantity=quantity,
        starts_at=now + starts_in,
        ends_at=None if lasts is None else now + lasts,
        note=None,
        made_by="system",
        made_at=now,
    )
    async with db.transaction() as tx:
        await inventory.make_fence(tx, made, now)
    return made


async def books(db: Database, fence: RingFence) -> tuple[int, int]:
    """(kept, sold)"""
    async with db.reading() as tx:
        items = (await inventory.fence_items(tx, fence.seller_id, [fence]))[fence.fence_id]
    return sum(item.kept for item in items), sum(item.sold for item in items)


def order_of(shop: Shop, quantity: int = 1, *, photo: bool = False, article: int = 1) -> PlaceOrder:
    return shop.order((article, quantity), touchpoint=shop.touchpoint if photo else None)


async def test_a_channel_has_its_pieces_and_no_other_channel_them(
    db: Database, clock: FixedClock, intake: Intake
) -> None:
    shop = await open_shop(db, stock=5, funds_minor=10**7)
    kept = await fence(db, shop, clock(), 3)
    me = shop.shoppers[0]
    with pytest.raises(InsufficientStock) as refused:
        await intake.place(order_of(shop, 3), me)
    assert refused.value.fields["sellable"] == 2
    await intake.place(order_of(shop, 2), me)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop), me)
    mine = order_of(shop, 2, photo=True)
    await intake.place(mine, me)
    assert not (await intake.place(mine, me)).first
    assert await books(db, kept) == (1, 2)
    await intake.place(order_of(shop, photo=True), me)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, photo=True), me)
    assert await books(db, kept) == (0, 3)
    assert (await examine(db)).findings == []


async def test_an_order_takes_of_its_fence_first_and_then_what_is_free(
    db: Database, clock: FixedClock, intake: Intake
) -> None:
    shop = await open_shop(db, stock=5, funds_minor=10**7)
    kept = await fence(db, shop, clock(), 3)
    await intake.place(order_of(shop, 4, photo=True), shop.shoppers[0])
    assert await books(db, kept) == (0, 3)
    await intake.place(order_of(shop), shop.shoppers[0])
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop), shop.shoppers[0])
    assert (await examine(db)).findings == []


async def test_a_cancelled_order_gives_its_pieces_back_to_the_fence(
    db: Database, clock: FixedClock, intake: Intake
) -> None:
    shop = await open_shop(db, stock=5, funds_minor=10**7)
    kept = await fence(db, shop, clock(), 3)
    mine = order_of(shop, 4, photo=True)
    await intake.place(mine, shop.shoppers[0])
    async with db.transaction() as tx:
        await take_step(tx, SellerId(shop.seller_id), mine.order_id, Step.CANCEL, by="shopper", at=clock())
    assert await books(db, kept) == (3, 0)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, 3), shop.shoppers[0])
    assert (await examine(db)).findings == []
    again = order_of(shop, 2, photo=True)
    await intake.place(again, shop.shoppers[0])
    async with db.transaction() as tx:
        await inventory.end_fence(tx, shop.seller_id, kept.fence_id, clock())
    async with db.transaction() as tx:
        await take_step(tx, SellerId(shop.seller_id), again.order_id, Step.CANCEL, by="shopper", at=clock())
    assert await books(db, kept) == (0, 0)
    await intake.place(order_of(shop, 5), shop.shoppers[0])
    assert (await examine(db)).findings == []


async def test_it_starts_and_ends_by_itself_once(db: Database, clock: FixedClock, intake: Intake) -> None:
    shop = await open_shop(db, stock=5, funds_minor=10**7)
    hour = timedelta(hours=1)
    kept = await fence(db, shop, clock(), 3, starts_in=hour, lasts=2 * hour)
    assert await books(db, kept) == (0, 0)
    clock.at += hour
    await asyncio.gather(*(settle_due(db, clock()) for _ in range(3)))
    assert await books(db, kept) == (3, 0)
    await intake.place(order_of(shop, photo=True), shop.shoppers[0])
    clock.at += hour
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, 3, photo=True), shop.shoppers[0])
    await asyncio.gather(*(settle_due(db, clock()) for _ in range(3)))
    assert await books(db, kept) == (0, 1)
    assert await settle_due(db, clock()) == 0
    await intake.place(order_of(shop, 4), shop.shoppers[0])
    async with db.transaction() as tx:
        with pytest.raises(FenceOver):
            await inventory.change_fence(
                tx, shop.seller_id, kept.fence_id, quantity=9, ends_at=None, now=clock()
            )
    assert (await examine(db)).findings == []


async def test_what_is_missing_is_taken_from_what_arrives(db: Database, clock: FixedClock) -> None:
    shop = await open_shop(db, stock=5)
    kept = await fence(db, shop, clock(), 8, article=0)
    assert await books(db, kept) == (8, 0), "both locations have five"
    other = await fence(db, shop, clock(), 6, article=1, location_id=shop.hub)
    assert await books(db, other) == (5, 0)
    assert await settle_due(db, clock()) == 0
    item = StockItem(location_id=shop.hub, variant_id=shop.variants[1], quantity=4)
    async with db.transaction() as tx:
        await inventory.receive(
            tx,
            StockCommand(seller_id=shop.seller_id, command_id=uuid7(), items=(item,), by="system"),
            clock(),
        )
    assert await settle_due(db, clock()) == 1
    assert await books(db, other) == (6, 0)
    async with db.transaction() as tx:
        await inventory.change_fence(tx, shop.seller_id, kept.fence_id, quantity=3, ends_at=None, now=clock())
    assert await books(db, kept) == (3, 0)
    assert (await examine(db)).findings == []


async def test_groups_touchpoints_and_kinds(db: Database, clock: FixedClock, intake: Intake) -> None:
    """The narrowest first; a touchpoint of another seller counts as the web."""
    shop = await open_shop(db, stock=6, funds_minor=10**7)
    other = await open_shop(db, name="Autre")
    hotel, guest = shop.shoppers[:2]
    group = uuid7()
    async with db.transaction() as tx:
        await inventory.save_group(tx, shop.seller_id, group, name="Hotels", members=[hotel], at=clock())
    kept = await fence(db, shop, clock(), 2, channel=("group", str(group)))
    photos = await fence(db, shop, clock(), 2)
    web = await fence(db, shop, clock(), 2, channel=("touchpoint_kind", "web"))
    theirs = msgspec.structs.replace(order_of(shop, 2), touchpoint=other.touchpoint)
    await intake.place(theirs, guest)
    assert await books(db, web) == (0, 2)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop), guest)
    await intake.place(order_of(shop, 3, photo=True), hotel)
    assert (await books(db, kept), await books(db, photos)) == ((0, 2), (1, 1))
    assert (await examine(db)).findings == []


async def test_everybody_at_once(db: Database, clock: FixedClock) -> None:
    """Several writers, two channels, fences changed, ended, made, filled and orders cancelled meanwhile: the books agree."""
    shop = await open_shop(db, stock=60, shoppers=6, funds_minor=10**9)
    writers = [Intake(db, clock, facts=Facts(db, ttl_s=0.0), batch=7) for _ in range(3)]
    one, two = (
        await fence(db, shop, clock(), 20),
        await fence(db, shop, clock(), 15, channel=("touchpoint_kind", "web")),
    )
    chance = random.Random(7)
    placed: list[tuple[UUID, int]] = []

    async def buy(n: int) -> None:
        order = order_of(shop, chance.randint(1, 3), photo=n % 2 == 0)
        try:
            await writers[n % 3].place(order, shop.shoppers[n % 6])
        except InsufficientStock:
            return
        placed.append((order.order_id, n))
        if n % 5 == 0:
            async with db.transaction() as tx:
                await take_step(
                    tx, SellerId(shop.seller_id), order.order_id, Step.CANCEL, by="shopper", at=clock()
                )

    async def meddle(n: int) -> None:
        async with db.transaction() as tx:
            if n == 3:
                await inventory.end_fence(tx, shop.seller_id, two.fence_id, clock())
            else:
                quantity = 20 + 5 * n
                await inventory.change_fence(
                    tx, shop.seller_id, one.fence_id, quantity=quantity, ends_at=None, now=clock()
                )
        await settle_due(db, clock())

    await asyncio.gather(*(buy(n) for n in range(90)), *(meddle(n) for n in range(4)))
    for writer in writers:
        await writer.close()
    on_hand, reserved = await stock_sums(db)
    assert reserved <= on_hand
    assert (await examine(db)).findings == []
    assert placed


async def test_a_flash_sale_and_a_fence_on_one_article(
    db: Database, clock: FixedClock, intake: Intake
) -> None:

    shop = await open_shop(db, stock=10, shoppers=3, funds_minor=10**9)
    kept = await fence(db, shop, clock(), 4)
    now, item = clock(), SaleItem(variant_id=shop.variants[1], location_id=shop.hub, fenced=3)
    draft = SaleDraft(
        title={"en": "Flash"}, currency="EUR", starts_at=now + timedelta(minutes=1), ends_at=now + timedelta(hours=1),
        quantity=10, per_customer=10, waiting_room=False, prequeue_s=0, admit_per_s=10, hold_s=300, items=(item,),
    )  # fmt: skip
    async with db.transaction() as tx:
        await plan_sale(tx, SellerId(shop.seller_id), uuid7(), draft, now)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, 4), shop.shoppers[0])
    clock.at += timedelta(minutes=2)
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, 7), shop.shoppers[0])
    await intake.place(order_of(shop, 6), shop.shoppers[0])
    await intake.place(order_of(shop, 4, photo=True), shop.shoppers[1])
    assert await books(db, kept) == (0, 4)
    assert (await examine(db)).findings == []


async def test_levels_as_the_channel_sees_them(db: Database, clock: FixedClock) -> None:
    shop = await open_shop(db, stock=5)
    await fence(db, shop, clock(), 3)
    ids = [shop.variants[1]]
    async with db.reading() as tx:
        web = await levels_for(tx, shop.seller_id, ids, clock())
        photo = await levels_for(tx, shop.seller_id, ids, clock(), kind="photo", touchpoint_id=1)
    assert ([level.sellable for level in web], [level.sellable for level in photo]) == ([2], [5])


async def test_an_order_without_fences_sends_nothing_more(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statements of a batch are those of a shop that never heard of fences, on an article without one."""

    shop = await open_shop(db, stock=5, funds_minor=10**7)
    await fence(db, shop, clock(), 3, article=2)
    sent: list[object] = []
    send = Pipe.send

    def noting(self: Pipe, statement: object, **values: bytes) -> None:
        sent.append(statement)
        send(self, statement, **values)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Pipe, "send", noting)
    intake = Intake(db, clock, facts=Facts(db, ttl_s=0.0))
    await intake.place(order_of(shop, article=1), shop.shoppers[0])
    assert not {id(inventory.KEPT_BY_FENCES), id(inventory.TAKE_OF_FENCES), id(inventory.GROUPS_OF)} & {
        id(one) for one in sent
    }
    await intake.place(order_of(shop, article=2, photo=True), shop.shoppers[0])
    assert {id(inventory.KEPT_BY_FENCES), id(inventory.TAKE_OF_FENCES)} <= {id(one) for one in sent}
    await intake.close()


async def test_less_is_there_than_is_kept(db: Database, clock: FixedClock, intake: Intake) -> None:
    """Somebody counts two where five were: the channel has those two, and nobody else any."""
    shop = await open_shop(db, stock=5, funds_minor=10**7)
    kept = await fence(db, shop, clock(), 4)
    item = StockItem(location_id=shop.hub, variant_id=shop.variants[1], quantity=2)
    async with db.transaction() as tx:
        order = StockCommand(
            seller_id=shop.seller_id, command_id=uuid7(), items=(item,), by="system", reason="count"
        )
        await inventory.count(tx, order, clock())
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop), shop.shoppers[0])
    with pytest.raises(InsufficientStock):
        await intake.place(order_of(shop, 3, photo=True), shop.shoppers[0])
    await intake.place(order_of(shop, 2, photo=True), shop.shoppers[0])
    assert await books(db, kept) == (2, 2)
    assert (await examine(db)).findings == []


async def test_the_same_id_makes_one_fence(db: Database, clock: FixedClock) -> None:

    shop = await open_shop(db, stock=5)
    made = await fence(db, shop, clock(), 3)
    async with db.transaction() as tx:
        await inventory.make_fence(tx, made, clock())
        with pytest.raises(FenceIdReused):
            await inventory.make_fence(tx, replace(made, channel_key="qr"), clock())
    assert await books(db, made) == (3, 0)
