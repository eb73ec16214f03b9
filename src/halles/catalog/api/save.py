"""Saving what sellers describe: a set of drafts at a time, writing only what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from halles.catalog import store
from halles.catalog.rules import fingerprint
from halles.catalog.types import (
    Picture,
    ProductChanged,
    ProductDraft,
    SaveReport,
    Text,
    VariantDraft,
)
from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.kernel.ids import uuid7


async def save_products(
    tx: Tx, seller_id: int, drafts: Sequence[ProductDraft], *, spare: Collection[str] = ()
) -> SaveReport:
    """Make or change products so that they are as the drafts say; drafts equal to the last save of theirs write nothing.

    Drafts are without flaws (`flaws`), their external ids and SKUs all different. Variants that a changed draft no longer
    names are ended, never deleted, but for the SKUs to `spare`: a row that could not be read says nothing of its variant.
    At most ten statements, whatever the number of drafts; one save a seller at a time.
    """
    await tx.run(store.LOCK, {"seller_id": seller_id})
    names = [draft.external_id for draft in drafts]
    assert len(set(names)) == len(names), "two drafts of one product"
    known = {
        row.external_id: row
        for row in await tx.all(store.KNOWN, {"seller_id": seller_id, "external_ids": names})
    }
    hashes = {draft.external_id: fingerprint(draft) for draft in drafts}
    touched = [
        d
        for d in drafts
        if d.external_id not in known or bytes(known[d.external_id].content_hash) != hashes[d.external_id]
    ]
    fresh = sorted(uuid7() for draft in touched if draft.external_id not in known)
    new_ids = iter(fresh)  # sorted, so that products list in the order of their file
    ids = {
        d.external_id: known[d.external_id].product_id if d.external_id in known else next(new_ids)
        for d in touched
    }
    saved = await _write(tx, seller_id, touched, ids, hashes, spare) if touched else []
    left = [v.sku for d in drafts if d.external_id not in ids for v in d.variants]
    kept = await tx.all(store.SKUS, {"seller_id": seller_id, "skus": left}) if left else []
    return SaveReport(
        created=len(fresh),
        changed=len(touched) - len(fresh),
        unchanged=len(drafts) - len(touched),
        touched=frozenset(draft.external_id for draft in touched),
        variant_ids={row.sku: row.variant_id for row in [*saved, *kept]},
        new_variant_ids=frozenset(row.variant_id for row in saved if row.is_new),
    )


async def sku_ids(tx: Tx, seller_id: int, skus: Collection[str]) -> dict[str, int]:
    """Variant ids by SKU; unknown SKUs are absent. One statement."""
    rows = await tx.all(store.SKUS, {"seller_id": seller_id, "skus": list(skus)})
    return {row.sku: row.variant_id for row in rows}


async def known_pictures(tx: Tx, seller_id: int, sources: Collection[str]) -> dict[str, Picture]:
    """What picture sources became when they were read before. One statement."""
    rows = await tx.all(store.PICTURES, {"seller_id": seller_id, "sources": list(sources)})
    return {row.source: row for row in rows}


async def save_pictures(tx: Tx, seller_id: int, pictures: Collection[Picture]) -> None:
    """Remember picture sources, so that they are not read again. One statement."""
    ordered = sorted({p.source: p for p in pictures}.values(), key=lambda picture: picture.source)
    if not ordered:
        return
    params: dict[str, object] = {
        "seller_id": seller_id,
        "sources": [p.source for p in ordered],
        "names": [p.name for p in ordered],
        "widths": [p.width for p in ordered],
        "heights": [p.height for p in ordered],
    }
    await tx.run(store.SAVE_PICTURES, params)


async def save_categories(tx: Tx, seller_id: int, titles: Mapping[str, Text]) -> int:
    """Name categories; returns how many names changed. One statement."""
    ordered = sorted(titles)
    params: dict[str, object] = {
        "seller_id": seller_id,
        "categories": ordered,
        "titles": [_json(titles[c]) for c in ordered],
    }
    return await tx.run(store.SAVE_CATEGORIES, params) if ordered else 0


async def _write(
    tx: Tx,
    seller_id: int,
    drafts: Sequence[ProductDraft],
    ids: Mapping[str, UUID],
    hashes: Mapping[str, bytes],
    spare: Collection[str],
) -> list[store.SavedVariantRow]:
    ordered = sorted(drafts, key=lambda draft: draft.external_id)
    await tx.all(store.SAVE_PRODUCTS, {"seller_id": seller_id, **_product_columns(ordered, ids, hashes)})
    pairs = sorted(
        ((ids[d.external_id], i, v) for d in ordered for i, v in enumerate(d.variants)),
        key=lambda pair: pair[2].sku,
    )
    saved = await tx.all(store.SAVE_VARIANTS, {"seller_id": seller_id, **_variant_columns(pairs)})
    by_sku = {row.sku: row.variant_id for row in saved}
    product_ids = [ids[d.external_id] for d in ordered]
    offers: dict[str, object] = {
        "seller_id": seller_id,
        "variant_ids": [by_sku[v.sku] for _, _, v in pairs],
        "states": [v.offer for _, _, v in pairs],
        "conditions": [v.condition for _, _, v in pairs],
    }
    await tx.run(store.SAVE_OFFERS, offers)
    ended = {
        "seller_id": seller_id,
        "product_ids": product_ids,
        "variant_ids": list(by_sku.values()),
        "spared": sorted(spare),
    }
    await tx.run(store.END_OFFERS, ended)
    await _write_media(tx, seller_id, ordered, ids)
    await outbox.append(tx, [ProductChanged(seller_id=seller_id, product_id=i) for i in product_ids])
    return saved


async def _write_media(
    tx: Tx, seller_id: int, drafts: Sequence[ProductDraft], ids: Mapping[str, UUID]
) -> None:
    """Replace the products' pictures."""
    product_ids = [ids[d.external_id] for d in drafts]
    rows = [(ids[d.external_id], i, image) for d in drafts for i, image in enumerate(d.images)]
    await tx.run(store.CLEAR_MEDIA, {"seller_id": seller_id, "product_ids": product_ids})
    params: dict[str, object] = {
        "seller_id": seller_id,
        "product_ids": [product_id for product_id, _, _ in rows],
        "positions": [position for _, position, _ in rows],
        "names": [image.name for _, _, image in rows],
        "widths": [image.width for _, _, image in rows],
        "heights": [image.height for _, _, image in rows],
        "alts": [_json(image.alt) for _, _, image in rows],
    }
    await tx.run(store.SAVE_MEDIA, params)


def _product_columns(
    drafts: Sequence[ProductDraft], ids: Mapping[str, UUID], hashes: Mapping[str, bytes]
) -> dict[str, object]:
    return {
        "product_ids": [ids[d.external_id] for d in drafts],
        "external_ids": [d.external_id for d in drafts],
        "brands": [d.brand for d in drafts],
        "families": [d.family for d in drafts],
        "categories": [d.category for d in drafts],
        "titles": [_json(d.title) for d in drafts],
        "descriptions": [_json(d.description) for d in drafts],
        "attributes": [_json(d.attributes) for d in drafts],
        "origins": [d.origin for d in drafts],
        "tax_categories": [d.tax_category for d in drafts],
        "lanes": [d.lane for d in drafts],
        "hashes": [hashes[d.external_id] for d in drafts],
    }


def _variant_columns(pairs: Sequence[tuple[UUID, int, VariantDraft]]) -> dict[str, object]:
    return {
        "product_ids": [product_id for product_id, _, _ in pairs],
        "skus": [v.sku for _, _, v in pairs],
        "gtins": [v.gtin14 for _, _, v in pairs],
        "options": [_json(v.options) for _, _, v in pairs],
        "images": [",".join(v.images) for _, _, v in pairs],
        "amounts": [v.content.amount if v.content else None for _, _, v in pairs],
        "units": [v.content.unit if v.content else None for _, _, v in pairs],
        "weights": [v.weight_g for _, _, v in pairs],
        "positions": [position for _, position, _ in pairs],
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
