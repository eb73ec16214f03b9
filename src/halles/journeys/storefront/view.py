"""From where a shopper looks, and products as seen from there. Every function costs a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import Card, Image
from halles.inventory.types import StockLevel
from halles.journeys.ring_fence.api import levels_for
from halles.journeys.storefront.models import ImageModel, ProductCard
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.money import Money
from halles.kernel.web import MoneyModel
from halles.places import api as places
from halles.places.types import WEB, UnknownTouchpoint
from halles.pricing import api as pricing
from halles.pricing.types import Price, Rates, Wanted

HOME_COUNTRY = "FR"
"""Where prices are taxed and promises made for a shopper who is in no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """From where products are looked at. `currency`: what is charged; `label_currency`: shown beside it, None when the same."""

    seller_id: SellerId
    place_id: int | None
    country: str
    currency: str
    label_currency: str | None
    language: str
    now: datetime
    touchpoint_id: int | None = None
    kind: str = WEB

    async def levels(self, tx: Tx, variant_ids: Collection[int]) -> list[StockLevel]:
        """What the shopper who looks from here could buy. One statement, more where anything is fenced."""
        return await levels_for(
            tx, self.seller_id, variant_ids, self.now, kind=self.kind, touchpoint_id=self.touchpoint_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of variants in the view's currencies, and rates for those that have none in the label's."""

    view: View
    found: Mapping[tuple[int, int, str], Price]
    rates: Rates

    def of(self, variant_id: int) -> Price | None:
        """The charged price: in the view's currency, else in the seller's home currency."""
        key = (self.view.seller_id, variant_id)
        return self.found.get((*key, self.view.currency)) or self.found.get((*key, pricing.HOME))

    def label(self, variant_id: int) -> tuple[Money | None, date | None]:
        """The price in the label's currency: as the seller set it, else converted, with the day of the rate. None without a rate,
        and when it is the charged one."""
        charged, label = self.of(variant_id), self.view.label_currency
        if charged is None or label is None or label == charged.unit.currency:
            return None, None
        as_set = self.found.get((self.view.seller_id, variant_id, label))
        if as_set is not None:
            return as_set.unit, None
        shown = pricing.convert(charged.unit, label, self.rates)
        return (None, None) if shown is None else (shown.money, shown.rate_date)


async def view_of(
    tx: Tx,
    *,
    place_id: int | None = None,
    touchpoint: str | None = None,
    currency: str | None = None,
    language: str,
    now: datetime,
) -> View:
    """The view from a place, else from a touchpoint, else from the web. One statement, two for an unknown touchpoint.

    Raises UnknownPlace, and UnknownTouchpoint on a system without a shop.
    """
    through: tuple[int | None, str] = (None, WEB)
    if place_id is not None:
        place = await places.place(tx, place_id)
        found_place, country, home, label = (
            place.place_id,
            place.country,
            place.currency,
            place.label_currency,
        )
        seller_id = place.seller_id
    else:
        point = await places.find_touchpoint(tx, touchpoint)
        if point is None:
            raise UnknownTouchpoint("There is no shop here yet.")
        seller_id, found_place = point.seller_id, point.place_id
        through = (point.touchpoint_id, point.kind)
        country, home, label = (
            point.country or HOME_COUNTRY,
            point.currency or pricing.HOME,
            point.label_currency,
        )
    charged = currency or home
    beside = next((other for other in (label, home) if other is not None and other != charged), None)
    return View(
        seller_id=SellerId(seller_id),
        place_id=found_place,
        country=country,
        currency=charged,
        label_currency=beside,
        language=language,
        now=now,
        touchpoint_id=through[0],
        kind=through[1],
    )


async def load_prices(tx: Tx, view: View, variant_ids: Collection[int]) -> Prices:
    """Prices and rates. Two statements, one without a label currency."""
    currencies = dict.fromkeys(c for c in (view.currency, view.label_currency, pricing.HOME) if c is not None)
    wanted = [
        Wanted(seller_id=view.seller_id, variant_id=v, currency=c, country=view.country)
        for v in variant_ids
        for c in currencies
    ]
    found = await pricing.prices_for(tx, wanted, view.now)
    rates: Rates = await pricing.rates(tx, view.now) if view.label_currency is not None else {}
    return Prices(view=view, found=found, rates=rates)


async def displayed(tx: Tx, view: View) -> frozenset[UUID]:
    """Products that have a sample in the view's place. One statement, none without a place."""
    if view.place_id is None:
        return frozenset()
    return frozenset(sample.product_id for sample in await places.samples(tx, view.seller_id, view.place_id))


async def cards_of(tx: Tx, view: View, found: Sequence[Card]) -> list[ProductCard]:
    """Cards with price, stock and display. Four statements, whatever their number."""
    variant_ids = [variant_id for card in found for variant_id in card.variant_ids]
    prices = await load_prices(tx, view, variant_ids)
    on_display = await displayed(tx, view)
    levels = await view.levels(tx, variant_ids)
    in_stock = {level.variant_id for level in levels if level.sellable > 0}
    return [
        _card(card, prices, on_display=card.product_id in on_display, in_stock=in_stock) for card in found
    ]


async def load_product_cards(tx: Tx, view: View, product_ids: Collection[UUID]) -> dict[UUID, ProductCard]:
    """Cards of visible products by id, for recognition's candidates. Five statements."""
    found = await catalog.load_cards(tx, view.seller_id, product_ids)
    return {card.product_id: card for card in await cards_of(tx, view, list(found.values()))}


def sellable_by_variant(levels: Sequence[StockLevel]) -> dict[int, int]:
    """Pieces that may be sold, over all locations."""
    total: dict[int, int] = {}
    for level in levels:
        total[level.variant_id] = total.get(level.variant_id, 0) + level.sellable
    return total


def money(amount: Money) -> MoneyModel:
    return MoneyModel(minor=amount.minor, currency=amount.currency)


def image_of(image: Image, title: str, language: str) -> ImageModel:
    """A picture with its text: the seller's, else the product's name."""
    return ImageModel(
        name=image.name,
        width=image.width,
        height=image.height,
        alt=catalog.pick(image.alt, language) or title,
    )


def _card(card: Card, prices: Prices, *, on_display: bool, in_stock: Collection[int]) -> ProductCard:
    priced = [
        (price.unit.minor, variant_id)
        for variant_id in card.variant_ids
        if (price := prices.of(variant_id)) is not None
    ]
    cheapest = min(priced)[1] if priced else None
    price = None if cheapest is None else prices.of(cheapest)
    label = None if cheapest is None else prices.label(cheapest)[0]
    title = catalog.pick(card.title, prices.view.language)
    return ProductCard(
        product_id=card.product_id,
        seller_id=card.seller_id,
        title=title,
        brand=card.brand,
        category=card.category,
        family=card.family,
        image=None if card.image is None else image_of(card.image, title, prices.view.language),
        from_price=None if price is None else money(price.unit),
        label_price=None if label is None else money(label),
        variant_count=card.variants,
        one_price=len({minor for minor, _ in priced}) <= 1,
        on_display=on_display,
        sellable=any(variant_id in in_stock for variant_id in card.variant_ids),
    )
