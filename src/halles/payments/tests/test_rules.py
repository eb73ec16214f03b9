"""What may be topped up, and what a provider's word means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.payments import rules
from halles.payments.types import BadTopup, PspPayment, PspState, TopupState

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
    payment = PspPayment(ref="x", owner_id=1, topup_id=uuid7(), amount=Money(1, "EUR"), state=state)
    assert rules.outcome(payment) is outcome


def test_the_provider_is_asked_ever_less_often_but_always_again() -> None:
    pauses = [rules.next_ask(NOW, asks) - NOW for asks in range(50)]
    assert pauses[0] == timedelta(seconds=4)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=5)
