"""Stock as a shopper in a sale sees it: what is fenced off for a running sale is there to be sold in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.inventory.types import StockLevel
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId


async def levels_in_sale(
    tx: Tx, seller_id: SellerId, variant_ids: Collection[int], now: datetime
) -> list[StockLevel]:
    """Levels as `inventory.levels` gives them, with the fences of sales that run now opened. One statement, two where anything
    is fenced."""
    levels = await inventory.levels(tx, seller_id, list(variant_ids))
    return await open_fences(tx, seller_id, variant_ids, levels, now)


async def open_fences(
    tx: Tx, seller_id: SellerId, variant_ids: Collection[int], levels: list[StockLevel], now: datetime
) -> list[StockLevel]:
    """The same for levels that were read already. No statement, one where anything is fenced."""
    if not any(level.ring_fenced for level in levels):
        return levels
    fences = await flash.fences(tx, seller_id, variant_ids, now)
    return [
        replace(level, ring_fenced=level.ring_fenced - fences.get((level.location_id, level.variant_id), 0))
        for level in levels
    ]
