"""One seller's pictures in memory, searched exactly.

A matrix product over every picture: at 10,000 pictures of 1,280 numbers it costs a few milliseconds and misses
nothing. Beyond some hundred thousand pictures an approximate index behind the same methods takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from halles.vision.rules.centring import (
    PhotoMean,
    assumed_mean,
    catalogue_mean,
    centred,
    joined,
    no_photos,
    warmth,
)
from halles.vision.rules.decide import SHARE_OVER, Found
from halles.vision.types import Candidate, PictureKind, Vector, Vectors

_MEAN_DRIFT = 0.02
"""Shop photos are centred anew when the mean of photos moved further than this (unit vectors: 2 % of their length)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPicture:
    """A picture in the index: `vector` is float32[dim], powered and unit, not centred."""

    product_id: UUID
    variant_id: int | None
    media: str
    kind: PictureKind
    vector: Vector


@dataclass(slots=True)
class _Arranged:
    """Pictures sorted by product: `starts[i]` is the first row of product i."""

    products: list[UUID]
    starts: npt.NDArray[np.intp]
    variants: list[int | None]
    raw: Vectors
    from_shop: npt.NDArray[np.bool_]
    catalogue_mean: Vector
    shop: PhotoMean
    ready: Vectors
    used_mean: Vector | None


class ExactIndex:
    """Pictures of one seller and one model. Not thread-safe: the inference process uses it from one thread."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._pictures: dict[tuple[UUID, str], IndexedPicture] = {}
        self._arranged: _Arranged | None = None

    def __len__(self) -> int:
        return len(self._pictures)

    def put(self, pictures: Iterable[IndexedPicture]) -> None:
        """Adds pictures, or replaces those with the same product and media."""
        self._pictures.update(((one.product_id, one.media), one) for one in pictures)
        self._arranged = None

    def clear(self) -> None:
        self._pictures.clear()
        self._arranged = None

    def search(self, photo: Vector, photos: PhotoMean, nothing: Vectors) -> Found:
        """The best SHARE_OVER products for a photo (float32[dim], powered, unit); each by its best picture.

        `nothing`: float32[n, dim], photos of nothing, seen as the photo was; n may be 0.
        """
        if not self._pictures:
            return Found(ranked=(), belonging=-2.0, warmth=0.0, nothing=-1.0)
        arranged = self._arrange()
        known = joined(arranged.shop, photos)
        mean = assumed_mean(known, arranged.catalogue_mean)
        self._centre(arranged, mean)
        seen = centred(photo, mean)
        scores = arranged.ready @ seen
        per_product = np.maximum.reduceat(scores, arranged.starts)
        ranked = tuple(
            self._candidate(arranged, scores, per_product, i) for i in _best(per_product, SHARE_OVER)
        )
        belonging = ranked[0].score + float(photo @ mean) / max(float(np.linalg.norm(mean)), 1e-12)
        like_nothing = float((centred(nothing, mean) @ seen).max(initial=-1.0))
        return Found(ranked=ranked, belonging=belonging, warmth=warmth(known.photos), nothing=like_nothing)

    def _candidate(self, at: _Arranged, scores: Vector, per_product: Vector, i: int) -> Candidate:
        start = int(at.starts[i])
        end = int(at.starts[i + 1]) if i + 1 < len(at.starts) else len(scores)
        variant = at.variants[start + int(np.argmax(scores[start:end]))]
        return Candidate(product_id=at.products[i], variant_id=variant, score=float(per_product[i]))

    def _arrange(self) -> _Arranged:
        if self._arranged is None:
            rows = sorted(self._pictures.values(), key=lambda one: (one.product_id.int, one.media))
            self._arranged = _arranged(rows)
        return self._arranged

    def _centre(self, at: _Arranged, mean: Vector) -> None:
        """Centres pictures once, shop photos again when the mean of photos has moved."""
        if at.used_mean is None:
            at.ready[~at.from_shop] = centred(at.raw[~at.from_shop], at.catalogue_mean)
        elif float(np.linalg.norm(mean - at.used_mean)) <= _MEAN_DRIFT or not at.from_shop.any():
            return
        at.ready[at.from_shop] = centred(at.raw[at.from_shop], mean)
        at.used_mean = mean


def _arranged(rows: Sequence[IndexedPicture]) -> _Arranged:
    raw = np.stack([one.vector for one in rows]).astype(np.float32)
    from_shop = np.array([one.kind is PictureKind.SHOP for one in rows])
    products = [one.product_id for one in rows]
    starts = [i for i in range(len(rows)) if i == 0 or products[i] != products[i - 1]]
    shop = no_photos(raw.shape[1])
    if from_shop.any():
        shop = PhotoMean(
            photos=int(from_shop.sum()), mean=np.asarray(raw[from_shop].mean(axis=0), np.float32)
        )
    if from_shop.all():
        own_mean = shop.mean
    else:
        pictured = {product for product, shopped in zip(products, from_shop, strict=True) if not shopped}
        own_mean = catalogue_mean(raw[~from_shop], len(pictured))
    return _Arranged(
        products=[products[i] for i in starts],
        starts=np.array(starts, np.intp),
        variants=[one.variant_id for one in rows],
        raw=raw,
        from_shop=from_shop,
        catalogue_mean=own_mean,
        shop=shop,
        ready=np.empty_like(raw),
        used_mean=None,
    )


def _best(scores: Vector, count: int) -> list[int]:
    """Places of the `count` highest scores, best first; ties by place, so that answers repeat."""
    count = min(count, len(scores))
    candidates = (
        np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    )
    return sorted((int(i) for i in candidates), key=lambda i: (-float(scores[i]), i))
