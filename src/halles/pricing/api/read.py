"""Reading prices: what is charged, what was shown, what it cost before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from halles.kernel.db import Tx
from halles.pricing import store
from halles.pricing.rules import prices_of
from halles.pricing.types import Price, PriceStep, Wanted


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
    """(unit minor, end) by (seller, variant, currency, country) as they stood at a moment, past or present, by what was written
    down then. The end is the one that was announced by then, though it came earlier; None: none was. One statement."""
    return {key[:4]: found for key, found in (await shown_then(tx, [(one, at) for one in wanted])).items()}


async def shown_then(
    tx: Tx, wanted: Sequence[tuple[Wanted, datetime]]
) -> dict[tuple[int, int, str, str, datetime], tuple[int, datetime | None]]:
    """As `shown`, each at its own moment, which ends the key. One statement, however many moments."""
    if not wanted:
        return {}
    params = _params([one for one, _ in wanted], wanted[0][1])
    del params["at"]
    rows = await tx.all(store.SHOWN, {**params, "moments": [at for _, at in wanted]})
    return {row[:5]: (row[5], row[6]) for row in rows}


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


async def history(
    tx: Tx, seller_id: int, variant_id: int, at: datetime, *, limit: int = 200
) -> list[PriceStep]:
    """What a variant cost until a moment, in every currency, the latest first. One statement."""
    params = {"seller_id": seller_id, "variant_id": variant_id, "at": at, "limit": limit}
    return await tx.all(store.HISTORY, params)
