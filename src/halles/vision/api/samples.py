"""The door of taught samples: staff take photos, the shop learns them, and what is confused is told."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from halles.kernel.db import Database, Tx
from halles.kernel.outbox import append
from halles.vision import store as pictures
from halles.vision.rules.samples import (
    Confusion,
    Doubt,
    Inspected,
    Mistaken,
    PhotoQuality,
    ProductPhotos,
    SampleClosed,
    SampleDoubtful,
    SampleIncomplete,
    SampleNotFound,
    SampleState,
    Side,
    StoredHead,
    TaughtPhoto,
    TaughtSample,
    check_quality,
    doubt,
    missing,
)
from halles.vision.store import learning
from halles.vision.store import samples as store
from halles.vision.store.samples import QualityRow
from halles.vision.types import CataloguePicture, PictureRow, SampleTaught

__all__ = [
    "Confusion",
    "Doubt",
    "Inspected",
    "Mistaken",
    "PhotoInspector",
    "PhotoQuality",
    "ProductPhotos",
    "QualityRow",
    "SampleState",
    "SampleTaught",
    "Side",
    "TaughtPhoto",
    "TaughtSample",
    "check_quality",
    "confusions",
    "doubt_of",
    "find_sample",
    "head_changes",
    "hold_taught",
    "learn_samples",
    "mistaken",
    "must_be_open",
    "open_sample",
    "product_photos",
    "quality_rows",
    "retire_sample",
    "samples_page",
    "take_photo",
    "taught_counts",
    "taught_pictures",
    "teach_sample",
    "to_be_learnt",
    "unused_media",
]

_CATALOGUE_ROWS = 5_000
"""Catalogue pictures that are read to tell confusions: 35 MB of 3,656 numbers."""


class PhotoInspector(Protocol):
    """Looks at a photo that is to be kept. As Recogniser, it is where an untrusted photo is decoded."""

    async def inspect(self, photo: bytes) -> Inspected:
        """The photo without its metadata, with its quality and vector. Raises what Recogniser.embed raises."""
        ...


async def open_sample(tx: Tx, sample: TaughtSample) -> TaughtSample:
    """Begin a sample; the same again changes nothing. Raises SampleClosed when its id stands for another one."""
    await store.open_sample(tx, sample)
    found = await find_sample(tx, sample.seller_id, sample.sample_id)
    same = (found.place_id, found.product_id, found.variant_id) == (
        sample.place_id,
        sample.product_id,
        sample.variant_id,
    )
    if not same:
        raise SampleClosed("This id is another sample's.", sample_id=str(sample.sample_id))
    return found


async def find_sample(tx: Tx, seller_id: int, sample_id: UUID) -> TaughtSample:
    """Two queries. Raises SampleNotFound."""
    found = await store.sample(tx, seller_id, sample_id)
    if found is None:
        raise SampleNotFound("No such sample.", sample_id=str(sample_id))
    return found


async def samples_page(
    tx: Tx, seller_id: int, *, place_id: int | None, retired: bool, after: UUID | None, limit: int
) -> list[TaughtSample]:
    """Samples with their photos, the latest first. Two queries."""
    return await store.samples_page(tx, seller_id, place_id, retired=retired, after=after, rows=limit)


async def take_photo(tx: Tx, seller_id: int, sample_id: UUID, photo: TaughtPhoto) -> TaughtSample:
    """Put a photo in its place; one that was there is replaced. Raises SampleNotFound, SampleClosed."""
    found = await _open(tx, seller_id, sample_id)
    await store.take_photo(tx, seller_id, sample_id, photo)
    return replace(found, photos=(*(one for one in found.photos if one.side is not photo.side), photo))


async def teach_sample(
    tx: Tx, seller_id: int, sample_id: UUID, *, sure: bool, by: int, now: datetime
) -> TaughtSample:
    """The photos count from now on: they can be found at once, and the shop learns them. A repeat changes nothing.

    Raises SampleNotFound, SampleClosed for a retired one, SampleIncomplete, and, unless a person is `sure`, SampleDoubtful.
    """
    found = await store.sample(tx, seller_id, sample_id, lock=True)
    if found is None:
        raise SampleNotFound("No such sample.", sample_id=str(sample_id))
    if found.state is SampleState.TAUGHT:
        return found
    if found.state is SampleState.RETIRED:
        raise SampleClosed("This sample is retired.", sample_id=str(sample_id))
    if lacking := missing(found.photos):
        raise SampleIncomplete("Photos are missing.", missing=[side.value for side in lacking])
    if not sure and (reason := await doubt_of(tx, found)):
        raise SampleDoubtful(
            "These photos look like something else."
            if reason.product_id
            else "These photos do not look like one product.",
            product_id=str(reason.product_id) if reason.product_id else None,
            sides=[side.value for side in reason.sides],
        )
    await store.teach(tx, seller_id, sample_id, by, now)
    by_model: dict[str, list[tuple[CataloguePicture, bytes]]] = {}
    named = {one.media: one for one in await store.taught_pictures(tx, seller_id, [found.product_id])}
    for one in found.photos:
        by_model.setdefault(one.model_id, []).append((named[one.media], one.vector))
    for model_id, ready in sorted(by_model.items()):
        unique = {one.media: (one, vector) for one, vector in ready}
        await pictures.save_pictures(tx, seller_id, model_id, list(unique.values()))
    await append(tx, [SampleTaught(seller_id=seller_id, product_id=found.product_id, sample_id=sample_id)])
    return replace(found, state=SampleState.TAUGHT, taught_by=by, taught_at=now)


async def doubt_of(tx: Tx, sample: TaughtSample) -> Doubt | None:
    """Why its photos may be of something else. One query."""
    models = [one.model_id for one in sample.photos]
    known = await pictures.photo_statistics(tx, sample.seller_id, models[0]) if models else None
    return doubt(sample.product_id, sample.photos, known)


async def retire_sample(
    tx: Tx, seller_id: int, sample_id: UUID, *, by: int, now: datetime
) -> tuple[TaughtSample, list[str]]:
    """The sample no longer counts; answers it, and the media that nothing needs any more. A repeat changes nothing.

    Raises SampleNotFound.
    """
    found = await store.sample(tx, seller_id, sample_id, lock=True)
    if found is None:
        raise SampleNotFound("No such sample.", sample_id=str(sample_id))
    if found.state is SampleState.RETIRED:
        return found, []
    unused = await store.retire(tx, found, by, now)
    if found.state is SampleState.TAUGHT:
        await learning.mark_rebuilt(tx, seller_id)
        await append(
            tx, [SampleTaught(seller_id=seller_id, product_id=found.product_id, sample_id=sample_id)]
        )
    gone = replace(found, state=SampleState.RETIRED, retired_by=by, retired_at=now, learnt_at=None, photos=())
    return gone, unused


async def taught_pictures(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> list[CataloguePicture]:
    """The photos of these products that are taught, as pictures to index. One query."""
    return await store.taught_pictures(tx, seller_id, product_ids)


async def to_be_learnt(tx: Tx, most: int = 1_000) -> dict[int, list[UUID]]:
    """Products with samples that are taught and not learned yet, by seller. One query."""
    found: dict[int, list[UUID]] = {}
    for one in await learning.waiting(tx, most):
        found.setdefault(one.seller_id, []).append(one.product_id)
    return found


async def hold_taught(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> list[CataloguePicture]:
    """taught_pictures, and nothing else of the seller's is taught or retired until commit. Two queries."""
    await learning.hold_index(tx, seller_id)
    return await store.taught_pictures(tx, seller_id, product_ids)


async def learn_samples(db: Database, seller_id: int, model_id: str, now: datetime) -> int:
    """Learns the seller's head and what is confused from all taught photos; answers how many taught it.

    Some seconds of one core for thousands of photos, on a thread. What was learned meanwhile from a later state stands.
    Readers take the new head within a second; until then, and when this fails, they keep the old one.
    """
    async with db.snapshot() as tx:
        state = (await pictures.states(tx, [seller_id])).get(seller_id)
        rows = await learning.shop_pictures(tx, seller_id, model_id)
        if rows:
            rows += await learning.catalogue_pictures(tx, seller_id, model_id, _CATALOGUE_ROWS)
        waiting = await store.unlearnt(tx, seller_id)
    if state is None:
        return 0
    head, confused = await asyncio.to_thread(_learned, rows)
    async with db.transaction() as tx:
        stored = StoredHead(seller_id=seller_id, version=state.version, body=head[0])
        taken = await store.save_head(tx, stored, model_id=model_id, products=head[1], photos=head[2], at=now)
        if taken:
            await store.save_confusions(tx, seller_id, model_id, confused)
        await store.mark_learnt(tx, seller_id, waiting, now)
    return head[2]


def _learned(rows: Sequence[PictureRow]) -> tuple[tuple[bytes, int, int], list[Confusion]]:
    """The packed head with its products and photos (empty while too little is taught), and the confusions."""
    from halles.vision.rules.confusion import confusions as confused
    from halles.vision.rules.head import learn, packed
    from halles.vision.rules.samples import as_vectors
    from halles.vision.types import PictureKind

    photos = [one for one in rows if one.kind is PictureKind.SHOP]
    if not photos:
        return (b"", 0, 0), []
    head = learn(as_vectors([one.vector for one in photos]), [one.product_id for one in photos])
    described = (packed(head), len(head.products), head.photos) if head else (b"", 0, 0)
    return described, confused(rows)


async def head_changes(tx: Tx, model_id: str, have: Mapping[int, int]) -> list[StoredHead]:
    """The heads that are newer than what a reader has; 0: it has none. One query, one more for each that changed."""
    versions = await store.head_versions(tx, model_id, list(have))
    stale = [seller for seller, version in versions.items() if version != have[seller]]
    found = [await store.head(tx, seller, model_id) for seller in stale]
    return [one for one in found if one is not None]


async def confusions(tx: Tx, seller_id: int) -> list[Confusion]:
    """What was confused when the samples were last learned, the most frequent first. Two queries."""
    model_id = await store.head_model(tx, seller_id)
    return [] if model_id is None else await store.confusions(tx, seller_id, model_id)


async def mistaken(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime
) -> list[Mistaken]:
    """First answers that purchases proved wrong. One query."""
    return await store.mistaken(tx, seller_id, place_id, since, until)


async def product_photos(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> dict[UUID, ProductPhotos]:
    """What staff taught of these products. One query."""
    return await store.product_photos(tx, seller_id, product_ids)


async def quality_rows(tx: Tx, seller_id: int, *, since: datetime, until: datetime) -> list[QualityRow]:
    """Recall by purchases, by place and model. One query."""
    return await store.quality_rows(tx, seller_id, since, until)


async def taught_counts(tx: Tx, seller_id: int) -> tuple[int, int]:
    """Products and photos that the present head was learned from. One query."""
    found = await learning.head_counts(tx, seller_id)
    return (0, 0) if found is None else (found.products, found.photos)


async def unused_media(tx: Tx, seller_id: int, names: Sequence[str]) -> list[str]:
    """Those of these photos that no sample of the seller shows any more. One query."""
    return await store.unused_media(tx, seller_id, names) if names else []


def must_be_open(sample: TaughtSample) -> None:
    """Raises SampleClosed."""
    if sample.state is not SampleState.OPEN:
        raise SampleClosed("This sample is no longer open.", sample_id=str(sample.sample_id))


async def _open(tx: Tx, seller_id: int, sample_id: UUID) -> TaughtSample:
    found = await store.sample(tx, seller_id, sample_id, lock=True)
    if found is None:
        raise SampleNotFound("No such sample.", sample_id=str(sample_id))
    must_be_open(found)
    return found
