"""The reaction to a changed product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from halles.catalog import api as catalog
from halles.catalog.types import Product, ProductChanged, State
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
) -> Callable[[ProductChanged, Delivery], Awaitable[None]]:
    """Make the reaction that keeps a product's pictures findable; it calls the model, so it runs outside any transaction."""

    async def follow(event: ProductChanged, delivery: Delivery) -> None:
        async with delivery.db.reading() as tx:
            products = await catalog.load_products(tx, event.seller_id, [event.product_id])
        product = products.get(event.product_id)
        wanted = pictures_of(product) if product is not None and product.state == State.ACTIVE else []
        if wanted:
            report = await vision.index_pictures(delivery.db, recogniser, media.get, event.seller_id, wanted)
            for name, code in report.refused.items():
                log.warning("picture_index.refused", product=str(event.product_id), media=name, code=code)
        async with delivery.db.transaction() as tx:
            await vision.forget_pictures(
                tx, event.seller_id, [event.product_id], keep=[one.media for one in wanted]
            )

    return follow
