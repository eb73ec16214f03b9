"""What promises are made of, and those that were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID


class LaneKind(StrEnum):
    """The regional hub, or a warehouse abroad."""

    HUB = "hub"
    ABROAD = "abroad"


class PromiseKind(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class Confidence(StrEnum):
    """How a promise stands: it will be kept, it may not be, or its latest date has passed or cannot be reached any more."""

    KEPT = "kept"
    AT_RISK = "at_risk"
    MISSED = "missed"


class LegKind(StrEnum):
    """The stretches of a way, in the order in which goods pass them; a lane has each at most once."""

    PICK_PACK = "pick_pack"
    LINE_HAUL = "line_haul"
    CUSTOMS = "customs"
    HUB = "hub"
    LAST_MILE = "last_mile"


LEG_ORDER: tuple[LegKind, ...] = tuple(LegKind)
WORKING_WEEK = 0b0011111
"""Days of the week as bits, Monday the lowest."""
Pmf = tuple[float, ...]
"""Chances of taking 0, 1, 2… working days; they add up to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch of a way. `days`: what it takes, in its own working days: those of the week in `weekdays`, no public holiday of
    `countries`, no day on which its carrier rests. What comes after `cutoff` (local time of `timezone`) counts as the next
    day's. `likely`: the most likely days. `owner`: who answers for its lateness: a carrier, a hub, the customs, the shop.
    `held_days`: working days that a hold by the customs usually adds."""

    kind: LegKind
    days: Pmf
    likely: int
    timezone: str
    countries: tuple[str, ...] = ()
    weekdays: int = WORKING_WEEK
    carrier_id: int = 0
    owner: str = ""
    cutoff: time | None = None
    held_days: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One way of goods: from `origin` (stock location `location_id`, None when no location is bound to it) to `country`.

    `legs` in the order of LegKind, the first with the cut-off for orders. Without any, the plain way counts: `transit_days`
    business days to the earliest arrival, `spread_days` more at worst. `quantile`: the share of orders that is to be kept."""

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
    legs: tuple[Leg, ...] = ()
    quantile: float = 0.9
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days on which goods do not move: public holidays by country, and those on which a carrier rests. `memo`: what was
    computed from it, so that a page with fifty articles counts the days of a lane once."""

    holidays: Mapping[str, frozenset[date]] = field(default_factory=dict[str, frozenset[date]])
    rests: Mapping[int, frozenset[date]] = field(default_factory=dict[int, frozenset[date]])
    memo: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)


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
    same. `likely`: the day before which half of all orders arrive; None in promises of releases before. `days`: business days
    of transit. `origin`: where they leave from."""

    kind: PromiseKind
    date: date
    latest: date | None
    lane: LaneKind
    origin: str
    days: int
    lane_id: int
    location_id: int | None
    confidence: Confidence = Confidence.KEPT
    likely: date | None = None

    @property
    def text_key(self) -> str:
        """The message that tells it (`promise.hub`)."""
        return f"promise.{self.lane}"

    @property
    def deadline(self) -> date:
        """The last day on which the promise is still kept."""
        return self.latest or self.date


class TrackingCode(StrEnum):
    """What happens to a parcel. Each has its GS1 CBV 2.0 business step in docs/howto/lanes-and-carriers.md."""

    PACKED = "packed"
    HANDED_OVER = "handed_over"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    CUSTOMS_IN = "customs_in"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    AT_HUB = "at_hub"
    LEFT_HUB = "left_hub"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One thing that happened to a parcel, `at` an aware moment."""

    code: TrackingCode
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingEvent:
    """A scan as it was told. `event_id` is its sender's; `source`: who told it (`staff:42`, `service:17`)."""

    seller_id: int
    shipment_id: UUID
    event_id: UUID
    order_id: UUID
    code: TrackingCode
    at: datetime
    place: str
    source: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel of an order. The first one bears the order's own id and is there without being made."""

    seller_id: int
    shipment_id: UUID
    order_id: UUID
    carrier: str
    tracking: str
    created_at: datetime


class WatchState(IntEnum):
    """Where a given promise stands; numbers are stored. The first three while goods are on their way."""

    KEPT = 1
    AT_RISK = 2
    MISSED = 3
    WAS_KEPT = 4
    WAS_MISSED = 5
    ENDED = 6

    @property
    def confidence(self) -> Confidence | None:
        """As it is shown; None for an order that was cancelled or came back."""
        kept, missed = Confidence.KEPT, Confidence.MISSED
        return (None, kept, Confidence.AT_RISK, missed, kept, missed, None)[self]

    @property
    def open(self) -> bool:
        return self <= WatchState.MISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A promise that was given and how it fares. `lane_id` 0: the lane is not known any more. `chance`: of being there by the
    deadline. `expected_on`: the day before which half of such orders arrive, as things stand; None when nothing can be said.
    `due_at`: when time alone may change it, None when it is over. `cause`: the kind of leg that made it late, and `owner` who
    answers for it. `told`: bits of the warnings that were sent, so that none is sent twice. `took`: working days by leg in the
    order of LegKind, -1 where nobody saw it."""

    seller_id: int
    order_id: UUID
    owner_id: int
    lane_id: int
    placed_at: datetime
    promised_on: date
    deadline: date
    state: int
    chance: float
    expected_on: date | None
    due_at: datetime | None
    delivered_on: date | None
    closed_on: date | None
    cause: str | None
    owner: str | None
    told: int
    took: list[int] | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A place that holds items in transit, or near its customers. `location_id`: the stock location it is, or None."""

    seller_id: int
    hub_id: int
    name: str
    country: str
    timezone: str
    location_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Who moves goods. `weekdays`: on which days, Monday the lowest bit."""

    seller_id: int
    carrier_id: int
    name: str
    weekdays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Days on which a carrier does not move, both included."""

    seller_id: int
    carrier_id: int
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A day on which nothing moves in a country, besides those that are known by rule. Every seller shares it."""

    country: str
    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """Working days that customs take from one country to another; `held_days` more when they hold a parcel."""

    seller_id: int
    origin: str
    destination: str
    earliest_days: int
    likely_days: int
    latest_days: int
    held_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDraft:
    """A leg as people write it: at least, most likely and at most so many working days. `hub`: which one it passes through.
    Empty `timezone`: that of the country's capital. A customs leg takes its days from the pair of countries where that is set."""

    kind: LegKind
    earliest_days: int
    likely_days: int
    latest_days: int
    carrier: str = ""
    hub: str = ""
    timezone: str = ""
    cutoff: time | None = None
    weekdays: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneDraft:
    """A lane as people write it. One of a seller, country, kind and origin: writing it again changes it."""

    lane: LaneKind
    origin: str
    origin_country: str
    country: str
    legs: Sequence[LegDraft]
    location_id: int | None = None
    quantile: float = 0.9
    active: bool = True
