"""Anything, in any order, on a real PostgreSQL: stock, wallets and orders always agree with a model and with each other."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from halles.inventory import api as inventory
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop, restock, top_up
from halles.journeys.checkout.types import Outcome
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import PartyId, uuid7
from halles.orders.types import OrderState, Step, WrongState
from halles.wallet import api as wallet

START, FUNDS = 6, 20 * PRICE
_MOVES = {
    Step.PACK: ({"placed"}, "packed"),
    Step.SHIP: ({"packed"}, "shipped"),
    Step.DELIVER: ({"shipped"}, "delivered"),
    Step.CANCEL: ({"placed", "packed"}, "cancelled"),
    Step.TAKE_BACK: ({"delivered"}, "returned"),
}


baskets = st.lists(
    st.tuples(st.integers(0, 1), st.dictionaries(st.integers(0, 1), st.integers(1, 4), min_size=1)),
    min_size=1,
    max_size=4,
)


class Machine(RuleBasedStateMachine):
    """One seller a run; the database and the loop are shared by all runs."""

    db: Database
    loop: asyncio.AbstractEventLoop
    clock: FixedClock
    placed: Bundle[UUID] = Bundle("placed")

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        self.shop: Shop = self.run(
            open_shop(self.db, variants=2, stock=START, shoppers=2, funds_minor=FUNDS, name=uuid7().hex)
        )
        self.intake = Intake(self.db, self.clock)
        self.on_hand = [2 * START, START]
        self.reserved = [0, 0]
        self.balance = dict.fromkeys(self.shop.shoppers, FUNDS)
        self.held = dict.fromkeys(self.shop.shoppers, 0)
        self.orders: dict[UUID, tuple[PartyId, list[tuple[int, int]], str]] = {}

    @rule(
        target=placed,
        batch=baskets,
    )
    def buy(self, batch: list[tuple[int, dict[int, int]]]) -> Any:
        """Some orders at the same moment."""
        commands = [(self.shop.order(*lines.items()), self.shop.shoppers[who]) for who, lines in batch]

        async def together() -> list[Any]:
            return await asyncio.gather(
                *(self.intake.place(*command) for command in commands), return_exceptions=True
            )

        last = commands[0][0].order_id
        for (order, owner), answer in zip(commands, self.run(together()), strict=True):
            assert isinstance(answer, (Outcome, Refusal)), answer
            if isinstance(answer, Outcome):
                lines = [(self.shop.variants.index(line.variant_id), line.quantity) for line in order.lines]
                self.orders[order.order_id] = (owner, lines, "placed")
                self._move(lines, reserved=1)
                self.held[owner] += self._total(lines)
                last = order.order_id
        return last

    @rule(order_id=placed, step=st.sampled_from(Step))
    def step(self, order_id: UUID, step: Step) -> None:
        if order_id not in self.orders:
            return
        owner, lines, state = self.orders[order_id]
        starts, after = _MOVES[step]

        async def work() -> Any:
            async with self.db.transaction() as tx:
                return await take_step(tx, self.shop.seller_id, order_id, step, by="system", at=self.clock())

        try:
            order = self.run(work())
        except WrongState:
            assert state not in starts
            return
        assert state in starts
        assert order.state is OrderState[after.upper()]
        self.orders[order_id] = (owner, lines, after)
        total = self._total(lines)
        if step is Step.SHIP:
            self._move(lines, on_hand=-1, reserved=-1)
            self.held[owner] -= total
            self.balance[owner] -= total
        elif step is Step.CANCEL:
            self._move(lines, reserved=-1)
            self.held[owner] -= total
        elif step is Step.TAKE_BACK:
            self._move(lines, on_hand=1)
            self.balance[owner] += total

    @rule(index=st.integers(0, 1), quantity=st.integers(1, 5))
    def receive(self, index: int, quantity: int) -> None:
        async def work() -> None:
            async with self.db.transaction() as tx:
                await restock(tx, self.shop.seller_id, [(self.shop.hub, self.shop.variants[index], quantity)])

        self.run(work())
        self.on_hand[index] += quantity

    @rule(who=st.integers(0, 1), minor=st.integers(1, 5000))
    def add_money(self, who: int, minor: int) -> None:
        async def work() -> None:
            async with self.db.transaction() as tx:
                await top_up(tx, self.shop.shoppers[who], minor)

        self.run(work())
        self.balance[self.shop.shoppers[who]] += minor

    @invariant()
    def agrees_with_the_model(self) -> None:
        async def look() -> tuple[list[Any], list[Any]]:
            async with self.db.snapshot() as tx:
                levels = await inventory.levels(tx, self.shop.seller_id, self.shop.variants)
                return levels, await wallet.accounts(tx, self.shop.shoppers)

        levels, accounts = self.run(look())
        for index, variant in enumerate(self.shop.variants):
            own = [level for level in levels if level.variant_id == variant]
            assert sum(level.on_hand for level in own) == self.on_hand[index]
            assert sum(level.reserved for level in own) == self.reserved[index]
            assert all(0 <= level.reserved <= level.on_hand for level in own)
        assert {a.owner_id: a.balance_minor for a in accounts} == self.balance
        assert {a.owner_id: a.held_minor for a in accounts} == self.held

    def teardown(self) -> None:
        self.run(self.intake.close())
        assert self.run(examine(self.db)).findings == []

    def _move(self, lines: list[tuple[int, int]], *, on_hand: int = 0, reserved: int = 0) -> None:
        for index, quantity in lines:
            self.on_hand[index] += on_hand * quantity
            self.reserved[index] += reserved * quantity

    @staticmethod
    def _total(lines: list[tuple[int, int]]) -> int:
        return sum(quantity * PRICE for _, quantity in lines)


def test_anything_in_any_order(dsn: str, clock: FixedClock) -> None:
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(Database.open(dsn, min_size=1, max_size=4))
    Machine.db, Machine.loop, Machine.clock = db, loop, clock
    few = settings(
        max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    try:
        run_state_machine_as_test(Machine, settings=few)
    finally:
        loop.run_until_complete(db.close())
        loop.close()
