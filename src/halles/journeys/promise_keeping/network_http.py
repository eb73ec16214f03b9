"""What promises are made of, in the console: lanes, carriers, hubs, customs, days of rest, holidays."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from halles.journeys.promise_keeping import changing, models
from halles.journeys.promise_keeping.change_models import (
    ChangeAsked,
    HolidaysAsked,
    HolidaysModel,
    HolidayWritten,
    PreviewModel,
)
from halles.journeys.promise_keeping.network import network_of
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.web import PROBLEM_RESPONSES, Seller, ServicesDep, allow
from halles.promises import api as promises
from halles.promises.types import Customs, Rest

router = APIRouter(prefix="/api/console/promises", tags=["console"], responses=PROBLEM_RESPONSES)

Id = Annotated[int, Path(ge=1, le=2**62)]
Land = Annotated[str, Path(pattern="^[A-Z]{2}$", examples=["FR"])]
_SEES = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_RUNS = (Role.HEAD_OFFICE, Role.MERCHANT)


@router.get("/network", operation_id="promise_network")
async def promise_network(
    services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_SEES)
) -> models.NetworkModel:
    """Lanes with what they promise now, carriers, hubs, customs and days of rest. Eight queries."""
    async with services.db.snapshot() as tx:
        return await network_of(tx, caller.need_seller(seller_id), services.clock())


@router.post("/preview", operation_id="preview_network")
async def preview_network(
    body: ChangeAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> PreviewModel:
    """What a change would do: when an order placed at a moment would arrive, before and after, and how promises on their way
    would stand. Nothing is changed. Refused as the change itself would be."""
    return await changing.preview(services, caller.need_seller(seller_id), body)


@router.put("/lanes", operation_id="put_lane")
async def put_lane(
    body: models.LaneAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make or change the lane from an origin of a kind to a country. Orders are promised accordingly within seconds; dates that
    were given stand, and whether they hold is looked at again at once. Refused with `promises.bad_lane`, which names the
    field; with `promises.lane_changed` where it is not what its author saw."""
    seller = caller.need_seller(seller_id)
    return await changing.change(
        services, seller, lambda tx: changing.put_lane(tx, seller, body, services.clock())
    )


@router.put("/lanes/{lane_id}/switch", operation_id="switch_lane")
async def switch_lane(
    lane_id: Id,
    body: models.SwitchAsked,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_RUNS),
) -> models.NetworkModel:
    """Open or close a lane, and choose how often its promises are to be kept."""
    seller = caller.need_seller(seller_id)
    return await changing.change(
        services,
        seller,
        lambda tx: promises.switch_lane(tx, seller, lane_id, active=body.active, quantile=body.quantile),
    )


@router.put("/carriers", operation_id="put_carrier")
async def put_carrier(
    body: models.CarrierAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make a carrier, or change on which days of the week it works."""
    seller = caller.need_seller(seller_id)
    return await changing.change(
        services, seller, lambda tx: promises.save_carrier(tx, seller, body.name, body.weekdays)
    )


@router.delete("/carriers/{carrier_id}", operation_id="drop_carrier")
async def drop_carrier(
    carrier_id: Id, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Take a carrier away that no lane uses; else `promises.still_used` names the lanes. Sent again it changes nothing."""
    seller = caller.need_seller(seller_id)
    return await changing.change(services, seller, lambda tx: promises.drop_carrier(tx, seller, carrier_id))


@router.put("/hubs", operation_id="put_hub")
async def put_hub(
    body: models.HubAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make or change a hub, by its name."""
    seller = caller.need_seller(seller_id)
    return await changing.change(services, seller, lambda tx: changing.put_hub(tx, seller, body))


@router.delete("/hubs/{hub_id}", operation_id="drop_hub")
async def drop_hub(
    hub_id: Id, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Take a hub away that no lane passes; else `promises.still_used` names the lanes. Sent again it changes nothing."""
    seller = caller.need_seller(seller_id)
    return await changing.change(services, seller, lambda tx: promises.drop_hub(tx, seller, hub_id))


@router.put("/carriers/{carrier_id}/rests", operation_id="put_rest")
async def put_rest(
    carrier_id: Id,
    body: models.RestAsked,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_RUNS),
) -> models.NetworkModel:
    """A carrier does not move on these days: a strike, a stocktaking, the days before a feast."""
    seller = caller.need_seller(seller_id)
    rest = Rest(seller_id=seller, carrier_id=carrier_id, **body.model_dump())
    return await changing.change(services, seller, lambda tx: promises.save_rest(tx, rest))


@router.delete("/carriers/{carrier_id}/rests/{first_day}", status_code=204, operation_id="drop_rest")
async def drop_rest(
    carrier_id: Id,
    first_day: dt.date,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_RUNS),
) -> Response:
    """The carrier moves after all. Sent again it changes nothing."""
    seller = caller.need_seller(seller_id)
    await changing.change(services, seller, lambda tx: promises.drop_rest(tx, seller, carrier_id, first_day))
    return Response(status_code=204)


@router.put("/customs", operation_id="put_customs")
async def put_customs(
    body: models.CustomsModel, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """What customs take from one country to another, in the place of what the lanes between them say."""
    seller = caller.need_seller(seller_id)
    customs = Customs(seller_id=seller, **body.model_dump())
    return await changing.change(services, seller, lambda tx: promises.save_customs(tx, customs))


@router.delete("/customs/{origin}/{destination}", operation_id="drop_customs")
async def drop_customs(
    origin: Land,
    destination: Land,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_RUNS),
) -> models.NetworkModel:
    """The lanes between two countries say again themselves what the customs take. Sent again it changes nothing."""
    seller = caller.need_seller(seller_id)
    return await changing.change(
        services, seller, lambda tx: promises.drop_customs(tx, seller, origin, destination)
    )


@router.get("/holidays", operation_id="written_holidays")
async def written_holidays(
    services: ServicesDep, caller: Caller = allow(*_SEES, Role.OPERATOR)
) -> HolidaysModel:
    """The holidays that people wrote down besides those known by rule, from today on. One query."""
    async with services.db.reading() as tx:
        return await _written(tx, services.clock(), 0)


@router.put("/holidays", operation_id="put_holidays")
async def put_holidays(
    body: HolidaysAsked, services: ServicesDep, caller: Caller = allow(Role.OPERATOR)
) -> HolidaysModel:
    """Nothing moves in a country on these days. Every seller of the installation shares them, so its operator alone writes
    them; a seller says of its own carriers when they rest. Refused with `promises.bad_calendar`."""
    now = services.clock()
    async with services.db.transaction() as tx:
        await promises.save_holiday_range(tx, body.country, body.first_day, body.last_day, body.name)
        lanes = await promises.lanes_through(tx, body.country)
        return await _written(tx, now, await promises.wake(tx, None, lanes, now))


@router.delete("/holidays/{country}", operation_id="drop_holidays")
async def drop_holidays(
    country: Land,
    services: ServicesDep,
    first_day: Annotated[dt.date, Query(description="The first of the days.")],
    last_day: Annotated[dt.date, Query(description="The last of them.")],
    caller: Caller = allow(Role.OPERATOR),
) -> HolidaysModel:
    """Things move on these days after all, unless the rules of the country say otherwise. Sent again it changes nothing."""
    now = services.clock()
    async with services.db.transaction() as tx:
        await promises.drop_holidays(tx, country, first_day, last_day)
        lanes = await promises.lanes_through(tx, country)
        return await _written(tx, now, await promises.wake(tx, None, lanes, now))


async def _written(tx: Tx, now: dt.datetime, changed: int) -> HolidaysModel:
    found = await promises.holidays(tx, now.date())
    days = [HolidayWritten(country=one.country, day=one.day, name=one.name) for one in found]
    return HolidaysModel(holidays=days, changed=changed)
