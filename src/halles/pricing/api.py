"""Pricing's door. Every function works inside the caller's transaction and takes sets.

For the order path, which keeps prices in memory: VERSIONS gives (seller_id, version) where a price of the seller was ever set,
and moves in the transaction that sets one; `charged` gives what holds at a moment and until when nothing known changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.pricing import store
from halles.pricing.rules import convert, known_unit, need_conversion, price_of, prices_of, unit_price
from halles.pricing.rules.rates_file import read_rates
from halles.pricing.rules.unit_prices import needs_unit_price
from halles.pricing.store import VERSIONS
from halles.pricing.types import (
    HOME,
    RATE_LIVES_DAYS,
    KeptRate,
    Price,
    PriceChange,
    PricesChanged,
    PriceStep,
    Rate,
    Rates,
    Wanted,
)

_MOST_IN_EVENT = 500
"""Variants that one event names."""

__all__ = [
    "HOME",
    "VERSIONS",
    "charged",
    "convert",
    "currencies",
    "history",
    "known_unit",
    "latest_rates",
    "need_conversion",
    "needs_unit_price",
    "price_of",
    "prices",
    "prices_for",
    "prices_of",
    "rate_history",
    "rates",
    "rates_known",
    "read_rates",
    "save_rates",
    "set_perishable",
    "set_prices",
    "set_tax_categories",
    "shown",
    "unit_price",
]


def _params(wanted: Sequence[Wanted], at: datetime) -> dict[str, object]:
    return {
        "seller_ids": [want.seller_id for want in wanted],
        "variant_ids": [want.variant_id for want in wanted],
        "currencies": [want.currency for want in wanted],
        "countries": [want.country for want in wanted],
        "at": at,
    }


async def prices_for(tx: Tx, wanted: Sequence[Wanted], at: datetime) -> dict[tuple[int, int, str], Price]:
    """The prices in force at a moment by (seller, variant, currency); what has no price is absent. One statement."""
    if not wanted:
        return {}
    return prices_of(await tx.all(store.PRICE_SQL, _params(wanted, at)))


async def charged(
    tx: Tx, wanted: Sequence[Wanted], at: datetime
) -> dict[tuple[int, int, str, str], tuple[int, int, datetime]]:
    """(unit minor, tax basis points, until) by (seller, variant, currency, country). One statement."""
    rows = await tx.all(store.CHARGED, _params(wanted, at))
    return {row[:4]: row[4:] for row in rows}


async def shown(
    tx: Tx, wanted: Sequence[Wanted], at: datetime
) -> dict[tuple[int, int, str, str], tuple[int, datetime | None]]:
    """(unit minor, end) by (seller, variant, currency, country) as they stood at a moment, past or present. The end is the one
    that was announced by then; None: none was. One statement."""
    rows = await tx.all(store.SHOWN, _params(wanted, at)) if wanted else []
    return {row[:4]: (row[4], row[5]) for row in rows}


async def prices(
    tx: Tx, seller_id: int, currency: str, variant_ids: Collection[int], at: datetime, *, country: str = "FR"
) -> dict[int, Price]:
    """One seller's prices in one currency by variant; what has no price is absent. One statement."""
    wanted = [
        Wanted(seller_id=seller_id, variant_id=v, currency=currency, country=country) for v in variant_ids
    ]
    return {variant_id: price for (_, variant_id, _), price in (await prices_for(tx, wanted, at)).items()}


async def currencies(tx: Tx, seller_id: int, at: datetime) -> list[str]:
    """The currencies a seller has a price list in, by code. One statement."""
    return await tx.all(store.CURRENCIES, {"seller_id": seller_id, "at": at})


async def set_prices(tx: Tx, seller_id: int, changes: Sequence[PriceChange], at: datetime) -> set[int]:
    """Make prices as the changes say from their moments on; returns the variants of which anything was written.

    The changes of a variant and currency are its whole plan: what was planned after `at` otherwise is forgotten, what was
    charged stays. A change that says what holds anyway writes nothing. Five statements. Emits PricesChanged.
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
        "price_list_ids": [lists[change.currency] for change in changes],
        "variant_ids": [change.variant_id for change in changes],
        "froms": [change.valid_from for change in changes],
        "minors": [change.minor for change in changes],
        "regulars": [change.regular_minor for change in changes],
    }
    await tx.run(store.FORGET_PLANNED, {"at": at, **params})
    await tx.run(store.CHANGED, {"seller_id": seller_id})
    written = set(await tx.all(store.SET_PRICES, params))
    await _announce(tx, seller_id, written)
    return written


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


async def history(
    tx: Tx, seller_id: int, variant_id: int, at: datetime, *, limit: int = 200
) -> list[PriceStep]:
    """What a variant cost until a moment, in every currency, the latest first. One statement."""
    params = {"seller_id": seller_id, "variant_id": variant_id, "at": at, "limit": limit}
    return await tx.all(store.HISTORY, params)


async def _announce(tx: Tx, seller_id: int, variant_ids: Collection[int]) -> None:
    if not variant_ids:
        return
    ordered = sorted(variant_ids)
    parts = [ordered[n : n + _MOST_IN_EVENT] for n in range(0, len(ordered), _MOST_IN_EVENT)]
    await outbox.append(tx, [PricesChanged(seller_id=seller_id, variant_ids=part) for part in parts])


async def rates(tx: Tx, at: datetime) -> Rates:
    """The latest rate of each currency published by a moment and not too old then, as corrected since. One statement."""
    return {rate.currency: rate for rate in await tx.all(store.RATES, {"at": at, "lives": RATE_LIVES_DAYS})}


async def rates_known(tx: Tx, at: datetime) -> Rates:
    """What `rates` answered at that moment, before later corrections: what a shopper saw beside an order. One statement."""
    found = await tx.all(store.RATES_KNOWN, {"at": at, "lives": RATE_LIVES_DAYS})
    return {rate.currency: rate for rate in found}


async def latest_rates(tx: Tx) -> list[KeptRate]:
    """The latest rate of each currency however old, by code. One statement."""
    return await tx.all(store.LATEST_RATES, {})


async def rate_history(tx: Tx, currency: str, *, limit: int = 100) -> list[KeptRate]:
    """Every rate of a currency that was ever written down, the latest day and its latest correction first. One statement."""
    return await tx.all(store.RATE_HISTORY, {"currency": currency, "limit": limit})


async def save_rates(tx: Tx, found: Sequence[Rate], source: str, at: datetime) -> int:
    """Keep rates with their dates, and what they correct; returns how many were new or different. Two statements."""
    unique = {(rate.currency, rate.day): rate for rate in found}
    ordered = [unique[key] for key in sorted(unique)]
    params: dict[str, object] = {
        "currencies": [rate.currency for rate in ordered],
        "days": [rate.day for rate in ordered],
        "rates": [rate.rate for rate in ordered],
        "source": source,
        "at": at,
    }
    if not ordered:
        return 0
    await tx.run(store.LOG_RATES, params)
    return await tx.run(store.SAVE_RATES, params)
