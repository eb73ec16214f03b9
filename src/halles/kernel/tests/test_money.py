from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.money import BadAmount, CurrencyMismatch, Money, allocate, included_tax, parse_money, share


def test_money_of_two_currencies_never_adds_up() -> None:
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, "EUR") + Money(1, "CNY")


@pytest.mark.parametrize("code", ["eur", "EURO", "", "E1R "])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    with pytest.raises(BadAmount):
        Money(1, code)


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("12.40 EUR", None, Money(1240, "EUR")),
        ("EUR 12,40", None, Money(1240, "EUR")),
        ("1200 JPY", None, Money(1200, "JPY")),
        ("1.234 KWD", None, Money(1234, "KWD")),
        ("9", "EUR", Money(900, "EUR")),
        ("1,234.50 USD", None, Money(123450, "USD")),
    ],
)
def test_amounts_are_read_exactly(text: str, currency: str | None, expected: Money) -> None:
    assert parse_money(text, currency) == expected


@pytest.mark.parametrize(
    "text", ["", "EUR", "12.345 EUR", "1.5 JPY", "12 EUR USD", "NaN EUR", "1e99 EUR", "twelve"]
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        parse_money(text)


def test_money_prints_in_major_units() -> None:
    assert str(Money(1240, "EUR")) == "12.40 EUR"
    assert Money(1240, "JPY").decimal() == Decimal(1240)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_a_split_loses_nothing(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )


@given(st.integers(0, 10**12), st.integers(0, 3000))
def test_tax_is_part_of_the_gross(gross: int, rate: int) -> None:
    tax = included_tax(gross, rate)
    assert 0 <= tax <= gross
    assert abs(share(gross - tax, rate) - tax) <= 1


@given(st.integers(-(2**62), 2**62), st.integers(0, 30_000))
def test_halves_go_to_the_even_unit(amount: int, rate: int) -> None:
    with localcontext(prec=80):
        exact = Decimal(amount) * rate
        assert share(amount, rate) == int((exact / 10_000).to_integral_value(ROUND_HALF_EVEN))
        assert included_tax(amount, rate) == int((exact / (10_000 + rate)).to_integral_value(ROUND_HALF_EVEN))


def test_a_half_is_rounded_to_the_even_unit() -> None:
    assert [share(minor, 5_000) for minor in (1, 3, -1, -3)] == [0, 2, 0, -2]
