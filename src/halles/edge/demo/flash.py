"""Two flash sales for the demo: one that runs, one that is to come."""

from __future__ import annotations

from datetime import datetime, timedelta

from halles.catalog import api as catalog
from halles.flash import api as flash
from halles.flash.types import NoSuchSale
from halles.inventory import api as inventory
from halles.inventory.types import StockCommand, StockItem
from halles.journeys.flash_sale.api import SaleDraft, SaleItem, plan
from halles.kernel.db import Database, Tx
from halles.kernel.ids import SellerId, derived_uuid
from halles.pricing import api as pricing
from halles.pricing.types import Price

_OFF = 0.7
"""What is left of an article's price."""
_ON, _NEXT = "AR-SACOCHE-CG-U", "FL-CUIVRE"
_PIECES = 40
_PLANNED_BEFORE = timedelta(hours=1)


async def plan_sales(db: Database, seller: SellerId, now: datetime) -> None:
    """A sale that began a moment ago and lasts a day, and one that starts in a quarter of an hour. Repeating adds nothing."""
    async with db.transaction() as tx:
        ids = await catalog.sku_ids(tx, seller, [_ON, _NEXT])
        prices = await pricing.prices(tx, seller, "EUR", list(ids.values()), now)
        if len(prices) < 2:
            return
        for variant_id in ids.values():
            await _restock(tx, seller, variant_id, now)
        on = _draft({"fr": "La vente de l’ouverture", "en": "The opening sale"}, prices[ids[_ON]], now)
        soon = now + timedelta(minutes=15)
        coming = _draft({"fr": "La prochaine vente", "en": "The next sale"}, prices[ids[_NEXT]], soon)
        await _plan(tx, seller, "running", on, now - _PLANNED_BEFORE)
        await _plan(tx, seller, "coming", coming, now - timedelta(seconds=1))


async def _restock(tx: Tx, seller: SellerId, variant_id: int, now: datetime) -> None:
    """Enough pieces that the counter has something to count."""
    (first, *_) = await inventory.levels(tx, seller, [variant_id])
    item = StockItem(location_id=first.location_id, variant_id=variant_id, quantity=_PIECES)
    command = StockCommand(
        seller_id=seller,
        command_id=derived_uuid("demo.flash.stock", seller, variant_id),
        items=(item,),
        by="system",
    )
    await inventory.receive(tx, command, now)


async def _plan(tx: Tx, seller: SellerId, name: str, draft: SaleDraft, at: datetime) -> None:
    sale_id = derived_uuid("demo.flash", seller, name)
    try:
        await flash.sale(tx, seller, sale_id)
    except NoSuchSale:
        await plan(tx, seller, sale_id, draft, at)


def _draft(title: dict[str, str], price: Price, starts_at: datetime) -> SaleDraft:
    return SaleDraft(
        title=title,
        currency="EUR",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=1),
        quantity=_PIECES,
        per_customer=2,
        waiting_room=True,
        prequeue_s=1800,
        admit_per_s=2.0,
        hold_s=300,
        items=(SaleItem(variant_id=price.variant_id, price_minor=int(price.unit.minor * _OFF)),),
    )
