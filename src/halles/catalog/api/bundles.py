"""Shops as phones carry them, kept with their versions. Entries are JSON that this capability does not look into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from halles.catalog import store
from halles.catalog.rules.bundles import (
    DEFAULT_HONOUR_HOURS,
    Bundle,
    BundleEntry,
    ShownTerms,
    difference,
    digest,
)
from halles.kernel.arrays import Bigints
from halles.kernel.db import Tx
from halles.kernel.ids import uuid7

REMEMBERED = timedelta(days=30)
"""How long it is known that something was removed: a phone away for longer takes the whole shop again."""

Shop = tuple[int, int, str, str]
"""Seller, place (0: the web), currency, language."""


def _params(shop: Shop) -> dict[str, object]:
    seller_id, place_id, currency, language = shop
    return {"seller_id": seller_id, "place_id": place_id, "currency": currency, "language": language}


async def find_bundle(tx: Tx, shop: Shop) -> Bundle | None:
    """One statement."""
    return await tx.first(store.BUNDLE, _params(shop))


async def lock_bundle(tx: Tx, shop: Shop) -> bool:
    """Whether this transaction may now write the bundle; False: another one does. One statement, which never waits."""
    return await tx.one(store.LOCK_BUNDLE, {"shop": ".".join(map(str, shop))})


async def save_bundle(
    tx: Tx, shop: Shop, entries: Mapping[str, str], *, left_out: int, read_at: datetime
) -> Bundle:
    """Keep what a shop is made of at `read_at`: a new version when anything differs. Three to five statements.

    The caller holds `lock_bundle`.
    """
    params = _params(shop)
    made = await tx.one(store.MAKE_BUNDLE, {**params, "bundle_id": uuid7(), "at": read_at})
    line: dict[str, object] = {"seller_id": made.seller_id, "bundle_id": made.bundle_id}
    standing = await tx.all(store.ENTRIES, {**line, "since": 0, "gone": False})
    changes = difference({entry.key: entry.body for entry in standing if entry.body is not None}, entries)
    floor, version = 0, made.version
    if changes:
        version += 1
        keys, bodies = list(changes), list(changes.values())
        values: dict[str, object] = {"keys": keys, "bodies": bodies, "version": version, "at": read_at}
        await tx.run(store.PUT_ENTRIES, {**line, **values})
        floor = await tx.one(store.FORGET_ENTRIES, {**line, "before": read_at - REMEMBERED})
    moved = {**params, "version": version, "at": read_at, "left_out": left_out, "floor": floor}
    moved["digest"] = digest(entries)
    return await tx.one(store.MOVE_BUNDLE, moved)


async def bundle_entries(tx: Tx, bundle: Bundle, since: int | None = None) -> list[BundleEntry]:
    """The parts of a bundle; with `since` those that changed after that version, the removed among them. One statement."""
    params: dict[str, object] = {
        "seller_id": bundle.seller_id,
        "bundle_id": bundle.bundle_id,
        "since": since or 0,
        "gone": since is not None,
    }
    return await tx.all(store.ENTRIES, params)


async def shown_terms(tx: Tx, sellers: Collection[int]) -> dict[int, ShownTerms]:
    """How long each seller honours what phones showed. One statement."""
    rows = await tx.all(store.SHOWN_TERMS, {"sellers": Bigints(sellers)})
    usual = {s: ShownTerms(seller_id=s, honour_hours=DEFAULT_HONOUR_HOURS, not_before=None) for s in sellers}
    return usual | {row.seller_id: row for row in rows}


async def up_since(tx: Tx, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], datetime]:
    """Since when (seller, variant) can be had again; absent: it always could. One statement."""
    params = {"sellers": Bigints(s for s, _ in wanted), "variants": Bigints(v for _, v in wanted)}
    return {(row[0], row[1]): row[2] for row in await tx.all(store.UP_SINCE, params)}


async def save_shown_terms(tx: Tx, terms: ShownTerms, at: datetime) -> ShownTerms:
    """`not_before` only ever moves on: what was called back stays so. One statement."""
    params: dict[str, object] = {
        "seller_id": terms.seller_id,
        "honour_hours": terms.honour_hours,
        "not_before": terms.not_before,
        "at": at,
    }
    return await tx.one(store.PUT_TERMS, params)
