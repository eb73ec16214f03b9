"""The reaction to a changed product."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from halles.catalog import api as catalog
from halles.catalog.types import Product, ProductChanged, State
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore
from halles.kernel.relay import Delivery
from halles.kernel.web import Services
from halles.vision import api as vision
from halles.vision.api import samples as taught
from halles.vision.api import words
from halles.vision.api.samples import SampleTaught
from halles.vision.types import CataloguePicture, InferenceUnavailable, ProductText, Recogniser, SecondLook

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


def _text_of(product_id: UUID, product: Product | None) -> ProductText:
    """What is written about a product, in every language; nothing once it is not on sale."""
    if product is None or product.state != State.ACTIVE:
        return ProductText(product_id=product_id, name="", description="", package="", media=())
    names = [product.brand or "", *product.title.values()]
    return ProductText(
        product_id=product_id,
        name=" ".join(names).strip(),
        description=" ".join(product.description.values()),
        package="",
        media=tuple(image.name for image in product.images),
    )


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
            on_sale = [product.product_id for product in shown]
            photos = await taught.taught_pictures(tx, seller_id, on_sale)
        wanted = [*(picture for product in shown for picture in pictures_of(product)), *photos]
        if wanted:
            report = await vision.index_pictures(db, recogniser, media.get, seller_id, wanted)
            for name, code in report.refused.items():
                log.warning("picture_index.refused", seller=seller_id, media=name, code=code)
        async with db.transaction() as tx:
            wanted += await taught.hold_taught(tx, seller_id, on_sale)
            keep = [(one.product_id, one.media) for one in wanted]
            await vision.forget_pictures(tx, seller_id, product_ids, keep=keep)
        if isinstance(recogniser, SecondLook):
            written = [_text_of(one, products.get(one)) for one in product_ids]
            await words.index_words(db, recogniser, media.get, seller_id, written)

    return follow


def learn_samples(
    recogniser: Recogniser, media: MediaStore, clock: Clock
) -> Callable[[Sequence[SampleTaught], Delivery], Awaitable[None]]:
    """Make the reaction that lets a showroom learn what staff taught; a set costs one learning a seller.

    The photos can be found already; here those that another model has seen are seen again, and the head is learned.
    """

    async def learn(events: Sequence[SampleTaught], delivery: Delivery) -> None:
        changed: dict[int, set[UUID]] = {}
        for event in events:
            changed.setdefault(event.seller_id, set()).add(event.product_id)
        for seller_id, product_ids in sorted(changed.items()):
            await _learn(delivery.db, recogniser, media, seller_id, sorted(product_ids), clock())

    return learn


async def learn_waiting(services: Services) -> None:
    """The worker's task: what staff taught is learned within seconds, however long other events wait for the model."""
    async with services.db.reading() as tx:
        waiting = await taught.to_be_learnt(tx)
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    for seller_id, product_ids in waiting.items():
        await _learn(services.db, recogniser, services.media, seller_id, product_ids, services.clock())


class SeeAgain:
    """The worker's task after an upgrade that brought another model: every picture that only earlier models saw is seen again,
    and what staff taught is learned again. Once a model and process; interrupted, it goes on where it stopped."""

    def __init__(self) -> None:
        self._done: str | None = None

    async def __call__(self, services: Services) -> None:
        recogniser: Recogniser = services.extra[Recogniser.__name__]
        try:
            model_id = await recogniser.model_id()
        except InferenceUnavailable:  # it starts after the worker
            return
        if model_id == self._done:
            return
        reports = await vision.reindex(services.db, recogniser, services.media.get)
        for seller_id, report in reports.items():
            learnt = await taught.learn_samples(services.db, seller_id, model_id, services.clock())
            log.info("picture_index.seen_again", seller=seller_id, pictures=report.embedded, photos=learnt)
        self._done = model_id


async def _learn(
    db: Database,
    recogniser: Recogniser,
    media: MediaStore,
    seller_id: int,
    product_ids: Sequence[UUID],
    now: datetime,
) -> None:
    async with db.reading() as tx:
        photos = await taught.taught_pictures(tx, seller_id, product_ids)
    if photos:
        await vision.index_pictures(db, recogniser, media.get, seller_id, photos)
    learnt = await taught.learn_samples(db, seller_id, await recogniser.model_id(), now)
    log.info("picture_index.learnt", seller=seller_id, photos=learnt)
