"""All that crosses the border of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

RETENTION = timedelta(days=90)
"""How long single events are kept: long enough to see which visit led to which order, then only counts remain."""
MOST_EVENTS = 50
"""Events that one request may tell."""
OLDEST = timedelta(days=7)
"""How late a phone that was offline may tell."""


class VisitKind(StrEnum):
    """What happened. `opened`: somebody came in through a touchpoint."""

    OPENED = "opened"
    PRODUCT_SEEN = "product_seen"
    PHOTO = "photo"
    SCAN = "scan"
    BASKET = "basket"
    CHECKOUT = "checkout"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEvent:
    """One thing a visitor did. `place_id` None: at no place (the web). `visitor` None: the browser keeps no cookie.
    `day`: the day of the place, which decides whether this is a new visit."""

    seller_id: int
    event_id: UUID
    kind: VisitKind
    place_id: int | None
    touchpoint_id: int | None
    visitor: str | None
    product_id: UUID | None
    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How often a kind happened in a UTC hour at a place (0: at none). `visit`: visitors who came for the first time that day."""

    hour: datetime
    place_id: int
    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCount:
    """How often a product was looked at, photographed or scanned at a place (0: on the web)."""

    place_id: int
    product_id: UUID
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEvent:
    """Something that happened just now."""

    at: datetime
    kind: str
    place_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsRecorded:
    """A place's numbers changed; whoever shows them reads them again."""

    kind: ClassVar[str] = "visits.recorded"
    seller_id: int
    place_id: int | None

    def key(self) -> str:
        return f"visits:{self.seller_id}"
