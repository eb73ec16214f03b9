"""What was ordered where, for those who plan what to show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from halles.kernel.db import Tx
from halles.orders import store
from halles.orders.store import AreaSale


async def area_sales(tx: Tx, seller_id: int, since: datetime, until: datetime) -> list[AreaSale]:
    """Pieces by country, postcode and article, of orders placed in [since, until) that stand. One query over these orders."""
    return await tx.all(store.AREA_SALES, {"seller_id": seller_id, "since": since, "until": until})


async def area_shoppers(
    tx: Tx, seller_id: int, since: datetime, until: datetime, areas: Collection[tuple[str, str, int]] | None
) -> int:
    """How many different people ordered in these (country, postcode, place) areas; None: anywhere. One query over these
    orders."""
    ordered = None if areas is None else sorted(areas)
    params = {
        "seller_id": seller_id,
        "since": since,
        "until": until,
        "countries": None if ordered is None else [country for country, _, _ in ordered],
        "postcodes": None if ordered is None else [postcode for _, postcode, _ in ordered],
        "places": None if ordered is None else [place for _, _, place in ordered],
    }
    return await tx.one(store.AREA_SHOPPERS, params)
