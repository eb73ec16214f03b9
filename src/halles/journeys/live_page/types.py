"""What the live page shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of an hour or a place. `revenue`: minor units by currency."""

    visits: int = 0
    photos: int = 0
    recognised: int = 0
    orders: int = 0
    revenue: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, currency: str, minor: int) -> None:
        self.revenue[currency] = self.revenue.get(currency, 0) + minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened just now, in words. `kind`: `visit.opened`, `order.placed`…"""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveNumbers:
    """Everything of the page. `by_hour`: UTC hours in order, none left out. `by_place`: place id → its counts."""

    whole: Tally
    by_hour: dict[datetime, Tally]
    by_place: dict[int, Tally]
    names: dict[int, str]
    recent: list[Happening]
