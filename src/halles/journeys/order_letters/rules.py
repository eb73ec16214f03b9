"""Whether a mail that is due is to be sent now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from halles.journeys.order_letters.types import Facts
from halles.letters.types import Kind
from halles.orders.types import Order, OrderState, PaymentState

LATE = timedelta(days=30)
"""An order that is older is confirmed no more: its shopper knows by now."""
_STATES = {
    Kind.SHIPPED: {OrderState.SHIPPED},
    Kind.READY: {OrderState.PACKED},
    Kind.DELIVERED: {OrderState.DELIVERED},
    Kind.CANCELLED: {OrderState.CANCELLED},
}


class Do(StrEnum):
    """`wait`: for the payment."""

    SEND = "send"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why`: of a mail that is not sent, in a word that the console explains."""

    do: Do
    why: str | None = None


_SEND, _WAIT = Verdict(Do.SEND), Verdict(Do.WAIT)


def verdict(facts: Facts, now: datetime) -> Verdict:
    """What to do with a mail that is due."""
    order, kind = facts.order, facts.kind
    if kind is not Kind.CONFIRMATION and int(kind) in facts.terms[order.seller_id].off:
        return _nothing("off")
    if kind is Kind.CONFIRMATION:
        found = _confirmation(facts, now)
    elif order.state not in _STATES.get(kind, set(OrderState)):
        found = _nothing("overtaken")
    elif (collected(order) and kind is Kind.SHIPPED) or (not collected(order) and kind is Kind.READY):
        found = _nothing("another_way")
    else:
        found = _SEND
    return _nothing("no_address") if found.do is Do.SEND and facts.recipient is None else found


def _confirmation(facts: Facts, now: datetime) -> Verdict:
    order = facts.order
    if order.parent_id not in {None, order.order_id}:
        return _nothing("with_first")
    left = standing(facts.family)
    if not left:
        return _nothing("overtaken")
    if any(part.payment is PaymentState.PENDING for part in left):
        return _WAIT
    return _nothing("late") if now - order.placed_at > LATE else _SEND


def standing(family: Sequence[Order]) -> list[Order]:
    """The parts that were not cancelled."""
    return [part for part in family if part.state is not OrderState.CANCELLED]


def collected(order: Order) -> bool:
    """Whether the shopper comes for it."""
    return order.promise.get("kind") == "pickup"


def _nothing(why: str) -> Verdict:
    return Verdict(Do.NOTHING, why)
