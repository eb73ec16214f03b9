"""What may be topped up, and what a provider's word means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.payments import rules
from halles.payments.rules import Verdict
from halles.payments.tests.hands import topup_subject
from halles.payments.types import (
    BadTopup,
    OrderPayment,
    PspPayment,
    PspState,
    RefundState,
    RefundTooLarge,
    TopupState,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "amount", [Money(100, "EUR"), Money(200_000, "EUR"), Money(1, "JPY"), Money(2000, "JPY")]
)
def test_reasonable_amounts_are_taken(amount: Money) -> None:
    rules.check_amount(amount)


@pytest.mark.parametrize(
    "amount",
    [
        Money(99, "EUR"),
        Money(200_001, "EUR"),
        Money(0, "EUR"),
        Money(-500, "EUR"),
        Money(2001, "JPY"),
        Money(5000, "XXX"),
    ],
)
def test_other_amounts_are_refused(amount: Money) -> None:
    with pytest.raises(BadTopup):
        rules.check_amount(amount)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (PspState.NEEDS_METHOD, TopupState.PENDING),
        (PspState.NEEDS_ACTION, TopupState.PENDING),
        (PspState.PROCESSING, TopupState.PENDING),
        (PspState.SUCCEEDED, TopupState.SETTLED),
        (PspState.FAILED, TopupState.FAILED),
        (PspState.CANCELED, TopupState.FAILED),
    ],
)
def test_a_topup_follows_its_providers_word(state: PspState, outcome: TopupState) -> None:
    payment = PspPayment(ref="x", subject=topup_subject(1, uuid7()), amount=Money(1, "EUR"), state=state)
    assert rules.outcome(payment) is outcome


def test_the_provider_is_asked_ever_less_often_but_always_again() -> None:
    pauses = [rules.next_ask(NOW, asks) - NOW for asks in range(50)]
    assert pauses[0] == timedelta(seconds=4)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=5)


# ── a card payment of an order ──────────────────────────────────────────────────────────────────────────────────────────────

RANK = {"created": 0, "pending": 1, "failed": 2, "received": 3, "credited": 3}
STATE_OF = {
    Verdict.WAIT: "pending",
    Verdict.RECEIVE: "received",
    Verdict.CREDIT: "credited",
    Verdict.FAIL: "failed",
}


def attempt(state: str, minor: int = 1200) -> OrderPayment:
    money = state in {"received", "credited"}
    return OrderPayment(
        seller_id=1,
        payment_id=uuid7(),
        order_id=uuid7(),
        attempt=1,
        amount_minor=minor,
        currency="EUR",
        provider="demo",
        state=state,
        provider_ref="x",
        client_secret=None,
        url=None,
        failure=None,
        paid_minor=minor if money else None,
        paid_currency="EUR" if money else None,
        attention=None,
        closes_at=NOW,
        created_at=NOW,
    )


@given(
    state=st.sampled_from(sorted(RANK)),
    said=st.sampled_from(PspState),
    amount=st.sampled_from([Money(1200, "EUR"), Money(1199, "EUR"), Money(1200, "USD")]),
    ref=st.sampled_from(["x", "y"]),
    waiting=st.booleans(),
)
def test_a_payment_only_goes_forward_and_only_its_sum_pays(
    state: str, said: PspState, amount: Money, ref: str, waiting: bool
) -> None:
    row = attempt(state)
    payment = PspPayment(ref=ref, subject=row.subject, amount=amount, state=said)
    verdict = rules.judge(row, payment, waiting=waiting)
    after = STATE_OF.get(verdict, state)
    assert RANK[after] >= RANK[state]
    if state in {"received", "credited"}:
        assert verdict in {Verdict.NOTHING, Verdict.AGAIN}
        assert (verdict is Verdict.AGAIN) == (said is PspState.SUCCEEDED and ref == "y")
    if verdict is Verdict.RECEIVE:
        assert waiting
        assert amount == row.amount
    if said is PspState.SUCCEEDED and row.paid is None:
        assert verdict in {Verdict.RECEIVE, Verdict.CREDIT}, "money that came is never forgotten"
    if said is not PspState.SUCCEEDED:
        assert verdict not in {Verdict.RECEIVE, Verdict.CREDIT, Verdict.AGAIN}, "no money, nothing is booked"


def test_a_refund_that_failed_stays_failed_and_a_success_may_still_fail() -> None:
    after = rules.after_refund
    assert after("created", RefundState.PENDING) is RefundState.PENDING
    assert after("pending", RefundState.SUCCEEDED) is RefundState.SUCCEEDED
    assert after("succeeded", RefundState.FAILED) is RefundState.FAILED
    assert after("succeeded", RefundState.PENDING) is None
    assert all(after("failed", said) is None for said in RefundState)


def test_the_provider_is_asked_in_time_to_close() -> None:
    closes = NOW + timedelta(seconds=90)
    assert rules.next_look(NOW, 9, closes) == closes
    assert rules.next_look(closes, 9, closes) > closes


@pytest.mark.parametrize("minor", [0, -1, 101])
def test_no_more_goes_back_than_is_left(minor: int) -> None:
    with pytest.raises(RefundTooLarge):
        rules.check_refund(Money(minor, "EUR"), Money(100, "EUR"))
    with pytest.raises(RefundTooLarge):
        rules.check_refund(Money(50, "USD"), Money(100, "EUR"))
    rules.check_refund(Money(100, "EUR"), Money(100, "EUR"))
