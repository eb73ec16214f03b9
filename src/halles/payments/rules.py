"""Pure decisions of payments: what may be topped up, what a provider's word means for a top-up, when to ask again."""

from __future__ import annotations

from datetime import datetime, timedelta

from halles.kernel.money import Money, exponent
from halles.payments.types import (
    CURRENCIES,
    BadTopup,
    PaymentMismatch,
    PspPayment,
    PspState,
    Topup,
    TopupState,
)

LEAST_MAJOR, MOST_MAJOR = 1, 2_000
"""Whole units of the currency: less costs more in fees than it is worth, more deserves a bank transfer."""
ABANDONED_AFTER = timedelta(hours=23)
"""A payment nobody finished is closed before the provider forgets its idempotency key (Stripe: 24 hours)."""
FIRST_ASK = timedelta(seconds=4)
LONGEST_PAUSE = timedelta(minutes=5)


def check_amount(amount: Money) -> None:
    """Raise BadTopup unless this much of this currency can be topped up."""
    if amount.currency not in CURRENCIES:
        raise BadTopup(
            "A wallet cannot be topped up in this currency.", currency=amount.currency, takes=list(CURRENCIES)
        )
    unit = 10 ** exponent(amount.currency)
    if not LEAST_MAJOR * unit <= amount.minor <= MOST_MAJOR * unit:
        raise BadTopup(
            f"A top-up is between {LEAST_MAJOR} and {MOST_MAJOR} {amount.currency}.",
            least_minor=LEAST_MAJOR * unit,
            most_minor=MOST_MAJOR * unit,
        )


def outcome(payment: PspPayment) -> TopupState:
    """What a provider's word makes of a top-up."""
    if payment.state is PspState.SUCCEEDED:
        return TopupState.SETTLED
    return TopupState.FAILED if payment.state in {PspState.FAILED, PspState.CANCELED} else TopupState.PENDING


def check_same(topup: Topup, payment: PspPayment) -> None:
    """Raise PaymentMismatch unless the provider speaks of this very top-up."""
    ours = (topup.owner_id, topup.topup_id, topup.amount)
    if ours != (payment.owner_id, payment.topup_id, payment.amount):
        raise PaymentMismatch(
            "The provider's payment is not the top-up we know.",
            topup_id=str(topup.topup_id),
            provider_ref=payment.ref,
            ours=str(topup.amount),
            theirs=str(payment.amount),
        )


def next_ask(now: datetime, asks: int) -> datetime:
    """When to ask about a top-up again: 4 s, 8 s, 16 s, … at most every five minutes."""
    return now + min(FIRST_ASK * 2 ** min(asks, 10), LONGEST_PAUSE)


def is_abandoned(topup: Topup, now: datetime) -> bool:
    return now - topup.created_at >= ABANDONED_AFTER
