"""Shops for phones: read again when they are older than a moment, kept with their version, given whole or as what changed."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from halles.catalog import api as catalog
from halles.catalog.api import Bundle, Shop
from halles.identity import api as identity
from halles.journeys.offline_sync.carried import Carried, Changes, Whole
from halles.journeys.offline_sync.reading import read_shop
from halles.journeys.offline_sync.types import NotSoldIn, SnapshotNeeded
from halles.journeys.storefront.view import View, view_of
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Unavailable
from halles.kernel.settings import Settings
from halles.places import api as places
from halles.pricing import api as pricing

FRESH = timedelta(seconds=30)
"""A shop read so long ago is given as it is: what a phone keeps is older in any case."""
_WHOLES = 8
"""Versions kept written out: about one a showroom, language and currency."""
_AT_ONCE = 2
"""Shops read at the same time in one process: each takes two connections."""
_PATIENCE = 40
_WAIT_S = 0.25


class Offline:
    """One a process."""

    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db, self._clock, self._settings = db, clock, settings
        self._wholes: OrderedDict[tuple[UUID, int], Whole] = OrderedDict()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def carried(
        self, touchpoint: str | None, place_id: int | None, currency: str | None, language: str
    ) -> Carried:
        """The shop of a place, else of a touchpoint, at most FRESH old. Five statements when it is fresh.

        Raises UnknownPlace, UnknownTouchpoint, NotSoldIn.
        """
        async with self._db.reading() as tx:
            view = await view_of(
                tx,
                place_id=place_id,
                touchpoint=touchpoint,
                currency=currency,
                language=language,
                now=self._clock(),
            )
            sold = await pricing.currencies(tx, view.seller_id, view.now)
            if currency is not None and currency not in sold:
                raise NotSoldIn("This shop has no prices in this currency.", currencies=sold)
            shop = (view.seller_id, view.place_id or 0, view.currency, language)
            bundle = await catalog.find_bundle(tx, shop)
            terms = (await catalog.shown_terms(tx, [view.seller_id]))[view.seller_id]
        if bundle is None or self._is_old(bundle):
            bundle = await self._refreshed(shop, view, bundle)
        return Carried(bundle=bundle, country=view.country, terms=terms)

    async def whole(self, bundle: Bundle) -> Whole:
        """The newest version of a shop, written out. One statement, none for one that was asked for lately."""
        key = (bundle.bundle_id, bundle.version)
        found = self._wholes.get(key)
        if found is None:
            async with self._db.snapshot() as tx:
                now = await catalog.find_bundle(tx, _shop_of(bundle))
                if now is None or (now.bundle_id, now.version) != key:
                    raise Unavailable("The shop changed while it was read; ask again.", retry_after_s=1)
                entries = await catalog.bundle_entries(tx, bundle)
            bodies = {entry.key: entry.body for entry in entries}
            found = await asyncio.to_thread(_written, bundle, bodies)
            self._wholes[key] = found
            while len(self._wholes) > _WHOLES:
                self._wholes.popitem(last=False)
        return found

    async def changes(self, carried: Carried, bundle_id: UUID, since: int) -> Changes:
        """What happened to a shop after a version that a phone has. One statement. Raises SnapshotNeeded."""
        bundle = carried.bundle
        if not bundle.knows(bundle_id, since):
            size = len((await self.whole(bundle)).zipped)
            raise SnapshotNeeded("What changed since then is not known any more.", bytes=size)
        if since == bundle.version:
            return Changes(carried=carried, entries={})
        async with self._db.snapshot() as tx:
            now = await catalog.find_bundle(tx, _shop_of(bundle))
            assert now is not None, "bundles are never removed"
            entries = await catalog.bundle_entries(tx, now, since)
        return Changes(
            carried=replace(carried, bundle=now), entries={entry.key: entry.body for entry in entries}
        )

    def _is_old(self, bundle: Bundle) -> bool:
        return self._clock() - bundle.read_at >= FRESH

    async def _refreshed(self, shop: Shop, view: View, standing: Bundle | None) -> Bundle:
        """Read the shop again, unless somebody does: then what stands is given, and the first ever is waited for."""
        for _ in range(_PATIENCE):
            async with self._turns, self._db.transaction() as tx:
                if await catalog.lock_bundle(tx, shop):
                    now = await catalog.find_bundle(tx, shop)
                    if now is not None and not self._is_old(now):
                        return now
                    return await self._read(tx, shop, view)
            if standing is not None:
                return standing
            await asyncio.sleep(_WAIT_S)
            async with self._db.reading() as tx:
                standing = await catalog.find_bundle(tx, shop)
        raise Unavailable("This shop is being read for the first time; ask again.", retry_after_s=2)

    async def _read(self, tx: Tx, shop: Shop, view: View) -> Bundle:
        """Under the shop's lock, at a moment in whole milliseconds, as quotes tell it. The lock came first, so versions
        follow one another in time."""
        settings = self._settings
        async with self._db.snapshot() as seen:
            now = self._clock()
            view = replace(view, now=now.replace(microsecond=now.microsecond // 1000 * 1000))
            about = await _about(seen, view)
            entries, left_out = await read_shop(
                seen, view, about, most=settings.offline_products, public_url=settings.public_url
            )
        return await catalog.save_bundle(tx, shop, entries, left_out=left_out, read_at=view.now)


async def _about(tx: Tx, view: View) -> dict[str, Any]:
    """The showroom itself, as far as it is the same for every shopper. Two to three statements."""
    names = await identity.load_names(tx, [view.seller_id])
    place = None if view.place_id is None else await places.place(tx, view.place_id)
    return {
        "seller": {"seller_id": view.seller_id, "name": names.get(view.seller_id, "")},
        "place": None
        if place is None
        else {
            "place_id": place.place_id,
            "code": place.code,
            "name": place.name,
            "city": place.city,
            "country": place.country,
        },
        "currencies": await pricing.currencies(tx, view.seller_id, view.now),
        "currency": view.currency,
        "label_currency": view.label_currency,
        "country": view.country,
    }


def _shop_of(bundle: Bundle) -> Shop:
    return (bundle.seller_id, bundle.place_id, bundle.currency, bundle.language)


def _written(bundle: Bundle, bodies: dict[str, str | None]) -> Whole:
    products = sum(key.startswith("p:") for key in bodies)
    body = msgspec.json.encode(
        {
            "bundle": bundle.bundle_id,
            "version": bundle.version,
            "digest": bundle.digest.hex(),
            "products": products,
            "left_out": bundle.left_out,
            "entries": bodies,
        }
    )
    return Whole(body=body, zipped=gzip.compress(body, 6, mtime=0), products=products)
