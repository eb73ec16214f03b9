"""What happens to reserved stock after an order: shipped, released, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from halles.inventory import rules, store
from halles.inventory.api.change import change, release_items
from halles.inventory.api.ring_fences import give_back
from halles.inventory.types import (
    Cause,
    StockMissing,
)
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId


async def ship(
    tx: Tx,
    seller_id: SellerId,
    items: Sequence[tuple[int, int, int]],
    *,
    order_id: UUID,
    by: str,
    at: datetime,
) -> None:
    """What an order reserved has left the house. `items`: (location, variant, quantity). Three queries. Raises StockMissing."""
    await _for_order(
        tx, seller_id, Cause.SHIPPED, items, on_hand=-1, reserved=-1, order_id=order_id, by=by, at=at
    )


async def release(
    tx: Tx,
    seller_id: SellerId,
    items: Sequence[tuple[int, int, int]],
    *,
    order_id: UUID,
    by: str,
    at: datetime,
) -> None:
    """What an order reserved may be sold again, and is kept again by the ring-fence it was taken of. Four queries. Raises
    StockMissing."""
    await _for_order(
        tx, seller_id, Cause.RELEASED, items, on_hand=0, reserved=-1, order_id=order_id, by=by, at=at
    )
    await give_back(tx, [(seller_id, order_id)])


async def take_back(
    tx: Tx,
    seller_id: SellerId,
    items: Sequence[tuple[int, int, int]],
    *,
    order_id: UUID,
    by: str,
    at: datetime,
) -> None:
    """What an order shipped is on hand again. Three queries."""
    await _for_order(
        tx, seller_id, Cause.RETURNED, items, on_hand=1, reserved=0, order_id=order_id, by=by, at=at
    )


async def release_all(
    tx: Tx,
    releases: Sequence[tuple[SellerId, UUID, Sequence[tuple[int, int, int]]]],
    *,
    by: str,
    at: datetime,
) -> None:
    """What many orders reserved may be sold again: (seller, order, items) each. One movement an item, four queries in all.

    Every row is locked in the one order that all writers keep, whatever orders it belongs to. Raises StockMissing.
    """
    freed: dict[tuple[int, int, int], list[tuple[UUID, int]]] = {}
    for seller_id, order_id, items in releases:
        for (location_id, variant_id), quantity in rules.merged(items).items():
            freed.setdefault((seller_id, location_id, variant_id), []).append((order_id, quantity))
    await release_items(tx, freed, by=by, at=at)
    await give_back(tx, [(seller_id, order_id) for seller_id, order_id, _ in releases])


async def _for_order(
    tx: Tx, seller_id: SellerId, cause: Cause, items: Sequence[tuple[int, int, int]], *, on_hand: int, reserved: int,
    order_id: UUID, by: str, at: datetime,
) -> None:  # fmt: skip
    wanted = rules.merged(items)
    keys = {"seller_id": seller_id, "locations": [k[0] for k in wanted], "variants": [k[1] for k in wanted]}
    held = {(level.location_id, level.variant_id): level for level in await tx.all(store.LOCK_ITEMS, keys)}
    for key, quantity in wanted.items():
        if key not in held or (reserved and held[key].reserved < quantity):
            raise StockMissing(
                "The stock does not hold this reservation.", variant_id=key[1], location_id=key[0]
            )
    changes = {key: (on_hand * quantity, reserved * quantity) for key, quantity in wanted.items()}
    await change(tx, seller_id, cause, changes, ref=order_id, by=by, reason=None, at=at)
