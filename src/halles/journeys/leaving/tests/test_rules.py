"""What stands in the way, purely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.journeys.leaving import rules
from halles.journeys.leaving.types import Amount, LastInCharge, MoneyLeft, OpenOrder, OrderOpen, Standing
from halles.orders.types import OrderState, PaymentState

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ORDER = OpenOrder(order_id=UUID(int=1), number="0000000001", placed_at=NOW)
amounts = st.lists(
    st.builds(Amount, minor=st.integers(0, 10_000), currency=st.sampled_from(("EUR", "CNY", "JPY"))),
    max_size=4,
)
standings = st.builds(
    Standing,
    sellers=st.lists(st.integers(0, 3), max_size=2),
    orders=st.lists(st.just(ORDER), max_size=2),
    pending=st.integers(0, 2),
    money=amounts,
    held=st.booleans(),
)


@given(standings, amounts)
def test_nobody_leaves_over_an_obstacle_but_given_up_money(
    standing: Standing, given_up: list[Amount]
) -> None:
    refused = rules.refusal(standing, given_up)
    codes = [one.code for one in rules.obstacles(standing)]
    if refused is None:
        assert set(codes) <= {"leaving.money_left"}
        for currency in {one.currency for one in (*standing.money, *given_up)}:
            there = sum(one.minor for one in standing.money if one.currency == currency)
            assert there == sum(one.minor for one in given_up if one.currency == currency)
    elif not isinstance(refused, MoneyLeft):
        assert refused.code == codes[0]


@given(standings)
def test_exactly_what_is_there_can_be_given_up(standing: Standing) -> None:
    refused = rules.refusal(standing, list(standing.money))
    assert not isinstance(refused, MoneyLeft)
    assert (refused is None) == (rules.refusal(standing, None) is None)


@given(st.sampled_from(OrderState), st.sampled_from(PaymentState), st.integers(0, 400), st.integers(0, 400))
def test_time_only_ever_ends_an_order(state: OrderState, payment: PaymentState, days: int, more: int) -> None:
    placed = NOW - timedelta(days=days)
    later = NOW + timedelta(days=more)
    if not rules.is_open(state, payment, placed, NOW):
        assert not rules.is_open(state, payment, placed, later)
    if payment in {PaymentState.HELD, PaymentState.PENDING} or state in {
        OrderState.PLACED,
        OrderState.PACKED,
    }:
        assert rules.is_open(state, payment, placed, later)


def test_an_order_that_was_never_said_to_have_arrived_ends() -> None:
    sent = (OrderState.SHIPPED, PaymentState.CAPTURED)
    assert rules.is_open(*sent, NOW - timedelta(days=59), NOW)
    assert not rules.is_open(*sent, NOW - timedelta(days=60), NOW)
    assert not rules.is_open(OrderState.DELIVERED, PaymentState.CAPTURED, NOW, NOW)


def test_what_can_be_done_least_about_comes_first() -> None:
    money = [Amount(minor=5, currency="EUR")]
    all_of_it = Standing(sellers=[7], orders=[ORDER], pending=1, money=money, held=True)
    assert isinstance(rules.refusal(all_of_it, money), LastInCharge)
    assert [one.code for one in rules.obstacles(all_of_it)] == [
        "leaving.last_in_charge",
        "leaving.order_open",
        "leaving.payment_pending",
        "leaving.money_left",
    ]
    ordered = Standing(sellers=[], orders=[ORDER], pending=0, money=money, held=True)
    assert isinstance(rules.refusal(ordered, money), OrderOpen)


@given(amounts, amounts)
def test_a_fingerprint_tells_sums(one: list[Amount], other: list[Amount]) -> None:
    same = rules.told(one) == rules.told(other)
    assert (rules.fingerprint(one) == rules.fingerprint(other)) == same
    assert rules.fingerprint(one) == rules.fingerprint(list(reversed(one)))


def test_forgetting_ends() -> None:
    moments = [rules.next_pass(passes, NOW) for passes in (1, 2, 3, 4)]
    assert moments == [NOW + timedelta(hours=1), NOW + timedelta(days=7), None, None]


def test_the_entry_names_amounts_and_a_reference() -> None:
    money = [Amount(minor=1230, currency="EUR"), Amount(minor=0, currency="CNY")]
    assert rules.entry(money, paid_out=None) == "given up: 1230 EUR"
    assert rules.entry(money, paid_out="SEPA-17") == "paid out (SEPA-17): 1230 EUR"
    assert rules.entry([], paid_out="SEPA-17") == ""
