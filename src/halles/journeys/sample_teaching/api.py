"""From a phone's photo to a sample that the showroom knows."""

from __future__ import annotations

import asyncio
import hashlib
from uuid import UUID

from halles.catalog import api as catalog
from halles.catalog.types import UnknownProduct, UnknownVariant
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore
from halles.kernel.web import Services
from halles.places import api as places
from halles.vision.api import samples as vision
from halles.vision.api.samples import Inspected, PhotoInspector, Side, TaughtPhoto, TaughtSample
from halles.vision.types import InferenceBusy, InferenceUnavailable, Recogniser, Recognition


async def open_sample(tx: Tx, sample: TaughtSample) -> TaughtSample:
    """Begin a sample of a product of this seller at one of its places.

    Raises UnknownPlace, UnknownProduct, UnknownVariant, SampleClosed.
    """
    await places.place(tx, sample.place_id, sample.seller_id)
    products = await catalog.load_products(tx, sample.seller_id, [sample.product_id])
    product = products.get(sample.product_id)
    if product is None:
        raise UnknownProduct("No product has this id.", product_id=str(sample.product_id))
    if sample.variant_id is not None and all(one.variant_id != sample.variant_id for one in product.variants):
        raise UnknownVariant("The product has no such variant.", variant_id=sample.variant_id)
    return await vision.open_sample(tx, sample)


async def take_photo(
    services: Services, seller: SellerId, sample_id: UUID, side: Side, photo: bytes
) -> TaughtSample:
    """Look at a photo, refuse it if nobody could learn from it, keep it bare; no transaction is open meanwhile.

    Raises SampleNotFound, SampleClosed, PhotoBlurred, PhotoDark, PhotoPlain, and what Recogniser raises.
    """
    async with services.db.reading() as tx:
        before = await vision.find_sample(tx, seller, sample_id)
    vision.must_be_open(before)
    inspected = await services.port(PhotoInspector).inspect(photo)
    vision.check_quality(inspected.quality)
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    try:
        seen = await recogniser.recognise(photo, seller_id=seller, place_id=before.place_id)
    except (InferenceBusy, InferenceUnavailable):
        seen = None  # what it looks like is a hint: the photo itself is worth keeping without
    name = await asyncio.to_thread(_keep, services.media, seller, inspected)
    async with services.db.transaction() as tx:
        product_id, share = await _shown(tx, seller, seen)
        taken = TaughtPhoto(
            side=side,
            media=name,
            model_id=inspected.model_id,
            vector=inspected.vector,
            sharpness=inspected.quality.sharpness,
            brightness=inspected.quality.brightness,
            seen_product_id=product_id,
            seen_share=share,
            taken_at=services.clock(),
        )
        sample = await vision.take_photo(tx, seller, sample_id, taken)
        replaced = [one.media for one in before.photos if one.side is side and one.media != name]
        unused = await vision.unused_media(tx, seller, replaced)
    await asyncio.to_thread(_drop, services.media, unused)
    return sample


async def retire(services: Services, seller: SellerId, sample_id: UUID, by: int) -> TaughtSample:
    """A sample no longer counts, and its photos are deleted; who and when stays. A repeat changes nothing."""
    async with services.db.transaction() as tx:
        sample, unused = await vision.retire_sample(tx, seller, sample_id, by=by, now=services.clock())
    await asyncio.to_thread(_drop, services.media, unused)
    return sample


async def _shown(tx: Tx, seller: SellerId, seen: Recognition | None) -> tuple[UUID | None, float | None]:
    """What the photo shows as far as is known, and how surely: a code names it, else the look suggests it."""
    if seen is None:
        return None, None
    named = await catalog.find_by_gtin(tx, seller, seen.gtins) if seen.gtins else []
    products = {ref.product_id for ref in named}
    if len(products) == 1:
        return products.pop(), 1.0
    if not seen.candidates:
        return None, None
    return seen.candidates[0].product_id, min(max(seen.candidates[0].score, 0.0), 1.0)


def _keep(media: MediaStore, seller: SellerId, inspected: Inspected) -> str:
    """Names hold the seller, so that what one deletes is nobody else's."""
    digest = hashlib.blake2b(inspected.picture, key=str(seller).encode(), digest_size=20).hexdigest()
    media.put_as(f"{digest}.webp", inspected.picture)
    media.put_as(f"{digest}-320.webp", inspected.thumbnail)
    return f"{digest}.webp"


def _drop(media: MediaStore, names: list[str]) -> None:
    for name in names:
        for one in (name, name.replace(".webp", "-320.webp")):
            media.path(one).unlink(missing_ok=True)
