"""All that crosses the border of promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from halles.kernel.errors import Conflict, Unavailable


class LaneKind(StrEnum):
    """The regional hub, or a warehouse abroad."""

    HUB = "hub"
    ABROAD = "abroad"


class PromiseKind(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class Confidence(StrEnum):
    """How a promise stands: it will be kept, it hangs by a day, or its latest date has passed."""

    KEPT = "kept"
    AT_RISK = "at_risk"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One way of goods: from `origin` (stock location `location_id`, None when no location is bound to it) to `country`.

    `transit_days` business days lie between the dispatch day and the earliest arrival, `spread_days` between the earliest and
    the latest. An order placed before `cutoff` (local time of `timezone`) leaves on the same business day.
    """

    lane_id: int
    seller_id: int
    lane: str
    origin: str
    origin_country: str
    location_id: int | None
    country: str
    transit_days: int
    spread_days: int
    cutoff: time
    timezone: str
    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days on which carriers do not move, by country, besides Saturdays and Sundays."""

    holidays: Mapping[str, frozenset[date]] = field(default_factory=dict[str, frozenset[date]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is to be delivered. `locations`: the stock locations that hold enough of it now. Empty: none is known, and the
    product's usual `lane` counts."""

    variant_id: int
    quantity: int = 1
    lane: LaneKind = LaneKind.HUB
    locations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """When and how the goods arrive. `date`: the earliest day. `latest`: the day by which they are there, None when it is the
    same. `days`: business days of transit. `origin`: where they leave from."""

    kind: PromiseKind
    date: date
    latest: date | None
    lane: LaneKind
    origin: str
    days: int
    lane_id: int
    location_id: int | None
    confidence: Confidence = Confidence.KEPT

    @property
    def text_key(self) -> str:
        """The message that tells it (`promise.hub`)."""
        return f"promise.{self.lane}"

    @property
    def deadline(self) -> date:
        """The last day on which the promise is still kept."""
        return self.latest or self.date


class NoLane(Unavailable):
    """No lane leads from where the goods are to where the shopper is."""

    status = 409
    code, title = "promises.no_lane", "No delivery to this country"


class PromiseChangedMeanwhile(Conflict):
    """The date that can be kept is later than the one the shopper saw."""

    code, title = "promises.changed", "The delivery date changed"
