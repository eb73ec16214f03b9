"""Reservations on a real PostgreSQL: at the same moment, across a crash, with orders between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from halles.inventory import api as inventory
from halles.inventory.types import (
    InsufficientStock,
    NoSuchReservation,
    NothingToReserve,
    RenewedEnough,
    Reservation,
    ReservationIdReused,
    ReservationOver,
    TooMuchReserved,
)
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.reservation import api
from halles.journeys.reservation.tests.helpers import LASTS, LIMITS, fill_basket, level_sums, reserve
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, command
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7

LAST = 1
"""The variant that only the hub has, five pieces of it."""


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db, variants=2, stock=5, shoppers=8)


@pytest.fixture
async def intake(db: Database, clock: FixedClock) -> AsyncIterator[Intake]:
    made = Intake(db, clock)
    yield made
    await made.close()


async def place(intake: Intake, shop: Shop, who: int, *lines: tuple[int, int], **more: Any) -> Any:
    order = msgspec.structs.replace(shop.order(*lines), **more)
    return await intake.place(order, shop.shoppers[who])


async def healthy(db: Database) -> bool:
    return (await examine(db)).findings == []


async def test_what_is_set_aside_is_sold_to_nobody_else_and_to_its_owner(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {LAST: 5}, clock())
    (made,), first = await reserve(db, shop, 0, key, clock())
    assert (first, made.pieces(), made.expires_at) == (
        True,
        [(shop.hub, shop.variants[LAST], 5)],
        clock() + LASTS,
    )
    assert await healthy(db)
    with pytest.raises(InsufficientStock):
        await place(intake, shop, 1, (LAST, 1))
    with pytest.raises(InsufficientStock):
        await place(intake, shop, 1, (LAST, 1), reservation=key)
    outcome = await place(intake, shop, 0, (LAST, 4), reservation=key)
    assert outcome.first
    assert (await level_sums(db, shop))[LAST] == (5, 4)
    assert await healthy(db)
    await place(intake, shop, 1, (LAST, 1))
    assert (await level_sums(db, shop))[LAST] == (5, 5)
    async with db.reading() as tx:
        assert await inventory.standing(tx, shop.shoppers[0]) == []
        moved = await inventory.movements(tx, shop.seller_id, shop.hub, shop.variants[LAST])
    assert [(m.cause, m.delta_reserved) for m in moved if m.cause != "received"] == [
        ("reserved", 1),
        ("reserved", 4),
        ("released", -5),
        ("reserved", 5),
    ]
    assert await healthy(db)


async def test_the_same_id_is_the_same_reservation(db: Database, shop: Shop, clock: FixedClock) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {0: 2}, clock())
    await fill_basket(db, shop, 1, {0: 2}, clock())
    answers = await asyncio.gather(*(reserve(db, shop, 0, key, clock()) for _ in range(5)))
    assert sorted(first for _, first in answers) == [False, False, False, False, True]
    assert all(found == answers[0][0] for found, _ in answers)
    with pytest.raises(ReservationIdReused):
        await reserve(db, shop, 1, key, clock(), network="10.0.0.2")
    assert (await level_sums(db, shop))[0][1] == 2


async def test_the_next_reservation_takes_the_place_of_the_last(
    db: Database, shop: Shop, clock: FixedClock
) -> None:
    await fill_basket(db, shop, 0, {LAST: 5}, clock())
    await reserve(db, shop, 0, uuid7(), clock())
    await fill_basket(db, shop, 0, {LAST: 3, 0: 1}, clock())
    (made,), _ = await reserve(db, shop, 0, uuid7(), clock())
    assert [quantity for _, _, quantity in made.pieces()] == [1, 3] or made.pieces()[0][2] in {1, 3}
    assert [reserved for _, reserved in await level_sums(db, shop)] == [1, 3]
    assert await healthy(db)


async def test_all_or_nothing_leaves_what_stood(db: Database, shop: Shop, clock: FixedClock) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {LAST: 2}, clock())
    await reserve(db, shop, 0, key, clock())
    await fill_basket(db, shop, 0, {LAST: 6, 0: 1}, clock())
    with pytest.raises(InsufficientStock):
        await reserve(db, shop, 0, uuid7(), clock())
    async with db.reading() as tx:
        assert [one.reservation_id for one in await inventory.standing(tx, shop.shoppers[0])] == [key]
    (made,), _ = await reserve(db, shop, 0, uuid7(), clock(), partial=True)
    assert sorted(quantity for _, _, quantity in made.pieces()) == [1, 5]
    assert await healthy(db)


async def test_an_empty_basket_has_nothing_to_reserve(db: Database, shop: Shop, clock: FixedClock) -> None:
    with pytest.raises(NothingToReserve):
        await reserve(db, shop, 0, uuid7(), clock())


async def test_many_at_the_same_moment_never_reserve_too_much(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    for who in range(8):
        await fill_basket(db, shop, who, {LAST: 2}, clock())
    orders = [place(intake, shop, who, (LAST, 1)) for who in range(3)]
    tries = [reserve(db, shop, who, uuid7(), clock(), network=f"10.0.0.{who}") for who in range(8)]
    answers = await asyncio.gather(*tries, *orders, return_exceptions=True)
    assert all(not isinstance(a, BaseException) or isinstance(a, InsufficientStock) for a in answers)
    on_hand, reserved = (await level_sums(db, shop))[LAST]
    assert on_hand == 5
    assert reserved in {4, 5}
    assert await healthy(db)


async def test_it_expires_once_whoever_looks(db: Database, shop: Shop, clock: FixedClock) -> None:
    for who in range(4):
        await fill_basket(db, shop, who, {0: 1, LAST: 1}, clock())
        await reserve(db, shop, who, uuid7(), clock())
    assert await api.expire_due(db, clock() + LASTS - timedelta(seconds=1)) == 0
    late = clock() + LASTS
    ended = await asyncio.gather(*(api.expire_due(db, late) for _ in range(6)))
    assert sum(ended) == 4
    assert [reserved for _, reserved in await level_sums(db, shop)] == [0, 0]
    assert await healthy(db)


async def test_release_expiry_and_order_at_the_same_moment_end_it_once(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    for _ in range(4):
        key = uuid7()
        await fill_basket(db, shop, 0, {LAST: 1}, clock())
        await reserve(db, shop, 0, key, clock())

        async def let_go(key: Any = key) -> list[Reservation]:
            async with db.transaction() as tx:
                return await api.release(tx, shop.shoppers[0], key, clock())

        async def buy(key: Any = key) -> Any:
            return await place(intake, shop, 0, (LAST, 1), reservation=key)

        late = clock() + LASTS
        answers = await asyncio.gather(
            buy(), let_go(), api.expire_due(db, late), api.expire_due(db, late), return_exceptions=True
        )
        assert not [a for a in answers if isinstance(a, BaseException) and not isinstance(a, Refusal)], (
            answers
        )
        assert await healthy(db)
        clock.at += timedelta(hours=1)


async def test_a_transaction_that_dies_changes_nothing(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {LAST: 3}, clock())
    await reserve(db, shop, 0, key, clock())
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await api.release(tx, shop.shoppers[0], key, clock())
            raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await inventory.expire_due(tx, clock() + LASTS)
            raise ZeroDivisionError
    assert (await level_sums(db, shop))[LAST] == (5, 3)
    with pytest.raises(Refusal):
        await place(intake, shop, 0, (LAST, 3), reservation=key, currency="USD")
    assert (await level_sums(db, shop))[LAST] == (5, 3)
    assert await healthy(db)


async def test_limits_of_a_person_and_of_a_network(db: Database, shop: Shop, clock: FixedClock) -> None:
    tight = replace(LIMITS, pieces_per_person=3, pieces_per_network=4)
    await fill_basket(db, shop, 0, {0: 4}, clock())
    with pytest.raises(TooMuchReserved):
        await reserve(db, shop, 0, uuid7(), clock(), limits=tight)
    for who in range(2):
        await fill_basket(db, shop, who, {0: 3}, clock())
    await reserve(db, shop, 0, uuid7(), clock(), limits=tight)
    await reserve(db, shop, 0, uuid7(), clock(), limits=tight)
    with pytest.raises(TooMuchReserved):
        await reserve(db, shop, 1, uuid7(), clock(), limits=tight)
    await reserve(db, shop, 1, uuid7(), clock(), limits=tight, network="10.0.0.2")
    for _ in range(4):
        await reserve(db, shop, 0, uuid7(), clock(), limits=tight)
    with pytest.raises(TooMuchReserved) as refused:
        await reserve(db, shop, 0, uuid7(), clock(), limits=tight)
    assert refused.value.fields["per"] == "hour"
    assert await healthy(db)


async def test_it_can_be_renewed_twice(db: Database, shop: Shop, clock: FixedClock) -> None:
    key, owner = uuid7(), shop.shoppers[0]

    async def renew(renewal: int, who: int = owner) -> list[Reservation]:
        async with db.transaction() as tx:
            return await inventory.renew(tx, who, key, renewal, lasts=LASTS, now=clock())

    with pytest.raises(NoSuchReservation):
        await renew(1)
    await fill_basket(db, shop, 0, {0: 1}, clock())
    await reserve(db, shop, 0, key, clock())
    with pytest.raises(NoSuchReservation):
        await renew(1, shop.shoppers[1])
    with pytest.raises(RenewedEnough):
        await renew(2)
    clock.at += timedelta(minutes=9)
    first = await renew(1)
    assert first[0].expires_at == clock() + LASTS
    clock.at += timedelta(minutes=1)
    assert await renew(1) == first
    await renew(2)
    with pytest.raises(RenewedEnough):
        await renew(3)
    clock.at += LASTS
    with pytest.raises(ReservationOver):
        await renew(3)
    await api.expire_due(db, clock())
    with pytest.raises(ReservationOver):
        await renew(3)


async def test_what_a_guest_set_aside_becomes_the_persons(
    db: Database, shop: Shop, intake: Intake, clock: FixedClock
) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {LAST: 5}, clock())
    await reserve(db, shop, 0, key, clock())
    for _ in range(2):
        async with db.transaction() as tx:
            await inventory.hand_over(tx, shop.shoppers[0], shop.shoppers[1])
    with pytest.raises(InsufficientStock):
        await place(intake, shop, 0, (LAST, 5), reservation=key)
    await place(intake, shop, 1, (LAST, 5), reservation=key)
    assert await healthy(db)


async def test_doctor_finds_pieces_that_nobody_keeps(db: Database, shop: Shop, clock: FixedClock) -> None:
    await fill_basket(db, shop, 0, {LAST: 2}, clock())
    await reserve(db, shop, 0, uuid7(), clock())
    async with db.transaction() as tx:
        await tx.run(command("update inventory.reservation set state = 3"))
    (finding,) = (await examine(db)).findings
    assert (finding.check, "2 reserved" in finding.text) == ("stock.open_orders", True)


async def test_ended_reservations_are_forgotten_after_days(
    db: Database, shop: Shop, clock: FixedClock
) -> None:
    key = uuid7()
    await fill_basket(db, shop, 0, {LAST: 2}, clock())
    await reserve(db, shop, 0, key, clock())
    for days, there in ((1, 1), (3, 0)):
        now = clock() + timedelta(days=days)
        await api.expire_due(db, now)
        async with db.transaction() as tx:
            await inventory.forget_reservations(tx, now)
            assert len(await inventory.find_reservation(tx, key)) == there
