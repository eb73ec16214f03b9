"""Pure decisions of pricing. Each is told in prose in docs/algorithms/prices-and-tax.md."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from halles.kernel.money import Money, exponent, included_tax
from halles.pricing.types import HOME, BadUnit, NoRate, Per, Price, PriceRow, Rate, Rates, Shown, UnitPrice

# One of the unit, in kilograms, litres or pieces.
_UNITS: dict[str, tuple[Decimal, Per]] = {
    "mg": (Decimal("0.000001"), Per.KILOGRAM),
    "g": (Decimal("0.001"), Per.KILOGRAM),
    "kg": (Decimal(1), Per.KILOGRAM),
    "ml": (Decimal("0.001"), Per.LITRE),
    "cl": (Decimal("0.01"), Per.LITRE),
    "dl": (Decimal("0.1"), Per.LITRE),
    "l": (Decimal(1), Per.LITRE),
    "piece": (Decimal(1), Per.PIECE),
    "pc": (Decimal(1), Per.PIECE),
    "ct": (Decimal(1), Per.PIECE),
}


def prices_of(rows: Iterable[PriceRow]) -> dict[tuple[int, int, str], Price]:
    """Rows of PRICE_SQL as prices by (seller, variant, currency)."""
    return {(row.seller_id, row.variant_id, row.currency): price_of(row) for row in rows}


def price_of(row: PriceRow) -> Price:
    """A row as a price: the tax it contains, and what may be crossed out beside it.

    A reduction is announced only against the lowest price charged in the thirty days before it (Directive 98/6/EC, article
    6a; code de la consommation, L112-1-1): with nothing charged then, or nothing higher, none is announced.
    """
    announced = (
        row.regular_minor is not None and row.lowest_minor is not None and row.lowest_minor > row.minor
    )
    return Price(
        seller_id=row.seller_id,
        variant_id=row.variant_id,
        unit=Money(row.minor, row.currency),
        tax_bp=row.tax_bp,
        tax_minor=included_tax(row.minor, row.tax_bp),
        price_list_id=row.price_list_id,
        was=Money(row.lowest_minor or 0, row.currency) if announced else None,
        since=row.valid_from,
    )


def known_unit(unit: str) -> bool:
    """Whether a unit of content is one that unit prices are computed from."""
    return unit in _UNITS


def unit_price(price: Money, amount: Decimal, unit: str) -> UnitPrice:
    """The price of one kilogram, litre or piece of what a piece contains, rounded half to even. Raises BadUnit."""
    if unit not in _UNITS or not amount.is_finite() or amount <= 0:
        raise BadUnit(f"{amount} {unit} is no content to count a price by", unit=unit)
    factor, per = _UNITS[unit]
    exact = Decimal(price.minor) / (amount * factor)
    return UnitPrice(money=Money(_whole(exact), price.currency), per=per)


def convert(money: Money, to: str, rates: Rates) -> Shown | None:
    """An amount in another currency through the euro, rounded once, half to even; None when a rate is missing.

    The same currency gives the same amount, and needs a rate only for its date.
    """
    source, target = _rate(money.currency, rates), _rate(to, rates)
    if source is None or target is None:
        return None
    exact = money.decimal() * target.rate / source.rate
    day = min(rate.day for rate in (source, target) if rate.currency != HOME or money.currency == to)
    return Shown(money=Money(_whole(exact.scaleb(exponent(to))), to), rate_date=day)


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
