"""Reading the catalogue: each function is one statement, whatever the size of the set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from halles.catalog import store
from halles.catalog.rules.gtin import expand_upc_e, parse_gtin
from halles.catalog.types import (
    BadGtin,
    Card,
    CategoryCount,
    Condition,
    Content,
    Gtin14,
    Image,
    Lane,
    Named,
    OfferState,
    Product,
    State,
    Variant,
    VariantInfo,
    VariantRef,
)
from halles.kernel.db import Tx
from halles.kernel.ids import parse_uuid

VISIBLE = (State.ACTIVE,)
EVERY = (State.ACTIVE, State.HIDDEN)


async def load_products(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> dict[UUID, Product]:
    """Products by id with their pictures and the variants not ended; hidden ones too, unknown ids are absent. One statement."""
    rows = await tx.all(store.PRODUCTS, {"seller_id": seller_id, "product_ids": list(product_ids)})
    return {row.product_id: _product(row) for row in rows}


async def load_variants(tx: Tx, seller_id: int, variant_ids: Collection[int]) -> dict[int, VariantInfo]:
    """Variants by id with what lines show of their product; ended and hidden ones too, unknown ids are absent. One statement."""
    rows = await tx.all(store.VARIANTS, {"seller_id": seller_id, "variant_ids": list(variant_ids)})
    return {row.variant_id: _variant_info(row) for row in rows}


async def find_by_gtin(tx: Tx, seller_id: int | None, gtin14s: Sequence[str]) -> list[VariantRef]:
    """Visible variants with one of these GTINs, in the order of the GTINs, new goods before used ones. One statement."""
    return await tx.all(store.BY_GTIN, {"seller_id": seller_id, "gtins": list(gtin14s)})


async def search(
    tx: Tx,
    seller_id: int,
    *,
    q: str | None = None,
    category: str | None = None,
    family: str | None = None,
    states: Sequence[State] = VISIBLE,
    after: tuple[int, str] | None = None,
    limit: int = 24,
) -> list[Card]:
    """A page of products: the best matches first when `q` asks something, else in the order they were added. One statement.

    `after`: score and product id of the last card of the previous page. `category` includes what lies below it. Raises BadId.
    """
    params: dict[str, object] = {
        "seller_id": seller_id,
        "category": category,
        "family": family,
        "states": list(states),
        "after_score": after[0] if after else None,
        "after_id": parse_uuid(after[1]) if after else None,
        "limit": limit,
    }
    words = " ".join((q or "").replace("\x00", " ").split())[:200]
    if not words:
        return [_card(row) for row in await tx.all(store.BROWSE, params)]
    return [_card(row) for row in await tx.all(store.SEARCH, {**params, "q": words, "gtins": _gtins(words)})]


async def load_cards(
    tx: Tx, seller_id: int, product_ids: Collection[UUID], states: Sequence[State] = VISIBLE
) -> dict[UUID, Card]:
    """Cards of products by id (for recognition's candidates, samples on display). One statement."""
    rows = await tx.all(
        store.CARDS, {"seller_id": seller_id, "product_ids": list(product_ids), "states": list(states)}
    )
    return {row.product_id: _card(row) for row in rows}


async def on_sale(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> set[UUID]:
    """Those of products that shoppers see; hidden and unknown ones are not among them. One statement."""
    return set(await tx.all(store.ON_SALE, {"seller_id": seller_id, "product_ids": list(product_ids)}))


async def categories(tx: Tx, seller_id: int) -> list[CategoryCount]:
    """Categories with active products, by path. One statement."""
    rows = await tx.all(store.CATEGORIES, {"seller_id": seller_id})
    return [
        CategoryCount(category=row.category, family=row.family, title=row.title, count=row.count)
        for row in rows
    ]


def _gtins(words: str) -> list[str]:
    found: list[str] = []
    for read in (parse_gtin, expand_upc_e):
        try:
            found.append(read(words))
        except BadGtin:
            continue
    return found


def _named(rows: Sequence[object]) -> tuple[Named, ...]:
    return msgspec.convert(rows, tuple[Named, ...])


def _gtin(text: str | None) -> Gtin14 | None:
    return None if text is None else Gtin14(text)


def _variant(row: dict[str, object]) -> Variant:
    fields = {key: value for key, value in row.items() if key not in {"amount", "unit"}}
    content = None if row["amount"] is None else {"amount": row["amount"], "unit": row["unit"]}
    return msgspec.convert({**fields, "content": content}, Variant)


def _product(row: store.ProductRow) -> Product:
    return Product(
        seller_id=row.seller_id,
        product_id=row.product_id,
        external_id=row.external_id,
        brand=row.brand,
        family=row.family,
        category=row.category,
        title=row.title,
        description=row.description,
        attributes=_named(row.attributes),
        origin=row.origin,
        tax_category=row.tax_category,
        lane=Lane(row.lane),
        state=State(row.state),
        version=row.version,
        updated_at=row.updated_at,
        images=msgspec.convert(row.images, tuple[Image, ...]),
        variants=tuple(_variant(variant) for variant in row.variants),
    )


def _card(row: store.CardRow) -> Card:
    return Card(
        seller_id=row.seller_id,
        product_id=row.product_id,
        title=row.title,
        brand=row.brand,
        category=row.category,
        family=row.family,
        state=State(row.state),
        lane=Lane(row.lane),
        image=None if row.image is None else msgspec.convert(row.image, Image),
        variant_ids=tuple(row.variant_ids),
        variants=row.variants,
        updated_at=row.updated_at,
        score=row.score,
    )


async def shown_pictures(tx: Tx, seller_id: int) -> int:
    """How many pictures a seller's active products have. One query that counts them."""
    return await tx.one(store.SHOWN_PICTURES, {"seller_id": seller_id})


def _variant_info(row: store.VariantRow) -> VariantInfo:
    content = None
    if row.content_amount is not None and row.content_unit is not None:
        content = Content(amount=row.content_amount, unit=row.content_unit)
    return VariantInfo(
        seller_id=row.seller_id,
        variant_id=row.variant_id,
        product_id=row.product_id,
        sku=row.sku,
        gtin14=_gtin(row.gtin14),
        title=row.title,
        brand=row.brand,
        family=row.family,
        options=_named(row.options),
        image=row.image,
        content=content,
        tax_category=row.tax_category,
        lane=Lane(row.lane),
        weight_g=row.weight_g,
        offer=OfferState(row.offer),
        condition=Condition(row.condition),
        state=State(row.state),
    )
