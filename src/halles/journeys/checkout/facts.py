"""What a batch needs to know and no lock protects: articles' titles, locations, lanes, touchpoints. Kept for a few seconds.

Nothing here decides about stock, price or money: those are read under lock in the batch's own transaction. An article that is
taken off sale can thus still be ordered for TTL_S seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from halles.catalog import api as catalog
from halles.catalog.types import VariantInfo
from halles.inventory import api as inventory
from halles.inventory.types import Location
from halles.journeys.checkout.promise_body import promise_body
from halles.journeys.checkout.types import Offer, Snapshot
from halles.kernel.db import Database, Tx
from halles.places import api as places
from halles.places.types import Touchpoint
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane

TTL_S = 5.0
HOME_COUNTRY = "FR"
"""Where an order without an address or a place is taxed and promised."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Kept(Generic[K, V]):
    """A dictionary that forgets: what it gives was read at most `ttl_s` ago."""

    def __init__(self, ttl_s: float, tick: Callable[[], float]) -> None:
        self._ttl_s, self._tick = ttl_s, tick
        self._found: dict[K, tuple[float, V]] = {}

    def missing(self, keys: Iterable[K]) -> list[K]:
        now = self._tick()
        return [key for key in set(keys) if (kept := self._found.get(key)) is None or kept[0] <= now]

    def put(self, key: K, value: V) -> None:
        if len(self._found) > 100_000:
            self._found.clear()
        self._found[key] = (self._tick() + self._ttl_s, value)

    def get(self, key: K) -> V | None:
        kept = self._found.get(key)
        return None if kept is None else kept[1]


class Facts:
    """Call `refresh` for a batch, then read from memory. At most seven statements a refresh, none while all is fresh."""

    def __init__(
        self, db: Database, *, ttl_s: float = TTL_S, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._variants: _Kept[tuple[int, int], Snapshot | None] = _Kept(ttl_s, tick)
        self._touchpoints: _Kept[str, Touchpoint | None] = _Kept(ttl_s, tick)
        self._locations: _Kept[int, dict[int, Location]] = _Kept(ttl_s, tick)
        self._ways: _Kept[int, promises.Ways] = _Kept(ttl_s, tick)
        self._offers: _Kept[tuple[int, int, str], Offer | None] = _Kept(min(ttl_s, 1.0), tick)

    async def refresh(
        self, variants: Collection[tuple[int, int]], touchpoints: Collection[str], now: datetime
    ) -> None:
        """Read what is missing or old: articles as (seller, variant), touchpoint codes. Raises DatabaseUnavailable."""
        sellers = {seller_id for seller_id, _ in variants}
        stale = self._variants.missing(variants)
        codes = self._touchpoints.missing(touchpoints)
        places_of = self._locations.missing(sellers)
        ways_of = self._ways.missing(sellers)
        if not (stale or codes or places_of or ways_of):
            return
        async with self._db.reading() as tx:
            await self._read_variants(tx, stale)
            for code in codes:
                self._touchpoints.put(code, await places.find_touchpoint(tx, code))
            if places_of:
                found = await inventory.locations(tx, places_of)
                for seller_id in places_of:
                    own = {place.location_id: place for place in found if place.seller_id == seller_id}
                    self._locations.put(seller_id, own)
            if ways_of:
                ways = await promises.load_ways(tx, ways_of, now)
                for seller_id in ways_of:
                    self._ways.put(seller_id, ways)

    async def _read_variants(self, tx: Tx, stale: Collection[tuple[int, int]]) -> None:
        for seller_id in {seller_id for seller_id, _ in stale}:
            wanted = [variant_id for seller, variant_id in stale if seller == seller_id]
            found = await catalog.load_variants(tx, seller_id, wanted)
            for variant_id in wanted:
                info = found.get(variant_id)
                self._variants.put((seller_id, variant_id), None if info is None else snapshot(info))

    def snapshot(self, seller_id: int, variant_id: int) -> Snapshot | None:
        return self._variants.get((seller_id, variant_id))

    def touchpoint(self, code: str) -> Touchpoint | None:
        return self._touchpoints.get(code)

    def lane(self, seller_id: int, location_id: int) -> str:
        """The lane of a location; a location opened a moment ago counts as the slow one."""
        location = (self._locations.get(seller_id) or {}).get(location_id)
        return LaneKind.ABROAD if location is None else location.lane

    def offer(self, seller_id: int, location_id: int, country: str, now: datetime) -> Offer | None:
        """What can be promised from a location to a country; None when no lane leads there."""
        key = (seller_id, location_id, country)
        if not self._offers.missing([key]):
            return self._offers.get(key)
        made = self._quote(seller_id, location_id, country, now)
        self._offers.put(key, made)
        return made

    def _quote(self, seller_id: int, location_id: int, country: str, now: datetime) -> Offer | None:
        ways = self._ways.get(seller_id)
        if ways is None:
            return None
        line = Line(variant_id=0, lane=LaneKind(self.lane(seller_id, location_id)), locations=(location_id,))
        try:
            promise = promises.quote_line(line, ways.to(seller_id, country), ways.calendar, now)
        except NoLane:
            return None
        body = promise_body(promise)
        return Offer(date=promise.date, latest=promise.deadline, body=body, json=msgspec.json.encode(body))


def snapshot(info: VariantInfo) -> Snapshot:
    """What an order keeps of an article."""
    kept: dict[str, Any] = {
        "variant_id": info.variant_id,
        "product_id": info.product_id,
        "title": info.title,
        "options": info.options,
        "image": info.image,
    }
    return Snapshot(buyable=info.buyable, head=msgspec.json.encode(kept)[:-1])
