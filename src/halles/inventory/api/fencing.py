"""Fencing pieces off for another use, and giving them back."""

from __future__ import annotations

from collections.abc import Sequence

from halles.inventory import rules, store
from halles.inventory.types import InsufficientStock
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId


async def fence(tx: Tx, seller_id: SellerId, items: Sequence[tuple[int, int, int]]) -> None:
    """Add pieces to what is fenced off, or with a negative number give them back: (location, variant, pieces). Two queries.

    Nothing is fenced that could not be sold; no fence falls below zero. Raises InsufficientStock.
    """
    wanted = {key: pieces for key, pieces in rules.merged(items).items() if pieces}
    if not wanted:
        return
    keys = {"seller_id": seller_id, "locations": [k[0] for k in wanted], "variants": [k[1] for k in wanted]}
    levels = {(level.location_id, level.variant_id): level for level in await tx.all(store.LOCK_ITEMS, keys)}
    for key, pieces in wanted.items():
        left = levels[key].sellable if key in levels else 0
        if pieces > left:
            raise InsufficientStock(variant_id=key[1], sellable=left)
    await tx.run(store.FENCE, {**keys, "pieces": list(wanted.values())})
