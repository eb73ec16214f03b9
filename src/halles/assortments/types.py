"""All that crosses the border of assortments: wishes, samples with their reasons, scenarios, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

MOST_SAMPLES = 2_000
RADII_KM = (5, 10, 25, 50, 100)
"""Radii that may be asked for: few, so that no two areas differ by a handful of shoppers only."""


class LimitKind(StrEnum):
    """What a limit counts: products of a category (with all below it), of a family, or of a brand."""

    CATEGORY = "category"
    FAMILY = "family"
    BRAND = "brand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At least `least` and at most `most` samples of a kind; `most` None: as many as fit."""

    kind: LimitKind
    key: str
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Prices from `from_minor` to below `below_minor` (None: no upper end), in the place's currency.

    `least_pct`, `most_pct`: its share of the samples asked for, in percent; the least is rounded up, the most down.
    """

    from_minor: int
    below_minor: int | None = None
    least_pct: int = 0
    most_pct: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """Products of a category (with all below it) each take `width_cm` of table or wall."""

    category: str
    width_cm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What part of a product's demand a shown one recovers, at the same price, in percent: by what the two have in common.

    Times the cheaper price over the dearer. Defaults are a cautious reading of published substitution rates
    (docs/algorithms/assortment.md).
    """

    category_brand_pct: int = 50
    category_pct: int = 30
    family_brand_pct: int = 10
    family_pct: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a plan has to respect. `space_cm` None: no limit. `min_stock`: pieces that hubs must be able to sell of a product;
    a must-have is shown without. `days`: how far demand is looked back."""

    samples: int
    radius_km: int = 10
    days: int = 90
    must: tuple[UUID, ...] = ()
    without: tuple[UUID, ...] = ()
    limits: tuple[Limit, ...] = ()
    bands: tuple[Band, ...] = ()
    space_cm: int | None = None
    width_cm: int = 30
    widths: tuple[Width, ...] = ()
    min_stock: int = 1
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What was seen of a product: pieces sold, views and searches."""

    sales: int = 0
    views: int = 0
    searches: int = 0

    def __add__(self, other: Signals) -> Signals:
        return Signals(
            sales=self.sales + other.sales,
            views=self.views + other.views,
            searches=self.searches + other.searches,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a sample is shown: a stable code, and the facts of it."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A sample of a plan, the most useful first. `demand`: pieces expected in `days` around the place; `adds`: how much less
    demand the plan would cover without it. `price_minor` None: no price in the place's currency."""

    product_id: UUID
    title: dict[str, str]
    category: str
    family: str
    brand: str | None
    price_minor: int | None
    width_cm: int
    stock: int
    demand: float
    adds: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """From where the demand is: `level` near, region, country or all; `merged`: the narrower ones had too few shoppers.

    `shoppers`: None where even the widest has too few; then every product counts alike. `trust`: how much of an estimate comes
    from this area rather than from the country, 0 to 1, on average over the demand.
    """

    level: str
    label: str
    radius_km: int
    merged: bool
    shoppers: int | None
    trust: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was chosen, and how good it is. `covered` of `total` pieces of demand; no plan under these wishes covers more than
    `bound`. `gap`: (bound − covered) / bound. `shown_now`: what the samples on display today would cover."""

    area: Area
    currency: str
    chosen: tuple[Chosen, ...]
    covered: float
    total: float
    bound: float
    gap: float
    space_cm: int
    shown_now: float
    shown_now_samples: int
    considered: int
    out_of_stock: int


class ScenarioState(StrEnum):
    """`replaced`: it was approved until another one of its place was."""

    OPEN = "open"
    APPROVED = "approved"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Wishes and what came of them. `made_by`, `approved_by`: parties."""

    seller_id: int
    scenario_id: UUID
    place_id: int
    name: str
    state: ScenarioState
    wishes: Wishes
    plan: Plan
    made_by: int
    made_at: datetime
    approved_by: int | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Demand of a product in a postcode on a day, from an earlier system. `shoppers`: how many people were behind it."""

    country: str
    postcode: str
    product_id: UUID
    day: date
    sales: int
    views: int
    searches: int
    shoppers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySum:
    """History of a product in a postcode, added up over days. `shoppers`: the most on one row, a lower bound of how many."""

    country: str
    postcode: str
    product_id: UUID
    sales: int
    views: int
    searches: int
    shoppers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWeek:
    """Pieces sold in a postcode in a week counted from a day. `shoppers`: the most on one row, a lower bound of how many."""

    country: str
    postcode: str
    week: int
    pieces: int
    shoppers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPieces:
    """Pieces of a numbered product sold in a numbered unit of postcodes, before and after the product's day."""

    unit: int
    number: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodePoint:
    """Where a postcode is, in degrees (WGS 84)."""

    country: str
    postcode: str
    latitude: float
    longitude: float


class NoSuchScenario(NotFound):
    """There is no scenario with this id, or it is not this seller's."""

    code, title = "assortments.no_such_scenario", "No such scenario"


class ScenarioIdTaken(Conflict):
    """A scenario was made under this id from other wishes."""

    code, title = "assortments.id_reused", "This scenario id was used already"


class BadWishes(Invalid):
    """Wishes that contradict themselves or name what does not exist; `field` says where."""

    code, title = "assortments.bad_wishes", "Not possible wishes"


class NoPlanFound(Conflict):
    """No choice was found that respects every wish; `unmet` names those that stand in the way."""

    code, title = "assortments.no_plan", "These wishes cannot all be met"


class ScenarioInUse(Conflict):
    """An approved scenario, or one that was, is kept: it says what the place showed and why."""

    code, title = "assortments.in_use", "An approved plan is kept"


class BadHistory(Invalid):
    """A line of a file of demand or of postcodes that cannot be read; `line` says which."""

    code, title = "assortments.bad_history", "The file cannot be read"
