"""What a batch needs to know and no lock protects: articles, locations, lanes, touchpoints, fees, prices. Baskets are shown from
the same memory, so that a page says what checkout will charge.

Nothing here decides about stock or money: those are read under lock in the batch's own transaction. Prices are kept as long as
their seller's version, which the batch reads in its transaction, stands; all else for TTL_S seconds: an article that is taken off
sale can thus still be ordered for so long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import msgspec

from halles.catalog import api as catalog
from halles.catalog.types import VariantInfo
from halles.flash import api as flash
from halles.flash.types import RunningSale
from halles.inventory import api as inventory
from halles.inventory.types import Location, RingFence, SourcingRule
from halles.journeys.checkout.promise_body import kept_body
from halles.journeys.checkout.types import Article, Offer, Sourcing
from halles.kernel import lanes
from halles.kernel.arrays import Bigints
from halles.kernel.db import Database, Tx
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import Touchpoint
from halles.pricing import api as pricing
from halles.pricing.types import Wanted
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane
from halles.wallet import api as wallet

TTL_S = 5.0
_MOST_KEPT = 100_000
HOME_COUNTRY = "FR"
"""Where an order without an address or a place is taxed and promised."""

_PriceKey = tuple[int, int, str, str]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Kept(Generic[K, V]):
    """A dictionary that forgets: what it gives was read at most `ttl_s` ago."""

    def __init__(self, ttl_s: float, tick: Callable[[], float]) -> None:
        self._ttl_s, self._tick = ttl_s, tick
        self._found: dict[K, tuple[float, V]] = {}

    def has(self, key: K) -> bool:
        kept = self._found.get(key)
        return kept is not None and kept[0] > self._tick()

    def missing(self, keys: Iterable[K]) -> list[K]:
        now = self._tick()
        return [key for key in set(keys) if (kept := self._found.get(key)) is None or kept[0] <= now]

    def put(self, key: K, value: V, until: float | None = None) -> None:
        """`until`: when it ends, if it is made of something older."""
        if len(self._found) > _MOST_KEPT:
            self._found.clear()
        self._found[key] = (self._tick() + self._ttl_s if until is None else until, value)

    def until(self, key: K) -> float:
        """The tick at which it ends."""
        return self._found[key][0]

    def get(self, key: K) -> V | None:
        kept = self._found.get(key)
        return None if kept is None else kept[1]


class Facts:
    """Call `refresh` for a batch, then read from memory. At most ten statements a refresh, none while all is fresh."""

    def __init__(
        self, db: Database, *, ttl_s: float = TTL_S, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._infos: _Kept[tuple[int, int], VariantInfo | None] = _Kept(ttl_s, tick)
        self._articles: _Kept[tuple[int, int], Article | None] = _Kept(ttl_s, tick)
        self._touchpoints: _Kept[str, Touchpoint | None] = _Kept(ttl_s, tick)
        self._locations: _Kept[int, dict[int, Location]] = _Kept(ttl_s, tick)
        self._sourcing: dict[int, SourcingRule] = {}
        self._ways: _Kept[int, promises.Ways] = _Kept(ttl_s, tick)
        self._fees: _Kept[int, int] = _Kept(ttl_s, tick)
        self._offers: _Kept[tuple[int, int, str], Offer | None] = _Kept(min(ttl_s, 1.0), tick)
        self._sales: _Kept[int, datetime] = _Kept(ttl_s, tick)
        self._running: dict[tuple[int, int], list[RunningSale]] = {}
        self._fences: dict[tuple[int, int], list[RingFence]] = {}
        self._versions: _Kept[int, int] = _Kept(min(ttl_s, 1.0), tick)
        self._bodies: dict[tuple[int, bytes], int] = {}
        self._prices: dict[int, tuple[int, dict[_PriceKey, tuple[int, int, datetime, datetime]]]] = {}

    async def refresh(
        self, variants: Collection[tuple[int, int]], touchpoints: Collection[str], now: datetime
    ) -> None:
        """Read what is missing or old: articles as (seller, variant), touchpoint codes. Raises DatabaseUnavailable."""
        sellers = {seller_id for seller_id, _ in variants}
        stale = self._articles.missing(variants)
        codes = self._touchpoints.missing(touchpoints)
        places_of = self._locations.missing(sellers)
        ways_of = self._ways.missing(sellers)
        fees_of = self._fees.missing(sellers)
        sales_of = self._unsure_of_sales(sellers, now)
        if not (stale or codes or places_of or ways_of or fees_of or sales_of):
            return
        tx = lanes.reads(self._db).tx
        await self._read_touchpoints(tx, codes)
        if places_of:
            found = await inventory.locations(tx, places_of)
            rules_of = await inventory.sourcing_rules(tx, places_of)
            for seller_id in places_of:
                own = {place.location_id: place for place in found if place.seller_id == seller_id}
                self._locations.put(seller_id, own)
                self._sourcing.pop(seller_id, None)
            self._sourcing |= rules_of
        await self._read_ways(tx, ways_of, now)
        if fees_of:
            fees = await wallet.fees(tx, fees_of)
            for seller_id in fees_of:
                self._fees.put(seller_id, fees.get(seller_id, 0))
        await self._read_sales(tx, sales_of, now)
        await self._read_infos(tx, self._infos.missing(stale))
        infos = {key: info for key in stale if (info := self._infos.get(key)) is not None}
        shown = {key: (key[0], _shown(info)) for key, info in infos.items()}
        kept = await self._keep(list(shown.values()))
        for key in stale:
            info = infos.get(key)
            article = None if info is None else Article(info.buyable, kept[shown[key]])
            self._articles.put(key, article, self._infos.until(key))

    async def hear_of_sales(self, sellers: Collection[int], now: datetime) -> None:
        """Flash sales and ring-fences of these sellers as they were TTL_S before `now` at most: a sale is written down sooner
        before it starts. Two statements, mostly none. Raises DatabaseUnavailable."""
        await self._read_sales(lanes.reads(self._db).tx, self._unsure_of_sales(sellers, now), now)

    async def _read_sales(self, tx: Tx, sellers: Collection[int], now: datetime) -> None:
        if sellers:
            self._note_sales(sellers, await flash.running(tx, sellers, now), now)
            self._note_fences(sellers, await inventory.standing_fences(tx, sellers))

    async def look(
        self, variants: Collection[tuple[int, int]], touchpoints: Collection[str], now: datetime
    ) -> None:
        """As `refresh`, for what is shown of a basket: articles, ways of their sellers, touchpoints. Few statements."""
        if self._knows(variants, touchpoints):
            return
        missing = self._infos.missing(variants)
        codes = self._touchpoints.missing(touchpoints)
        ways_of = self._ways.missing({seller_id for seller_id, _ in variants})
        if missing or codes or ways_of:
            tx = lanes.reads(self._db).tx
            await self._read_touchpoints(tx, codes)
            await self._read_ways(tx, ways_of, now)
            await self._read_infos(tx, missing)

    def _knows(self, variants: Iterable[tuple[int, int]], touchpoints: Iterable[str]) -> bool:
        """Whether `look` has nothing to read, as it mostly has."""
        for key in variants:
            if not (self._infos.has(key) and self._ways.has(key[0])):
                return False
        return all(map(self._touchpoints.has, touchpoints))

    async def _read_touchpoints(self, tx: Tx, codes: Iterable[str]) -> None:
        for code in codes:
            self._touchpoints.put(code, await places.find_touchpoint(tx, code))

    async def _read_ways(self, tx: Tx, sellers: Sequence[int], now: datetime) -> None:
        if sellers:
            ways = await promises.load_ways(tx, sellers, now)
            for seller_id in sellers:
                self._ways.put(seller_id, ways)

    def _unsure_of_sales(self, sellers: Collection[int], now: datetime) -> list[int]:
        """Sellers whose sales were read too long ago, or when this process's clock told another time."""
        old = set(self._sales.missing(sellers))
        return [
            seller_id
            for seller_id in sellers
            if seller_id in old or not ((at := self._sales.get(seller_id)) and flash.knows(at, now))
        ]

    def _note_sales(self, sellers: Collection[int], found: Sequence[RunningSale], now: datetime) -> None:
        for seller_id in sellers:
            self._sales.put(seller_id, now)
        kept = {key: sales for key, sales in self._running.items() if key[0] not in sellers}
        for sale in found:
            kept.setdefault((sale.seller_id, sale.variant_id), []).append(sale)
        self._running = kept

    def _note_fences(self, sellers: Collection[int], found: Sequence[RingFence]) -> None:
        kept = {key: fences for key, fences in self._fences.items() if key[0] not in sellers}
        for fence in found:
            kept.setdefault((fence.seller_id, fence.variant_id), []).append(fence)
        self._fences = kept

    async def _read_infos(self, tx: Tx, missing: Collection[tuple[int, int]]) -> None:
        for seller_id in {seller_id for seller_id, _ in missing}:
            wanted = [variant_id for seller, variant_id in missing if seller == seller_id]
            found = await catalog.load_variants(tx, seller_id, wanted)
            for variant_id in wanted:
                self._infos.put((seller_id, variant_id), found.get(variant_id))

    async def _keep(self, bodies: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], int]:
        """Where each (seller, JSON) stands as orders keep it."""
        found = {body: self._bodies[body] for body in bodies if body in self._bodies}
        missing = sorted({body for body in bodies if body not in found})
        if missing:
            tx = lanes.writes(self._db).tx
            new = dict(zip(missing, await orders.keep(tx, missing), strict=True))
            if len(self._bodies) > _MOST_KEPT:
                self._bodies.clear()
            self._bodies.update(new)
            found |= new
        return found

    def info(self, seller_id: int, variant_id: int) -> VariantInfo | None:
        """An article as it is shown; None when there is none of this id."""
        return self._infos.get((seller_id, variant_id))

    def ways(self, seller_id: int) -> promises.Ways | None:
        return self._ways.get(seller_id)

    def articles(self, variants: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Article]:
        """The articles of (seller, variant) pairs; those that do not exist are absent."""
        found = {key: self._articles.get(key) for key in variants}
        return {key: article for key, article in found.items() if article is not None}

    def sales(self, variants: Iterable[tuple[int, int]]) -> list[RunningSale]:
        """Flash sales of these articles that run or are about to, or ended a moment ago."""
        running = self._running
        if not running:
            return []
        return [sale for key in variants for sale in running.get(key, ())]

    def fences(self, variants: Iterable[tuple[int, int]]) -> list[RingFence]:
        """Ring-fences of these articles, but for those made in the last seconds; what they keep is read under lock."""
        known = self._fences
        if not known:
            return []
        return [fence for key in variants for fence in known.get(key, ())]

    def touchpoint(self, code: str) -> Touchpoint | None:
        return self._touchpoints.get(code)

    def touchpoints(self, codes: Iterable[str]) -> dict[str, Touchpoint]:
        """Those that exist, by code."""
        return {code: one for code in codes if (one := self._touchpoints.get(code)) is not None}

    def fee_bp(self, seller_id: int) -> int:
        """What the platform keeps of a sale, in basis points."""
        return self._fees.get(seller_id) or 0

    def has_rules(self) -> bool:
        """Whether any seller has a sourcing rule."""
        return bool(self._sourcing)

    def sourcing(
        self, sellers: Iterable[int], packed: Iterable[tuple[Any, ...]], touchpoints: Iterable[str]
    ) -> dict[int, Sourcing]:
        """The rules of those sellers who made one, with what they look at. `packed`: rows of inventory's PACKED."""
        counts: dict[int, dict[int, int]] = {}
        for seller_id, location_id, orders_today in packed:
            counts.setdefault(seller_id, {})[location_id] = orders_today
        points = {code: point for code in touchpoints if (point := self._point(code)) is not None}
        return {
            seller_id: Sourcing(
                rule=rule,
                locations=self._locations.get(seller_id) or {},
                packed=counts.get(seller_id, {}),
                points=points,
            )
            for seller_id in sellers
            if (rule := self._sourcing.get(seller_id)) is not None
        }

    def _point(self, code: str) -> tuple[float, float] | None:
        found = self._touchpoints.get(code)
        if found is None or found.latitude is None or found.longitude is None:
            return None
        return (found.latitude, found.longitude)

    def lane(self, seller_id: int, location_id: int) -> str:
        """The lane of a location; a location opened a moment ago counts as the slow one."""
        location = (self._locations.get(seller_id) or {}).get(location_id)
        return LaneKind.ABROAD if location is None else location.lane

    async def offers(
        self, wanted: Collection[tuple[int, int, str]], now: datetime
    ) -> dict[tuple[int, int, str], Offer]:
        """What can be promised from (seller, location) to a country now; absent where no lane leads."""
        missing = self._offers.missing(wanted)
        if missing:
            made = {key: self._quote(*key, now) for key in missing}
            bodies = {
                key: (key[0], msgspec.json.encode(body))
                for key, quote in made.items()
                if quote
                for body in [quote[2]]
            }
            kept = await self._keep(list(bodies.values()))
            for key, quote in made.items():
                offer = None if quote is None else Offer(*quote, kept_id=kept[bodies[key]])
                self._offers.put(key, offer)
        found = {key: self._offers.get(key) for key in wanted}
        return {key: offer for key, offer in found.items() if offer is not None}

    def _quote(
        self, seller_id: int, location_id: int, country: str, now: datetime
    ) -> tuple[date, date, dict[str, Any]] | None:
        """The earliest and latest day, and the promise as it is shown."""
        ways = self._ways.get(seller_id)
        if ways is None:
            return None
        line = Line(variant_id=0, lane=LaneKind(self.lane(seller_id, location_id)), locations=(location_id,))
        try:
            promise = promises.quote_line(line, ways.to(seller_id, country), ways.calendar, now)
        except NoLane:
            return None
        return promise.date, promise.deadline, kept_body(promise)

    async def versions(self, sellers: Collection[int]) -> dict[int, int]:
        """The versions of these sellers' prices, as they were a second ago at most. At most one statement."""
        missing = self._versions.missing(sellers)
        if missing:
            self.note_versions(
                missing, await lanes.reads(self._db).tx.all(pricing.VERSIONS, {"sellers": Bigints(missing)})
            )
        return {seller_id: self._versions.get(seller_id) or 0 for seller_id in sellers}

    def note_versions(self, sellers: Iterable[int], rows: Iterable[tuple[Any, ...]]) -> dict[int, int]:
        """Rows of pricing.VERSIONS, read just now for these sellers, as versions by seller."""
        found: dict[int, int] = dict(rows)
        for seller_id in sellers:
            self._versions.put(seller_id, found.get(seller_id, 0))
        return found

    async def prices(
        self, versions: Mapping[int, int], wanted: Collection[_PriceKey], now: datetime
    ) -> dict[_PriceKey, tuple[int, int]]:
        """(unit minor, tax basis points) by (seller, variant, currency, country), as of these versions; absent: not sold.

        `versions` were read in the transaction that will sell: a version that stands says that no price has changed since.
        """
        found: dict[_PriceKey, tuple[int, int]] = {}
        missing: list[_PriceKey] = []
        for key in wanted:
            version, known = self._prices.get(key[0], (-1, {}))
            price = known.get(key) if version == versions.get(key[0], 0) else None
            # A clock may have been put back since it was read.
            if price is None or not price[3] <= now < price[2]:
                missing.append(key)
            else:
                found[key] = price[:2]
        if missing:
            asked = [Wanted(seller_id=s, variant_id=v, currency=c, country=w) for s, v, c, w in missing]
            read = await pricing.charged(lanes.reads(self._db).tx, asked, now)
            for key, price in read.items():
                version = versions.get(key[0], 0)
                kept = self._prices.get(key[0])
                if kept is None or kept[0] != version or len(kept[1]) > _MOST_KEPT:
                    kept = self._prices[key[0]] = (version, {})
                kept[1][key] = (*price, now)
                found[key] = price[:2]
        return found


def _shown(info: VariantInfo) -> bytes:
    """What an order keeps of an article, beside the line's own numbers."""
    kept: dict[str, Any] = {
        "product_id": info.product_id,
        "title": info.title,
        "options": info.options,
        "image": info.image,
    }
    return msgspec.json.encode(kept)
