"""Setting prices, their tax, and what spoils; a plan takes the place of the one before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.pricing import store
from halles.pricing.types import PriceChange, PricesChanged

_MOST_IN_EVENT = 500
"""Variants that one event names."""
WITHDRAWN_KEPT = timedelta(days=30)
"""How long a withdrawn plan is remembered: longer than any seller honours what was shown (a week)."""


async def set_prices(tx: Tx, seller_id: int, changes: Sequence[PriceChange], at: datetime) -> set[int]:
    """Make prices as the changes say from their moments on; returns the variants of which anything was written.

    The changes of a variant and currency are its whole plan: what was planned after `at` otherwise is forgotten, what was
    charged stays, and that an end had been announced is remembered for what was shown. A change that says what holds anyway
    writes nothing. Five statements, four more where a plan was withdrawn. Emits PricesChanged.
    """
    if not changes:
        return set()
    wanted = sorted({change.currency for change in changes})
    lists = {row.currency: row.price_list_id for row in await tx.all(store.LISTS, {"seller_id": seller_id})}
    if not lists.keys() >= set(wanted):
        made = await tx.all(store.ENSURE_LISTS, {"seller_id": seller_id, "currencies": wanted})
        lists |= {row.currency: row.price_list_id for row in made}
    params: dict[str, object] = {
        "seller_id": seller_id,
        "at": at,
        "price_list_ids": [lists[change.currency] for change in changes],
        "variant_ids": [change.variant_id for change in changes],
        "froms": [change.valid_from for change in changes],
        "minors": [change.minor for change in changes],
        "regulars": [change.regular_minor for change in changes],
    }
    await tx.run(store.CHANGED, {"seller_id": seller_id})
    if withdrawn := await tx.all(store.FORGET_PLANNED, params):
        await _keep_withdrawn(tx, seller_id, withdrawn, at)
    written = set(await tx.all(store.SET_PRICES, params))
    await _announce(tx, seller_id, written)
    return written


async def _keep_withdrawn(tx: Tx, seller_id: int, rows: Sequence[store.PlannedRow], at: datetime) -> None:
    """Somebody read that a price would end, and then the seller thought again. Four statements."""
    planned_in = {"price_list_ids": sorted({row.price_list_id for row in rows})}
    kept = {"seller_id": seller_id, "at": at, "moment": at.isoformat(), **planned_in}
    lists = {one.planned_in: one.price_list_id for one in await tx.all(store.WITHDRAWN_LISTS, kept)}
    params: dict[str, object] = {
        "seller_id": seller_id,
        "price_list_ids": [lists[row.price_list_id] for row in rows],
        "variant_ids": [row.variant_id for row in rows],
        "froms": [row.valid_from for row in rows],
        "minors": [row.minor for row in rows],
        "regulars": [row.regular_minor for row in rows],
        "recorded": [row.recorded_at for row in rows],
    }
    await tx.run(store.KEEP_WITHDRAWN, params)
    old = {"seller_id": seller_id, "before": at - WITHDRAWN_KEPT}
    await tx.run(store.FORGET_WITHDRAWN, old)
    await tx.run(store.FORGET_WITHDRAWN_LISTS, old)


async def set_tax_categories(tx: Tx, seller_id: int, categories: Mapping[int, str]) -> int:
    """Say how variants are taxed; returns how many changed. Three statements. Emits PricesChanged."""
    ordered = sorted(categories)
    params: dict[str, object] = {
        "seller_id": seller_id,
        "variant_ids": ordered,
        "categories": [categories[v] for v in ordered],
    }
    if not ordered:
        return 0
    changed = await tx.run(store.SET_TAX, params)
    if changed:
        await tx.run(store.CHANGED, {"seller_id": seller_id})
        await _announce(tx, seller_id, ordered)
    return changed


async def set_perishable(tx: Tx, seller_id: int, variant_ids: Collection[int], perishable: bool) -> int:
    """Say of variants whether they spoil soon, which frees their reductions of the thirty days; returns how many changed.
    Two statements. Emits PricesChanged."""
    changed = await tx.run(
        store.PERISHABLE,
        {"seller_id": seller_id, "variant_ids": sorted(variant_ids), "perishable": perishable},
    )
    if changed:
        await _announce(tx, seller_id, variant_ids)
    return changed


async def _announce(tx: Tx, seller_id: int, variant_ids: Collection[int]) -> None:
    if not variant_ids:
        return
    ordered = sorted(variant_ids)
    parts = [ordered[n : n + _MOST_IN_EVENT] for n in range(0, len(ordered), _MOST_IN_EVENT)]
    await outbox.append(tx, [PricesChanged(seller_id=seller_id, variant_ids=part) for part in parts])
