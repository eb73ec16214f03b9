"""Promises in the console: lanes and calendars, how many were kept and why not, which are at risk."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from halles.journeys.promise_keeping import models
from halles.journeys.promise_keeping.figures import kept_model
from halles.journeys.promise_keeping.http import confidence
from halles.journeys.promise_keeping.network import draft_of, network_of
from halles.kernel.caller import Caller, Role
from halles.kernel.ids import parse_uuid
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    BadCursor,
    Page,
    Seller,
    ServicesDep,
    allow,
    cursor,
    read_cursor,
)
from halles.orders import api as orders
from halles.promises import api as promises
from halles.promises.types import Customs, LegKind, Rest, Watch

router = APIRouter(prefix="/api/console/promises", tags=["console"], responses=PROBLEM_RESPONSES)

Id = Annotated[int, Path(ge=1, le=2**62)]
_SEES = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_RUNS = (Role.HEAD_OFFICE, Role.MERCHANT)


@router.get("/kept", operation_id="kept_promises")
async def kept_promises(
    services: ServicesDep,
    days: Annotated[int, Query(ge=1, le=366, description="Orders that arrived in so many days.")] = 30,
    seller_id: Seller = None,
    caller: Caller = allow(*_SEES),
) -> models.KeptShareModel:
    """How many promises were kept, by lane, and who made the others late. Four queries."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.lagging() as tx:
        rows = await promises.kept(tx, seller, now.date() - dt.timedelta(days=days))
        open_ = await promises.open_counts(tx, seller)
        ways = await promises.load_ways(tx, [seller], now)
    return kept_model(days, rows, open_, ways.lanes)


@router.get("/at-risk", operation_id="promises_at_risk")
async def promises_at_risk(
    services: ServicesDep,
    seller_id: Seller = None,
    cursor_: Annotated[str | None, Query(alias="cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    caller: Caller = allow(*_SEES),
) -> Page[models.WorryModel]:
    """Orders on their way whose promise may not be kept, or is missed, the nearest day first. Three queries."""
    seller, after = caller.need_seller(seller_id), _read(cursor_)
    async with services.db.reading() as tx:
        found = await promises.worried(tx, seller, after=after, limit=limit + 1)
        ways = await promises.load_ways(tx, [seller], services.clock())
    origins = {lane.lane_id: lane.origin for lane in ways.lanes}
    items = [_worry(one, origins.get(one.lane_id)) for one in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=items, next=None if last is None else cursor(last.deadline.isoformat(), str(last.order_id))
    )


@router.get("/network", operation_id="promise_network")
async def promise_network(
    services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_SEES)
) -> models.NetworkModel:
    """Lanes with what they promise now, carriers, hubs, customs and days of rest. Six queries."""
    async with services.db.snapshot() as tx:
        return await network_of(tx, caller.need_seller(seller_id), services.clock())


@router.put("/lanes", operation_id="put_lane")
async def put_lane(
    body: models.LaneAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make or change the lane from an origin of a kind to a country. Orders are promised accordingly within seconds; promises
    that were given stand. Refused with `promises.bad_lane`, which names the field."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await promises.put_lane(tx, seller, draft_of(body))
        return await network_of(tx, seller, services.clock())


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
    async with services.db.transaction() as tx:
        await promises.switch_lane(tx, seller, lane_id, active=body.active, quantile=body.quantile)
        return await network_of(tx, seller, services.clock())


@router.put("/carriers", operation_id="put_carrier")
async def put_carrier(
    body: models.CarrierAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make a carrier, or change on which days of the week it works."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await promises.save_carrier(tx, seller, body.name, body.weekdays)
        return await network_of(tx, seller, services.clock())


@router.put("/hubs", operation_id="put_hub")
async def put_hub(
    body: models.HubAsked, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """Make or change a hub, by its name."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await promises.save_hub(
            tx, seller, body.name, body.country, timezone=body.timezone, location_id=body.location_id
        )
        return await network_of(tx, seller, services.clock())


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
    async with services.db.transaction() as tx:
        await promises.save_rest(tx, rest)
        return await network_of(tx, seller, services.clock())


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
    async with services.db.transaction() as tx:
        await promises.drop_rest(tx, seller, carrier_id, first_day)
    return Response(status_code=204)


@router.put("/customs", operation_id="put_customs")
async def put_customs(
    body: models.CustomsModel, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_RUNS)
) -> models.NetworkModel:
    """What customs take from one country to another, in the place of what the lanes between them say."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        await promises.save_customs(tx, Customs(seller_id=seller, **body.model_dump()))
        return await network_of(tx, seller, services.clock())


def _worry(watch: Watch, origin: str | None) -> models.WorryModel:
    known = confidence(watch)
    assert known is not None
    return models.WorryModel(
        order_id=watch.order_id,
        number=orders.number(watch.order_id),
        confidence=known,
        chance=round(watch.chance, 4),
        deadline=watch.deadline,
        expected=watch.expected_on,
        placed_at=watch.placed_at,
        lane_id=watch.lane_id,
        origin=origin,
        cause=None if watch.cause is None else LegKind(watch.cause),
        owner=watch.owner,
    )


def _read(text: str | None) -> tuple[dt.date, UUID] | None:
    if text is None:
        return None
    day, order_id = read_cursor(text, (str, str))
    try:
        return dt.date.fromisoformat(day), parse_uuid(order_id)
    except ValueError as error:
        raise BadCursor("This cursor cannot be read.") from error
