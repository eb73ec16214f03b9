"""The intake against a real PostgreSQL: one batch, many, two processes' worth at once, repeats and reuse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import cast

import pytest

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, money_sums, open_shop, stock_sums
from halles.journeys.checkout.types import Outcome, PlaceOrder
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7
from halles.orders import api as orders
from halles.orders.types import BadOrder, IdReused
from halles.pricing.types import NoPrice, PriceChanged
from halles.promises.types import PromiseChangedMeanwhile
from halles.wallet.types import InsufficientFunds


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(db, clock)
    yield made
    await made.close()


async def placed(intake: Intake, *orders_by: tuple[PlaceOrder, int]) -> list[Outcome | BaseException]:
    """Place at the same moment, so that they share batches."""
    return await asyncio.gather(
        *(intake.place(order, owner) for order, owner in orders_by), return_exceptions=True
    )


def kinds(answers: Sequence[Outcome | BaseException]) -> list[str]:
    return [
        ("first" if a.first else "repeat") if isinstance(a, Outcome) else type(a).__name__ for a in answers
    ]


async def test_an_order_reserves_stock_and_holds_money(db: Database, intake: Intake) -> None:
    shop = await open_shop(db)
    order = shop.order((0, 2), (1, 1), touchpoint=shop.touchpoint)
    outcome = await intake.place(order, shop.shoppers[0])
    assert outcome.first
    assert outcome.placed.number == orders.number(order.order_id)
    assert (outcome.placed.total.minor, outcome.placed.state) == (3 * PRICE, "placed")
    async with db.reading() as tx:
        kept = await orders.load_order(tx, order.order_id)
    assert [(line.title["en"], line.quantity, line.location_id, line.tax_bp) for line in kept.lines] == [
        ("Linen shirt 0", 2, shop.hub, 2000),
        ("Linen shirt 1", 1, shop.hub, 2000),
    ]
    assert (kept.place_id, kept.tax_minor) == (shop.place_id, 400 + 200)
    assert kept.promise["lane"] == "hub"
    assert await stock_sums(db) == (40, 3)
    assert await money_sums(db) == (0, 3 * PRICE, 3 * PRICE)


async def test_a_batch_never_oversells_and_is_greedy(db: Database, intake: Intake) -> None:
    shop = await open_shop(db, stock=5)
    answers = await placed(
        intake, *[(shop.order((1, quantity)), shop.shoppers[0]) for quantity in (3, 3, 2, 1)]
    )
    assert kinds(answers) == ["first", "InsufficientStock", "first", "InsufficientStock"]
    refused = answers[1]
    assert isinstance(refused, InsufficientStock)
    assert refused.fields == {"variant_id": shop.variants[1], "sellable": 2}
    assert (await stock_sums(db))[1] == 5


async def test_money_runs_out_exactly(db: Database, intake: Intake) -> None:
    shop = await open_shop(db, funds_minor=3 * PRICE - 1)
    answers = await placed(intake, *[(shop.order(), shop.shoppers[0]) for _ in range(3)])
    assert kinds(answers) == ["first", "first", "InsufficientFunds"]
    refused = answers[2]
    assert isinstance(refused, InsufficientFunds)
    assert refused.fields == {"missing_minor": 1, "available_minor": PRICE - 1, "currency": "EUR"}


async def test_repeats_answer_as_the_first(db: Database, intake: Intake) -> None:
    shop = await open_shop(db)
    order = shop.order()
    owner = shop.shoppers[0]
    together = await placed(intake, (order, owner), (order, owner))
    assert kinds(together) == ["first", "repeat"]
    again = await intake.place(order, owner)
    assert not again.first
    assert isinstance(together[0], Outcome)
    assert again.placed == together[0].placed
    assert (await stock_sums(db))[1] == 1


async def test_an_id_is_used_once_whatever_differs(db: Database, intake: Intake) -> None:
    shop, other = await open_shop(db), await open_shop(db, name="Autre")
    order_id = uuid7()
    first = shop.order(order_id=order_id)
    await intake.place(first, shop.shoppers[0])
    for order, owner in (
        (shop.order((0, 2), order_id=order_id), shop.shoppers[0]),
        (first, shop.shoppers[1]),
        (other.order(order_id=order_id), shop.shoppers[0]),
        (other.order(order_id=order_id), other.shoppers[0]),
    ):
        with pytest.raises(IdReused) as refused:
            await intake.place(order, owner)
        assert refused.value.fields == {"order_id": str(order_id)}
    twice = uuid7()
    answers = await placed(
        intake,
        (shop.order(order_id=twice), shop.shoppers[1]),
        (other.order(order_id=twice), other.shoppers[1]),
    )
    assert kinds(answers) == ["first", "IdReused"]


async def test_what_the_shopper_saw_is_what_they_get(db: Database, intake: Intake) -> None:
    shop = await open_shop(db)
    with pytest.raises(PriceChanged) as price:
        await intake.place(shop.order(unit_price_minor=PRICE - 1), shop.shoppers[0])
    assert price.value.fields["unit_price_minor"] == PRICE
    with pytest.raises(PromiseChangedMeanwhile) as promise:
        await intake.place(shop.order(day=date(2026, 11, 22)), shop.shoppers[0])
    assert cast("dict[str, str]", promise.value.fields["promise"])["lane"] == "hub"
    unknown = shop.order()
    shop.variants[0] = 10**9
    with pytest.raises(NoPrice):
        await intake.place(shop.order(), shop.shoppers[0])
    assert (await intake.place(unknown, shop.shoppers[0])).first


async def test_when_the_hub_is_empty_the_other_lane_serves_if_the_date_allows(
    db: Database, intake: Intake
) -> None:
    shop = await open_shop(db, stock=1)
    await intake.place(shop.order(), shop.shoppers[0])
    soon = shop.order(day=date(2026, 11, 30))
    with pytest.raises(PromiseChangedMeanwhile) as refused:
        await intake.place(soon, shop.shoppers[0])
    promise = cast("dict[str, str]", refused.value.fields["promise"])
    assert promise["lane"] == "abroad"
    late = date.fromisoformat(promise["date"])
    assert (await intake.place(shop.order(day=late, lane="abroad"), shop.shoppers[0])).first


async def test_impossible_orders_are_refused_before_the_batch(db: Database, intake: Intake) -> None:
    shop = await open_shop(db)
    with pytest.raises(BadOrder):
        await intake.place(shop.order((0, 1), (0, 2)), shop.shoppers[0])
    assert await stock_sums(db) == (40, 0)


async def test_baskets_lose_what_was_bought(db: Database, intake: Intake, clock: FixedClock) -> None:
    shop = await open_shop(db)
    owner = shop.shoppers[0]
    async with db.transaction() as tx:
        for index in (0, 1):
            await orders.put_line(
                tx,
                owner_id=owner,
                seller_id=shop.seller_id,
                variant_id=shop.variants[index],
                quantity=1,
                added_price_minor=PRICE,
                currency="EUR",
                at=clock(),
            )
    await intake.place(shop.order(), owner)
    async with db.reading() as tx:
        left = await orders.basket(tx, owner, shop.seller_id)
    assert [line.variant_id for line in left] == [shop.variants[1]]


async def test_two_intakes_share_a_hot_item(db: Database, clock: FixedClock) -> None:
    shop = await open_shop(db, stock=50, shoppers=8, funds_minor=10**9)
    intakes = [Intake(db, clock, batch=7) for _ in range(2)]
    doubled = [shop.order((1, 1)) for _ in range(10)]
    commands = [(shop.order((1, 1)), shop.shoppers[n % 8]) for n in range(60)]
    shared = [(order, shop.shoppers[0]) for order in doubled]
    answers = [
        answer
        for found in await asyncio.gather(
            *(placed(i, *commands[n::2], *shared) for n, i in enumerate(intakes))
        )
        for answer in found
    ]
    assert not [a for a in answers if isinstance(a, BaseException) and not isinstance(a, Refusal)]
    counted = kinds(answers)
    assert counted.count("first") == 50
    assert await stock_sums(db) == (3 * 50 + 50, 50)
    assert await money_sums(db) == (0, 50 * PRICE, 50 * PRICE)
    async with db.reading() as tx:
        assert await orders.count_orders(tx) == 50
    for intake in intakes:
        await intake.close()


async def test_facts_are_read_once_in_a_while(db: Database, clock: FixedClock) -> None:
    moment = [0.0]
    facts = Facts(db, ttl_s=5, tick=lambda: moment[0])
    shop = await open_shop(db)
    key = (shop.seller_id, shop.variants[0])
    await facts.refresh([key], [shop.touchpoint, "nobody"], clock())
    await db.close()
    await facts.refresh([key], [shop.touchpoint], clock())
    found = facts.touchpoint(shop.touchpoint)
    assert found is not None
    assert found.place_id == shop.place_id
    assert facts.articles([key])[key].buyable
