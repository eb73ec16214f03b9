"""Orders, baskets, their timeline, events, and what orders refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

Text: TypeAlias = dict[str, str]
"""A text by language; "und" holds one that is the same in every language."""


class OrderState(IntEnum):
    """Where an order stands; numbers are stored, words are shown."""

    PLACED = 1
    PACKED = 2
    SHIPPED = 3
    DELIVERED = 4
    CANCELLED = 5
    RETURNED = 6

    @property
    def word(self) -> str:
        return self.name.lower()


class PaymentState(IntEnum):
    """Where the money of an order is; numbers are stored, words are shown. `pending`: a card is awaited until `pay_by`."""

    HELD = 1
    CAPTURED = 2
    VOIDED = 3
    REFUNDED = 4
    PENDING = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class Step(StrEnum):
    """What can be done to an order after it was placed. The timeline says `orders.` and the past tense."""

    PACK = "pack"
    SHIP = "ship"
    DELIVER = "deliver"
    CANCEL = "cancel"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    name: str
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was bought, as it was shown then. `unit_price_minor` is gross; `tax_bp`: the tax rate it contains, in basis points.

    `location_id`: where the pieces are reserved. `match_id`: the photo that led here, None without one.
    """

    variant_id: int
    product_id: UUID
    title: Text
    quantity: int
    unit_price_minor: int
    tax_bp: int
    location_id: int
    options: tuple[Option, ...] = ()
    image: str | None = None
    match_id: UUID | None = None

    @property
    def total_minor(self) -> int:
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to send it. `country`: ISO 3166-1 alpha-2."""

    name: str
    line1: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`promise` is kept as it was given (see promises). `ship_to` None: the shopper collects it, or the goods are no parcel.

    `pay_by`: until when a payment by card is awaited. `parent_id`: the order of several sellers that this is a part of.
    """

    seller_id: int
    order_id: UUID
    owner_id: int
    touchpoint_id: int | None
    place_id: int | None
    total_minor: int
    tax_minor: int
    currency: str
    state: OrderState
    payment: PaymentState
    placed_at: datetime
    lines: tuple[Line, ...]
    promise: dict[str, Any]
    ship_to: Address | None
    email: str | None
    pay_by: datetime | None = None
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened. `by`: `shopper`, `staff:<party_id>` or `system`."""

    at: datetime
    code: str
    by: str
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """`added_price_minor`: what it cost when it was put in, in `currency`; None when it had no price then."""

    owner_id: int
    seller_id: int
    variant_id: int
    quantity: int
    added_price_minor: int | None
    currency: str
    match_id: UUID | None
    touchpoint_id: int | None
    place_id: int | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A photo that led to a line."""

    match_id: UUID
    variant_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """A shopper bought: stock is reserved and money is held."""

    kind: ClassVar[str] = "orders.order_placed"
    seller_id: int
    order_id: UUID
    owner_id: int
    total_minor: int
    currency: str
    place_id: int | None = None
    touchpoint_id: int | None = None
    matches: tuple[Match, ...] = field(default=())

    def key(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAdvanced:
    """An order reached another state."""

    kind: ClassVar[str] = "orders.order_advanced"
    seller_id: int
    order_id: UUID
    owner_id: int
    state: str

    def key(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaymentReceived:
    """The card payment of an order came: its money is held until it ships."""

    kind: ClassVar[str] = "orders.payment_received"
    seller_id: int
    order_id: UUID
    owner_id: int
    total_minor: int
    currency: str

    def key(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoted:
    """Something happened around an order that did not move it, such as money on its way back; `code` is the timeline's."""

    kind: ClassVar[str] = "orders.noted"
    seller_id: int
    order_id: UUID
    owner_id: int
    code: str

    def key(self) -> str:
        return f"order:{self.order_id}"


class NoSuchOrder(NotFound):
    """No order has this id, or it is not the caller's to see."""

    code, title = "orders.no_such_order", "No such order"


class IdReused(Conflict):
    """An order was placed under this id with another body, or by somebody else. Whose it is, is not told."""

    code, title = "orders.id_reused", "This order id was used already"


class TooMuchUnpaid(Conflict):
    """So much ordered by card waits for its payment that more is not put aside for this person."""

    code, title = "orders.too_much_unpaid", "Pay what you ordered first"


class WrongState(Conflict):
    """The order is not where this step starts."""

    code, title = "orders.wrong_state", "The order is in another state"


class PaymentPending(Conflict):
    """The order waits for its payment: until then it can only be cancelled."""

    code, title = "orders.payment_pending", "The order is not paid yet"


class BadOrder(Invalid):
    """An order that no state of the shop could accept: no lines, an article twice, a quantity out of range."""

    code, title = "orders.bad_order", "Not an order"


class BadBasketLine(Invalid):
    """A basket holds 1 to 99 pieces of an article, and at most 100 articles."""

    code, title = "orders.bad_basket_line", "Not a basket line"
