"""All that crosses the border of pricing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from halles.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from halles.kernel.money import Money

HOME = "EUR"
"""The currency that rates are counted against."""


class Per(StrEnum):
    """What a unit price is for one of."""

    KILOGRAM = "kg"
    LITRE = "l"
    PIECE = "piece"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A price somebody asks for. `country` (ISO 3166) decides the VAT rate and which price list counts."""

    seller_id: int
    variant_id: int
    currency: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price as the statement gives it; `prices_of` turns rows into prices.

    `regular_minor` present: a reduction is announced. `lowest_minor`: the least charged in the thirty days before it began,
    None when nothing was charged then.
    """

    seller_id: int
    variant_id: int
    currency: str
    country: str
    price_list_id: int
    minor: int
    regular_minor: int | None
    lowest_minor: int | None
    tax_bp: int
    valid_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one piece costs: `unit` is gross. `tax_minor` is contained in it at `tax_bp` (basis points).

    `was`: the price to cross out, present only while a reduction may lawfully be announced: the lowest of the thirty days
    before it, and higher than `unit`.
    """

    seller_id: int
    variant_id: int
    unit: Money
    tax_bp: int
    tax_minor: int
    price_list_id: int
    was: Money | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """What a variant costs from a moment on, until the next change. `regular_minor`: announce a reduction from it."""

    variant_id: int
    currency: str
    minor: int
    valid_from: datetime
    regular_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`rate` units of `currency` for one euro, published on `day`."""

    currency: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An amount in another currency than the one charged, for information; `rate_date` is the older of the dates used."""

    money: Money
    rate_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrice:
    """The price of one kilogram, litre or piece."""

    money: Money
    per: Per


Rates = Mapping[str, Rate]
"""The latest rate of each currency."""


class NoPrice(NotFound):
    """The seller has no price for this variant in this currency."""

    code, title = "pricing.no_price", "No price in this currency"


class PriceChanged(Conflict):
    """The price is no longer the one that the shopper saw."""

    code, title = "pricing.price_changed", "The price changed"

    def __init__(self, *, variant_id: int, unit_price_minor: int, currency: str) -> None:
        text = f"The price is now {Money(unit_price_minor, currency)}; look at it and confirm."
        super().__init__(text, variant_id=variant_id, unit_price_minor=unit_price_minor, currency=currency)


class BadUnit(Invalid):
    """A content that is no weight, volume or count."""

    code, title = "pricing.bad_unit", "Not a unit of content"


class BadRates(Invalid):
    """A rates file that cannot be read; nothing of it was kept."""

    code, title = "pricing.bad_rates", "Rates cannot be read"


class NoRate(Unavailable):
    """No exchange rate is known for a currency."""

    code, title = "pricing.no_rate", "No exchange rate"
