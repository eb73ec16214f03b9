"""Taxes, unit prices, conversions: pure."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.money import Money
from halles.pricing.rules import convert, price_of, unit_price
from halles.pricing.rules.rates_file import read_rates
from halles.pricing.rules.unit_prices import needs_unit_price
from halles.pricing.types import BadRates, BadUnit, Per, PriceRow, Rate

DAY = date(2026, 11, 20)
RATES = {
    code: Rate(currency=code, day=DAY, rate=Decimal(rate))
    for code, rate in (("USD", "1.1582"), ("JPY", "179.42"), ("CNY", "8.2384"))
}


def row(minor: int, *, regular: int | None = None, lowest: int | None = None, tax_bp: int = 2000) -> PriceRow:
    return PriceRow(
        seller_id=1, variant_id=2, currency="EUR", country="FR", price_list_id=3, minor=minor, regular_minor=regular,
        past_since=None if lowest is None else [datetime(2025, 12, 20, tzinfo=UTC)],
        past_minor=None if lowest is None else [lowest], past_announced=None if lowest is None else [False],
        perishable=False, tax_bp=tax_bp, valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


@given(st.integers(0, 10**12), st.sampled_from([0, 210, 550, 1000, 2000]))
def test_the_tax_is_contained_in_the_price(minor: int, tax_bp: int) -> None:
    price = price_of(row(minor, tax_bp=tax_bp))
    net = price.unit.minor - price.tax_minor
    assert 0 <= price.tax_minor <= minor
    assert abs(Decimal(net) * tax_bp / 10_000 - price.tax_minor) <= Decimal("0.6")


def test_vat_of_known_prices() -> None:
    assert price_of(row(12000)).tax_minor == 2000
    assert price_of(row(540, tax_bp=550)).tax_minor == 28
    assert price_of(row(100, tax_bp=0)).tax_minor == 0


@given(st.integers(1, 10**7), st.none() | st.integers(1, 10**7), st.none() | st.integers(1, 10**7))
def test_a_reduction_is_announced_only_from_the_lowest_price_of_thirty_days(
    minor: int, regular: int | None, lowest: int | None
) -> None:
    was = price_of(row(minor, regular=regular, lowest=lowest)).was
    if was is not None:
        assert regular is not None
        assert was.minor == lowest
        assert was.minor > minor


@given(
    st.integers(1, 10**9),
    st.decimals(Decimal("0.01"), Decimal(10_000), places=2),
    st.sampled_from(["g", "kg", "ml", "cl", "l", "piece"]),
)
def test_unit_prices_are_exact_to_half_a_minor_unit(minor: int, amount: Decimal, unit: str) -> None:
    found = unit_price(Money(minor, "EUR"), amount, unit)
    factor = {"g": Decimal("0.001"), "ml": Decimal("0.001"), "cl": Decimal("0.01")}.get(unit, Decimal(1))
    assert abs(Decimal(minor) / (amount * factor) - found.money.minor) <= Decimal("0.5")


def test_known_unit_prices() -> None:
    assert unit_price(Money(540, "EUR"), Decimal(370), "g").money == Money(1459, "EUR")
    assert unit_price(Money(300, "EUR"), Decimal(75), "cl").per == Per.LITRE
    for amount, unit in ((Decimal(0), "g"), (Decimal(1), "stone"), (Decimal("NaN"), "g")):
        with pytest.raises(BadUnit):
            unit_price(Money(1, "EUR"), amount, unit)


def test_known_conversions() -> None:
    shown = convert(Money(540, "EUR"), "CNY", RATES)
    assert shown is not None
    assert (shown.money, shown.rate_date) == (Money(4449, "CNY"), DAY)
    yen = convert(Money(100_00, "EUR"), "JPY", RATES)
    assert yen is not None
    assert yen.money == Money(17942, "JPY")
    across = convert(Money(115_82, "USD"), "CNY", RATES)
    assert across is not None
    assert across.money == Money(823_84, "CNY")
    assert convert(Money(1, "EUR"), "XAF", RATES) is None
    assert convert(Money(1, "EUR"), "USD", {}) is None


@given(
    st.integers(-(10**10), 10**10),
    st.sampled_from(["EUR", "USD", "JPY", "CNY"]),
    st.sampled_from(["EUR", "USD", "JPY", "CNY"]),
)
def test_conversion_there_and_back_stays_within_rounding(minor: int, source: str, target: str) -> None:
    there = convert(Money(minor, source), target, RATES)
    assert there is not None
    back = convert(there.money, source, RATES)
    assert back is not None
    assert there.money.currency == target
    if source == target:
        assert there.money.minor == minor
    unit = convert(Money(1, target), source, RATES)
    assert unit is not None
    assert abs(back.money.minor - minor) <= unit.money.minor + 1


def test_rates_files() -> None:
    wide = "Date, USD, JPY, \n20 November 2026, 1.1582, 179.42, \n"
    history = "\ufeffDate,USD,JPY,\n2026-11-20,1.1582,N/A,\n2026-11-19,1.15,178,\n"
    long = "date,currency,rate\n2026-11-20,usd,1.1582\n"
    assert [(r.currency, r.day, r.rate) for r in read_rates(wide)] == [
        ("USD", DAY, Decimal("1.1582")),
        ("JPY", DAY, Decimal("179.42")),
    ]
    assert len(read_rates(history)) == 3
    assert read_rates(long)[0].currency == "USD"
    for bad in (
        "",
        "Date,USD\n",
        "Date,USD\nyesterday,1\n",
        "Date,USD\n2026-11-20,-1\n",
        "Date,USD\n2026-11-20,one\n",
        "a,b\n1,2\n",
    ):
        with pytest.raises(BadRates):
            read_rates(bad)


def test_rates_in_xml() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://e" xmlns="http://r"><Cube>'
        '<Cube time="2026-11-20"><Cube currency="USD" rate="1.1582"/><Cube currency="JPY" rate="179.42"/></Cube>'
        '<Cube time="2026-11-19"><Cube currency="USD" rate="1.15"/></Cube></Cube></e:Envelope>'
    )
    assert [(r.currency, r.day.day, r.rate) for r in read_rates(text)] == [
        ("USD", 20, Decimal("1.1582")), ("JPY", 20, Decimal("179.42")), ("USD", 19, Decimal("1.15")),
    ]  # fmt: skip
    for bad in (
        "<a/>", "<a", '<!DOCTYPE a [<!ENTITY b "c">]><a time="2026-11-20"><r currency="USD" rate="1"/></a>',
        '<a><b time="2026-11-20"><r currency="USD" rate="0"/></b></a>', '<a><b time="soon"><r currency="USD" rate="1"/></b></a>',
        '<a><b time="2026-11-20"><r currency="USD"/></b></a>',
    ):  # fmt: skip
        with pytest.raises(BadRates):
            read_rates(bad)


def test_what_coins_can_pay() -> None:
    rates = {"CHF": Rate(currency="CHF", day=DAY, rate=Decimal("0.9318"))}
    shown = convert(Money(1000, "EUR"), "CHF", rates)
    assert shown is not None
    assert shown.money == Money(930, "CHF")
    same = convert(Money(933, "CHF"), "CHF", rates)
    assert same is not None
    assert same.money == Money(933, "CHF")


def test_which_goods_need_a_price_by_unit() -> None:
    need = needs_unit_price
    assert need(family="grocery", amount=Decimal(370), unit="g")
    assert need(family="home", amount=Decimal(75), unit="cl")
    assert need(family="home", amount=Decimal(6), unit="piece")
    assert need(family="grocery", amount=None, unit=None)
    assert not need(family="apparel", amount=None, unit=None)
    assert not need(family="grocery", amount=Decimal(1), unit="kg")
    assert not need(family="apparel", amount=Decimal(1), unit="piece")
