"""Pricing's door. Every function works inside the caller's transaction and takes sets.

For the order path, which keeps prices in memory: VERSIONS gives (seller_id, version) where a price of the seller was ever set,
and moves in the transaction that sets one; `charged` gives what holds at a moment and until when nothing known changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from halles.kernel.db import Tx
from halles.pricing import store
from halles.pricing.rules import convert, known_unit, need_conversion, price_of, prices_of, unit_price
from halles.pricing.rules.rates_file import read_rates
from halles.pricing.store import VERSIONS
from halles.pricing.types import HOME, Price, PriceChange, Rate, Rates, Wanted

__all__ = [
    "HOME",
    "VERSIONS",
    "charged",
    "convert",
    "currencies",
    "known_unit",
    "need_conversion",
    "price_of",
    "prices",
    "prices_for",
    "prices_of",
    "rates",
    "read_rates",
    "save_rates",
    "set_prices",
    "set_tax_categories",
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
    charged stays. A change that says what holds anyway writes nothing. Four statements.
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
    return set(await tx.all(store.SET_PRICES, params))


async def set_tax_categories(tx: Tx, seller_id: int, categories: Mapping[int, str]) -> int:
    """Say how variants are taxed; returns how many changed. Two statements."""
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
    return changed


async def rates(tx: Tx, at: datetime) -> Rates:
    """The latest rate of each currency published by a moment. One statement."""
    return {rate.currency: rate for rate in await tx.all(store.RATES, {"at": at})}


async def save_rates(tx: Tx, found: Sequence[Rate], source: str) -> int:
    """Keep rates with their dates; returns how many were new or different. One statement."""
    unique = {(rate.currency, rate.day): rate for rate in found}
    ordered = [unique[key] for key in sorted(unique)]
    params: dict[str, object] = {
        "currencies": [rate.currency for rate in ordered],
        "days": [rate.day for rate in ordered],
        "rates": [rate.rate for rate in ordered],
        "source": source,
    }
    return await tx.run(store.SAVE_RATES, params) if ordered else 0
