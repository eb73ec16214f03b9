"""Pure decisions of pricing. Each is told in prose in docs/algorithms/prices-and-tax.md."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from halles.kernel.money import Money, exponent, included_tax
from halles.pricing.rules.reductions import crossed_out, law_of
from halles.pricing.rules.unit_prices import UNITS
from halles.pricing.types import (
    HOME,
    BadUnit,
    NoRate,
    Price,
    PriceRow,
    Rate,
    Rates,
    Shown,
    Step,
    UnitPrice,
)

_SHOWN_STEPS = {"CHF": 5}
"""Currencies whose smallest coin is larger than their minor unit: what is shown for information is rounded to the coin."""


def prices_of(rows: Iterable[PriceRow]) -> dict[tuple[int, int, str], Price]:
    """Rows of PRICE_SQL as prices by (seller, variant, currency)."""
    return {(row.seller_id, row.variant_id, row.currency): price_of(row) for row in rows}


def price_of(row: PriceRow) -> Price:
    """A row as a price: the tax it contains, and what the law of its country lets one cross out beside it."""
    was = None
    if row.regular_minor is not None:
        was = crossed_out(_steps(row), law_of(row.country), perishable=row.perishable)
    return Price(
        seller_id=row.seller_id,
        variant_id=row.variant_id,
        unit=Money(row.minor, row.currency),
        tax_bp=row.tax_bp,
        tax_minor=included_tax(row.minor, row.tax_bp),
        price_list_id=row.price_list_id,
        was=None if was is None else Money(was, row.currency),
        since=row.valid_from,
        announced=None if row.regular_minor is None else Money(row.regular_minor, row.currency),
    )


def _steps(row: PriceRow) -> list[Step]:
    past = zip(row.past_since or (), row.past_minor or (), row.past_announced or (), strict=True)
    steps = [Step(since=since, minor=minor, announced=announced) for since, minor, announced in past]
    return [
        *reversed(steps),
        Step(since=row.valid_from, minor=row.minor, announced=row.regular_minor is not None),
    ]


def known_unit(unit: str) -> bool:
    """Whether a unit of content is one that unit prices are computed from."""
    return unit in UNITS


def unit_price(price: Money, amount: Decimal, unit: str) -> UnitPrice:
    """The price of one kilogram, litre or piece of what a piece contains, rounded half to even. Raises BadUnit."""
    if unit not in UNITS or not amount.is_finite() or amount <= 0:
        raise BadUnit(f"{amount} {unit} is no content to count a price by", unit=unit)
    factor, per = UNITS[unit]
    exact = Decimal(price.minor) / (amount * factor)
    return UnitPrice(money=Money(_whole(exact), price.currency), per=per)


def convert(money: Money, to: str, rates: Rates) -> Shown | None:
    """An amount in another currency through the euro, rounded once, half to even, to what that currency's coins can pay; None
    when a rate is missing.

    The same currency gives the same amount, and needs a rate only for its date.
    """
    source, target = _rate(money.currency, rates), _rate(to, rates)
    if source is None or target is None:
        return None
    exact = money.decimal() * target.rate / source.rate
    day = min(rate.day for rate in (source, target) if rate.currency != HOME or money.currency == to)
    if money.currency == to:
        return Shown(money=money, rate_date=day)
    step = _SHOWN_STEPS.get(to, 1)
    return Shown(money=Money(_whole(exact.scaleb(exponent(to)) / step) * step, to), rate_date=day)


def need_conversion(money: Money, to: str, rates: Rates) -> Shown:
    """As `convert`, for callers that cannot do without. Raises NoRate."""
    shown = convert(money, to, rates)
    if shown is None:
        raise NoRate(f"No exchange rate between {money.currency} and {to} is known.", retry_after_s=3600)
    return shown


def _rate(currency: str, rates: Rates) -> Rate | None:
    if currency in rates:
        return rates[currency]
    if currency == HOME and rates:
        return Rate(currency=HOME, day=max(rate.day for rate in rates.values()), rate=Decimal(1))
    return None


def _whole(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_EVEN))
