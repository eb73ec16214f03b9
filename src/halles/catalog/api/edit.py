"""Changing one product by hand, from the version its editor saw."""

from __future__ import annotations

from uuid import UUID

import msgspec

from halles.catalog import store
from halles.catalog.types import ProductChanged, ProductChangedMeanwhile, ProductEdit, UnknownProduct
from halles.kernel import outbox
from halles.kernel.db import Tx


async def edit_product(tx: Tx, seller_id: int, product_id: UUID, version: int, edit: ProductEdit) -> int:
    """Change a product and return its new version. Raises UnknownProduct, ProductChangedMeanwhile.

    The import's memory of the product stays as it was: a later import overwrites the edit only when its own row changed.
    """
    params: dict[str, object] = {
        "seller_id": seller_id,
        "product_id": product_id,
        "version": version,
        "title": msgspec.json.encode(edit.title).decode(),
        "description": msgspec.json.encode(edit.description).decode(),
        "brand": edit.brand,
        "category": edit.category,
        "attributes": msgspec.json.encode(edit.attributes).decode(),
        "state": edit.state,
    }
    made = await tx.first(store.EDIT, params)
    if made is None:
        if not await tx.all(store.PRODUCTS, {"seller_id": seller_id, "product_ids": [product_id]}):
            raise UnknownProduct("No product has this id.", product_id=str(product_id))
        raise ProductChangedMeanwhile(
            "Somebody changed this product since you opened it. Load it again; your text is still in the form."
        )
    await outbox.append(tx, [ProductChanged(seller_id=seller_id, product_id=product_id)])
    return made
