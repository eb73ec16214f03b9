"""Samples that staff teach with five photos: what a photo must be like, whether five belong together, what is confused.

Only values come in and go out. A sharpness is 1 minus the blur of Crete, Dolmiere, Ladret and Nicolas ("The blur effect:
perception and estimation with a new no-reference perceptual blur metric", SPIE 2007), measured on the middle of the photo at
400 px. Of 131 photos (60 of the Grocery Store Dataset, 71 of the demo) the least sharp has 0.39; blurred by a Gaussian of 10 px
at 1,280 px the sharpest has 0.29.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import numpy as np

from halles.kernel.errors import Conflict, Invalid, NotFound
from halles.vision.rules.centring import centred
from halles.vision.types import PhotoStatistics, Vectors

LEAST_SHARPNESS = 0.33
LEAST_BRIGHTNESS = 0.14
LEAST_CONTRAST = 0.025
"""Standard deviation of the brightness: a wall or a lid over the lens has less."""

SURE_SHARE = 0.5
"""From this share on, an answer that names another product is taken for what the photo shows."""

LEAST_KIN = 0.1
"""A photo whose best likeness among the other four lies below is of something else, unless a person says otherwise.

Centred cosines. Of 120 photos of 24 products of the Grocery Store Dataset none lies below against its four fellows, and 70 % of
the strangers do."""


class Side(StrEnum):
    """From where a photo of a sample is taken, in the order in which staff are asked."""

    FRONT = "front"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    SHELF = "shelf"


class SampleState(StrEnum):
    """`open` while photos are taken; `taught` when they count; `retired` when they no longer do."""

    OPEN = "open"
    TAUGHT = "taught"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoQuality:
    """Each 0 to 1: how sharp, how bright, and the standard deviation of the brightness."""

    sharpness: float
    brightness: float
    contrast: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A photo for keeping: upright WebP without metadata, the same at 320 px, its quality, and its vector for the index."""

    picture: bytes
    thumbnail: bytes
    quality: PhotoQuality
    model_id: str
    vector: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtPhoto:
    """A photo of a sample. `vector`: float16[d]. `seen_product_id`: what it was taken for, before; None: nothing known.

    `seen_share`: 0 to 1 of the answer's candidates.
    """

    side: Side
    media: str
    model_id: str
    vector: bytes
    sharpness: float
    brightness: float
    seen_product_id: UUID | None
    seen_share: float | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtSample:
    """Photos that staff took of one thing on display. Who: parties. `variant_id` None: the product as a whole. UTC.

    `learnt_at` None: photos are not answered with it yet.
    """

    seller_id: int
    sample_id: UUID
    place_id: int
    product_id: UUID
    variant_id: int | None
    state: SampleState
    opened_by: int
    opened_at: datetime
    taught_by: int | None = None
    taught_at: datetime | None = None
    retired_by: int | None = None
    retired_at: datetime | None = None
    learnt_at: datetime | None = None
    photos: tuple[TaughtPhoto, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why photos may not show what they are said to. `sides`: which of them.

    `product_id`: what they look like; None: they are merely unlike the others.
    """

    product_id: UUID | None
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Of `photos` photos of `product_id`, `times` were taken for `other_id`; the worst of them is `media`.

    `similarity`: centred cosine, −1 to 1, between `media` and the picture `other_media` that it was taken for.
    """

    product_id: UUID
    other_id: UUID
    times: int
    photos: int
    similarity: float
    media: str
    other_media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistaken:
    """Purchases after a photo: `times` the first answer was `other_id`, and `product_id` was bought."""

    product_id: UUID
    other_id: UUID
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPhotos:
    """What staff taught of a product: photos, and the least sharp and least bright of them."""

    product_id: UUID
    photos: int
    sharpness: float
    brightness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHead:
    """A head as it lies in the store; `body` as rules/head.py packs it."""

    seller_id: int
    version: int
    body: bytes


# --- refusals ---------------------------------------------------------------------------------------------------------


class PhotoBlurred(Invalid):
    """The photo of a sample is blurred. Hold still, tap on the goods, come no nearer than a hand's length."""

    code, title = "vision.photo_blurred", "Photo blurred"


class PhotoDark(Invalid):
    """The photo of a sample is too dark."""

    code, title = "vision.photo_dark", "Photo too dark"


class PhotoPlain(Invalid):
    """The photo of a sample shows nothing but one shade."""

    code, title = "vision.photo_plain", "Nothing to be seen"


class SampleNotFound(NotFound):
    """The seller has no taught sample with this id."""

    code, title = "vision.sample_not_found", "No such sample"


class SampleIncomplete(Invalid):
    """Photos of the sample are missing; `missing` names them."""

    code, title = "vision.sample_incomplete", "Photos missing"


class SampleDoubtful(Conflict):
    """The photos look like something else, or not like each other. `product_id`: what they look like, if anything."""

    code, title = "vision.sample_doubtful", "Is that the right product?"


class SampleClosed(Conflict):
    """The sample is taught already, or retired: its photos no longer change."""

    code, title = "vision.sample_closed", "Sample no longer open"


# --- decisions --------------------------------------------------------------------------------------------------------


def check_quality(quality: PhotoQuality) -> None:
    """Raises PhotoDark, PhotoPlain or PhotoBlurred, in this order: a dark photo looks blurred too."""
    if quality.brightness < LEAST_BRIGHTNESS:
        raise PhotoDark("Too dark: turn towards the light.", brightness=round(quality.brightness, 3))
    if quality.contrast < LEAST_CONTRAST:
        raise PhotoPlain("Only one shade: aim at the goods.", contrast=round(quality.contrast, 3))
    if quality.sharpness < LEAST_SHARPNESS:
        raise PhotoBlurred("Blurred: hold still and tap on the goods.", sharpness=round(quality.sharpness, 3))


def missing(photos: Sequence[TaughtPhoto]) -> list[Side]:
    """The sides that were not photographed yet, in order."""
    taken = {one.side for one in photos}
    return [side for side in Side if side not in taken]


def doubt(product_id: UUID, photos: Sequence[TaughtPhoto], known: PhotoStatistics | None) -> Doubt | None:
    """Why these photos may be of something else; None when they may pass.

    Two photos or more that were clearly taken for one other product, and at least as many as were taken for the right one;
    else photos that are like none of the others. `known`: the mean of the seller's photos, where one is known.
    """
    other = _looks_like(product_id, photos)
    return other or _odd_ones(photos, known)


def _looks_like(product_id: UUID, photos: Sequence[TaughtPhoto]) -> Doubt | None:
    sides: dict[UUID, list[Side]] = {}
    for one in photos:
        if one.seen_product_id is not None and (one.seen_share or 0.0) >= SURE_SHARE:
            sides.setdefault(one.seen_product_id, []).append(one.side)
    right = len(sides.pop(product_id, []))
    if not sides:
        return None
    other = max(sides, key=lambda one: (len(sides[one]), one.int))
    if len(sides[other]) < max(2, right):
        return None
    return Doubt(product_id=other, sides=tuple(sides[other]))


def _odd_ones(photos: Sequence[TaughtPhoto], known: PhotoStatistics | None) -> Doubt | None:
    models = {one.model_id for one in photos}
    if len(photos) < len(Side) or len(models) != 1:
        return None
    vectors = as_vectors([one.vector for one in photos])
    mean = np.frombuffer(known.mean, "<f4").astype(np.float32) if known and known.photos else None
    if mean is None or mean.shape != vectors.shape[1:]:
        return None
    seen = centred(vectors, mean)
    alike = seen @ seen.T
    np.fill_diagonal(alike, -1.0)
    odd = tuple(one.side for one, best in zip(photos, alike.max(axis=1), strict=True) if best < LEAST_KIN)
    return Doubt(product_id=None, sides=odd) if odd else None


def as_vectors(stored: Sequence[bytes]) -> Vectors:
    """float16 bytes of the store → float32[n, d]."""
    return np.stack([np.frombuffer(one, "<f2") for one in stored]).astype(np.float32)
