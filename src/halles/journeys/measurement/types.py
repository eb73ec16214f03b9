"""What a measurement says. Counts of 1 to LEAST − 1 people are told as None, and so is what would betray them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from halles.kernel.errors import Invalid

LEAST = 5
"""The fewest people that a count may tell of."""
WINDOWS = (7, 30, 90)
"""Days after a visit in which an order can be tied to it."""
RADII_KM = (2, 5, 10, 25, 50)
"""Kilometres around a place that are its surroundings; few, so that nobody is singled out by two that differ little."""
LONGEST_DAYS = 92
OUTCOMES = ("pieces", "orders", "revenue")
Outcome = Literal["pieces", "orders", "revenue"]


class Why(StrEnum):
    """Why a number is given, or is not. `measured`: it is."""

    MEASURED = "measured"
    NO_POINT = "no_point"
    NOT_OPEN = "not_open"
    WEEKS_BEFORE = "weeks_before"
    WEEKS_AFTER = "weeks_after"
    FEW_SHOPPERS = "few_shoppers"
    FEW_SALES = "few_sales"
    FEW_CONTROLS = "few_controls"
    BAD_FIT = "bad_fit"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `since`, `until`: days of the place, `until` excluded. `opened`: None lets the data say."""

    place_id: int
    since: date
    until: date
    window_days: int = 30
    radius_km: int = 10
    outcome: Outcome = "pieces"
    opened: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `of`, with the Wilson interval at 95 %. All None: fewer than LEAST people in a part of it."""

    count: int | None
    of: int | None
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """People or orders under a label."""

    label: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of what happened the tied part is. `visits`: visitor-days counted at the place, of which `tied` are somebody's.

    `agreed`: of those who answered in the period, at any touchpoint of the seller. `devices`: people by how many browsers they
    used."""

    visits: int
    tied: Share
    agreed: Share
    people: int | None
    devices: list[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """What people who agreed bought after a visit.

    `buyers`: of those who visited. `running`: visitors whose window has not passed yet. `orders`: tied orders; `touched`: of
    these, a product was looked at in the showroom before. `delays`: orders by days since the visit before. `here`: orders sent
    from the place itself, of everybody, which need no tie."""

    buyers: Share
    running: int | None
    orders: int | None
    touched: Share
    delays: list[Bar]
    here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWeek:
    """People by the week of their first tied order; `monday`: when it began."""

    monday: date
    first_visit: int | None
    existing: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """Of the buyers: who never ordered before their first visit, and who did."""

    first_visit: Share
    existing: int | None
    weeks: list[CustomerWeek]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    area: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftWeek:
    """A week counted from the opening, per 1,000 shoppers. `near` None: fewer than LEAST were sold."""

    week: int
    near: float | None
    synthetic: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An effect as a share of what would have been, with its placebo interval at 90 %."""

    effect: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Sales around the place against similar areas without one; all about effects is None unless `why` is `measured`.

    `extra`: the outcome gained since the opening, in its unit (minor units of `currency` for revenue). `p`: share of areas, this
    one included, whose gap grew as much. `fit`: error before the opening as a share of the level. `left_out`: areas with too few
    shoppers, or too near."""

    why: Why
    outcome: Outcome
    currency: str
    radius_km: int
    opened: date | None
    weeks_before: int
    weeks_after: int
    shoppers: int | None
    controls: int
    left_out: int
    fit: float | None = None
    synthetic: Difference | None = None
    differences: Difference | None = None
    extra: float | None = None
    p: float | None = None
    weights: list[Weight]
    weeks: list[LiftWeek]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEffect:
    """What a sample did. `seen`: who looked at it, and bought it in the window; `unseen`: who came and did not look.

    `more`: the difference of the two shares (association, not cause), interval at 95 % (Newcombe). `cause`: pieces a week more
    around the place than elsewhere since it was put up, or fewer since it was taken away, interval at 90 % (placebo); `shrunk`:
    the same drawn towards the mean of all samples; `rank` by it. `at_opening`: it came with the showroom itself, whose effect it
    shares."""

    sample_id: int
    product_id: UUID
    code: str
    position: str
    title: str
    placed: date
    removed: date | None
    why_seen: Why
    seen: Share
    unseen: Share
    more: Difference | None
    why_cause: Why
    cause: Difference | None
    shrunk: float | None
    rank: int | None
    at_opening: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is said of a place and a period. `since`, `until`: whole weeks, `until` excluded."""

    place_id: int
    code: str
    name: str
    since: date
    until: date
    window_days: int
    least: int
    computed_at: datetime
    coverage: Coverage
    purchases: Purchases
    customers: Customers
    lift: Lift
    samples: list[SampleEffect]


class BadQuestion(Invalid):
    """A period that ends before it begins or is too long, a window or radius that is not offered, an opening in the future."""

    code, title = "measurement.bad_question", "This cannot be measured"
