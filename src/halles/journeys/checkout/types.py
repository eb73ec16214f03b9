"""What checkout takes and gives: structs, since ten thousand a second are made, and without cycles, so that none is traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from halles.flash.types import Admission, SaleBook
from halles.inventory.types import Location, RingFence, SourcingRule
from halles.kernel.errors import Refusal, Unavailable
from halles.places.types import Touchpoint

Quantity = Annotated[int, msgspec.Meta(ge=1, le=99, description="Pieces.")]
Minor = Annotated[
    int, msgspec.Meta(ge=0, le=10**12, description="Gross, in minor units of the order's currency.")
]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Email = Annotated[
    str,
    msgspec.Meta(
        pattern="^([^@\\s]+@[^@\\s]+)?$",
        max_length=254,
        description="Where mails about the order go; none or empty: to the address of the account, if it has one.",
    ),
]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class WantedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An article, how many, and the price that the shopper saw."""

    variant_id: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    quantity: Quantity
    unit_price_minor: Minor
    match_id: UUID | None = None


class SeenPromise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The promise that the shopper saw: checkout keeps it, or refuses with the one it can keep."""

    lane: Annotated[str, msgspec.Meta(pattern="^(hub|abroad)$")]
    date: date
    latest: date | None = None


class ShipTo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where to send it."""

    name: Short
    line1: Short
    postcode: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    city: Short
    country: Country


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What one more seller is to deliver, with the promise the shopper saw for it."""

    seller_id: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    lines: Annotated[tuple[WantedLine, ...], msgspec.Meta(min_length=1, max_length=100)]
    promise: SeenPromise


class PlaceOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """The command. `order_id` is made by the client (UUIDv7): sending it again is safe and gives the first answer.

    `payment`: from the wallet at once, or by card afterwards, with the stock reserved until `pay_by`. `also`: what other sellers
    deliver, all or nothing. `admission`: the token of a flash sale's waiting room. `reservation`: what was set aside for
    this basket is sellable to this order, and the rest is free again; one that does not stand, or is another's, is no help.
    `quote`: says when the device was given the prices it showed, so that they may be honoured (see quotes.py); one that is not
    ours, or that no longer counts, is no help either.
    """

    order_id: UUID
    seller_id: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    currency: Currency
    lines: Annotated[tuple[WantedLine, ...], msgspec.Meta(min_length=1, max_length=100)]
    promise: SeenPromise
    touchpoint: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    ship_to: ShipTo | None = None
    email: Email | None = None
    payment: Literal["wallet", "card"] = "wallet"
    also: Annotated[tuple[Part, ...], msgspec.Meta(max_length=20)] = ()
    admission: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    reservation: UUID | None = None
    quote: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Total(msgspec.Struct, frozen=True, gc=False):
    minor: int
    currency: str


class PlacedPart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A seller's part of an order of several sellers: an order of its own, packed and sent by itself."""

    seller_id: int
    order_id: UUID
    number: str


class Placed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer: the same at every repeat of the command, but for the states, which are the present ones.

    `pay_by`: until when a payment by card is awaited. `parts`: present when several sellers deliver, the first one's among them.
    """

    order_id: UUID
    number: str
    state: str
    payment: str
    total: Total
    placed_at: datetime
    pay_by: datetime | None = None
    parts: tuple[PlacedPart, ...] = ()


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """`first`: this command made the order just now; False when it stood already."""

    placed: Placed
    first: bool


class Article(msgspec.Struct, gc=False):
    """What the order path knows of an article. `kept_id`: where its description stands as it is shown now."""

    buyable: bool
    kept_id: int


class Command(msgspec.Struct, gc=False):
    """A PlaceOrder by somebody, with what is known of it before any lock. 0 as touchpoint or place: none.

    `fingerprint` stands for the body. `country` decides tax and promise. `ids`: the sixteen bytes of each part's order id.
    `admission`: what its waiting room's token says. `shown`: of prices that its quote speaks for, by (seller, variant), the price
    to honour, or why there is none; None without a quote.
    """

    order: PlaceOrder
    owner_id: int
    fingerprint: bytes
    parts: Sequence[PlaceOrder | Part]
    ids: Sequence[bytes]
    touchpoint_id: int = 0
    place_id: int = 0
    country: str = ""
    admission: Admission | None = None
    shown: Mapping[tuple[int, int], int | str] | None = None


class Existing(msgspec.Struct, gc=False):
    """An order that stands under an id."""

    seller_id: int
    owner_id: int
    fingerprint: bytes
    state: int
    payment: int
    total_minor: int
    currency: str
    placed_at: datetime
    pay_by: datetime | None


class Offer(msgspec.Struct, gc=False):
    """What can be promised from one location to one country now: there between `date` and `latest`.

    `body`: as the interface shows it; `kept_id`: where it stands as orders keep it.
    """

    date: date
    latest: date
    body: Mapping[str, Any]
    kept_id: int


class Kept(msgspec.Struct, gc=False):
    """What a reservation that stands keeps of one seller. `items`: (location, variant, quantity)."""

    seller_id: int
    reservation_id: bytes
    owner_id: int
    items: Sequence[tuple[int, int, int]]


class FenceKept(msgspec.Struct, gc=False):
    """What a ring-fence keeps at a location, read under the lock of the stock."""

    fence: RingFence
    location_id: int
    pieces: int


class Fences(msgspec.Struct, gc=False):
    """What a batch knows of the fences of its articles. kept: by (seller, variant), the fence to take from first first.
    groups: by (seller, owner). touchpoints: by code, of this batch's orders."""

    kept: Mapping[tuple[int, int], Sequence[FenceKept]]
    groups: Mapping[tuple[int, int], Sequence[UUID]]
    touchpoints: Mapping[str, Touchpoint]


class FenceUse(msgspec.Struct, gc=False):
    """What an order takes of a fence, of what it takes at a location. Ids as their sixteen bytes."""

    seller_id: int
    variant_id: int
    order_id: bytes
    fence_id: bytes
    location_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourcing:
    """A seller's rule and what it looks at. locations: by id. packed: orders of today by location. points: latitude and
    longitude by touchpoint code, of places whose point is known."""

    rule: SourcingRule
    locations: Mapping[int, Location]
    packed: Mapping[int, int]
    points: Mapping[str, tuple[float, float]]


@dataclass(slots=True)
class World:
    """Everything that a batch is decided on, read under its locks or known to be as it was read.

    existing: by the bytes of the order id. stock: (seller, variant) -> (location, lane, sellable) rows.
    funds: (owner, currency) -> (account, available minor). prices: (seller, variant, currency, country) -> (unit minor, tax basis
    points). articles: by (seller, variant). offers: (seller, location, country). kept: by (seller,
    bytes of the reservation's id). sourcing: by seller, of those who made a rule. takings: the flash sales of
    these articles, with nothing taken by this batch yet; None without any. unpaid: pieces by owner. fences: the
    ring-fences of these articles; None without any. closed: of these owners, those whose accounts are closed.
    """

    now: datetime
    existing: Mapping[bytes, Existing]
    stock: Mapping[tuple[int, int], Sequence[tuple[int, str, int]]]
    funds: Mapping[tuple[int, str], tuple[int, int]]
    prices: Mapping[tuple[int, int, str, str], tuple[int, int]]
    articles: Mapping[tuple[int, int], Article]
    offers: Mapping[tuple[int, int, str], Offer]
    kept: Mapping[tuple[int, bytes], Kept] = field(default_factory=dict[tuple[int, bytes], Kept])
    sourcing: Mapping[int, Sourcing] = field(default_factory=dict[int, Sourcing])
    takings: SaleBook | None = None
    unpaid: Mapping[int, int] = field(default_factory=dict[int, int])
    fences: Fences | None = None
    closed: frozenset[int] = frozenset()


class Sub(msgspec.Struct, gc=False):
    """One seller's part of an accepted order, as it will be written.

    `numbers`: six numbers a line: variant, quantity, unit price, tax (basis points), location, article. `why`:
    what its seller's sourcing rule says of the locations, as JSON; None without a rule.
    """

    seller_id: int
    order_id: bytes
    total_minor: int
    tax_minor: int
    numbers: list[int]
    offer: Offer
    why: bytes | None = None


class Accepted(msgspec.Struct, gc=False):
    """An order to write. `account_id` 0: nothing is held, since a card will pay. `used`: the reservations that it ends.
    `fenced`: what it takes of ring-fences."""

    command: Command
    account_id: int
    total_minor: int
    subs: Sequence[Sub]
    used: Sequence[Kept] = ()
    fenced: Sequence[FenceUse] = ()


class Repeated(msgspec.Struct, gc=False):
    """The command of an order that stands. `total_minor`: of all its parts."""

    command: Command
    existing: Existing
    total_minor: int


Answer = Accepted | Repeated | Refusal
"""What becomes of one command."""


class NotHere(Unavailable):
    """This process does not place this order (any more); ask who does."""

    code, title = "checkout.not_here", "Not placed here"
