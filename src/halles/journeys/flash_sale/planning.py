"""Planning a sale, changing it, stopping it, and giving back what it kept: prices, fences and the sale together."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from halles.flash import api as flash
from halles.flash.types import BadSale, ItemRow, Sale, SaleChanged, SaleDraft, SaleItem
from halles.inventory import api as inventory
from halles.kernel.db import Database, Tx
from halles.kernel.ids import SellerId
from halles.pricing import api as pricing
from halles.pricing.types import Price, PriceChange

SEED_BYTES = 32
_JUST_BEFORE = timedelta(microseconds=1)
_HEARD = timedelta(seconds=7)
"""Who decides orders hears of a sale within five seconds of its being written."""


class _Settled(Exception):
    """Somebody else gave back meanwhile: undo."""


async def plan(tx: Tx, seller_id: SellerId, sale_id: UUID, draft: SaleDraft, now: datetime) -> None:
    """Make a sale: fence its pieces, write it, plan its prices. Stock is locked first, as everywhere.

    Raises BadSale, AlreadyInSale, SaleIdTaken, InsufficientStock.
    """
    await inventory.fence(tx, seller_id, _fences(draft.items))
    await flash.create(tx, seller_id, sale_id, draft, seed=secrets.token_bytes(SEED_BYTES), now=now)
    await _plan_prices(tx, seller_id, draft, now)


def check_in_time(draft: SaleDraft, now: datetime) -> None:
    """Call last, before the commit. Raises BadSale when writing took so long that orders could be decided without the sale."""
    if now > draft.starts_at - _HEARD:
        raise BadSale("Writing the sale took too long for its start; let it start later.", field="starts_at")


async def change(
    tx: Tx, seller_id: SellerId, sale_id: UUID, draft: SaleDraft, *, version: int, now: datetime
) -> None:
    """Make a sale that has not started what `draft` says. Raises SaleStarted, SaleChanged, and as `plan`."""
    found = await flash.sale(tx, seller_id, sale_id)
    if found.version != version:
        raise SaleChanged("Somebody changed this sale meanwhile; look again.", version=found.version)
    items = (await flash.items_of(tx, [found]))[sale_id]
    give_back = [(where, what, -pieces) for where, what, pieces in _fences(items)]
    await inventory.fence(tx, seller_id, give_back)
    await inventory.fence(tx, seller_id, _fences(draft.items))
    before = await flash.edit(tx, seller_id, sale_id, draft, version=version, now=now)
    await _regular_again(tx, before, items, before.starts_at, now)
    await _plan_prices(tx, seller_id, draft, now)


async def stop(db: Database, seller_id: SellerId, sale_id: UUID, now: datetime) -> Sale:
    """End a sale at once: no order of it is taken any more, its prices are what they were, its fences fall. A repeat changes
    nothing. Raises NoSuchSale."""
    async with db.transaction() as tx:
        stopped = await flash.stop(tx, seller_id, sale_id, now)
        if stopped.stopped_at is not None and stopped.settled_at is None:
            items = (await flash.items_of(tx, [stopped]))[sale_id]
            await _regular_again(tx, stopped, items, stopped.starts_at, max(now, stopped.stopped_at))
    await settle(db, seller_id, sale_id, now + _JUST_BEFORE)
    return stopped


async def settle_due(db: Database, now: datetime) -> int:
    """Give back what sales that are over had kept; the worker asks every second. Returns how many were settled."""
    async with db.reading() as tx:
        waiting = await flash.due(tx, now)
    return sum([await settle(db, seller_id, sale_id, now) for seller_id, sale_id in waiting])


async def settle(db: Database, seller_id: int, sale_id: UUID, now: datetime) -> bool:
    """Release a sale's fences, exactly once, whoever asks how often. False when it was done."""
    try:
        async with db.transaction() as tx:
            sale = await flash.sale(tx, seller_id, sale_id)
            if sale.settled_at is not None or now < sale.over_at:
                return False
            items = (await flash.items_of(tx, [sale]))[sale_id]
            give_back = [(where, what, -pieces) for where, what, pieces in _fences(items)]
            await inventory.fence(tx, SellerId(seller_id), give_back)
            if not await flash.settle(tx, seller_id, sale_id, now):
                raise _Settled
    except _Settled:
        return False
    return True


def _fences(items: Iterable[SaleItem | ItemRow]) -> list[tuple[int, int, int]]:
    return [
        (item.location_id, item.variant_id, item.fenced)
        for item in items
        if item.fenced and item.location_id is not None
    ]


async def _plan_prices(tx: Tx, seller_id: SellerId, draft: SaleDraft, now: datetime) -> None:
    """The sale's price from its start on, announced as a reduction of today's; today's again from its end on."""
    cheap = {item.variant_id: item.price_minor for item in draft.items if item.price_minor is not None}
    if not cheap:
        return
    regular = await pricing.prices(tx, seller_id, draft.currency, list(cheap), now)
    changes: list[PriceChange] = []
    for variant_id, minor in cheap.items():
        price = regular.get(variant_id)
        if price is None or minor >= price.unit.minor:
            raise BadSale("A sale's price is lower than today's.", field="price_minor", variant_id=variant_id)
        changes += [
            PriceChange(
                variant_id=variant_id,
                currency=draft.currency,
                minor=minor,
                valid_from=draft.starts_at,
                regular_minor=price.unit.minor,
            ),
            _back(price, variant_id, draft.currency, draft.ends_at),
        ]
    await pricing.set_prices(tx, seller_id, changes, now)


async def _regular_again(
    tx: Tx, sale: Sale, items: Sequence[ItemRow], starts_at: datetime, at: datetime
) -> None:
    """The prices of before the sale hold from `at` on; what was planned for it is forgotten."""
    variants = [item.variant_id for item in items if item.price_minor is not None]
    if not variants:
        return
    moment = min(at, starts_at - _JUST_BEFORE)
    regular = await pricing.prices(tx, sale.seller_id, sale.currency, variants, moment)
    # The end that was announced stays written: what a phone was shown of the sale is not honoured beyond it.
    moments = sorted({at, max(at, sale.ends_at)})
    changes = [_back(price, v, sale.currency, moment) for v, price in regular.items() for moment in moments]
    await pricing.set_prices(tx, sale.seller_id, changes, at)


def _back(price: Price, variant_id: int, currency: str, at: datetime) -> PriceChange:
    return PriceChange(
        variant_id=variant_id,
        currency=currency,
        minor=price.unit.minor,
        valid_from=at,
        regular_minor=None if price.was is None else price.was.minor,
    )
