"""Labels that would break the rule: what a control of prices would find in a place, found before it.

Code de la consommation, L112-1 and L112-1-1; arrêté of 3 December 1987 on prices (VAT included); arrêté of 16 November 1999 on
the price by unit of measure; Directive 98/6/EC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from halles.catalog import api as catalog
from halles.catalog.types import Product, Variant
from halles.journeys.labels.words import amount
from halles.journeys.storefront.view import Prices, load_prices, view_of
from halles.kernel.db import Tx
from halles.places import api as places
from halles.places.types import Place
from halles.pricing import api as pricing


class Rule(StrEnum):
    """What a label must say, or must not."""

    PRICE = "price"
    UNIT_PRICE = "unit_price"
    VAT = "vat"
    REDUCTION = "reduction"
    CONVERSION = "conversion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A label that would break a rule, or lack what the seller meant it to say. `hint`: what is known of it."""

    rule: Rule
    variant_id: int
    sku: str
    title: str
    hint: str


async def check_place(
    tx: Tx, seller_id: int, place_id: int, *, language: str, now: datetime, variants: Collection[int] = ()
) -> tuple[Place, list[Fault]]:
    """Every sample of a place, and the articles of `variants` (what shelf labels hang for). Six statements.

    Raises UnknownPlace.
    """
    place = await places.place(tx, place_id, seller_id)
    samples = await places.samples(tx, seller_id, place_id)
    hung = await catalog.load_variants(tx, seller_id, variants)
    ids = {sample.product_id for sample in samples} | {one.product_id for one in hung.values()}
    products = await catalog.load_products(tx, seller_id, ids)
    view = await view_of(tx, place_id=place_id, language=language, now=now)
    wanted = {(s.product_id, s.variant_id) for s in samples} | {
        (one.product_id, one.variant_id) for one in hung.values()
    }
    shown = [
        (product, variant)
        for product in products.values()
        for variant in product.variants
        if wanted & {(product.product_id, None), (product.product_id, variant.variant_id)}
    ]
    prices = await load_prices(tx, view, [variant.variant_id for _, variant in shown])
    return place, [fault for product, variant in shown for fault in faults_of(product, variant, prices)]


def faults_of(product: Product, variant: Variant, prices: Prices) -> Iterator[Fault]:
    """What is wrong with one article's label. Pure."""
    language, price = prices.view.language, prices.of(variant.variant_id)

    def fault(rule: Rule, hint: str = "") -> Fault:
        title = catalog.pick(product.title, language)
        return Fault(rule=rule, variant_id=variant.variant_id, sku=variant.sku, title=title, hint=hint)

    if price is None:
        yield fault(Rule.PRICE, prices.view.currency)
        return
    content = variant.content
    needed = pricing.needs_unit_price(
        family=product.family,
        amount=None if content is None else content.amount,
        unit=None if content is None else content.unit,
    )
    if needed and (content is None or not pricing.known_unit(content.unit)):
        yield fault(Rule.UNIT_PRICE, "" if content is None else content.unit)
    if price.tax_bp == 0 and product.tax_category != "zero":
        yield fault(Rule.VAT, prices.view.country)
    if price.announced is not None and (price.was is None or price.was.minor < price.announced.minor):
        lawful = "" if price.was is None else amount(price.was, language)
        yield fault(Rule.REDUCTION, f"{amount(price.announced, language)} → {lawful or '—'}")
    label = prices.view.label_currency
    if label is not None and label != price.unit.currency and prices.label(variant.variant_id)[0] is None:
        yield fault(Rule.CONVERSION, label)
