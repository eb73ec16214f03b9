"""Changing what promises are made of, and saying before what that would do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from halles.inventory import api as inventory
from halles.journeys.promise_keeping import models
from halles.journeys.promise_keeping.change_models import (
    ChangeAsked,
    DatesModel,
    LanePreview,
    OpenPreview,
    PreviewModel,
)
from halles.journeys.promise_keeping.looking import judged
from halles.journeys.promise_keeping.network import draft_of, network_of
from halles.kernel.db import Tx
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.promises import api as promises
from halles.promises.types import (
    BadCalendar,
    BadLane,
    Customs,
    Lane,
    LaneChangedMeanwhile,
    LaneKind,
    NoLane,
    Rest,
    Watch,
    WatchState,
)

LOOKED_AT = 200
"""Promises on their way that a preview judges; those beyond are only counted."""
_AHEAD, _BACK = timedelta(days=300), timedelta(days=7)
"""When an imagined order may be placed: as far as the calendar that quotes read."""


class _Undone(Exception):
    """Ends a transaction in which a change was only tried."""


async def change(
    services: Services, seller_id: int, work: Callable[[Tx], Awaitable[object]]
) -> models.NetworkModel:
    """Do `work` on a seller's network, one change at a time, and have the promises that it touches looked at again."""
    now = services.clock()
    async with services.db.transaction() as tx:
        await promises.lock_network(tx, seller_id)
        before = await promises.load_ways(tx, [seller_id], now)
        await work(tx)
        after = await promises.load_ways(tx, [seller_id], now)
        await promises.wake(tx, seller_id, promises.touched(before, after), now)
        return await network_of(tx, seller_id, now)


async def put_lane(tx: Tx, seller_id: int, body: models.LaneAsked, now: datetime) -> None:
    """Keep a lane as it was asked for. Raises BadLane; LaneChangedMeanwhile where it is not what its author saw, unless it is
    what they ask for already: an answer that was lost may be asked for again."""
    await _own_location(tx, seller_id, body.location_id)
    key = (body.country, body.lane, body.origin)
    was = await _version(tx, seller_id, key, now)
    await promises.put_lane(tx, seller_id, draft_of(body))
    if body.version is None or body.version == was:
        return
    if await _version(tx, seller_id, key, now) != was:
        text = "This lane is there already." if not body.version else "Somebody changed this lane meanwhile."
        raise LaneChangedMeanwhile(f"{text} Read it again; nothing was changed.", origin=body.origin)


async def _own_location(tx: Tx, seller_id: int, location_id: int | None) -> None:
    if location_id is None:
        return
    if location_id not in {one.location_id for one in await inventory.locations(tx, [seller_id])}:
        raise BadLane("This is none of your stock locations.", field="location_id")


async def _version(tx: Tx, seller_id: int, key: tuple[str, str, str], now: datetime) -> str:
    ways = await promises.load_ways(tx, [seller_id], now, as_written=True)
    return (await promises.versions(tx, ways, seller_id)).get(key, "")


async def preview(services: Services, seller_id: int, asked: ChangeAsked) -> PreviewModel:
    """What a change would do to an order placed at `ordered_at` and to promises on their way: it is done in a transaction that is
    undone. Raises what the change itself would."""
    now = services.clock()
    at = asked.ordered_at or now
    if not now - _BACK <= at <= now + _AHEAD:
        raise BadCalendar("Imagine an order within the next 300 days.", field="ordered_at")
    found: PreviewModel | None = None
    try:
        async with services.db.transaction() as tx:
            before = await promises.load_ways(tx, [seller_id], now)
            await _apply(tx, seller_id, asked, now)
            after = await promises.load_ways(tx, [seller_id], now)
            found = await _compared(tx, seller_id, before, after, at=at, now=now)
            raise _Undone
    except _Undone:
        assert found is not None
        return found


async def _apply(tx: Tx, seller_id: int, asked: ChangeAsked, now: datetime) -> None:
    if asked.lane is not None:
        await put_lane(tx, seller_id, asked.lane, now)
    elif asked.carrier is not None:
        await promises.save_carrier(tx, seller_id, asked.carrier.name, asked.carrier.weekdays)
    elif asked.hub is not None:
        await put_hub(tx, seller_id, asked.hub)
    elif asked.rest is not None:
        await promises.save_rest(tx, Rest(seller_id=seller_id, **asked.rest.model_dump()))
    elif asked.customs is not None:
        await promises.save_customs(tx, Customs(seller_id=seller_id, **asked.customs.model_dump()))
    elif asked.holidays is not None:
        days = asked.holidays
        await promises.save_holiday_range(tx, days.country, days.first_day, days.last_day, days.name)


async def put_hub(tx: Tx, seller_id: int, body: models.HubAsked) -> None:
    """Make or change a hub, by its name. Raises BadLane."""
    await _own_location(tx, seller_id, body.location_id)
    await promises.save_hub(
        tx, seller_id, body.name, body.country, timezone=body.timezone, location_id=body.location_id
    )


async def _compared(
    tx: Tx, seller_id: int, before: promises.Ways, after: promises.Ways, *, at: datetime, now: datetime
) -> PreviewModel:
    lane_ids = promises.touched(before, after)
    lanes = [
        LanePreview(
            lane=LaneKind(lane.lane).value,
            origin=lane.origin,
            country=lane.country,
            before=_dates(before.lane(seller_id, lane.lane_id), before, at),
            after=_dates(lane, after, at),
        )
        for lane in after.lanes
        if lane.lane_id in lane_ids
    ]
    count, watches = await promises.open_on(tx, seller_id, lane_ids, LOOKED_AT)
    watched = {watch.order_id: watch for watch in watches}
    keys = {(watch.seller_id, watch.order_id) for watch in watches}
    found = await orders.progress(tx, keys) if keys else []
    pairs = [stands for _, stands in await judged(tx, watched, found, [before, after], now)] if found else []
    return PreviewModel(
        ordered_at=at,
        lanes=lanes,
        open=OpenPreview(
            promises=count,
            looked_at=len(pairs),
            before=_tally(was for was, _ in pairs),
            after=_tally(then for _, then in pairs),
        ),
    )


def _dates(lane: Lane | None, ways: promises.Ways, at: datetime) -> DatesModel | None:
    if lane is None or not lane.active:
        return None
    try:
        found = promises.promise_of(lane, ways.calendar, at)
    except NoLane:
        return None
    return DatesModel(earliest=found.date, likely=found.likely or found.deadline, latest=found.deadline)


def _tally(watches: Iterable[Watch]) -> dict[models.Confidence, int]:
    count: dict[models.Confidence, int] = {"kept": 0, "at_risk": 0, "missed": 0}
    for watch in watches:
        known = WatchState(watch.state).confidence
        if known is not None:
            count[known.value] += 1
    return count
