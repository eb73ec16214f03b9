"""Exchange rates: the latest, what was known at a moment, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from halles.kernel.db import Tx
from halles.pricing import store
from halles.pricing.types import RATE_LIVES_DAYS, KeptRate, Rate, Rates


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
