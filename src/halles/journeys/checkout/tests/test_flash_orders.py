"""Orders in a flash sale: never more than its quantity, never more than a customer may have, only for those let in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from halles.flash import api as flash
from halles.flash.types import (
    Admission,
    LimitReached,
    NotAdmitted,
    Over,
    SaleDraft,
    SaleItem,
    SoldOut,
)
from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.intake import Intake, _Lane  # pyright: ignore[reportPrivateUsage]
from halles.journeys.checkout.tests.small_shop import Shop, open_shop, stock_sums
from halles.journeys.checkout.types import Outcome, PlaceOrder
from halles.journeys.doctor.api import examine
from halles.journeys.flash_sale import planning
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import SellerId, uuid7
from halles.kernel.pipe import Pipe
from halles.orders.types import Step
from halles.pricing.types import PriceChanged

KEY = b"k" * 32
SALE_PRICE = 900


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(
        db, clock, facts=Facts(db, ttl_s=0.0), admissions=lambda token: flash.read_admission(KEY, token)
    )
    yield made
    await made.close()


async def plan(
    db: Database,
    clock: FixedClock,
    shop: Shop,
    *,
    quantity: int = 5,
    each: int = 2,
    room: bool = False,
    fence: int = 0,
) -> UUID:
    """A sale of the second article that begins in a minute; the clock is moved into it."""
    sale_id, now = uuid7(), clock()
    item = SaleItem(
        variant_id=shop.variants[1],
        price_minor=SALE_PRICE,
        location_id=shop.hub if fence else None,
        fenced=fence,
    )
    draft = SaleDraft(
        title={"en": "Flash"}, currency="EUR", starts_at=now + timedelta(minutes=1), ends_at=now + timedelta(hours=1),
        quantity=quantity, per_customer=each, waiting_room=room, prequeue_s=30, admit_per_s=10, hold_s=300, items=(item,),
    )  # fmt: skip
    async with db.transaction() as tx:
        await planning.plan(tx, SellerId(shop.seller_id), sale_id, draft, now)
    clock.at += timedelta(minutes=2)
    return sale_id


def order_of(shop: Shop, quantity: int = 1, token: str | None = None) -> PlaceOrder:
    return msgspec.structs.replace(shop.order((1, quantity), unit_price_minor=SALE_PRICE), admission=token)


def token_of(sale_id: UUID, owner: int, until: datetime) -> str:
    return flash.sign_admission(
        KEY, Admission(sale_id=sale_id, owner_id=owner, until_s=int(until.timestamp()))
    )


async def test_never_more_than_the_quantity_nor_than_one_may_have(
    db: Database, clock: FixedClock, intake: Intake
) -> None:
    shop = await open_shop(db, stock=100, shoppers=6, funds_minor=10**9)
    await plan(db, clock, shop)
    asked = [(order_of(shop), shop.shoppers[n % 6]) for n in range(30)]
    answers = await asyncio.gather(*(intake.place(*one) for one in asked), return_exceptions=True)
    placed = [one for one, answer in zip(asked, answers, strict=True) if isinstance(answer, Outcome)]
    assert len(placed) == 5
    assert max(Counter(owner for _, owner in placed).values()) <= 2
    assert {type(answer) for answer in answers} <= {Outcome, SoldOut, LimitReached}
    assert not (await intake.place(*placed[0])).first
    assert (await stock_sums(db))[1] == 5
    assert (await examine(db)).findings == []


@pytest.mark.parametrize("wrong_by", [timedelta(hours=3), timedelta(minutes=-90)])
async def test_a_clock_that_was_wrong_forgets_no_sale(
    db: Database, clock: FixedClock, wrong_by: timedelta
) -> None:
    shop = await open_shop(db, stock=100, funds_minor=10**9)
    await plan(db, clock, shop, quantity=1, each=1)
    intake = Intake(db, clock, facts=Facts(db, tick=lambda: 0.0))
    right = clock.at
    try:
        clock.at = right + wrong_by
        await intake.place(shop.order((2, 1)), shop.shoppers[0])
        clock.at = right
        assert (await intake.place(order_of(shop), shop.shoppers[0])).first
        with pytest.raises((SoldOut, LimitReached)):
            await intake.place(order_of(shop), shop.shoppers[0])
    finally:
        await intake.close()
    assert (await examine(db)).findings == []


async def test_a_try_that_came_late_knows_the_sale_that_was_written_meanwhile(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await open_shop(db, stock=100, funds_minor=10**9)
    tick, connect = [0.0], _Lane._connected  # pyright: ignore[reportPrivateUsage]
    intake = Intake(db, clock, facts=Facts(db, tick=lambda: tick[0]))

    async def slowly(lane: _Lane) -> Pipe:
        if not tick[0]:
            tick[0] = 60.0
            await plan(db, clock, shop, quantity=1, each=1)
        return await connect(lane)

    try:
        await intake.place(shop.order((1, 1)), shop.shoppers[0])
        monkeypatch.setattr(_Lane, "_connected", slowly)
        assert (await intake.place(order_of(shop), shop.shoppers[0])).first
    finally:
        await intake.close()
    assert (await examine(db)).findings == []


async def test_a_clock_put_back_before_the_sale_sells_at_the_regular_price(
    db: Database, clock: FixedClock
) -> None:
    shop = await open_shop(db, stock=100, funds_minor=10**9)
    await plan(db, clock, shop)
    intake = Intake(db, clock, facts=Facts(db, tick=lambda: 0.0))
    try:
        await intake.place(order_of(shop), shop.shoppers[0])
        clock.at -= timedelta(minutes=2)
        with pytest.raises(PriceChanged):
            await intake.place(order_of(shop), shop.shoppers[0])
    finally:
        await intake.close()


async def test_a_cancelled_order_gives_its_piece_back(
    db: Database, clock: FixedClock, intake: Intake
) -> None:
    shop = await open_shop(db, stock=100, funds_minor=10**9)
    await plan(db, clock, shop, quantity=1, each=1)
    first = order_of(shop)
    await intake.place(first, shop.shoppers[0])
    with pytest.raises(SoldOut):
        await intake.place(order_of(shop), shop.shoppers[1])
    async with db.transaction() as tx:
        await take_step(tx, SellerId(shop.seller_id), first.order_id, Step.CANCEL, by="shopper", at=clock())
    await intake.place(order_of(shop), shop.shoppers[1])
    assert (await examine(db)).findings == []


async def test_only_those_let_in(db: Database, clock: FixedClock, intake: Intake) -> None:
    shop = await open_shop(db, stock=100, funds_minor=10**9)
    sale_id = await plan(db, clock, shop, room=True)
    me, other = shop.shoppers[:2]
    soon = clock() + timedelta(minutes=1)
    for token in (
        None,
        "forged",
        token_of(sale_id, other, soon),
        token_of(sale_id, me, clock() - timedelta(minutes=1)),
    ):
        with pytest.raises(NotAdmitted):
            await intake.place(order_of(shop, token=token), me)
    first = order_of(shop, token=token_of(sale_id, me, soon))
    assert (await intake.place(first, me)).first
    again = msgspec.structs.replace(first, admission=None)
    assert not (await intake.place(again, me)).first


async def test_a_fence_is_for_the_sale(db: Database, clock: FixedClock, intake: Intake) -> None:
    shop = await open_shop(db, stock=4, funds_minor=10**9)
    before = clock()
    await plan(db, clock, shop, quantity=4, each=4, fence=3)
    clock.at += timedelta(minutes=-2)
    assert clock() == before
    await intake.place(shop.order((1, 1)), shop.shoppers[0])
    with pytest.raises(InsufficientStock):
        await intake.place(shop.order((1, 1)), shop.shoppers[0])
    clock.at += timedelta(minutes=2)
    assert (await intake.place(order_of(shop, 3), shop.shoppers[0])).first
    clock.at += timedelta(hours=2)
    with pytest.raises((Over, InsufficientStock)):
        await intake.place(shop.order((1, 1)), shop.shoppers[0])
    assert (await examine(db)).findings == []
