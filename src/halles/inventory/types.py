"""Locations, stock levels, movements, and what inventory refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound
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
    """`country`: ISO 3166-1 alpha-2. `place_id`: the shop or showroom it is, None for a warehouse."""

    seller_id: int
    location_id: int
    kind: str
    name: str
    lane: str
    country: str
    place_id: int | None


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
