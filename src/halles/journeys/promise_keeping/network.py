"""A seller's lanes, carriers, hubs, customs and days of rest as one page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from halles.inventory import api as inventory
from halles.journeys.promise_keeping import models
from halles.kernel.db import Tx
from halles.promises import api as promises
from halles.promises.types import Calendar, Carrier, Hub, Lane, LaneDraft, LaneKind, LegDraft, NoLane, Promise

_AHEAD = timedelta(days=366)


async def network_of(tx: Tx, seller_id: int, now: datetime) -> models.NetworkModel:
    """Everything a seller's promises are made of. Eight queries."""
    ways = await promises.load_ways(tx, [seller_id], now)
    drafts = await promises.list_legs(tx, seller_id)
    carriers, hubs = await promises.list_carriers(tx, seller_id), await promises.list_hubs(tx, seller_id)
    rests = await promises.list_rests(tx, seller_id, now.date())
    customs = await promises.list_customs(tx, seller_id)
    first, last = now.date(), now.date() + _AHEAD
    written = {(one.country, one.day): one.name for one in await promises.holidays(tx, first)}
    return models.NetworkModel(
        lanes=[_lane(lane, drafts.get(lane.lane_id, []), ways.calendar, now) for lane in ways.lanes],
        carriers=[_carrier(one) for one in carriers],
        hubs=[_hub(one) for one in hubs],
        rests=[
            models.RestModel(
                carrier_id=x.carrier_id, first_day=x.first_day, last_day=x.last_day, reason=x.reason
            )
            for x in rests
        ],
        customs=[
            models.CustomsModel.model_validate(
                {name: getattr(one, name) for name in models.CustomsModel.model_fields}
            )
            for one in customs
        ],
        holidays=[
            models.HolidayModel(country=country, day=day, name=written.get((country, day)))
            for country, days in sorted(ways.calendar.holidays.items())
            for day in sorted(days)
            if first <= day < last
        ],
        locations=[
            models.StockPlace(location_id=one.location_id, name=one.name)
            for one in await inventory.locations(tx, [seller_id])
        ],
    )


def draft_of(body: models.LaneAsked) -> LaneDraft:
    """What the interface takes, as promises take it."""
    fields: dict[str, Any] = body.model_dump(exclude={"legs", "lane", "version"})
    return LaneDraft(
        **fields, lane=LaneKind(body.lane), legs=tuple(LegDraft(**leg.model_dump()) for leg in body.legs)
    )


def _lane(lane: Lane, drafts: list[LegDraft], calendar: Calendar, now: datetime) -> models.LaneModel:
    promise: Promise | None
    try:
        promise = promises.promise_of(lane, calendar, now)
    except NoLane:
        promise = None
    known = {leg.kind: leg for leg in lane.legs}
    legs = [
        models.LaneLeg(
            **{name: getattr(draft, name) for name in models.LegModel.model_fields},
            learned_days=known[draft.kind].likely,
            owner=known[draft.kind].owner,
        )
        for draft in drafts
    ]
    return models.LaneModel.model_validate(
        {
            **{
                name: getattr(lane, name)
                for name in ("lane_id", "lane", "origin", "origin_country", "country")
            },
            "location_id": lane.location_id,
            "quantile": round(lane.quantile, 4),
            "active": lane.active,
            "legs": legs,
            "earliest": None if promise is None else promise.date,
            "latest": None if promise is None else promise.deadline,
            "days": 0 if promise is None else promise.days,
            "version": promises.version_of(lane, drafts),
        }
    )


def _carrier(one: Carrier) -> models.CarrierModel:
    return models.CarrierModel(carrier_id=one.carrier_id, name=one.name, weekdays=one.weekdays)


def _hub(one: Hub) -> models.HubModel:
    return models.HubModel(
        hub_id=one.hub_id,
        name=one.name,
        country=one.country,
        timezone=one.timezone,
        location_id=one.location_id,
    )
