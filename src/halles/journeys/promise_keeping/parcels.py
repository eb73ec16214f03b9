"""What carriers and staff tell of parcels: kept, and the promise looked at again in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.journeys.fulfilment.api import take_step
from halles.journeys.promise_keeping.looking import OrderKey, look_at
from halles.kernel.db import Tx
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, Order, OrderState, Step
from halles.promises import api as promises
from halles.promises.types import NoSuchShipment, Shipment, TrackingCode, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What became of a request: the parcel, its order, how many events were new, and how the promise stands now."""

    parcel: Shipment
    order: Order
    recorded: int
    repeated: int
    watch: Watch | None


async def find_parcel(tx: Tx, shipment_id: UUID, seller_ids: Collection[int]) -> tuple[Shipment, Order]:
    """A parcel of one of these sellers by its id, which may be its order's, and the order. At most three statements. Raises
    NoSuchShipment, which tells nothing of others' parcels."""
    made = await promises.find_shipments(tx, shipment_id, seller_ids)
    try:
        order = await orders.load_order(tx, made[0].order_id if made else shipment_id)
    except NoSuchOrder:
        order = None
    if order is None or order.seller_id not in seller_ids:
        raise NoSuchShipment("No such parcel.", shipment_id=str(shipment_id))
    parcel = made[0] if made else own_parcel(order)
    return parcel, order


def own_parcel(order: Order) -> Shipment:
    """The parcel that every order has without its being made."""
    return Shipment(
        seller_id=order.seller_id,
        shipment_id=order.order_id,
        order_id=order.order_id,
        carrier="",
        tracking="",
        created_at=order.placed_at,
    )


async def hear(
    tx: Tx,
    shipment_id: UUID,
    told: Sequence[promises.Told],
    *,
    seller_ids: Collection[int],
    source: str,
    now: datetime,
) -> Heard:
    """Keep what happened to a parcel, mark a shipped order delivered when its last parcel is, and look at its promise.

    The order's row is locked first, as every step of it does: two tellings of one order are one after the other. Raises
    NoSuchShipment, BadTracking, TrackingIdReused.
    """
    parcel, found = await find_parcel(tx, shipment_id, seller_ids)
    order = await orders.lock_order(tx, found.seller_id, found.order_id)
    new = await promises.tell(
        tx, parcel, told, owner_id=order.owner_id, placed_at=order.placed_at, source=source, now=now
    )
    key: OrderKey = (order.seller_id, order.order_id)
    standing = await look_at(tx, [key], now)
    after = await _delivered(tx, order, standing, source, now)
    return Heard(
        parcel=parcel,
        order=after,
        recorded=len(new),
        repeated=len({one.event_id for one in told}) - len(new),
        watch=standing[0] if standing else None,
    )


async def lock_arrived(tx: Tx, keys: Collection[OrderKey]) -> list[Order]:
    """Lock those of these orders whose carrier has told that they are there. One statement, and one for each such order."""
    told = await promises.scans(tx, keys)
    there = {(x.seller_id, x.order_id) for x in told if x.code == TrackingCode.DELIVERED}
    return [await orders.lock_order(tx, *key) for key in sorted(there)]


async def mark_delivered(tx: Tx, arrived: Sequence[Order], standing: Sequence[Watch], now: datetime) -> None:
    """Locked orders that were shipped after their carrier had told that they are there: late news of the shop."""
    for order in arrived:
        await _delivered(tx, order, [x for x in standing if x.order_id == order.order_id], "system", now)


async def _delivered(tx: Tx, order: Order, standing: Sequence[Watch], source: str, now: datetime) -> Order:
    if order.state is not OrderState.SHIPPED or not standing or standing[0].delivered_on is None:
        return order
    by = source if source.startswith("staff:") else "system"
    detail = {"delivered_on": standing[0].delivered_on.isoformat()}
    return await take_step(tx, order.seller_id, order.order_id, Step.DELIVER, by=by, at=now, detail=detail)
