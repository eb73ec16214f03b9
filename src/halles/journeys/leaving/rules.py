"""What stands in the way of leaving. Values in, values out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from halles.journeys.leaving.types import (
    Amount,
    LastInCharge,
    MoneyLeft,
    Obstacle,
    OrderOpen,
    PaymentPending,
    Standing,
)
from halles.kernel.errors import Conflict
from halles.orders.types import OrderState, PaymentState

ARRIVED_AFTER = timedelta(days=60)
"""After so long an order that was sent, paid, and never said to have arrived keeps nobody any more."""
AGAIN_AFTER = (timedelta(hours=1), timedelta(days=7))
"""When forgetting is done again: what was under way as the account closed is over an hour later; answers to commands that are
kept for a week, and what hangs on them, after that week."""
_UNDER_WAY = frozenset({OrderState.PLACED, OrderState.PACKED})
_UNPAID = frozenset({PaymentState.HELD, PaymentState.PENDING})


def is_open(state: OrderState, payment: PaymentState, placed_at: datetime, now: datetime) -> bool:
    """Whether an order still needs its owner: it has not left, is on its way, or its money is not settled."""
    if state in _UNDER_WAY:
        return True
    if state is OrderState.SHIPPED:
        return payment in _UNPAID or now - placed_at < ARRIVED_AFTER
    return payment in _UNPAID


def obstacles(standing: Standing) -> list[Obstacle]:
    """Everything that stands in the way, what the shopper can do least about first."""
    found: list[Obstacle] = []
    if standing.sellers:
        found.append(Obstacle(code="leaving.last_in_charge", sellers=standing.sellers))
    if standing.orders:
        found.append(Obstacle(code="leaving.order_open", orders=standing.orders))
    if standing.pending or (standing.held and not standing.orders):
        found.append(Obstacle(code="leaving.payment_pending"))
    left = [one for one in standing.money if one.minor]
    if left:
        found.append(Obstacle(code="leaving.money_left", money=left))
    return found


def refusal(standing: Standing, given_up: Iterable[Amount] | None) -> Conflict | None:
    """The first obstacle as a refusal; None when the account may be closed. `given_up`: what its owner gives up; it must be what
    is there, to the cent, in every currency. None: what is left is paid out, whatever it is."""
    found = obstacles(standing)
    if found and found[0].code == "leaving.last_in_charge":
        return LastInCharge(
            "Nobody else runs this: give the role to somebody first.", sellers=list(found[0].sellers)
        )
    if found and found[0].code == "leaving.order_open":
        return OrderOpen(
            "An order is open: cancel it, or wait until it has arrived.",
            orders=[{"order_id": str(one.order_id), "number": one.number} for one in found[0].orders],
        )
    if found and found[0].code == "leaving.payment_pending":
        return PaymentPending("A payment or a refund is not settled yet; try again later.")
    if given_up is not None and _sums(given_up) != _sums(standing.money):
        return MoneyLeft("There is money in the wallet.", money=told(standing.money))
    return None


def told(amounts: Iterable[Amount]) -> list[dict[str, object]]:
    """Amounts as facts of a refusal."""
    return [
        {"minor": minor, "currency": currency} for currency, minor in sorted(_sums(amounts).items()) if minor
    ]


def entry(amounts: Iterable[Amount], *, paid_out: str | None) -> str:
    """What became of the money, for the entry that stays: `given up 12.30 EUR` in minor units, by currency."""
    sums = ", ".join(f"{minor} {currency}" for currency, minor in sorted(_sums(amounts).items()))
    if not sums:
        return ""
    return f"given up: {sums}" if paid_out is None else f"paid out ({paid_out}): {sums}"


def fingerprint(given_up: Sequence[Amount]) -> bytes:
    """Sixteen bytes that stand for what was asked."""
    text = repr(sorted(_sums(given_up).items()))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def next_pass(passes: int, now: datetime) -> datetime | None:
    """When forgetting goes on after so many passes; None when it is over."""
    return now + AGAIN_AFTER[passes - 1] if passes <= len(AGAIN_AFTER) else None


def _sums(amounts: Iterable[Amount]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in amounts:
        if one.minor:
            sums[one.currency] = sums.get(one.currency, 0) + one.minor
    return sums
