"""What pages are told of assortments. Prices in minor units of `currency`; absent is null."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import ConfigDict, Field

from halles.assortments.types import MOST_SAMPLES, Scenario, Wishes
from halles.journeys.assortment_planning.words import named, why
from halles.kernel.web import Model

Percent = Annotated[int, Field(ge=0, le=100)]
Rate = Annotated[int, Field(ge=0, le=95)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
Cm = Annotated[int, Field(ge=1, le=10_000)]
Minor = Annotated[int, Field(ge=0, le=10**12)]


class LimitModel(Model):
    """At least and at most so many samples of a category (with all below it), a family or a brand."""

    kind: Literal["category", "family", "brand"]
    key: Key
    least: int = Field(default=0, ge=0, le=MOST_SAMPLES)
    most: int | None = Field(default=None, ge=0, le=MOST_SAMPLES)


class BandModel(Model):
    """Prices from … to below …, and their share of the samples in percent."""

    from_minor: Minor
    below_minor: Minor | None = None
    least_pct: Percent = 0
    most_pct: Percent = 100


class WidthModel(Model):
    """What each product of a category takes of table or wall."""

    category: Key
    width_cm: Cm


class PlanRatesModel(Model):
    """What part of a product's demand a shown one recovers at the same price, in percent."""

    category_brand_pct: Rate = 50
    category_pct: Rate = 30
    family_brand_pct: Rate = 10
    family_pct: Rate = 5


class WishesModel(Model):
    """What a plan has to respect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "samples": 40,
                    "radius_km": 10,
                    "space_cm": 1600,
                    "limits": [{"kind": "family", "key": "home", "least": 4, "most": 12}],
                    "bands": [{"from_minor": 0, "below_minor": 5000, "least_pct": 30, "most_pct": 60}],
                }
            ]
        }
    )
    samples: int = Field(ge=1, le=MOST_SAMPLES)
    radius_km: Literal[5, 10, 25, 50, 100] = 10
    days: int = Field(default=90, ge=7, le=730)
    must: list[UUID] = Field(default=[], max_length=MOST_SAMPLES)
    without: list[UUID] = Field(default=[], max_length=10_000)
    limits: list[LimitModel] = Field(default=[], max_length=60)
    bands: list[BandModel] = Field(default=[], max_length=20)
    space_cm: int | None = Field(default=None, ge=1, le=10_000_000)
    width_cm: Cm = 30
    widths: list[WidthModel] = Field(default=[], max_length=200)
    min_stock: int = Field(default=1, ge=0, le=1_000_000)
    rates: PlanRatesModel = PlanRatesModel()


class NewScenario(Model):
    """A scenario to make. `scenario_id`: made by the client; the same id and body give the first answer again."""

    scenario_id: UUID
    place_id: int = Field(ge=1, le=2**62)
    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
    wishes: WishesModel


class ReasonModel(Model):
    """Why a sample is shown: a stable code with its facts, and the sentence."""

    code: str = Field(examples=["sold"])
    facts: dict[str, Any] = Field(examples=[{"count": 41, "level": "near", "km": 10, "days": 90}])
    text: str = Field(examples=["sold 41 times within 10 km in 90 days"])


class ChosenModel(Model):
    """A sample of a plan. `demand`: pieces expected around the place; `adds`: how much less the plan would cover without it."""

    product_id: UUID
    title: str
    category: str
    family: str
    brand: str | None
    price_minor: int | None
    width_cm: int
    stock: int
    demand: float
    adds: float
    reasons: list[ReasonModel]


class AreaModel(Model):
    """From where the demand is. `merged`: narrower areas had too few shoppers. `shoppers` null: everywhere had too few."""

    level: Literal["near", "region", "country", "all"]
    label: str
    radius_km: int
    merged: bool
    shoppers: int | None
    trust: float


class PlanFigures(Model):
    """How good a plan is: `covered` of `total` pieces of demand; no plan under the same wishes covers more than `bound`."""

    area: AreaModel
    currency: str
    covered: float
    total: float
    bound: float
    gap: float
    space_cm: int
    shown_now: float
    shown_now_samples: int
    considered: int
    out_of_stock: int


class ScenarioBrief(Model):
    """A scenario in a list."""

    scenario_id: UUID
    place_id: int
    name: str
    state: Literal["open", "approved", "replaced"]
    made_at: datetime
    approved_at: datetime | None
    samples: int
    wishes: WishesModel
    figures: PlanFigures


class ScenarioModel(ScenarioBrief):
    """A scenario with its samples, must-haves first, then the most useful."""

    chosen: list[ChosenModel]


class ComparedProduct(Model):
    """A product of any of the compared plans, and what it adds to each; null where it is not shown."""

    product_id: UUID
    title: str
    adds: list[float | None]


class Comparison(Model):
    """Scenarios side by side. `common`: products that all of them show; `differing`: the others. `area_differs`: their demand is
    from different areas or spans of days, so that only shares of it compare."""

    scenarios: list[ScenarioBrief]
    common: int
    differing: list[ComparedProduct]
    area_differs: bool


def wishes_of(body: WishesModel) -> Wishes:
    """Typed wishes, lists without repeats and in one order where order says nothing."""
    found = body.model_dump(mode="json")
    found["must"], found["without"] = sorted(set(found["must"])), sorted(set(found["without"]))
    return msgspec.convert(found, Wishes)


def brief(scenario: Scenario) -> ScenarioBrief:
    return ScenarioBrief.model_validate(_brief(scenario))


def full(scenario: Scenario, language: str) -> ScenarioModel:
    chosen = [
        {
            **asdict(one),
            "title": named(one.title, language),
            "reasons": [
                {"code": reason.code, "facts": reason.facts, "text": why(reason, language)}
                for reason in one.reasons
            ],
        }
        for one in scenario.plan.chosen
    ]
    return ScenarioModel.model_validate({**_brief(scenario), "chosen": chosen})


def _brief(scenario: Scenario) -> dict[str, Any]:
    figures = asdict(scenario.plan)
    figures.pop("chosen")
    return {
        "scenario_id": scenario.scenario_id,
        "place_id": scenario.place_id,
        "name": scenario.name,
        "state": scenario.state.value,
        "made_at": scenario.made_at,
        "approved_at": scenario.approved_at,
        "samples": len(scenario.plan.chosen),
        "wishes": msgspec.to_builtins(scenario.wishes),
        "figures": figures,
    }


def compare(scenarios: list[Scenario], language: str) -> Comparison:
    """What changes between plans, the most useful first."""
    adds = [{one.product_id: one.adds for one in each.plan.chosen} for each in scenarios]
    titles = {one.product_id: named(one.title, language) for each in scenarios for one in each.plan.chosen}
    everywhere = {product for product in titles if all(product in one for one in adds)}
    differing = sorted(
        (product for product in titles if product not in everywhere),
        key=lambda product: (-max(one.get(product, 0.0) for one in adds), product),
    )
    areas = {
        (one.plan.area.level, one.plan.area.label, one.wishes.radius_km, one.wishes.days) for one in scenarios
    }
    return Comparison(
        scenarios=[brief(one) for one in scenarios],
        common=len(everywhere),
        differing=[
            ComparedProduct(
                product_id=product, title=titles[product], adds=[one.get(product) for one in adds]
            )
            for product in differing
        ],
        area_differs=len(areas) > 1,
    )
