"""Reservations, orders, cancellations and time in any order on a real PostgreSQL: what is reserved is what open orders wait for
and what standing reservations keep, and no more is promised than there is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from halles.inventory.types import NoSuchReservation
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.reservation import api
from halles.journeys.reservation.tests.helpers import LASTS, LIMITS, fill_basket, level_sums, reserve
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7
from halles.orders.types import Step

STOCK = 4
whoever = st.integers(0, 2)
some_lines = st.dictionaries(st.integers(0, 1), st.integers(1, 4), min_size=1)


def nothing() -> Any:
    """A step that adds nothing to its bundle."""
    return cast("Any", multiple)()


class Machine(RuleBasedStateMachine):
    db: Database
    loop: asyncio.AbstractEventLoop
    reservations: Bundle[UUID] = Bundle("reservations")
    orders: Bundle[UUID] = Bundle("orders")

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        self.clock = FixedClock(datetime.fromisoformat("2026-11-21T10:00:00+00:00"))
        self.shop: Shop = self.run(
            open_shop(self.db, variants=2, stock=STOCK, funds_minor=10**9, name=uuid7().hex)
        )
        self.intake = Intake(self.db, self.clock, lanes=1)
        self.kept: dict[UUID, tuple[int, dict[int, int], datetime]] = {}
        self.open_orders: dict[UUID, dict[int, int]] = {}

    @rule(target=reservations, who=whoever, lines=some_lines, partial=st.booleans())
    def set_aside(self, who: int, lines: dict[int, int], partial: bool) -> Any:
        self.run(fill_basket(self.db, self.shop, who, lines, self.clock()))
        key = uuid7()
        try:
            found, first = self.run(reserve(self.db, self.shop, who, key, self.clock(), partial=partial))
        except Refusal:
            return nothing()
        assert first
        for other in [other for other, (owner, _, _) in self.kept.items() if owner == who]:
            del self.kept[other]
        got: dict[int, int] = {}
        for one in found:
            for _, variant, quantity in one.pieces():
                got[self.shop.variants.index(variant)] = quantity
        assert partial or got == lines
        self.kept[key] = (who, got, self.clock() + LASTS)
        return key

    @rule(who=whoever, lines=some_lines, reservation_id=reservations, also=whoever, target=orders)
    def buy_at_once(self, who: int, lines: dict[int, int], reservation_id: UUID, also: int) -> Any:
        """Two orders at the same moment, both with this reservation, whoever's it is and whatever became of it."""
        commands = [
            (msgspec.structs.replace(self.shop.order(*lines.items()), reservation=reservation_id), buyer)
            for buyer in (who, also)
        ]

        async def together() -> list[Any]:
            return await asyncio.gather(
                *(self.intake.place(order, self.shop.shoppers[buyer]) for order, buyer in commands),
                return_exceptions=True,
            )

        made: list[UUID] = []
        for (order, buyer), answer in zip(commands, self.run(together()), strict=True):
            if isinstance(answer, BaseException):
                assert isinstance(answer, Refusal), answer
                kept = self.kept.get(reservation_id)
                if kept is not None and kept[0] == buyer:
                    short = any(kept[1].get(index, 0) < n for index, n in lines.items())
                    assert short, "what was set aside can be bought"
                continue
            self.open_orders[order.order_id] = dict(lines)
            made.append(order.order_id)
            if reservation_id in self.kept and self.kept[reservation_id][0] == buyer:
                del self.kept[reservation_id]
        return multiple(*made)

    @rule(order_id=orders)
    def cancel(self, order_id: UUID) -> None:
        async def work() -> None:
            async with self.db.transaction() as tx:
                await take_step(tx, self.shop.seller_id, order_id, Step.CANCEL, by="system", at=self.clock())

        if self.open_orders.pop(order_id, None) is not None:
            self.run(work())

    @rule(reservation_id=reservations, who=whoever)
    def let_go(self, reservation_id: UUID, who: int) -> None:
        async def work() -> None:
            async with self.db.transaction() as tx:
                await api.release(tx, self.shop.shoppers[who], reservation_id, self.clock())

        try:
            self.run(work())
        except NoSuchReservation:
            assert reservation_id not in self.kept or self.kept[reservation_id][0] != who
            return
        self.kept.pop(reservation_id, None)

    @rule(minutes=st.integers(1, 12))
    def time_goes_by(self, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)

        async def workers() -> list[int]:
            return await asyncio.gather(*(api.expire_due(self.db, self.clock()) for _ in range(2)))

        due = [key for key, (_, _, until) in self.kept.items() if until <= self.clock()]
        assert sum(self.run(workers())) == len(due)
        for key in due:
            del self.kept[key]

    @invariant()
    def agrees_with_the_model(self) -> None:
        sums = self.run(level_sums(self.db, self.shop))
        held = [*self.open_orders.values(), *(lines for _, lines, _ in self.kept.values())]
        for index, (on_hand, reserved) in enumerate(sums):
            assert on_hand == (2 * STOCK if index == 0 else STOCK)
            assert reserved == sum(lines.get(index, 0) for lines in held)

    def teardown(self) -> None:
        self.run(self.intake.close())
        assert self.run(examine(self.db)).findings == []
        self.run(api.expire_due(self.db, self.clock() + timedelta(days=1)))


def test_anything_in_any_order(dsn: str) -> None:
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(Database.open(dsn, min_size=1, max_size=4))
    Machine.db, Machine.loop = db, loop
    few = settings(
        max_examples=15,
        stateful_step_count=18,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    try:
        run_state_machine_as_test(Machine, settings=few)
    finally:
        loop.run_until_complete(db.close())
        loop.close()


assert LIMITS.pieces_per_person >= 8, "the machine's baskets stay below the limits"
