"""What promises hold of the orders of a person: the date that was promised, what they were told, and their parcels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held
from halles.promises.store import people as store
from halles.promises.store.people import OwnParcel, OwnPromise, OwnScan

HELD = (
    Held(
        "promises.watch.owner_id",
        Fate.KEPT,
        "how well promises are kept is learned from it; the number names nobody",
    ),
    Held(
        "promises.watch.owner",
        Fate.APART,
        "who answers for a delay: a carrier or a hub, never a shopper",
        given=False,
    ),
    Held("promises.shipment.tracking", Fate.ERASED, "with it a carrier's pages tell the address"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDeliveries:
    """All that promises hold of a person's orders."""

    promises: list[OwnPromise]
    parcels: list[OwnParcel]
    scans: list[OwnScan]


async def own(tx: Tx, orders: Collection[tuple[int, UUID]]) -> OwnDeliveries:
    """All that is held of these (seller, order). Three statements."""
    mine = _keys(orders)
    return OwnDeliveries(
        promises=await tx.all(store.PROMISES_OF, mine),
        parcels=await tx.all(store.PARCELS_OF, mine),
        scans=await tx.all(store.SCANS_OF, mine),
    )


async def forget_orders(tx: Tx, orders: Collection[tuple[int, UUID]]) -> None:
    """Delete what carriers call the parcels of these (seller, order). One statement, repeatable."""
    await tx.run(store.FORGET_TRACKING, _keys(orders))


def _keys(orders: Collection[tuple[int, UUID]]) -> dict[str, object]:
    return {"sellers": [seller for seller, _ in orders], "orders": [order for _, order in orders]}
