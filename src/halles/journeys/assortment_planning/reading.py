"""What a plan is made of: articles with price and stock, and what was seen around the place, in one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from halles.assortments import api as assortments
from halles.assortments.api import Article, Sighting
from halles.assortments.types import HistorySum, Signals, Wishes
from halles.catalog import api as catalog
from halles.catalog.types import Card
from halles.inventory import api as inventory
from halles.inventory.types import Lane
from halles.journeys.assortment_planning.files import postcode_of
from halles.journeys.checkout.geography import Point, distance_km
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import Place
from halles.pricing import api as pricing
from halles.visits import api as visits

_AT_ONCE = 5_000
_PAGE = 500
_JUST_AFTER, _A_DAY = timedelta(microseconds=1), timedelta(days=1)
Spot = tuple[str, str]
"""Country and postcode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a plan needs. `shown`: products on display now."""

    articles: list[Article]
    seen: Sighting
    shown: set[UUID]


async def read_facts(
    tx: Tx, seller_id: SellerId, place: Place, wishes: Wishes, *, now: datetime, least_shoppers: int
) -> Facts:
    """About fifteen statements, and four for each 500 products."""
    articles, products = await _articles(tx, seller_id, place, now)
    seen = await _sighting(tx, seller_id, place, wishes, products, now, least_shoppers)
    shown = {one.product_id for one in await places.samples(tx, seller_id, place.place_id)}
    return Facts(articles=articles, seen=seen, shown=shown)


async def _articles(
    tx: Tx, seller_id: SellerId, place: Place, now: datetime
) -> tuple[list[Article], dict[int, UUID]]:
    """Products that can be bought, with their cheapest price in the place's currency and what hubs can sell; and products by
    variant."""
    cards = [card async for card in _cards(tx, seller_id)]
    variants = [variant for card in cards for variant in card.variant_ids]
    hubs = {one.location_id for one in await inventory.locations(tx, [seller_id]) if one.lane == Lane.HUB}
    price: dict[int, int] = {}
    stock: dict[int, int] = {}
    for start in range(0, len(variants), _AT_ONCE):
        part = variants[start : start + _AT_ONCE]
        found = await pricing.prices(tx, seller_id, place.currency, part, now, country=place.country)
        price |= {variant: one.unit.minor for variant, one in found.items()}
        for level in await inventory.levels(tx, seller_id, part):
            if level.location_id in hubs:
                stock[level.variant_id] = stock.get(level.variant_id, 0) + level.sellable
    made = [
        Article(
            product_id=card.product_id,
            title=card.title,
            category=card.category,
            family=card.family,
            brand=card.brand,
            price_minor=min((price[v] for v in card.variant_ids if v in price), default=None),
            stock=sum(stock.get(v, 0) for v in card.variant_ids),
        )
        for card in cards
        if card.variant_ids
    ]
    return made, {variant: card.product_id for card in cards for variant in card.variant_ids}


async def _cards(tx: Tx, seller_id: SellerId) -> AsyncIterator[Card]:
    after: tuple[int, str] | None = None
    while True:
        page = await catalog.search(tx, seller_id, after=after, limit=_PAGE)
        for card in page:
            yield card
        if len(page) < _PAGE:
            return
        after = (page[-1].score, str(page[-1].product_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Demand by place of shopping. `raw`: the (country, postcode, place) triples of orders behind each spot; the spot of what
    came from nowhere in particular is ('', '')."""

    by_spot: dict[Spot, dict[UUID, Signals]]
    raw: dict[Spot, set[tuple[str, str, int]]]
    imported: dict[Spot, int]


async def _sighting(
    tx: Tx,
    seller_id: SellerId,
    place: Place,
    wishes: Wishes,
    products: dict[int, UUID],
    now: datetime,
    least: int,
) -> Sighting:
    """The narrowest area with enough shoppers, ever wider: around the place, its region, its country, everywhere."""
    since, until = now - timedelta(days=wishes.days), now + _JUST_AFTER
    seen = await _read(tx, seller_id, products, since, until)
    home = (place.country, postcode_of(place.postcode or ""))
    levels = await _levels(tx, seller_id, place, home, wishes.radius_km, set(seen.by_spot))
    counts: list[int] = []
    for _, spots in levels:
        areas = None if spots is None else {one for spot in spots for one in seen.raw.get(spot, ())}
        ordered = await orders.area_shoppers(tx, seller_id, since, until, areas)
        told = sum(many for spot, many in seen.imported.items() if spots is None or spot in spots)
        counts.append(max(ordered, told))
    at = assortments.narrowest(counts, least)
    if at is None:
        return Sighting(level="all", label="", merged=True, shoppers=None)
    wide = max(at, 2) if counts[2] >= least else 3
    labels = (home[1] or place.city, assortments.region_of(*home), place.country, "")
    return Sighting(
        level=levels[at][0],
        label=labels[at],
        merged=at > 0,
        shoppers=counts[at],
        near=_added(seen.by_spot, levels[at][1]),
        wide=_added(seen.by_spot, levels[wide][1]),
    )


async def _read(
    tx: Tx, seller_id: SellerId, products: dict[int, UUID], since: datetime, until: datetime
) -> _Seen:
    homes = {
        one.place_id: (one.country, postcode_of(one.postcode or ""))
        for one in await places.list_places(tx, seller_id)
    }
    sales = await orders.area_sales(tx, seller_id, since, until)
    gone = sorted({one.variant_id for one in sales} - set(products))
    ended = await catalog.load_variants(tx, seller_id, gone) if gone else {}
    product_of = products | {variant: info.product_id for variant, info in ended.items()}
    found = _Seen(by_spot={}, raw={}, imported={})

    def add(spot: Spot, product: UUID | None, signals: Signals) -> None:
        if product is not None:
            mine = found.by_spot.setdefault(spot, {})
            mine[product] = mine.get(product, Signals()) + signals

    for sale in sales:
        spot = (
            homes.get(sale.place_id, ("", ""))
            if not sale.country
            else (sale.country, postcode_of(sale.postcode))
        )
        found.raw.setdefault(spot, set()).add((sale.country, sale.postcode, sale.place_id))
        add(spot, product_of.get(sale.variant_id), Signals(sales=sale.pieces))
    for view in await visits.seen(tx, seller_id, since, until):
        add(homes.get(view.place_id, ("", "")), view.product_id, Signals(views=view.count))
    history = await assortments.history(tx, seller_id, since.date(), until.date() + _A_DAY)
    for row in history:
        signals = Signals(sales=row.sales, views=row.views, searches=row.searches)
        add((row.country, row.postcode), row.product_id, signals)
    _count(history, found.imported)
    return found


def _count(history: Iterable[HistorySum], into: dict[Spot, int]) -> None:
    """Shoppers of imported history by spot: the most that one row tells, since the same person may be behind several."""
    for row in history:
        spot = (row.country, row.postcode)
        into[spot] = max(into.get(spot, 0), row.shoppers)


async def _levels(
    tx: Tx, seller_id: SellerId, place: Place, home: Spot, radius_km: int, spots: set[Spot]
) -> list[tuple[str, set[Spot] | None]]:
    """Ever wider areas by name. Without the place's point, or a postcode's, only the place's own postcode is near."""
    points = await assortments.postcodes(tx, seller_id, spots | {home})
    centre: Point | None = points.get(home)
    if place.latitude is not None and place.longitude is not None:
        centre = (place.latitude, place.longitude)
    near = {home} | {
        spot
        for spot in spots
        if (away := distance_km(centre, points.get(spot))) is not None and away <= radius_km
    }
    mine = assortments.region_of(*home)
    region = near | {spot for spot in spots if home[1] and assortments.region_of(*spot) == mine}
    country = region | {spot for spot in spots if spot[0] == home[0]}
    return [("near", near), ("region", region), ("country", country), ("all", None)]


def _added(by_spot: Mapping[Spot, Mapping[UUID, Signals]], spots: set[Spot] | None) -> dict[UUID, Signals]:
    total: dict[UUID, Signals] = {}
    for spot, mine in by_spot.items():
        if spots is None or spot in spots:
            for product, signals in mine.items():
                total[product] = total.get(product, Signals()) + signals
    return total
