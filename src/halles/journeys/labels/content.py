"""What stands on the labels of a place's samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import Product, TradeItem, Variant
from halles.journeys.storefront.view import Prices, load_prices, view_of
from halles.kernel.db import Tx
from halles.kernel.errors import NotFound
from halles.kernel.money import Money
from halles.places import api as places
from halles.places.types import Place, Sample, TouchpointKind
from halles.pricing import api as pricing
from halles.pricing.types import UnitPrice


class NothingOnDisplay(NotFound):
    """The place has none of these samples."""

    code, title = "labels.nothing_on_display", "No sample to print"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label. `several`: the price is that of the cheapest variant. `beside`: the price in the label's currency, with
    `rate_date` when it was converted. `was`: the lowest price of thirty days, to cross out. `link`: what the QR code says."""

    title: str
    brand: str | None
    options: str
    origin: str | None
    price: Money | None
    several: bool
    was: Money | None
    beside: Money | None
    rate_date: date | None
    unit: UnitPrice | None
    tax_bp: int
    tax: Money | None
    gtin14: str | None
    link: str
    code: str
    position: str


async def labels_of(
    tx: Tx,
    seller_id: int,
    place_id: int,
    *,
    samples: Collection[int] | None,
    language: str,
    now: datetime,
    public_url: str,
) -> tuple[Place, list[Label]]:
    """The labels of a place's samples, or of some of them, by position. Seven statements.

    Raises UnknownPlace, NothingOnDisplay.
    """
    place = await places.place(tx, place_id, seller_id)
    found = [
        s for s in await places.samples(tx, seller_id, place_id) if samples is None or s.sample_id in samples
    ]
    products = await catalog.load_products(tx, seller_id, {sample.product_id for sample in found})
    found = [sample for sample in found if sample.product_id in products]
    if not found:
        raise NothingOnDisplay("Put samples on display first, then print their labels.")
    view = await view_of(tx, place_id=place_id, language=language, now=now)
    prices = await load_prices(
        tx, view, [v.variant_id for product in products.values() for v in product.variants]
    )
    points = await places.list_touchpoints(tx, seller_id)
    here = sorted((p.kind != TouchpointKind.QR, p.code) for p in points if p.place_id == place_id)
    touchpoint = here[0][1] if here else None
    return place, [_label(s, products, prices, language, touchpoint, public_url) for s in found]


def _label(
    sample: Sample,
    products: Mapping[UUID, Product],
    prices: Prices,
    language: str,
    touchpoint: str | None,
    public_url: str,
) -> Label:
    product = products[sample.product_id]
    shown = [v for v in product.variants if sample.variant_id in {None, v.variant_id}]
    priced = [(price, v) for v in shown if (price := prices.of(v.variant_id)) is not None]
    price, variant = min(priced, key=lambda pair: pair[0].unit.minor) if priced else (None, None)
    beside, rate_date = prices.label(variant.variant_id) if variant is not None else (None, None)
    one = shown[0] if len(shown) == 1 else None
    content = variant.content if variant is not None else None
    unit = (
        pricing.unit_price(price.unit, content.amount, content.unit)
        if price and content and pricing.known_unit(content.unit)
        else None
    )
    return Label(
        title=catalog.pick(product.title, language),
        brand=product.brand,
        options=_options(shown, language),
        origin=product.origin,
        price=None if price is None else price.unit,
        several=len({p.unit.minor for p, _ in priced}) > 1,
        was=None if price is None else price.was,
        beside=beside,
        rate_date=rate_date,
        unit=unit,
        tax_bp=price.tax_bp if price else 0,
        tax=Money(price.tax_minor, price.unit.currency) if price else None,
        gtin14=one.gtin14 if one else None,
        link=_link(sample, one, touchpoint, public_url),
        code=sample.code,
        position=sample.position,
    )


def _options(variants: list[Variant], language: str) -> str:
    """One variant's options; of several, the values of each option once: "Sable, Marine · 36 38 40 42"."""
    names = list(dict.fromkeys(option.name for variant in variants for option in variant.options))
    parts: list[str] = []
    for name in names:
        values = dict.fromkeys(
            catalog.pick(o.value, language) for v in variants for o in v.options if o.name == name
        )
        parts.append((" " if name == "size" else ", ").join(values))
    return " · ".join(parts)


def _link(sample: Sample, variant: Variant | None, touchpoint: str | None, public_url: str) -> str:
    """The variant's Digital Link with the touchpoint, so that the sale is known to come from here;
    the sample's own without a GTIN."""
    if variant is None or variant.gtin14 is None:
        return f"{public_url.rstrip('/')}/s/{sample.code}"
    link = catalog.digital_link(public_url, TradeItem(gtin14=variant.gtin14))
    return f"{link}?t={touchpoint}" if touchpoint else link
