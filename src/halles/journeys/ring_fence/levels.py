"""Stock as a channel's shopper sees it: what is kept for the channel is there to be sold to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from halles.inventory import api as inventory
from halles.inventory.types import Channel, StockLevel, channels
from halles.journeys.checkout.api import with_fences
from halles.journeys.flash_sale.api import levels_in_sale
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.places.types import WEB


async def levels_for(
    tx: Tx,
    seller_id: SellerId,
    variant_ids: Collection[int],
    now: datetime,
    *,
    kind: str = WEB,
    touchpoint_id: int | None = None,
    owner_id: int | None = None,
) -> list[StockLevel]:
    """Levels with what a running sale, and the channels of this shopper, may take. One statement, up to four where anything is
    fenced."""
    levels = await levels_in_sale(tx, seller_id, variant_ids, now)
    return await open_channels(
        tx, seller_id, levels, now, kind=kind, touchpoint_id=touchpoint_id, owner_id=owner_id
    )


async def open_channels(
    tx: Tx,
    seller_id: SellerId,
    levels: Sequence[StockLevel],
    now: datetime,
    *,
    kind: str,
    touchpoint_id: int | None,
    owner_id: int | None,
) -> list[StockLevel]:
    """The same for levels that were read already. No statement where nothing is fenced, else at most three."""
    variants = {level.variant_id for level in levels if level.ring_fenced > 0}
    if not variants:
        return list(levels)
    items = await inventory.kept_of(tx, seller_id, variants)
    if not items:
        return list(levels)
    fences = {fence.fence_id: fence for fence in await inventory.standing_fences(tx, [seller_id])}
    groups = [] if owner_id is None else await inventory.groups_of(tx, [seller_id], owner_id)
    through: frozenset[Channel] = channels(kind, touchpoint_id, [group_id for _, group_id in groups])
    mine: dict[tuple[int, int], int] = {}
    kept: dict[tuple[int, int], int] = {}
    for item in items:
        key, fence = (item.location_id, item.variant_id), fences.get(item.fence_id)
        kept[key] = kept.get(key, 0) + item.kept
        if fence is not None and fence.serves(through, now):
            mine[key] = mine.get(key, 0) + item.kept
    return [_opened(level, mine, kept) for level in levels]


def _opened(
    level: StockLevel, mine: dict[tuple[int, int], int], kept: dict[tuple[int, int], int]
) -> StockLevel:
    key = (level.location_id, level.variant_id)
    free = level.on_hand - level.reserved - level.safety - level.ring_fenced
    more = with_fences(free, mine.get(key, 0), kept.get(key, 0)) - free
    return replace(level, ring_fenced=level.ring_fenced - more) if more else level
