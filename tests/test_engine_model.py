"""Stock, wallets, orders and card payments in any order on a real PostgreSQL: a model predicts every answer, field by field, and
after each step the tables are as the model has them and the doctor finds nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
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

from halles.inventory import api as inventory
from halles.inventory.types import StockCommand, StockIsReserved, StockItem
from halles.journeys.card_payment.api import CardPayments, expire_unpaid
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, PRICE, Shop, open_shop
from halles.journeys.checkout.types import Outcome, Part, PlaceOrder
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.fulfilment.tests.shop_model import ABROAD, DECLINED, FUNDS, HUB, PAY_WITHIN, START, Model
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import derived_uuid, uuid7
from halles.kernel.money import Money
from halles.orders.types import Step
from halles.payments.adapters.demo import DemoPsp
from halles.wallet import api as wallet

GOOD = "4242 4242 4242 4242"

_STOCK = b"select seller_id, location_id, variant_id, on_hand, reserved from inventory.stock where seller_id = any(%s)"
_ORDERS = b'select order_id, state, payment from orders."order" where seller_id = any(%s)'

lines = st.dictionaries(st.integers(0, 1), st.integers(1, 4), min_size=1)
buys = st.fixed_dictionaries(
    {
        "who": st.integers(0, 1),
        "seller": st.integers(0, 1),
        "lines": lines,
        "also": st.none() | lines,
        "payment": st.sampled_from(["wallet", "wallet", "card"]),
        "price": st.sampled_from([PRICE] * 9 + [PRICE + 1]),
    }
)


class Machine(RuleBasedStateMachine):
    """Two sellers and two shoppers a run; the database and the loop are shared by all runs."""

    db: Database
    loop: asyncio.AbstractEventLoop
    placed: Bundle[UUID] = Bundle("placed")
    receipts: Bundle[tuple[int, StockCommand]] = Bundle("receipts")

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        self.clock = FixedClock(NOW)
        first: Shop = self.run(
            open_shop(
                self.db, variants=2, stock=START, shoppers=2, funds_minor=FUNDS, name=f"a{uuid7().hex[:20]}"
            )
        )
        other = self.run(open_shop(self.db, variants=2, stock=START, shoppers=0, name=f"b{uuid7().hex[:20]}"))
        self.shops, self.shoppers = [first, other], first.shoppers
        self.intake = Intake(self.db, self.clock, lanes=1)
        self.cards = CardPayments(self.db, DemoPsp(self.db), self.clock)
        stock = {
            (seller, where, shop.variants[n]): [START, 0]
            for seller, shop in enumerate(self.shops)
            for where, n in ((HUB, 0), (HUB, 1), (ABROAD, 0))
        }
        self.model = Model(stock, [FUNDS, FUNDS], [0, 0])

    @rule(target=placed, batch=st.lists(buys, min_size=1, max_size=3))
    def buy(self, batch: list[dict[str, Any]]) -> Any:
        """Some orders at the same moment: decided in the order in which they came."""
        return multiple(*self.place([(self.command(uuid7(), **one), one["who"]) for one in batch]))

    @rule(order_id=placed, one=buys, same=st.booleans(), twice=st.booleans())
    def send_again(self, order_id: UUID, one: dict[str, Any], same: bool, twice: bool) -> None:
        """An id that was used: with its own body by its owner, or with anything by anybody."""
        before = self.model.orders[order_id]
        again = (before.command, before.owner) if same else (self.command(order_id, **one), one["who"])
        self.place([again] * (1 + twice))

    def command(self, order_id: UUID, **one: Any) -> PlaceOrder:
        shop, other = self.shops[one["seller"]], self.shops[1 - one["seller"]]
        made = shop.order(*one["lines"].items(), order_id=order_id, unit_price_minor=one["price"])
        also: tuple[Part, ...] = ()
        if one["also"] is not None:
            second = other.order(*one["also"].items())
            also = (Part(seller_id=other.seller_id, lines=second.lines, promise=second.promise),)
        return msgspec.structs.replace(made, payment=one["payment"], also=also)

    def place(self, batch: list[tuple[PlaceOrder, int]]) -> list[UUID]:
        async def together() -> list[Any]:
            places = (self.intake.place(command, self.shoppers[who]) for command, who in batch)
            return await asyncio.gather(*places, return_exceptions=True)

        made: list[UUID] = []
        for (command, who), answer in zip(batch, self.run(together()), strict=True):
            first = expect(
                answer, lambda c=command, w=who: self.model.place(c, w, self.parts(c), self.clock())
            )
            if first is None:
                continue
            assert isinstance(answer, Outcome)
            order = self.model.orders[command.order_id]
            assert answer.first == first
            assert answer.placed.total.minor == sum(part.total for part in order.parts)
            assert answer.placed.placed_at == order.placed_at
            assert answer.placed.state == order.parts[0].state.word
            assert answer.placed.payment == order.parts[0].payment.word
            if len(order.parts) > 1:
                assert [part.order_id for part in answer.placed.parts] == [p.order_id for p in order.parts]
            made += [command.order_id] * first
        return made

    def parts(self, command: PlaceOrder) -> list[tuple[int, UUID, Any]]:
        sellers = [shop.seller_id for shop in self.shops]
        made: list[tuple[int, UUID, Any]] = []
        for part in (command, *command.also):
            other = derived_uuid("orders.part", command.order_id, part.seller_id)
            order_id = command.order_id if part is command else other
            wanted = [(line.variant_id, line.quantity, line.unit_price_minor) for line in part.lines]
            made.append((sellers.index(part.seller_id), order_id, wanted))
        return made

    @rule(order_id=placed, part=st.integers(0, 1), step=st.sampled_from(Step))
    def step(self, order_id: UUID, part: int, step: Step) -> None:
        order = self.model.orders[order_id]
        one = order.parts[part % len(order.parts)]

        async def work() -> Any:
            async with self.db.transaction() as tx:
                seller_id = self.shops[one.seller].seller_id
                return await take_step(tx, seller_id, one.order_id, step, by="system", at=self.clock())

        answer = self.attempt(work())
        if expect(answer, lambda: [self.model.step(order, one, step)]) is not None:
            assert (answer.state, answer.payment) == (one.state, one.payment)

    @rule(order_id=placed, card=st.sampled_from([GOOD, GOOD, DECLINED]))
    def pay(self, order_id: UUID, card: str) -> None:
        order = self.model.orders[order_id]
        answer = self.attempt(self.cards.pay(self.shoppers[order.owner], order_id, card))
        state = expect(answer, lambda: self.model.pay(order, card, self.clock()))
        assert state is None or answer.state == state

    @rule(minutes=st.integers(1, 20), expire=st.booleans())
    def time_goes_by(self, minutes: int, expire: bool) -> None:
        self.clock.at += timedelta(minutes=minutes)
        if expire:
            assert self.run(expire_unpaid(self.db, self.clock())) == self.model.expire(self.clock())

    @rule(target=receipts, seller=st.integers(0, 1), index=st.integers(0, 2), quantity=st.integers(-4, 5))
    def change_stock(self, seller: int, index: int, quantity: int) -> Any:
        """Goods come in, or are found missing."""
        spot = [spot for spot in sorted(self.model.stock) if spot[0] == seller][index]
        shop = self.shops[seller]
        item = StockItem(
            location_id=(shop.hub, shop.abroad)[spot[1]], variant_id=spot[2], quantity=quantity or 1
        )
        command = StockCommand(seller_id=shop.seller_id, command_id=uuid7(), items=(item,), by="system")
        answer = self.attempt(self.by_hand(command))
        on_hand, reserved = self.model.stock[spot]
        if on_hand + item.quantity < reserved:
            assert isinstance(answer, StockIsReserved)
            assert answer.fields == {"variant_id": spot[2], "reserved": reserved}
            return cast("Any", multiple())
        self.model.stock[spot][0] += item.quantity
        assert answer[0].on_hand == on_hand + item.quantity
        return (answer[0].on_hand, command)

    @rule(told=receipts)
    def change_stock_again(self, told: tuple[int, StockCommand]) -> None:
        """The same command later: the first answer, nothing moves."""
        assert self.attempt(self.by_hand(told[1]))[0].on_hand == told[0]

    async def by_hand(self, command: StockCommand) -> Any:
        async with self.db.transaction() as tx:
            verb = inventory.receive if command.items[0].quantity > 0 else inventory.adjust
            return await verb(tx, command, self.clock())

    @rule(who=st.integers(0, 1), minor=st.integers(1, 5000), times=st.integers(1, 2))
    def add_money(self, who: int, minor: int, times: int) -> None:
        topup_id = uuid7()

        async def work() -> None:
            async with self.db.transaction() as tx:
                await wallet.top_up(
                    tx,
                    owner_id=self.shoppers[who],
                    topup_id=topup_id,
                    amount=Money(minor, "EUR"),
                    at=self.clock(),
                )

        for _ in range(times):
            self.run(work())
        self.model.balance[who] += minor

    def attempt(self, work: Any) -> Any:
        try:
            return self.run(work)
        except Refusal as refusal:
            return refusal

    @invariant()
    def the_tables_are_as_the_model_has_them(self) -> None:
        sellers = [shop.seller_id for shop in self.shops]
        spots = {shop.hub: HUB for shop in self.shops} | {shop.abroad: ABROAD for shop in self.shops}

        async def look() -> tuple[Any, Any, Any]:
            async with self.db.snapshot() as tx:
                stock = await (await tx.connection.execute(_STOCK, [sellers])).fetchall()
                orders = await (await tx.connection.execute(_ORDERS, [sellers])).fetchall()
                return stock, orders, await wallet.accounts(tx, self.shoppers)

        stock, orders, accounts = self.run(look())
        assert {(sellers.index(r[0]), spots[r[1]], r[2]): [r[3], r[4]] for r in stock} == self.model.stock
        assert {row[0]: (row[1], row[2]) for row in orders} == {
            part.order_id: (part.state, part.payment)
            for order in self.model.orders.values()
            for part in order.parts
        }
        money = {account.owner_id: (account.balance_minor, account.held_minor) for account in accounts}
        assert [money[who] for who in self.shoppers] == list(
            zip(self.model.balance, self.model.held, strict=True)
        )
        assert self.run(examine(self.db)).findings == []

    def teardown(self) -> None:
        self.run(self.intake.close())
        self.run(expire_unpaid(self.db, self.clock() + PAY_WITHIN))


def expect(answer: Any, predict: Any) -> Any:
    """What the model says; None when it refuses, as the product must have done, for the same reason in every field."""
    refusal: Refusal | None = None
    told: Any = None
    try:
        told = predict()
    except Refusal as expected:
        refusal = expected
    if refusal is not None:
        assert (type(answer), answer.fields) == (type(refusal), refusal.fields)
    else:
        assert not isinstance(answer, BaseException), answer
    return told


def test_every_answer_is_the_models(dsn: str) -> None:
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(Database.open(dsn, min_size=1, max_size=4))
    Machine.db, Machine.loop = db, loop
    few = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    try:
        run_state_machine_as_test(Machine, settings=few)
    finally:
        loop.run_until_complete(db.close())
        loop.close()
