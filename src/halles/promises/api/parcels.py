"""Parcels and what carriers tell of them. Told twice, late or out of order: each is safe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.promises.store import watches as store
from halles.promises.types import (
    BadTracking,
    ParcelMoved,
    Shipment,
    TrackingCode,
    TrackingEvent,
    TrackingIdReused,
)

MOST_SCANS = 500
"""Scans of one order; no parcel has so many."""
_FAST_CLOCK = timedelta(minutes=10)
"""So far a scanner's clock may be ahead of ours, or behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as its sender tells it."""

    event_id: UUID
    code: TrackingCode
    at: datetime
    place: str = ""


async def add_shipment(tx: Tx, parcel: Shipment) -> bool:
    """Another parcel of an order; False when it stood already. Two statements at most. Raises TrackingIdReused."""
    params = {
        name: getattr(parcel, name)
        for name in ("seller_id", "shipment_id", "order_id", "carrier", "tracking")
    }
    if await tx.run(store.ADD_SHIPMENT, {**params, "at": parcel.created_at}):
        return True
    (found,) = await find_shipments(tx, parcel.shipment_id, [parcel.seller_id])
    if (found.order_id, found.carrier, found.tracking) != (parcel.order_id, parcel.carrier, parcel.tracking):
        raise TrackingIdReused(
            "A parcel stands under this id with another content.", shipment_id=str(parcel.shipment_id)
        )
    return False


async def find_shipments(tx: Tx, shipment_id: UUID, seller_ids: Collection[int] | None) -> list[Shipment]:
    """Parcels of this id of these sellers. One statement."""
    sellers = None if seller_ids is None else sorted(seller_ids)
    return await tx.all(store.SHIPMENT, {"shipment_id": shipment_id, "seller_ids": sellers})


async def shipments(tx: Tx, keys: Collection[tuple[int, UUID]]) -> list[Shipment]:
    """Parcels of (seller, order) pairs besides those that bear their order's id. One statement."""
    return await tx.all(store.SHIPMENTS, _params(keys)) if keys else []


async def scans(tx: Tx, keys: Collection[tuple[int, UUID]]) -> list[TrackingEvent]:
    """All that was told of the parcels of (seller, order) pairs, by moment. One statement."""
    return await tx.all(store.SCANS, _params(keys)) if keys else []


async def tell(
    tx: Tx,
    parcel: Shipment,
    told: Sequence[Told],
    *,
    owner_id: int,
    placed_at: datetime,
    source: str,
    now: datetime,
) -> list[Told]:
    """Keep what happened to a parcel; gives what was new. Three statements at most.

    Raises BadTracking for what cannot have happened, TrackingIdReused when an id stands with another content: then nothing of
    the set is kept.
    """
    for one in told:
        if not placed_at - _FAST_CLOCK <= one.at <= now + _FAST_CLOCK:
            text = "This happened in the future, or before the order was placed."
            raise BadTracking(text, event_id=str(one.event_id), at=one.at.isoformat())
    once = {one.event_id: one for one in told}
    if len(once) != len(set(told)):
        raise TrackingIdReused("Two events of this request have one id and differ.")
    key = {"seller_id": parcel.seller_id, "order_id": parcel.order_id}
    made = await tx.all(
        store.ADD_SCANS,
        {
            **key,
            "shipment_id": parcel.shipment_id,
            "event_ids": list(once),
            "codes": [one.code.value for one in once.values()],
            "moments": [one.at for one in once.values()],
            "places": [one.place for one in once.values()],
            "source": source,
            "now": now,
        },
    )
    stand = await scans(tx, [(parcel.seller_id, parcel.order_id)])
    if len(stand) > MOST_SCANS:
        raise BadTracking(f"An order has at most {MOST_SCANS} events.")
    _compare(parcel, once, stand)
    new = [once[event_id] for event_id in made]
    if new:
        codes = tuple(sorted({one.code.value for one in new}))
        moved = ParcelMoved(
            seller_id=parcel.seller_id, order_id=parcel.order_id, owner_id=owner_id, codes=codes
        )
        await outbox.append(tx, [moved])
    return new


def _compare(parcel: Shipment, told: dict[UUID, Told], stand: Sequence[TrackingEvent]) -> None:
    for event in stand:
        mine = told.get(event.event_id)
        if mine is None or event.shipment_id != parcel.shipment_id:
            continue
        if (mine.code, mine.at, mine.place) != (TrackingCode(event.code), event.at, event.place):
            text = "An event stands under this id with another content."
            raise TrackingIdReused(text, event_id=str(event.event_id))


def _params(keys: Collection[tuple[int, UUID]]) -> dict[str, object]:
    ordered = sorted(keys)
    return {"sellers": [key[0] for key in ordered], "order_ids": [key[1] for key in ordered]}
