"""A row of a Google product feed, or of a table with the same columns, into a variant. Pure.

Attribute names and formats: the Google Merchant Center product data specification. Tables may also use the plain names on the
right of `ALIASES`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from halles.catalog import api as catalog
from halles.catalog.types import (
    TAX_CATEGORIES,
    BadGtin,
    Condition,
    Content,
    Gtin14,
    Lane,
    Named,
    OfferState,
    Text,
    VariantDraft,
)
from halles.journeys.product_import.types import FirstStock, Options, Terms
from halles.kernel.money import BadAmount, Money, parse_money
from halles.pricing.api import known_unit

K = TypeVar("K", bound=StrEnum)
Row = Mapping[str, list[str]]
"""The values of a row by attribute name (lower case, without the g: prefix); never empty lists."""

ALIASES = {
    "sku": "id", "name": "title", "image": "image_link", "images": "additional_image_link", "product_id": "item_group_id",
    "ean": "gtin", "barcode": "gtin", "colour": "color", "category": "product_type", "stock": "quantity", "inventory": "quantity",
    "sell_on_google_quantity": "quantity", "content": "unit_pricing_measure", "weight": "shipping_weight", "vat": "tax_category",
    "additional_image_links": "additional_image_link", "country_of_origin": "origin",
}  # fmt: skip
_AVAILABILITY = {
    "in_stock": OfferState.ON_SALE, "limited_availability": OfferState.ON_SALE, "backorder": OfferState.ON_SALE,
    "out_of_stock": OfferState.PAUSED, "preorder": OfferState.PAUSED, "": OfferState.ON_SALE,
}  # fmt: skip
_MEASURE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-zA-Z]+)")
_GRAMS = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
}
_UNITS = {
    "litre": "l",
    "liter": "l",
    "pcs": "piece",
    "pc": "piece",
    "ct": "piece",
    "unit": "piece",
    "pieces": "piece",
}
_LONGEST = {"title": 300, "description": 10_000, "brand": 200}


class BadField(Exception):
    """A field that cannot be read; becomes a RowError."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One row, read. `group` is the product's id; product fields of the group's first row count."""

    line: int
    group: str
    variant: VariantDraft
    terms: Terms
    stock: FirstStock | None
    pictures: tuple[str, ...]
    title: Text
    description: Text
    brand: str | None
    family: str
    category: str
    category_title: Text
    origin: str | None
    tax_category: str
    lane: Lane
    attributes: dict[str, str]
    shared_or_option: dict[str, str]


def attribute_name(header: str) -> str:
    """A column's or an element's name as the specification spells it: `g:Image Link` → `image_link`."""
    name = re.sub(r"[\s\-]+", "_", header.strip().lower().removeprefix("g:"))
    return ALIASES.get(name, name)


def row_key(row: Row) -> tuple[str, str]:
    """(product, SKU) of a row, for grouping; either may be empty when the row has none."""
    sku = _one(row, "id")
    return _one(row, "item_group_id") or sku, sku


def read_row(line: int, row: Row, options: Options) -> VariantRow:
    """Raises BadField for the first field that cannot be read."""
    group, sku = row_key(row)
    if not sku:
        raise BadField("id", "is missing")
    title = _text(row, "title", options)
    if not title:
        raise BadField("title", "is missing")
    category_path = _one(row, "product_type") or _one(row, "google_product_category")
    category, category_title = read_category(category_path)
    quantity = read_quantity(_one(row, "quantity"))
    return VariantRow(
        line=line,
        group=group,
        variant=_variant(row, sku),
        terms=_terms(row, sku, options),
        stock=None
        if quantity is None
        else FirstStock(sku=sku, location=_one(row, "location") or None, quantity=quantity),
        pictures=_pictures(row),
        title=title,
        description=_text(row, "description", options),
        brand=_one(row, "brand") or None,
        family=_one(row, "family") or options.family or category.split("/", 1)[0],
        category=category,
        category_title={options.language: category_title} if category_title else {},
        origin=_one(row, "origin").upper()[:2] or None,
        tax_category=_tax_category(row, options),
        lane=_choice(row, "lane", Lane, options.lane),
        attributes={name: value for name in ("gender", "age_group", "care") if (value := _one(row, name))},
        shared_or_option={name: value for name in ("material", "pattern") if (value := _one(row, name))},
    )


def read_category(path: str) -> tuple[str, str]:
    """`Clothing > Coats & Jackets` as (`clothing/coats-jackets`, "Coats & Jackets"); a bare taxonomy number says nothing."""
    parts = [part.strip() for part in re.split(r"[>/]", path) if part.strip()]
    slugs = [slug for part in parts if (slug := _slug(part)) and not part.isdigit()]
    return ("/".join(slugs), parts[-1]) if slugs else ("other", "")


def read_gtin(text: str) -> Gtin14 | None:
    """A GTIN of a feed; empty means that the item has none."""
    if not text:
        return None
    try:
        return catalog.parse_gtin(text)
    except BadGtin as error:
        raise BadField("gtin", error.message) from error


def read_price(name: str, text: str, currency: str) -> Money:
    """`12.40 EUR`, `12,40` … above nothing."""
    try:
        money = parse_money(text, currency)
    except BadAmount as error:
        raise BadField(name, f"{error.message}; write it as 12.40 EUR") from error
    if money.minor <= 0:
        raise BadField(name, f"{text!r} is not above zero")
    return money


def read_content(text: str) -> Content | None:
    """`500 g`, `0.75 l`, `6 ct`; units that no unit price is counted by give None."""
    found = _MEASURE.fullmatch(text.strip())
    if found is None:
        raise BadField("unit_pricing_measure", f"{text!r} is not a measure like 500 g")
    unit = found[2].lower()
    unit = _UNITS.get(unit, unit)
    amount = Decimal(found[1].replace(",", "."))
    return Content(amount=amount, unit=unit) if known_unit(unit) and amount > 0 else None


def read_quantity(text: str) -> int | None:
    """A whole number of pieces; empty says nothing."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BadField("quantity", f"{text[:40]!r} is not a whole number of pieces")
    return int(text)


def _variant(row: Row, sku: str) -> VariantDraft:
    availability = _one(row, "availability").lower().replace(" ", "_")
    if availability not in _AVAILABILITY:
        raise BadField(
            "availability", f"{availability!r} is not one of in_stock, out_of_stock, preorder, backorder"
        )
    options = [
        Named(name=name, value={"und": value})
        for name, key in (("colour", "color"), ("size", "size"))
        if (value := _one(row, key))
    ]
    measure = _one(row, "unit_pricing_measure")
    return VariantDraft(
        sku=sku,
        gtin14=read_gtin(_one(row, "gtin")),
        options=tuple(options),
        content=read_content(measure) if measure else None,
        weight_g=_weight(_one(row, "shipping_weight")),
        offer=_AVAILABILITY[availability],
        condition=_choice(row, "condition", Condition, "new"),
    )


def _terms(row: Row, sku: str, options: Options) -> Terms:
    text = _one(row, "price")
    if not text and options.price_minor is None:
        raise BadField("price", "is missing")
    money = (
        read_price("price", text, options.currency)
        if text
        else Money(options.price_minor or 0, options.currency)
    )
    sale_text = _one(row, "sale_price")
    if not sale_text:
        return Terms(sku=sku, currency=money.currency, minor=money.minor)
    sale = read_price("sale_price", sale_text, money.currency)
    if sale.currency != money.currency or sale.minor >= money.minor:
        raise BadField("sale_price", f"{sale} is not below the price {money}")
    begin, end = _span(_one(row, "sale_price_effective_date"))
    return Terms(
        sku=sku,
        currency=money.currency,
        minor=money.minor,
        sale_minor=sale.minor,
        sale_from=begin,
        sale_to=end,
    )


def _span(text: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    try:
        begin, end = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
    except ValueError as error:
        raise BadField(
            "sale_price_effective_date",
            f"{text!r} is not two dates like 2026-11-20T00:00+01:00/2026-11-30T23:59+01:00",
        ) from error
    if begin.tzinfo is None or end.tzinfo is None or begin >= end:
        raise BadField(
            "sale_price_effective_date", "needs two times with their UTC offset, the first before the second"
        )
    return begin, end


def _pictures(row: Row) -> tuple[str, ...]:
    links = [
        *row.get("image_link", []),
        *(
            link
            for cell in row.get("additional_image_link", [])
            for link in re.split(r"[,|](?=\S)|\s+(?=https?://)", cell)
        ),
    ]
    return tuple(dict.fromkeys(link.strip() for link in links if link.strip()))


def _text(row: Row, name: str, options: Options) -> Text:
    found = {language: value for language in ("en", "fr") if (value := _one(row, f"{name}_{language}"))}
    plain = _one(row, name)
    if plain:
        found.setdefault(options.language, plain)
    for value in found.values():
        if len(value) > _LONGEST[name]:
            raise BadField(name, f"is longer than {_LONGEST[name]} characters")
    return found


def _tax_category(row: Row, options: Options) -> str:
    value = _one(row, "tax_category").lower() or options.tax_category
    if value not in TAX_CATEGORIES:
        raise BadField("tax_category", f"{value!r} is not one of {', '.join(TAX_CATEGORIES)}")
    return value


def _weight(text: str) -> int | None:
    if not text:
        return None
    found = _MEASURE.fullmatch(text)
    if found is None or found[2].lower() not in _GRAMS:
        raise BadField("shipping_weight", f"{text!r} is not a weight like 1.2 kg")
    try:
        return round(Decimal(found[1].replace(",", ".")) * _GRAMS[found[2].lower()])
    except InvalidOperation as error:
        raise BadField("shipping_weight", f"{text!r} is not a weight") from error


def _choice(row: Row, name: str, kind: type[K], default: str) -> K:
    value = _one(row, name).lower() or default
    try:
        return kind(value)
    except ValueError as error:
        raise BadField(name, f"{value!r} is not one of {', '.join(kind)}") from error


def _one(row: Row, name: str) -> str:
    return row[name][0].strip() if row.get(name) else ""


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
