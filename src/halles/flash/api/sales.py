"""Sales as staff plan them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.flash import rules, store
from halles.flash.types import (
    AlreadyInSale,
    BadSale,
    ItemRow,
    NoSuchSale,
    Sale,
    SaleChanged,
    SaleDraft,
    SaleIdTaken,
    SaleStarted,
)
from halles.kernel.arrays import Bigints, Uuids
from halles.kernel.db import Tx

SEED_BYTES = 32


async def create(
    tx: Tx, seller_id: int, sale_id: UUID, draft: SaleDraft, *, seed: bytes, now: datetime
) -> None:
    """Plan a sale. `seed`: 32 random bytes. Eight statements. Raises BadSale, AlreadyInSale, SaleIdTaken."""
    rules.check_draft(draft, now)
    assert len(seed) == SEED_BYTES
    if await sales_by_id(tx, [sale_id]):
        raise SaleIdTaken("Make a new id for this sale.")
    await _alone(tx, seller_id, sale_id, draft)
    params = {**_params(seller_id, sale_id, draft), "seed": seed, "at": now}
    await tx.run(store.INSERT_SALE, params)
    await tx.run(store.INSERT_COUNTER, params)
    await tx.run(store.INSERT_ROOM, params)
    await _put_items(tx, seller_id, sale_id, draft)


async def edit(
    tx: Tx, seller_id: int, sale_id: UUID, draft: SaleDraft, *, version: int, now: datetime
) -> Sale:
    """Change a sale that has not started; gives it as it was.

    Raises NoSuchSale, SaleChanged, SaleStarted, BadSale, AlreadyInSale.
    """
    await tx.one(store.ONE_AT_A_TIME, {"seller_id": seller_id})
    before = await _locked(tx, seller_id, sale_id)
    if before.version != version:
        raise SaleChanged("Somebody changed this sale meanwhile; look again.", version=before.version)
    if now >= before.starts_at - rules.LEAD or before.stopped_at is not None:
        raise SaleStarted("A sale that has started can only be stopped.")
    rules.check_draft(draft, now)
    await _alone(tx, seller_id, sale_id, draft)
    params = _params(seller_id, sale_id, draft)
    await tx.run(store.UPDATE_SALE, params)
    await tx.run(store.INSERT_COUNTER, params)
    await tx.run(store.DELETE_ITEMS, params)
    await _put_items(tx, seller_id, sale_id, draft)
    return before


async def stop(tx: Tx, seller_id: int, sale_id: UUID, now: datetime) -> Sale:
    """End a sale now, or call off one that has not started. The sale's rows first, so that no order of it is under way. Gives it
    as it stands after; a repeat changes nothing. Raises NoSuchSale."""
    await tx.one(store.ONE_AT_A_TIME, {"seller_id": seller_id})
    stopped = await tx.first(store.STOP_COUNTER, {"seller_id": seller_id, "sale_id": sale_id, "at": now})
    sale = await _locked(tx, seller_id, sale_id)
    if stopped is None or now >= sale.ends_at:
        return sale
    await tx.run(store.STOP, {"seller_id": seller_id, "sale_id": sale_id, "at": stopped[0]})
    return await _locked(tx, seller_id, sale_id)


async def settle(tx: Tx, seller_id: int, sale_id: UUID, now: datetime) -> bool:
    """True for the one caller who may give back what the sale had kept for itself."""
    params = {"seller_id": seller_id, "sale_id": sale_id, "at": now}
    return await tx.first(store.SETTLE, params) is not None


async def due(tx: Tx, now: datetime) -> list[tuple[int, UUID]]:
    """(seller, sale) of sales that are over and not settled; at most a hundred. One statement."""
    return [(row[0], row[1]) for row in await tx.all(store.DUE, {"at": now})]


async def sale(tx: Tx, seller_id: int, sale_id: UUID) -> Sale:
    """One sale of a seller. Raises NoSuchSale."""
    for found in await tx.all(store.SALES_BY_ID, {"sales": Uuids([sale_id])}):
        if found.seller_id == seller_id:
            return found
    raise NoSuchSale("There is no such sale.", sale_id=str(sale_id))


async def sales_by_id(tx: Tx, sale_ids: Collection[UUID]) -> list[Sale]:
    """Sales by their public ids; what does not exist is absent. One statement."""
    return await tx.all(store.SALES_BY_ID, {"sales": Uuids(sale_ids)})


async def sales_of(tx: Tx, sellers: Collection[int], limit: int = 200) -> list[Sale]:
    """The latest sales of these sellers, the one that starts last first. One statement."""
    return await tx.all(store.SALES_OF, {"sellers": Bigints(sorted(sellers)), "limit": limit})


async def open_sales(tx: Tx, now: datetime, limit: int = 50) -> list[Sale]:
    """Sales that run or are to come, the next first. One statement."""
    return await tx.all(store.OPEN_SALES, {"at": now, "limit": limit})


async def items_of(tx: Tx, sales: Sequence[Sale]) -> dict[UUID, list[ItemRow]]:
    """The articles of sales. One statement."""
    params = {
        "sellers": Bigints(one.seller_id for one in sales),
        "sales": Uuids(one.sale_id for one in sales),
    }
    found: dict[UUID, list[ItemRow]] = {one.sale_id: [] for one in sales}
    for row in await tx.all(store.ITEMS, params):
        found[row.sale_id].append(row)
    return found


async def fences(
    tx: Tx, seller_id: int, variant_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], int]:
    """Pieces by (location, variant) that sales running now may take although they are fenced off. One statement."""
    params = {"seller_id": seller_id, "variants": Bigints(sorted(variant_ids)), "at": now}
    return {(row[0], row[1]): row[2] for row in await tx.all(store.FENCES, params)}


async def fenced(tx: Tx) -> dict[tuple[int, int, int], int]:
    """What sales that are not settled keep, by (seller, location, variant). One query over everything."""
    return {
        (row.seller_id, row.location_id, row.variant_id): row.pieces for row in await tx.all(store.FENCED)
    }


async def _locked(tx: Tx, seller_id: int, sale_id: UUID) -> Sale:
    found = await tx.first(store.LOCK_SALE, {"seller_id": seller_id, "sale_id": sale_id})
    if found is None:
        raise NoSuchSale("There is no such sale.", sale_id=str(sale_id))
    return found


async def _alone(tx: Tx, seller_id: int, sale_id: UUID, draft: SaleDraft) -> None:
    """One plan at a time for a seller; raises AlreadyInSale where an article is in another sale at that time, BadSale where the
    id is another seller's sale: pages, tickets and admissions name a sale by its id alone."""
    await tx.one(store.ONE_AT_A_TIME, {"seller_id": seller_id})
    if any(one.seller_id != seller_id for one in await sales_by_id(tx, [sale_id])):
        raise BadSale("Make a new id for this sale.", field="sale_id")
    other = await tx.first(
        store.OVERLAPPING,
        {
            "seller_id": seller_id,
            "sale_id": sale_id,
            "variants": Bigints(item.variant_id for item in draft.items),
            "starts_at": draft.starts_at,
            "ends_at": draft.ends_at,
        },
    )
    if other is not None:
        raise AlreadyInSale("One of the articles is in another sale at that time.", variant_id=other)


async def _put_items(tx: Tx, seller_id: int, sale_id: UUID, draft: SaleDraft) -> None:
    params = {
        "seller_id": seller_id,
        "sale_id": sale_id,
        "variants": Bigints(item.variant_id for item in draft.items),
        "prices": Bigints(-1 if item.price_minor is None else item.price_minor for item in draft.items),
        "locations": Bigints(item.location_id or 0 for item in draft.items),
        "fenced": Bigints(item.fenced for item in draft.items),
    }
    await tx.run(store.INSERT_ITEMS, params)


def _params(seller_id: int, sale_id: UUID, draft: SaleDraft) -> dict[str, Any]:
    return {
        "seller_id": seller_id,
        "sale_id": sale_id,
        "title": msgspec.json.encode(draft.title).decode(),
        "currency": draft.currency,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "quantity": draft.quantity,
        "per_customer": draft.per_customer,
        "waiting_room": draft.waiting_room,
        "prequeue_s": draft.prequeue_s,
        "admit_per_s": draft.admit_per_s,
        "hold_s": draft.hold_s,
    }
