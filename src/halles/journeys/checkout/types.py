"""What checkout takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from halles.kernel.errors import Refusal

Quantity = Annotated[int, msgspec.Meta(ge=1, le=99, description="Pieces.")]
Minor = Annotated[
    int, msgspec.Meta(ge=0, le=10**12, description="Gross, in minor units of the order's currency.")
]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class WantedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article, how many, and the price that the shopper saw."""

    variant_id: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    quantity: Quantity
    unit_price_minor: Minor
    match_id: UUID | None = None


class SeenPromise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The promise that the shopper saw: checkout keeps it, or refuses with the one it can keep."""

    lane: Annotated[str, msgspec.Meta(pattern="^(hub|abroad)$")]
    date: date
    latest: date | None = None


class ShipTo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to send it."""

    name: Short
    line1: Short
    postcode: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    city: Short
    country: Country


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The command. `order_id` is made by the client (UUIDv7): sending it again is safe and gives the first answer."""

    order_id: UUID
    seller_id: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    currency: Currency
    lines: Annotated[tuple[WantedLine, ...], msgspec.Meta(min_length=1, max_length=100)]
    promise: SeenPromise
    touchpoint: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    ship_to: ShipTo | None = None
    email: Annotated[str, msgspec.Meta(max_length=254)] | None = None


class Total(msgspec.Struct, frozen=True, kw_only=True):
    minor: int
    currency: str


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: the same at every repeat of the command, but for the state, which is the present one."""

    order_id: UUID
    number: str
    state: str
    total: Total
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`first`: this command made the order just now; False when it stood already."""

    placed: Placed
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an order keeps of an article: `head` is its JSON object without the closing brace."""

    buyable: bool
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A PlaceOrder by somebody, with what is known of it before any lock. 0 as touchpoint or place: none.

    `fingerprint` stands for the body. `country` decides tax and promise. `snapshots`: by variant.
    """

    order: PlaceOrder
    owner_id: int
    fingerprint: bytes
    touchpoint_id: int
    place_id: int
    country: str
    snapshots: Mapping[int, Snapshot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """An order that stands under an id."""

    seller_id: int
    owner_id: int
    fingerprint: bytes
    state: int
    total_minor: int
    currency: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be promised from one location to one country now: there between `date` and `latest`.

    `body`: as the interface shows it; `json`: the same, encoded, as the order keeps it.
    """

    date: date
    latest: date
    body: Mapping[str, Any]
    json: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a batch is decided on, read under its locks.

    stock: (seller, variant) -> (location, lane, sellable) rows. funds: (owner, currency) -> (account, available minor).
    prices: (seller, variant, currency, country) -> (unit minor, tax basis points). offers: (seller, location, country).
    """

    now: datetime
    existing: Mapping[UUID, Existing]
    stock: Mapping[tuple[int, int], list[tuple[int, str, int]]]
    funds: Mapping[tuple[int, str], tuple[int, int]]
    prices: Mapping[tuple[int, int, str, str], tuple[int, int]]
    offers: Mapping[tuple[int, int, str], Offer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An order to write: `sources` gives for each line its location and tax rate (basis points)."""

    command: Command
    account_id: int
    total_minor: int
    tax_minor: int
    sources: tuple[tuple[int, int], ...]
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The command of an order that stands."""

    order_id: UUID
    existing: Existing


Answer = Accepted | Repeated | Refusal
"""What becomes of one command."""
