"""Looking at the promises of orders again: a set at a time, at what orders, parcels, lanes and the calendar say now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from halles.journeys.checkout.api import HOME_COUNTRY, read_promise
from halles.kernel.db import Tx
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.types import OrderState
from halles.promises import api as promises
from halles.promises.types import Lane, Scan, Shipment, TrackingCode, TrackingEvent, Watch

OrderKey = tuple[int, UUID]
AT_ONCE = 500
"""Promises that one pass of the worker looks at."""

_STEPS: Mapping[str, TrackingCode] = {
    "orders.packed": TrackingCode.PACKED,
    "orders.shipped": TrackingCode.HANDED_OVER,
    "orders.delivered": TrackingCode.DELIVERED,
}
"""What staff press on an order says of every parcel of it."""
_ENDED = frozenset({OrderState.CANCELLED, OrderState.RETURNED})


async def take_up(
    tx: Tx, found: Sequence[orders.Progress], keys: Collection[OrderKey], now: datetime
) -> None:
    """Watch the promises of these orders from now on, whatever was known of them before. Two statements."""
    new = [
        promises.NewWatch(
            seller_id=order.seller_id,
            order_id=order.order_id,
            owner_id=order.owner_id,
            lane_id=promise.lane_id,
            placed_at=order.placed_at,
            promised_on=promise.date,
            deadline=promise.deadline,
        )
        for order in found
        for promise in [read_promise(order.promise)]
    ]
    await promises.begin(tx, new, keys, now)


async def look_at(tx: Tx, keys: Collection[OrderKey], now: datetime) -> list[Watch]:
    """Look at the promises of these (seller, order) pairs, taking up those that nobody watched; gives them as they stand. At most
    thirteen statements, whatever their number.

    Their watches are locked before anything that is written is read, so that of two who look at once the second sees all that
    the first saw, also where both take a promise up. Who locks orders too does it before."""
    watched = await promises.lock(tx, keys)
    young = {key for key in keys if key[1] not in watched}
    if young:
        await take_up(tx, await orders.progress(tx, young), young, now)
        watched |= await promises.lock(tx, young)
    found = [order for order in await orders.progress(tx, keys) if order.order_id in watched]
    if not found:
        return []
    ways = await promises.load_ways(tx, {order.seller_id for order in found}, now)
    pairs = [(one, found) for one, (found,) in await judged(tx, watched, found, [ways], now)]
    await promises.save(tx, [(before, after) for before, after in pairs if after != before])
    return [after for _, after in pairs]


async def judged(
    tx: Tx,
    watched: Mapping[UUID, Watch],
    found: Sequence[orders.Progress],
    networks: Sequence[promises.Ways],
    now: datetime,
) -> list[tuple[Watch, list[Watch]]]:
    """Each watch of these orders, and how it stands at `now` on each of the networks. Two statements; nothing is written."""
    keys = {(order.seller_id, order.order_id) for order in found}
    told = _by_order(await promises.scans(tx, keys))
    more = _parcels(await promises.shipments(tx, keys))
    return [
        (
            watched[order.order_id],
            [
                _look(
                    order,
                    watched[order.order_id],
                    scans_of(order, told.get(order.order_id, ()), more.get(order.order_id, ())),
                    ways,
                    now,
                )
                for ways in networks
            ],
        )
        for order in found
    ]


def _look(
    order: orders.Progress, watch: Watch, parcels: list[list[Scan]], ways: promises.Ways, now: datetime
) -> Watch:
    lane = lane_of(order, watch, ways)
    after = promises.look(watch, parcels, lane, ways.calendar, now, ended=order.state in _ENDED)
    return _known(after, order, lane)


def _known(watch: Watch, order: orders.Progress, lane: Lane | None) -> Watch:
    """With whom the order belongs to by now, and the lane that was found."""
    lane_id = watch.lane_id if lane is None else lane.lane_id
    return replace(watch, owner_id=order.owner_id, lane_id=lane_id)


def lane_of(order: orders.Progress, watch: Watch, ways: promises.Ways) -> Lane | None:
    """The lane that a promise was given on; of promises of releases before, the one from the same place of the same kind."""
    known = ways.lane(order.seller_id, watch.lane_id)
    if known is not None:
        return known
    promise = read_promise(order.promise)
    country = order.country or HOME_COUNTRY
    fitting = [
        lane
        for lane in ways.to(order.seller_id, country)
        if (lane.origin, lane.lane) == (promise.origin, promise.lane)
    ]
    return fitting[0] if fitting else None


def scans_of(
    order: orders.Progress, told: Sequence[TrackingEvent], more: Collection[UUID]
) -> list[list[Scan]]:
    """The scans of each parcel of an order. Its own parcel counts only where no other was made, or something was told of it."""
    steps = [Scan(code=_STEPS[code], at=at) for code, at in order.steps if code in _STEPS]
    parcels = {event.shipment_id for event in told} | set(more)
    return [
        [*steps, *(Scan(code=TrackingCode(x.code), at=x.at) for x in told if x.shipment_id == parcel)]
        for parcel in sorted(parcels or {order.order_id})
    ]


async def look_again(services: Services) -> int:
    """The worker's pass: promises of new orders, and those that are due. Gives how many were looked at."""
    async with services.db.reading() as tx:
        now = services.clock()
        fresh = await promises.fresh(tx, AT_ONCE)
        keys = {*fresh, *await promises.due(tx, now, AT_ONCE)}
    if not keys:
        return 0
    async with services.db.transaction() as tx:
        found = await look_at(tx, keys, now)
        await promises.begin(
            tx, [], fresh, now
        )  # also of orders that somebody took up before their event came
        return len(found)


async def learn(services: Services) -> int:
    """Count what legs took, of orders that arrived in the last days; gives how many rows."""
    async with services.db.transaction() as tx:
        return await promises.learn(tx, services.clock().date() - _CORRECTED)


_CORRECTED = timedelta(days=7)
"""So long after a delivery a scan may still correct it."""


def _by_order(events: Sequence[TrackingEvent]) -> dict[UUID, list[TrackingEvent]]:
    found: dict[UUID, list[TrackingEvent]] = {}
    for event in events:
        found.setdefault(event.order_id, []).append(event)
    return found


def _parcels(found: Sequence[Shipment]) -> dict[UUID, list[UUID]]:
    made: dict[UUID, list[UUID]] = {}
    for parcel in found:
        made.setdefault(parcel.order_id, []).append(parcel.shipment_id)
    return made
