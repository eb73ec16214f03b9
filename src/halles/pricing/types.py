"""All that crosses the border of pricing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from halles.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from halles.kernel.money import Money

HOME = "EUR"
"""The currency that rates are counted against."""


class Per(StrEnum):
    """What a unit price is for one of."""

    KILOGRAM = "kg"
    LITRE = "l"
    METRE = "m"
    SQUARE_METRE = "m2"
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

    `regular_minor` present: a reduction is announced, and `past_…` say what was charged before it on the same list, the latest
    first: since when, how much, whether that was announced as reduced. `perishable`: it spoils soon.
    """

    seller_id: int
    variant_id: int
    currency: str
    country: str
    price_list_id: int
    minor: int
    regular_minor: int | None
    past_since: list[datetime] | None
    past_minor: list[int] | None
    past_announced: list[bool] | None
    perishable: bool
    tax_bp: int
    valid_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A price that was charged from a moment on, until the next. `announced`: as a reduction."""

    since: datetime
    minor: int
    announced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one piece costs: `unit` is gross. `tax_minor` is contained in it at `tax_bp` (basis points).

    `was`: the price to cross out, present only while a reduction may lawfully be announced (rules/reductions.py), and higher
    than `unit`. `announced`: the price that the seller wants to announce a reduction from; None: no reduction.
    """

    seller_id: int
    variant_id: int
    unit: Money
    tax_bp: int
    tax_minor: int
    price_list_id: int
    was: Money | None
    since: datetime
    announced: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """A line of a variant's ledger of prices: what was charged from `valid_from` on. `country` None: everywhere."""

    currency: str
    country: str | None
    variant_id: int
    valid_from: datetime
    minor: int
    regular_minor: int | None
    recorded_at: datetime


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


RATE_LIVES_DAYS = 10
"""Days after which a rate is no longer used. The European Central Bank publishes each working day; no holidays last longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRate:
    """A rate as it was written down: who published it and when Halles learnt of it. The same day twice: a correction."""

    currency: str
    day: date
    rate: Decimal
    source: str
    recorded_at: datetime


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesChanged:
    """Prices or taxes of some of a seller's variants were set, perhaps for a later moment."""

    kind: ClassVar[str] = "pricing.prices_changed"
    seller_id: int
    variant_ids: list[int]

    def key(self) -> str:
        return f"prices:{self.seller_id}"


class NoPrice(NotFound):
    """The seller has no price for this variant in this currency."""

    code, title = "pricing.no_price", "No price in this currency"


class PriceChanged(Conflict):
    """The price is no longer the one that the shopper saw."""

    code, title = "pricing.price_changed", "The price changed"

    def __init__(
        self, *, variant_id: int, unit_price_minor: int, currency: str, unkept: str | None = None
    ) -> None:
        """`unkept`: why a price that the shopper's device had been given is not honoured; None where none was claimed."""
        text = f"The price is now {Money(unit_price_minor, currency)}; look at it and confirm."
        super().__init__(text, variant_id=variant_id, unit_price_minor=unit_price_minor, currency=currency)
        if unkept is not None:
            self.fields["unkept"] = unkept


class BadUnit(Invalid):
    """A content that is no weight, volume or count."""

    code, title = "pricing.bad_unit", "Not a unit of content"


class BadRates(Invalid):
    """A rates file that cannot be read; nothing of it was kept."""

    code, title = "pricing.bad_rates", "Rates cannot be read"


class RatesUnreachable(Unavailable):
    """The address of a rates file does not answer, or not with a rates file."""

    code, title = "pricing.rates_unreachable", "Rates cannot be fetched"


class NoRate(Unavailable):
    """No exchange rate is known for a currency that is young enough to be used."""

    code, title = "pricing.no_rate", "No exchange rate"
