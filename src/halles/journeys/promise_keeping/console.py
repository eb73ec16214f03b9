"""Promises in the console: how many were kept and why not, which are at risk."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from halles.journeys.promise_keeping import models
from halles.journeys.promise_keeping.figures import kept_model
from halles.journeys.promise_keeping.http import confidence
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
from halles.promises.types import LegKind, Watch

router = APIRouter(prefix="/api/console/promises", tags=["console"], responses=PROBLEM_RESPONSES)

_SEES = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)


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
