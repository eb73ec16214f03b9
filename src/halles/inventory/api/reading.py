"""Locations, levels and movements as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from halles.inventory import store
from halles.inventory.store import Difference, Reserved
from halles.inventory.types import (
    Lane,
    Location,
    LocationId,
    LocationKind,
    Movement,
    StockLevel,
)
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId


async def save_location(
    tx: Tx,
    seller_id: SellerId,
    *,
    kind: LocationKind,
    name: str,
    lane: Lane,
    country: str,
    place_id: int | None = None,
) -> LocationId:
    """Add a location, or change the one of this name. One query."""
    params = {
        "seller_id": seller_id,
        "kind": kind,
        "name": name,
        "lane": lane,
        "country": country,
        "place_id": place_id,
    }
    return LocationId(await tx.one(store.SAVE_LOCATION, params))


async def locations(tx: Tx, seller_ids: Sequence[int]) -> list[Location]:
    """Every location of these sellers. One query."""
    return await tx.all(store.LOCATIONS, {"sellers": list(seller_ids)})


async def levels(tx: Tx, seller_id: SellerId, variant_ids: Sequence[int]) -> list[StockLevel]:
    """What each location holds of these variants. One query."""
    return await tx.all(store.LEVELS, {"seller_id": seller_id, "variants": list(variant_ids)})


async def stock_page(
    tx: Tx,
    seller_id: SellerId,
    *,
    variant_ids: Sequence[int] | None = None,
    location_id: int | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int = 50,
) -> list[StockLevel]:
    """Stock items after (location, variant), in that order. `variant_ids`: only these; None for all. One query."""
    params = {
        "seller_id": seller_id,
        "location_id": location_id,
        "variants": None if variant_ids is None else list(variant_ids),
        "after_location": after[0],
        "after_variant": after[1],
        "limit": limit,
    }
    return await tx.all(store.STOCK_PAGE, params)


async def movements(
    tx: Tx,
    seller_id: SellerId,
    location_id: int,
    variant_id: int,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Movement]:
    """The movements of one stock item, the latest first. `before`: (at, movement_id) of the last one seen. One query."""
    params = {
        "seller_id": seller_id,
        "location_id": location_id,
        "variant_id": variant_id,
        "before_at": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit,
    }
    return await tx.all(store.MOVEMENTS, params)


async def movements_of_order(
    tx: Tx, seller_id: int, order_id: UUID, items: Sequence[tuple[int, int]], moments: Sequence[datetime]
) -> list[Movement]:
    """What an order moved: its (location, variant) items at the moments of its timeline. One query."""
    params = {
        "seller_id": seller_id,
        "order_id": order_id,
        "locations": [item[0] for item in items],
        "variants": [item[1] for item in items],
        "moments": list(moments),
    }
    return await tx.all(store.MOVEMENTS_OF_ORDER, params)


async def differences(tx: Tx, limit: int = 100) -> list[Difference]:
    """Stock items whose row is not the sum of their movements; empty when all is well. One query over everything."""
    return await tx.all(store.DIFFERENCES, {"limit": limit})


async def reserved(tx: Tx) -> list[Reserved]:
    """Every item that has something reserved. One query over everything."""
    return await tx.all(store.RESERVED)


async def count_items(tx: Tx) -> int:
    """How many stock items there are."""
    return await tx.one(store.COUNT_ITEMS)
