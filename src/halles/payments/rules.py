"""Pure decisions of payments: what may be topped up, what a provider's word means for a top-up, when to ask again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from halles.kernel.money import Money, exponent
from halles.payments.types import (
    CURRENCIES,
    BadTopup,
    OrderPayment,
    OrderPaymentState,
    PaymentMismatch,
    PspPayment,
    PspState,
    RefundState,
    RefundTooLarge,
    Subject,
    SubjectKind,
    Topup,
    TopupState,
)

LEAST_MAJOR, MOST_MAJOR = 1, 2_000
"""Whole units of the currency: less costs more in fees than it is worth, more deserves a bank transfer."""
ABANDONED_AFTER = timedelta(hours=23)
"""A payment nobody finished is closed before the provider forgets its idempotency key (Stripe: 24 hours)."""
FIRST_ASK = timedelta(seconds=4)
LONGEST_PAUSE = timedelta(minutes=5)
MOST_ATTEMPTS = 20
UNCLEAR_AFTER = timedelta(hours=24)
"""What has no end after a day is shown to a person and counted in a metric."""


class Verdict(StrEnum):
    """What a provider's word makes of an order's payment. `again`: it took money a second time for the same order."""

    NOTHING = "nothing"
    WAIT = "wait"
    RECEIVE = "receive"
    CREDIT = "credit"
    FAIL = "fail"
    AGAIN = "again"


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
    ours = (Subject(SubjectKind.TOPUP, topup.owner_id, topup.topup_id), topup.amount)
    if ours != (payment.subject, payment.amount):
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


def judge(row: OrderPayment, payment: PspPayment, *, waiting: bool) -> Verdict:
    """What to do with the provider's word on an order's payment. `waiting`: the order waits for money.

    The state only goes forward: created, pending, failed, then received or credited. Money that came is never forgotten, not even
    after a failure, and only the exact sum pays the order.
    """
    has_money = row.state in {OrderPaymentState.RECEIVED, OrderPaymentState.CREDITED}
    if payment.state is PspState.SUCCEEDED:
        if has_money:
            return Verdict.NOTHING if payment.ref == row.provider_ref else Verdict.AGAIN
        return Verdict.RECEIVE if waiting and payment.amount == row.amount else Verdict.CREDIT
    if not row.open:
        return Verdict.NOTHING
    return Verdict.FAIL if payment.state in {PspState.FAILED, PspState.CANCELED} else Verdict.WAIT


def next_look(now: datetime, asks: int, closes_at: datetime) -> datetime:
    """When to ask about an order's payment again: as for a top-up, and in time to close it."""
    later = next_ask(now, asks)
    return min(later, closes_at) if closes_at > now else later


def after_refund(state: str, said: RefundState) -> RefundState | None:
    """The new state of a refund; None when it stays. A success may still turn into a failure (the bank sent it back), never the
    other way."""
    now = RefundState(state)
    if now is RefundState.FAILED or now is said:
        return None
    if now is RefundState.SUCCEEDED:
        return RefundState.FAILED if said is RefundState.FAILED else None
    return said


def check_refund(amount: Money, left: Money) -> None:
    """Raise RefundTooLarge unless this much is left to give back."""
    if amount.currency != left.currency or not 0 < amount.minor <= left.minor:
        raise RefundTooLarge(
            "More would be given back than the card has paid.", left_minor=left.minor, currency=left.currency
        )
