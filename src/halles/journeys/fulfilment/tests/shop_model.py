"""The whole shop in a few dictionaries: what it is asked it answers, or refuses, exactly as the product must."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.tests.small_shop import PRICE
from halles.journeys.checkout.types import PlaceOrder
from halles.orders.rules import STEPS
from halles.orders.types import IdReused, OrderState, PaymentPending, PaymentState, Step, WrongState
from halles.payments.types import NotAwaitingPayment, TooLate
from halles.pricing.types import PriceChanged
from halles.wallet.types import InsufficientFunds

START, FUNDS = 6, 14 * PRICE
PAY_WITHIN = timedelta(minutes=30)
HUB, ABROAD = 0, 1
DECLINED = "4000 0000 0000 0002"

Spot = tuple[int, int, int]
"""(which seller, hub or abroad, which article)"""


@dataclass(slots=True)
class Standing:
    """One seller's part of an order that was placed. `lines`: (spot, quantity)."""

    seller: int
    order_id: UUID
    lines: list[tuple[Spot, int]]
    state: OrderState
    payment: PaymentState

    @property
    def total(self) -> int:
        return sum(quantity * PRICE for _, quantity in self.lines)


@dataclass(slots=True)
class Placed:
    """An order as it was told. `paid`: a card's money came for it."""

    command: PlaceOrder
    owner: int
    placed_at: datetime
    parts: list[Standing]
    paid: bool = False

    @property
    def waiting(self) -> list[Standing]:
        return [part for part in self.parts if part.payment is PaymentState.PENDING]


@dataclass(slots=True)
class Model:
    """`stock`: (on hand, reserved) of each spot; `balance`, `held`: of each shopper."""

    stock: dict[Spot, list[int]]
    balance: list[int]
    held: list[int]
    orders: dict[UUID, Placed] = field(default_factory=dict[UUID, Placed])

    def sellable(self, spot: Spot) -> int:
        on_hand, reserved = self.stock[spot]
        return on_hand - reserved

    def source(self, seller: int, article: int, quantity: int) -> Spot:
        """The hub where it has enough, else abroad."""
        spots = [
            (seller, where, article) for where in (HUB, ABROAD) if (seller, where, article) in self.stock
        ]
        for spot in spots:
            if self.sellable(spot) >= quantity:
                return spot
        raise InsufficientStock(variant_id=article, sellable=max(self.sellable(spot) for spot in spots))

    def place(
        self, command: PlaceOrder, owner: int, parts: list[tuple[int, UUID, Any]], now: datetime
    ) -> bool:
        """Whether this is the first time; `parts`: (seller, order id, lines) of each. Raises the refusal to expect."""
        before = self.orders.get(command.order_id)
        if before is not None:
            if (before.command, before.owner) == (command, owner):
                return False
            raise IdReused("", order_id=str(command.order_id))
        made: list[Standing] = []
        card = command.payment == "card"
        for seller, order_id, lines in parts:
            chosen: list[tuple[Spot, int]] = []
            for article, quantity, price in lines:
                if price != PRICE:
                    raise PriceChanged(variant_id=article, unit_price_minor=PRICE, currency="EUR")
                chosen.append((self.source(seller, article, quantity), quantity))
            payment = PaymentState.PENDING if card else PaymentState.HELD
            made.append(Standing(seller, order_id, chosen, OrderState.PLACED, payment))
        total, available = sum(part.total for part in made), self.balance[owner] - self.held[owner]
        if not card and total > available:
            missing = total - available
            raise InsufficientFunds(missing_minor=missing, available_minor=available, currency="EUR")
        for part in made:
            self.move(part, reserved=1)
        self.held[owner] += 0 if card else total
        self.orders[command.order_id] = Placed(command, owner, now, made)
        return True

    def move(self, part: Standing, *, on_hand: int = 0, reserved: int = 0) -> None:
        for spot, quantity in part.lines:
            self.stock[spot][0] += on_hand * quantity
            self.stock[spot][1] += reserved * quantity

    def step(self, order: Placed, part: Standing, step: Step) -> None:
        """Raises WrongState, PaymentPending."""
        starts, after, paid = STEPS[step]
        if part.state not in starts:
            raise WrongState("", state=part.state.word, step=step.value)
        unpaid = part.payment is PaymentState.PENDING
        if unpaid and step is not Step.CANCEL:
            raise PaymentPending("", step=step.value)
        part.state, part.payment = after, paid
        if step is Step.SHIP:
            self.move(part, on_hand=-1, reserved=-1)
            self.held[order.owner] -= part.total
            self.balance[order.owner] -= part.total
        elif step is Step.CANCEL:
            self.move(part, reserved=-1)
            self.held[order.owner] -= 0 if unpaid else part.total
        elif step is Step.TAKE_BACK:
            self.move(part, on_hand=1)
            self.balance[order.owner] += part.total

    def pay(self, order: Placed, card: str, now: datetime) -> str:
        """The state that the payment is told to be in. Raises NotAwaitingPayment, TooLate."""
        waiting = order.waiting
        if not waiting:
            if order.paid:
                return "received"
            head = order.parts[0]
            raise NotAwaitingPayment("", state=head.state.word, payment=head.payment.word)
        if now >= order.placed_at + PAY_WITHIN:
            raise TooLate("", pay_by=(order.placed_at + PAY_WITHIN).isoformat())
        if card == DECLINED:
            return "failed"
        for part in waiting:
            part.payment = PaymentState.HELD
            self.balance[order.owner] += part.total
            self.held[order.owner] += part.total
        order.paid = True
        return "received"

    def expire(self, now: datetime) -> int:
        late = [order for order in self.orders.values() if order.placed_at + PAY_WITHIN <= now]
        parts = [part for order in late for part in order.waiting]
        for part in parts:
            self.move(part, reserved=-1)
            part.state, part.payment = OrderState.CANCELLED, PaymentState.VOIDED
        return len(parts)
