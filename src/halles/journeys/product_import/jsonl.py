"""JSON Lines: a product with its variants a line, texts in every language. The shape is told in docs/howto/import-products.md."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from halles.catalog.types import Condition, Content, Lane, Named, OfferState, ProductDraft, Text, VariantDraft
from halles.journeys.product_import.attributes import BadField, read_gtin
from halles.journeys.product_import.reading import Source, text_lines
from halles.journeys.product_import.types import FirstStock, Offered, Options, RowError, Terms
from halles.pricing.api import known_unit

Words = Annotated[str, Meta(max_length=10_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, Meta(gt=0, lt=2**53)]
Translated = Words | dict[str, Words]


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    amount: Decimal
    unit: str


class _Variant(msgspec.Struct, forbid_unknown_fields=True):
    sku: Name
    prices: dict[Currency, Minor] = {}
    gtin: str | None = None
    options: dict[str, Translated] = {}
    images: list[str] = []
    content: _Content | None = None
    weight_g: Annotated[int, Meta(ge=0, lt=2**31)] | None = None
    stock: dict[str, Annotated[int, Meta(ge=0, lt=10**9)]] = {}
    condition: Condition = Condition.NEW
    sale_prices: dict[Currency, Minor] = {}


class _Product(msgspec.Struct, forbid_unknown_fields=True):
    id: Name
    title: Translated
    variants: Annotated[list[_Variant], Meta(min_length=1, max_length=1000)]
    brand: Annotated[str, Meta(max_length=200)] | None = None
    family: Name | None = None
    category: Annotated[str, Meta(pattern="^[a-z0-9-]+(/[a-z0-9-]+)*$", max_length=200)] = "other"
    category_title: Translated | None = None
    description: Translated = ""
    attributes: dict[str, Translated] = {}
    origin: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    tax_category: str | None = None
    lane: Lane | None = None
    images: list[str] = []


_decode = msgspec.json.Decoder(_Product).decode


def read_jsonl(source: Source, options: Options) -> Iterator[Offered | RowError]:
    """Products of a JSON Lines file; a line that cannot be read is an error of its own."""
    products: dict[str, int] = {}
    skus: dict[str, int] = {}
    for line, text in text_lines(source):
        try:
            read = _decode(text)
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at ")
            yield RowError(
                line=line,
                field=path.strip("`").rsplit("$", 1)[-1].lstrip(".") or "row",
                reason=reason,
                product=_id_of(text),
            )
            continue
        except (msgspec.DecodeError, RecursionError) as error:
            yield RowError(line=line, field="row", reason=f"is not JSON: {error}")
            continue
        try:
            _only_once(line, read, products, skus)
            yield _offered(line, read, options)
        except BadField as error:
            yield RowError(line=line, field=error.name, reason=error.reason, product=read.id)


def count_lines(source: Source) -> int:
    """Products in the file, read or not."""
    return sum(1 for _ in text_lines(source))


def _only_once(line: int, product: _Product, products: dict[str, int], skus: dict[str, int]) -> None:
    if product.id in products:
        raise BadField("id", f"{product.id!r} is in line {products[product.id]} already")
    for variant in product.variants:
        if variant.sku in skus:
            raise BadField("sku", f"{variant.sku!r} is in line {skus[variant.sku]} already")
    products[product.id] = line
    skus.update((variant.sku, line) for variant in product.variants)


def _offered(line: int, product: _Product, options: Options) -> Offered:
    draft = ProductDraft(
        external_id=product.id,
        title=_text(product.title, options),
        description=_text(product.description, options),
        brand=product.brand or None,
        family=product.family or options.family or product.category.split("/", 1)[0],
        category=product.category,
        attributes=_named(product.attributes, options),
        origin=product.origin,
        tax_category=product.tax_category or options.tax_category,
        lane=product.lane or Lane(options.lane),
        variants=tuple(_variant(variant, options) for variant in product.variants),
    )
    pictures = [*product.images, *(image for variant in product.variants for image in variant.images)]
    return Offered(
        line=line,
        draft=draft,
        pictures=tuple(dict.fromkeys(pictures)),
        variant_pictures={
            variant.sku: tuple(variant.images) for variant in product.variants if variant.images
        },
        terms=tuple(terms for variant in product.variants for terms in _terms(variant, options)),
        stock=tuple(
            FirstStock(sku=v.sku, location=name, quantity=n)
            for v in product.variants
            for name, n in v.stock.items()
        ),
        category_title=_text(product.category_title or "", options),
    )


def _variant(variant: _Variant, options: Options) -> VariantDraft:
    content = None
    if variant.content is not None:
        if not known_unit(variant.content.unit) or variant.content.amount <= 0:
            raise BadField(
                "content", f"{variant.content.amount} {variant.content.unit} is not a content like 500 g"
            )
        content = Content(amount=variant.content.amount, unit=variant.content.unit)
    return VariantDraft(
        sku=variant.sku,
        gtin14=read_gtin(variant.gtin or ""),
        options=_named(variant.options, options),
        content=content,
        weight_g=variant.weight_g,
        offer=OfferState.ON_SALE,
        condition=variant.condition,
    )


def _terms(variant: _Variant, options: Options) -> list[Terms]:
    prices = variant.prices or ({options.currency: options.price_minor} if options.price_minor else {})
    if not prices:
        raise BadField("prices", f"{variant.sku} has no price")
    for currency, minor in variant.sale_prices.items():
        if currency not in prices or minor >= prices[currency]:
            raise BadField("sale_prices", f"{variant.sku}: {minor} {currency} is not below its price")
    return [
        Terms(sku=variant.sku, currency=c, minor=m, sale_minor=variant.sale_prices.get(c))
        for c, m in prices.items()
    ]


def _named(values: dict[str, Translated], options: Options) -> tuple[Named, ...]:
    return tuple(Named(name=name, value=_text(value, options)) for name, value in values.items() if value)


def _text(value: Translated, options: Options) -> Text:
    if isinstance(value, str):
        return {options.language: value} if value.strip() else {}
    return {language: text for language, text in value.items() if text.strip()}


def _id_of(text: str) -> str | None:
    """The id in a line whose rest is wrong, where it can be had."""
    try:
        found: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    identity = found.get("id") if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return identity if isinstance(identity, str) else None
