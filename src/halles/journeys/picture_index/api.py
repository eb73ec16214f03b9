"""The reaction to a changed product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog

from halles.catalog import api as catalog
from halles.catalog.types import Product, ProductChanged, State
from halles.kernel.db import Database
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore
from halles.kernel.relay import Delivery
from halles.vision import api as vision
from halles.vision.types import CataloguePicture, Recogniser

log = structlog.get_logger("halles.picture_index")


def pictures_of(product: Product) -> list[CataloguePicture]:
    """A product's pictures, each with the variant it shows; None for those that show the product or several variants."""
    shown: dict[str, list[int]] = {}
    for variant in product.variants:
        for name in variant.images:
            shown.setdefault(name, []).append(variant.variant_id)
    names = list(dict.fromkeys([*(image.name for image in product.images), *shown]))
    return [
        CataloguePicture(
            product_id=product.product_id, variant_id=next(iter(shown.get(name, ())), None), media=name
        )
        for name in names
    ]


def follow_catalogue(
    recogniser: Recogniser, media: MediaStore
) -> Callable[[Sequence[ProductChanged], Delivery], Awaitable[None]]:
    """Make the reaction that keeps products' pictures findable; it calls the model, so it runs outside any transaction.

    A set costs one read and one clean-up a seller; pictures that have their vector already are not embedded again.
    """

    async def follow(events: Sequence[ProductChanged], delivery: Delivery) -> None:
        changed: dict[SellerId, set[UUID]] = {}
        for event in events:
            changed.setdefault(SellerId(event.seller_id), set()).add(event.product_id)
        for seller_id, product_ids in changed.items():
            await _follow(delivery.db, seller_id, sorted(product_ids))

    async def _follow(db: Database, seller_id: SellerId, product_ids: Sequence[UUID]) -> None:
        async with db.reading() as tx:
            products = await catalog.load_products(tx, seller_id, product_ids)
        shown = [product for product in products.values() if product.state == State.ACTIVE]
        wanted = [picture for product in shown for picture in pictures_of(product)]
        if wanted:
            report = await vision.index_pictures(db, recogniser, media.get, seller_id, wanted)
            for name, code in report.refused.items():
                log.warning("picture_index.refused", seller=seller_id, media=name, code=code)
        keep = [(one.product_id, one.media) for one in wanted]
        async with db.transaction() as tx:
            await vision.forget_pictures(tx, seller_id, product_ids, keep=keep)

    return follow
