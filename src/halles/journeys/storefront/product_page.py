"""A product page: every variant with price, unit price, tax, availability and promise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import Condition, OfferState, Product, State, UnknownProduct, Variant
from halles.inventory.types import StockLevel
from halles.journeys.storefront.models import (
    AttributeView,
    OptionView,
    ProductView,
    PromiseView,
    TaxView,
    UnitPriceView,
    VariantView,
)
from halles.journeys.storefront.view import (
    Prices,
    View,
    displayed,
    image_of,
    load_prices,
    money,
    sellable_by_variant,
)
from halles.journeys.storefront.words import name_of
from halles.kernel.db import Tx
from halles.pricing import api as pricing
from halles.pricing.types import Price
from halles.promises import api as promises
from halles.promises.types import LaneKind, Line, NoLane, Promise

FEW = 5
"""So few pieces are told to the shopper."""
_CONDITIONS = {
    Condition.NEW: "https://schema.org/NewCondition",
    Condition.REFURBISHED: "https://schema.org/RefurbishedCondition",
    Condition.USED: "https://schema.org/UsedCondition",
}


async def product_page(tx: Tx, view: View, product_id: UUID, *, public_url: str) -> ProductView:
    """One product as a shopper sees it from a view. Seven statements. Raises UnknownProduct for hidden ones too."""
    product = (await catalog.load_products(tx, view.seller_id, [product_id])).get(product_id)
    if product is None or product.state != State.ACTIVE:
        raise UnknownProduct("There is no such product.", product_id=str(product_id))
    ids = [variant.variant_id for variant in product.variants]
    prices = await load_prices(tx, view, ids)
    levels = await view.levels(tx, ids)
    ways = await promises.load_ways(tx, [view.seller_id], view.now)
    on_display = product_id in await displayed(tx, view)
    variants = [_variant(product, variant, prices, levels, ways) for variant in product.variants]
    return _page(product, view, variants, on_display=on_display, public_url=public_url)


async def product_pages(
    tx: Tx, view: View, product_ids: Collection[UUID], *, public_url: str
) -> dict[UUID, ProductView]:
    """The pages of many products by id; hidden and unknown ones are absent. Seven statements, whatever their number."""
    found = await catalog.load_products(tx, view.seller_id, product_ids)
    products = [product for product in found.values() if product.state == State.ACTIVE]
    ids = [variant.variant_id for product in products for variant in product.variants]
    prices = await load_prices(tx, view, ids)
    levels: dict[int, list[StockLevel]] = {}
    for level in await view.levels(tx, ids):
        levels.setdefault(level.variant_id, []).append(level)
    ways = await promises.load_ways(tx, [view.seller_id], view.now)
    shown = await displayed(tx, view)
    pages: dict[UUID, ProductView] = {}
    for product in products:
        variants = [
            _variant(product, one, prices, levels.get(one.variant_id, ()), ways) for one in product.variants
        ]
        here = product.product_id in shown
        pages[product.product_id] = _page(product, view, variants, on_display=here, public_url=public_url)
    return pages


def promise_view(promise: Promise) -> PromiseView:
    return PromiseView.model_validate(
        {
            "kind": promise.kind,
            "date": promise.date,
            "likely": promise.likely,
            "latest": promise.latest,
            "lane": promise.lane,
            "from": promise.origin,
            "days": promise.days,
            "confidence": promise.confidence,
            "text_key": promise.text_key,
        }
    )


def options_of(variant: Variant, language: str) -> list[OptionView]:
    return [
        OptionView(name=o.name, label=name_of(o.name, language), value=catalog.pick(o.value, language))
        for o in variant.options
    ]


def unit_price_of(price: Price, variant: Variant) -> UnitPriceView | None:
    """None for what is sold by the piece without a content."""
    if variant.content is None or not pricing.known_unit(variant.content.unit):
        return None
    found = pricing.unit_price(price.unit, variant.content.amount, variant.content.unit)
    return UnitPriceView(money=money(found.money), per=found.per.value)


def _variant(
    product: Product, variant: Variant, prices: Prices, levels: Sequence[StockLevel], ways: promises.Ways
) -> VariantView:
    view, price = prices.view, prices.of(variant.variant_id)
    own = [level for level in levels if level.variant_id == variant.variant_id]
    label, rate_date = prices.label(variant.variant_id)
    left = sellable_by_variant(own).get(variant.variant_id, 0) if variant.offer == OfferState.ON_SALE else 0
    available: Literal["yes", "few", "no"] = (
        "no" if left <= 0 or price is None else "few" if left <= FEW else "yes"
    )
    return VariantView(
        variant_id=variant.variant_id,
        sku=variant.sku,
        gtin=variant.gtin14,
        options=options_of(variant, view.language),
        images=list(variant.images),
        price=None if price is None else money(price.unit),
        was_price=None if price is None or price.was is None else money(price.was),
        label_price=None if label is None else money(label),
        rate_date=rate_date,
        unit_price=None if price is None else unit_price_of(price, variant),
        tax=None if price is None else TaxView(included_minor=price.tax_minor, rate_bp=price.tax_bp),
        available=available,
        left=left if available == "few" else None,
        promise=None if available == "no" else _promise(product, variant, own, ways, view),
    )


def _promise(
    product: Product, variant: Variant, levels: Sequence[StockLevel], ways: promises.Ways, view: View
) -> PromiseView | None:
    holding = tuple(level.location_id for level in levels if level.sellable > 0)
    line = Line(variant_id=variant.variant_id, lane=LaneKind(product.lane), locations=holding)
    try:
        return promise_view(
            promises.quote_line(line, ways.to(view.seller_id, view.country), ways.calendar, view.now)
        )
    except NoLane:
        return None


def _page(
    product: Product, view: View, variants: list[VariantView], *, on_display: bool, public_url: str
) -> ProductView:
    title = catalog.pick(product.title, view.language)
    images = [image_of(image, title, view.language) for image in product.images]
    priced = [variant for variant in variants if variant.price is not None]
    cheapest = min(priced, key=lambda v: (v.available == "no", v.price.minor if v.price else 0), default=None)
    description = catalog.pick(product.description, view.language)
    attributes = [
        AttributeView(
            name=a.name, label=name_of(a.name, view.language), value=catalog.pick(a.value, view.language)
        )
        for a in product.attributes
    ]
    return ProductView(
        product_id=product.product_id,
        seller_id=product.seller_id,
        title=title,
        brand=product.brand,
        category=product.category,
        family=product.family,
        image=images[0] if images else None,
        from_price=None if cheapest is None else cheapest.price,
        label_price=None if cheapest is None else cheapest.label_price,
        variant_count=len(variants),
        one_price=len({v.price.minor for v in priced if v.price}) <= 1,
        on_display=on_display,
        sellable=any(variant.available != "no" for variant in variants),
        description=description,
        origin=product.origin,
        attributes=attributes,
        images=images,
        variants=variants,
        json_ld=json_ld(product, variants, title=title, description=description, public_url=public_url),
    )


def json_ld(
    product: Product, variants: Sequence[VariantView], *, title: str, description: str, public_url: str
) -> dict[str, Any]:
    """The product as schema.org understands it: an offer a variant, with price, availability and condition."""
    url = f"{public_url.rstrip('/')}/p/{product.product_id}"
    conditions: Mapping[int, Condition] = {
        variant.variant_id: variant.condition for variant in product.variants
    }
    offers = [
        _offer(variant, url, conditions[variant.variant_id])
        for variant in variants
        if variant.price is not None
    ]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": str(product.product_id),
        "name": title,
        "description": description or None,
        "url": url,
        "image": [f"{public_url.rstrip('/')}/media/{image.name}" for image in product.images] or None,
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
        "category": product.category,
        "countryOfOrigin": product.origin,
        "gtin": variants[0].gtin if len(variants) == 1 else None,
        "sku": variants[0].sku if len(variants) == 1 else None,
        "offers": offers or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _offer(variant: VariantView, url: str, condition: Condition) -> dict[str, Any]:
    from halles.kernel.money import Money

    assert variant.price is not None
    offer: dict[str, Any] = {
        "@type": "Offer",
        "sku": variant.sku,
        "url": f"{url}?variant={variant.variant_id}",
        "price": str(Money(variant.price.minor, variant.price.currency).decimal()),
        "priceCurrency": variant.price.currency,
        "availability": f"https://schema.org/{'OutOfStock' if variant.available == 'no' else 'InStock'}",
        "itemCondition": _CONDITIONS[condition],
    }
    if variant.gtin is not None:
        offer["gtin"] = variant.gtin
    return offer
