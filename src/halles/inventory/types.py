"""Locations, stock levels, movements, and what inventory refuses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
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


class ChannelKind(StrEnum):
    """How the channel of a ring-fence is told: a kind of touchpoint, one touchpoint, a group of customers or partners."""

    TOUCHPOINT_KIND = "touchpoint_kind"
    TOUCHPOINT = "touchpoint"
    GROUP = "group"


Channel = tuple[str, str]
"""A way to the shopper: a ChannelKind's word, and which one of it."""


def channels(kind: str, touchpoint_id: int | None, groups: Iterable[UUID] = ()) -> frozenset[Channel]:
    """Every channel through which an order comes: the kind of its touchpoint, the touchpoint (None: not the seller's own), its
    customer's groups."""
    found: set[Channel] = {(ChannelKind.TOUCHPOINT_KIND.value, kind)}
    if touchpoint_id:
        found.add((ChannelKind.TOUCHPOINT.value, str(touchpoint_id)))
    return frozenset(found | {(ChannelKind.GROUP.value, str(group)) for group in groups})


_NARROWEST = {ChannelKind.GROUP: 0, ChannelKind.TOUCHPOINT: 1, ChannelKind.TOUCHPOINT_KIND: 2}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFence:
    """`quantity` pieces of an article kept for one channel from `starts_at` until `ends_at` (None: until somebody ends it).

    `channel_key`: a kind of touchpoint, or the id of a touchpoint or a group. `location_id` None: at all locations. `ended_at`:
    ended by hand. `settled_at`: what it still kept was given back.
    """

    seller_id: int
    fence_id: UUID
    channel: str
    channel_key: str
    variant_id: int
    location_id: int | None
    quantity: int
    starts_at: datetime
    ends_at: datetime | None
    note: str | None
    made_by: str
    made_at: datetime
    ended_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def over_at(self) -> datetime | None:
        """When it ends or was ended; None while nobody knows."""
        known = [at for at in (self.ends_at, self.ended_at) if at is not None]
        return min(known) if known else None

    @property
    def rank(self) -> tuple[int, datetime, bytes]:
        """Which of several an order takes from first: the narrowest, then the one that ends first, then the lowest id."""
        return (_NARROWEST[ChannelKind(self.channel)], self.over_at or _NEVER, self.fence_id.bytes)

    def serves(self, channels: Collection[Channel], now: datetime) -> bool:
        """Whether what comes through these channels may take of it now."""
        return (self.channel, self.channel_key) in channels and self.stands_at(now)

    def stands_at(self, now: datetime) -> bool:
        over = self.over_at
        return self.settled_at is None and self.starts_at <= now and (over is None or now < over)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerGroup:
    """Customers or partners of a seller under one name. `members`: party ids; None without any."""

    seller_id: int
    group_id: UUID
    name: str
    made_at: datetime
    members: list[int] | None


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


class NoSuchFence(NotFound):
    """No ring-fence has this id, or it is not this seller's."""

    code, title = "inventory.no_such_fence", "No such ring-fence"


class BadFence(Invalid):
    """A ring-fence that cannot be as it is described; `field` says where."""

    code, title = "inventory.bad_fence", "Not a possible ring-fence"


class FenceOver(Conflict):
    """The ring-fence has ended and given back what it kept; make a new one."""

    code, title = "inventory.fence_over", "The ring-fence is over"


class FenceIdReused(Conflict):
    """This id was used for another ring-fence; make a new one."""

    code, title = "inventory.fence_id_reused", "This ring-fence id was used already"


class NoSuchGroup(NotFound):
    """The seller has no customer group with this id."""

    code, title = "inventory.no_such_group", "No such customer group"


class GroupNameTaken(Conflict):
    """Another customer group of the seller has this name."""

    code, title = "inventory.group_name_taken", "This name is taken"
