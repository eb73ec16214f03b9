"""Locations, stock levels, movements, and what inventory refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound, TooMany
from halles.kernel.ids import SellerId

LocationId = NewType("LocationId", int)
"""A place that holds stock: a hub, a store, a supplier's warehouse."""


class LocationKind(StrEnum):
    HUB = "hub"
    STORE = "store"
    SUPPLIER = "supplier"


class Lane(StrEnum):
    """How goods travel from a location to the shopper: from inside the region, or across a border."""

    HUB = "hub"
    ABROAD = "abroad"


class Cause(StrEnum):
    """Why stock changed."""

    RECEIVED = "received"
    COUNTED = "counted"
    ADJUSTED = "adjusted"
    RESERVED = "reserved"
    RELEASED = "released"
    SHIPPED = "shipped"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """`country`: ISO 3166-1 alpha-2. `place_id`: the shop or showroom it is, None for a warehouse.

    For sourcing: degrees (WGS 84), None where unknown; what packing an order costs there; `a_day`: orders it can pack in a day,
    None without a limit.
    """

    seller_id: int
    location_id: int
    kind: str
    name: str
    lane: str
    country: str
    place_id: int | None
    latitude: float | None = None
    longitude: float | None = None
    handling_minor: int = 0
    a_day: int | None = None


class Split(IntEnum):
    """How far the goods of an order may be spread over locations: not at all, line by line, or piece by piece."""

    NEVER = 0
    LINES = 1
    PIECES = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcingRule:
    """How a seller chooses where an order leaves from. Weights: see docs/algorithms/sourcing.md. Money in minor units."""

    seller_id: int
    split: Split
    distance_weight: float
    cost_weight: float
    load_weight: float
    hub_parcel_minor: int
    abroad_parcel_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """Pieces of one variant at one location. `safety` and `ring_fenced` are kept back from sale."""

    seller_id: int
    location_id: int
    variant_id: int
    on_hand: int
    reserved: int
    safety: int
    ring_fenced: int

    @property
    def sellable(self) -> int:
        """Pieces that may be sold now; zero when more is kept back than there is."""
        return max(0, self.on_hand - self.reserved - self.safety - self.ring_fenced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One change of one stock item. `refs`: the orders or the command behind it; `quantities`: what each took, in that order."""

    movement_id: int
    location_id: int
    variant_id: int
    cause: str
    delta_on_hand: int
    delta_reserved: int
    refs: list[UUID]
    quantities: list[int]
    by: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItem:
    """`quantity` pieces of a variant at a location; what it means (added, found, taken) is the command's to say."""

    location_id: int
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCommand:
    """A change of stock by a person or a program. `command_id` is made by the caller: a repeat changes nothing.

    `by`: who, as the timeline names it (`staff:42`, `system`). `reason`: free text for the next person.
    """

    seller_id: SellerId
    command_id: UUID
    items: tuple[StockItem, ...]
    by: str
    reason: str | None = None


class ReservationState(IntEnum):
    """Whether a reservation still keeps its pieces: it does while it stands, and leaves that state once."""

    STANDING = 1
    RELEASED = 2
    EXPIRED = 3
    ORDERED = 4

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Pieces of one seller set aside for a basket until `expires_at`. `items`: location, variant, quantity; three numbers each.

    A basket of several sellers has one of these a seller, under the same id. `renewed`: how often it was made to last longer.
    """

    seller_id: int
    reservation_id: UUID
    owner_id: int
    network: str
    state: int
    items: list[int]
    renewed: int
    made_at: datetime
    expires_at: datetime

    def pieces(self) -> list[tuple[int, int, int]]:
        """(location, variant, quantity) of each item."""
        flat = self.items
        return [(flat[n], flat[n + 1], flat[n + 2]) for n in range(0, len(flat), 3)]


class InsufficientStock(Conflict):
    """Fewer pieces can be sold than were asked for; `sellable` says how many one location can still give."""

    code, title = "inventory.insufficient_stock", "Not enough left"

    def __init__(self, *, variant_id: int, sellable: int) -> None:
        super().__init__(f"Only {sellable} left of this article." if sellable else "This article is sold out.",
                         variant_id=variant_id, sellable=sellable)  # fmt: skip


class NoSuchLocation(NotFound):
    """The seller has no location with this id."""

    code, title = "inventory.no_such_location", "No such location"


class BadQuantity(Invalid):
    """A quantity that the command cannot mean: negative, zero where something must move, or too large."""

    code, title = "inventory.bad_quantity", "Not a quantity for this"


class StockIsReserved(Conflict):
    """Less would be on hand than orders have reserved; cancel or ship those first."""

    code, title = "inventory.stock_is_reserved", "Orders have reserved this stock"


class StockMissing(Conflict):
    """The stock row does not hold what an order reserved: the books disagree, and `halles doctor` says how."""

    code, title = "inventory.stock_missing", "The stock does not hold this reservation"


class NothingToReserve(Invalid):
    """The basket is empty."""

    code, title = "inventory.nothing_to_reserve", "Nothing to reserve"


class NoSuchReservation(NotFound):
    """No reservation has this id, or it is not the caller's."""

    code, title = "inventory.no_such_reservation", "No such reservation"


class ReservationIdReused(Conflict):
    """Somebody else used this id for a reservation; make a new one."""

    code, title = "inventory.reservation_id_reused", "This reservation id was used already"


class ReservationOver(Conflict):
    """The reservation does not stand any more, so it cannot last longer; `state` says what became of it."""

    code, title = "inventory.reservation_over", "The reservation is over"


class RenewedEnough(Conflict):
    """The reservation was made to last longer as often as is allowed."""

    code, title = "inventory.renewed_enough", "No more renewals"


class TooMuchReserved(TooMany):
    """A person or a network has reserved as much as is allowed; `per` says which limit, `most` what it is."""

    code, title = "inventory.too_much_reserved", "Too much is reserved"


class BadSourcing(Invalid):
    """A weight, a cost, a capacity or a point that sourcing cannot use."""

    code, title = "inventory.bad_sourcing", "Not a sourcing rule"
