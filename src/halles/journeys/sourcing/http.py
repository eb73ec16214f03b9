"""The sourcing rule and the locations it looks at, in the console."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from halles.inventory import api as inventory
from halles.inventory.types import BadSourcing, SourcingRule, Split
from halles.journeys.fulfilment.models import PromiseModel
from halles.journeys.sourcing.trial import try_out
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.web import PROBLEM_RESPONSES, Model, Seller, Services, ServicesDep, allow
from halles.places import api as places

router = APIRouter(prefix="/api/console/sourcing", tags=["console"], responses=PROBLEM_RESPONSES)

Weight = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Minor = Annotated[int, Field(ge=0, le=10**9)]


class RuleModel(Model):
    """`split`: never: an order leaves from one location; lines: its lines may be divided between locations; pieces: a line too.
    A weight is the points for 100 km, for one unit of money, for 10 % of a day's capacity. Parcels in minor units, by lane."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "split": "lines",
                    "distance_weight": 1,
                    "cost_weight": 2,
                    "load_weight": 0.5,
                    "hub_parcel_minor": 590,
                    "abroad_parcel_minor": 1900,
                }
            ]
        }
    )
    split: Literal["never", "lines", "pieces"]
    distance_weight: Weight
    cost_weight: Weight
    load_weight: Weight
    hub_parcel_minor: Minor
    abroad_parcel_minor: Minor


class SpotModel(Model):
    """What sourcing knows of a location. `a_day`: orders it can pack in a day (UTC), None without a limit; its point in degrees
    (WGS 84), None: its country's capital stands for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"latitude": 49.0, "longitude": 2.5, "handling_minor": 120, "a_day": 400}]
        }
    )
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    handling_minor: Minor = 0
    a_day: int | None = Field(default=None, ge=0, le=10**9)


class SourceLocationModel(SpotModel):
    """A location, and how many orders chose it today."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "location_id": 1,
                    "name": "Roissy hub",
                    "kind": "hub",
                    "lane": "hub",
                    "country": "FR",
                    "latitude": 49.0,
                    "longitude": 2.5,
                    "handling_minor": 120,
                    "a_day": 400,
                    "packed_today": 31,
                }
            ]
        }
    )
    location_id: int
    name: str
    kind: str
    lane: str
    country: str
    packed_today: int


class SourcingModel(Model):
    """`rule` None: the simple rule, the promised lane and then the fullest location."""

    rule: RuleModel | None
    locations: list[SourceLocationModel]


@router.get("")
async def sourcing(
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> SourcingModel:
    """How orders of a seller find their location. Three queries."""
    async with services.db.snapshot() as tx:
        return await _page(tx, services, caller.need_seller(seller_id))


@router.put("/rule")
async def put_rule(
    body: RuleModel,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.MERCHANT),
) -> SourcingModel:
    """Choose by weights. Orders follow within seconds."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await inventory.save_rule(tx, _typed(body, seller))
        return await _page(tx, services, seller)


@router.delete("/rule")
async def delete_rule(
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.MERCHANT),
) -> SourcingModel:
    """Go back to the simple rule."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await inventory.drop_rule(tx, seller)
        return await _page(tx, services, seller)


@router.put("/locations/{location_id}")
async def put_location(
    location_id: Annotated[int, Path(ge=1, le=2**62)],
    body: SpotModel,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.MERCHANT),
) -> SourcingModel:
    """Say where a location is, what packing costs there and how many orders it can pack in a day."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await inventory.save_spot(tx, seller, location_id, **body.model_dump())
        return await _page(tx, services, seller)


class TrialLine(Model):
    """An article and how many."""

    variant_id: int = Field(ge=1, le=2**62)
    quantity: int = Field(ge=1, le=99)


class TrialWanted(Model):
    """A basket and where it goes. `touchpoint`: a code; without a postcode the goods go to whoever stands there. `rule`: tried
    instead of the one that holds; None: the one that holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lines": [{"variant_id": 12, "quantity": 2}], "country": "FR", "postcode": "69001"}]
        }
    )
    lines: list[TrialLine] = Field(min_length=1, max_length=20)
    country: str = Field(default="FR", pattern="^[A-Z]{2}$")
    postcode: str | None = Field(default=None, min_length=1, max_length=20)
    touchpoint: str | None = Field(default=None, max_length=100)
    rule: RuleModel | None = None


class TrialPortion(Model):
    """Pieces of an article that leave from a location."""

    variant_id: int
    location_id: int
    name: str
    quantity: int


class ComparedModel(Model):
    """A location as the rule sees it for this basket: points are counted against it. `load` in percent of its day."""

    location_id: int
    name: str
    chosen: bool
    late: bool
    full: bool
    distance_km: int | None
    cost_minor: int
    load: int
    score: float


class TrialModel(Model):
    """From where a basket would leave now. `by`: a rule's weights, or the simple rule, which looks at stock and lane alone."""

    by: Literal["weighted", "simple"]
    portions: list[TrialPortion]
    compared: list[ComparedModel]
    promise: PromiseModel


@router.post("/trial", operation_id="try_sourcing")
async def trial(
    body: TrialWanted,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> TrialModel:
    """From where this basket to this place would leave now, and why. Writes nothing, reserves nothing. At most ten queries."""
    seller, wanted = caller.need_seller(seller_id), dict[int, int]()
    for line in body.lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if max(wanted.values()) > 99:
        raise BadSourcing("At most 99 pieces of an article.")
    async with services.db.snapshot() as tx:
        rule = (await inventory.sourcing_rules(tx, [seller])).get(seller)
        if body.rule is not None:
            rule = _typed(body.rule, seller)
        point = None
        if body.touchpoint:
            point = await places.find_touchpoint(tx, body.touchpoint)
            if point is not None and (point.code != body.touchpoint or point.seller_id != seller):
                point = None
        tried = await try_out(
            tx,
            seller,
            wanted,
            country=body.country,
            postcode=body.postcode,
            touchpoint=point,
            rule=rule,
            now=services.clock(),
        )
        names = {place.location_id: place.name for place in await inventory.locations(tx, [seller])}
    return TrialModel(
        by="simple" if rule is None else "weighted",
        portions=[
            TrialPortion(
                variant_id=one.variant_id,
                location_id=one.location_id,
                name=names[one.location_id],
                quantity=one.quantity,
            )
            for one in tried.portions
        ],
        compared=[
            ComparedModel.model_validate({**row, "name": names[row["location_id"]]}) for row in tried.compared
        ],
        promise=PromiseModel.model_validate(tried.promise),
    )


async def _page(tx: Tx, services: Services, seller_id: SellerId) -> SourcingModel:
    rule = (await inventory.sourcing_rules(tx, [seller_id])).get(seller_id)
    packed = await inventory.packed_on(tx, seller_id, services.clock().date())
    locations = [
        SourceLocationModel(
            location_id=place.location_id,
            name=place.name,
            kind=place.kind,
            lane=place.lane,
            country=place.country,
            latitude=place.latitude,
            longitude=place.longitude,
            handling_minor=place.handling_minor,
            a_day=place.a_day,
            packed_today=packed.get(place.location_id, 0),
        )
        for place in await inventory.locations(tx, [seller_id])
    ]
    return SourcingModel(rule=None if rule is None else _rule(rule), locations=locations)


def _typed(rule: RuleModel, seller_id: int) -> SourcingRule:
    return SourcingRule(
        seller_id=seller_id, **{**rule.model_dump(exclude={"split"}), "split": Split[rule.split.upper()]}
    )


def _rule(rule: SourcingRule) -> RuleModel:
    return RuleModel.model_validate(
        {
            "split": rule.split.word,
            "distance_weight": rule.distance_weight,
            "cost_weight": rule.cost_weight,
            "load_weight": rule.load_weight,
            "hub_parcel_minor": rule.hub_parcel_minor,
            "abroad_parcel_minor": rule.abroad_parcel_minor,
        }
    )
