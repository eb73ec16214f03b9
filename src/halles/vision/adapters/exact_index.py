"""One seller's pictures in memory, searched exactly.

The photo is compared with every picture: nothing is missed, and a picture is added or taken away in well under a
millisecond. Vectors stand here as the store has them (float16), are never centred in place, and cost two bytes a number:
with p a picture, m its domain's mean and s the photo seen from its own, the centred cosine is (p·s − m·s) / |p − m|.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

import numkong
import numpy as np
import numpy.typing as npt

from halles.vision.adapters.picture_index import IndexedPicture, Keys, picture_key
from halles.vision.rules.centring import PRIOR_PRODUCTS, PhotoMean, assumed_mean, centred, joined, warmth
from halles.vision.rules.decide import SHARE_OVER, Found
from halles.vision.types import Candidate, PictureKind, Vector, Vectors

__all__ = ["ExactIndex", "IndexedPicture", "found_by", "nothing_found"]

_MEAN_DRIFT = 0.02
"""Shop photos are centred anew when the mean of photos moved further than this (unit vectors: 2 % of their length)."""

_FEW_PICTURES = 5_000
_CATALOGUE_DRIFT = 0.002
"""With more than _FEW_PICTURES, pictures are centred anew when their mean moved further than this: one more product
among 200,000 moves it by a hundredth of that, and centring all of them takes a second."""

_CHUNK = 8_192
_FIRST_LOOK = 128
"""Pictures that are compared exactly, the nearest by 8-bit numbers. On 10,000 pictures the thirty best of the exact search
were all among the 34 nearest (docs/algorithms/recognition.md)."""

_STEPS = 127
_LEAST_LENGTH = 1e-6
"""A picture no further than this from its mean, as a shop's only one may be, is nothing but the mean: its cosine is 0."""


class ExactIndex:
    """A PictureIndex that compares with every picture: roughly with 8-bit numbers, exactly with the nearest.

    Three bytes a number: 16 bits as stored, and 8 bits of each row's own scale. CPU: 1.5 ms for 10,000 of 3,656 numbers.
    """

    def __init__(self, dim: int, start: Vector | None = None) -> None:
        """`start`: the catalogue's mean, when these pictures are a part of a larger catalogue; else their own is taken."""
        self._start = start
        self._dim = dim
        self._row_of: dict[int, int] = {}
        self._keys: list[int] = []
        self._products: list[UUID] = []
        self._variants: list[int | None] = []
        self._media: list[str] = []
        self._raw = np.zeros((16, dim), np.float16)
        self._rough = np.zeros((16, dim), np.int8)
        self._steps = np.ones(16, np.float32)
        self._from_shop = np.zeros(16, np.bool_)
        self._lengths = np.ones(16, np.float32)
        self._unsettled: set[int] = set()
        self._sum, self._shop_sum = np.zeros(dim), np.zeros(dim)
        self._shop_count = 0
        self._pictured: Counter[UUID] = Counter()
        self._catalogue_used: Vector | None = None
        self._photos_used: Vector | None = None
        self._beside_pictures: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, pictures: Iterable[IndexedPicture]) -> None:
        """Adds pictures, or replaces those with the same product and media."""
        for one in pictures:
            key = picture_key(one.product_id, one.media)
            row = self._row_of.get(key)
            if row is None:
                row = self._row_of[key] = self._new_row(key, one)
            else:
                self._account(row, -1)
                self._products[row], self._variants[row] = one.product_id, one.variant_id
            self._raw[row] = one.vector
            self._rough[row], self._steps[row] = _rounded(one.vector)
            self._from_shop[row] = one.kind is PictureKind.SHOP
            self._account(row, 1)
            self._unsettled.add(row)

    def keep(self, keys: Keys) -> int:
        """Forgets the pictures whose `picture_key` is not among these; answers how many went."""
        gone = np.array(self._keys, np.int64)[~np.isin(self._keys, keys)]
        for key in gone:
            self._remove(int(key))
        return len(gone)

    def discard(self, key: int) -> None:
        """Forgets the picture with this `picture_key`, if it is here."""
        if key in self._row_of:
            self._remove(key)

    def clear(self) -> None:
        self.__init__(self._dim, self._start)

    def search(self, photo: Vector, photos: PhotoMean, nothing: Vectors) -> Found:
        """The best SHARE_OVER products for a photo (float32[dim], powered, unit); each by its best picture.

        `nothing`: float32[n, dim], photos of nothing, seen as the photo was; n may be 0.
        """
        if not self._keys:
            return nothing_found()
        known = joined(self.shop, photos)
        mean = assumed_mean(known, self.catalogue_mean)
        return found_by(self.best(centred(photo, mean), mean), photo, mean, nothing, known.photos)

    def has_picture(self, product: UUID) -> bool:
        """Whether a catalogue picture of this product is here."""
        return product in self._pictured

    def like_pictures(self, photo: Vector, photos: PhotoMean) -> dict[UUID, float]:
        """Scores by catalogue pictures alone; by its photos only where a product has no picture."""
        mean = assumed_mean(joined(self.shop, photos), self.catalogue_mean)
        best = self.best(centred(photo, mean), mean, by_pictures=True)
        return {one.product_id: one.score for one in best}

    def pictures(self) -> list[IndexedPicture]:
        """All pictures, in no order."""
        return [
            IndexedPicture(
                product_id=self._products[row],
                variant_id=self._variants[row],
                media=self._media[row],
                kind=PictureKind.SHOP if self._from_shop[row] else PictureKind.CATALOGUE,
                vector=self._raw[row].astype(np.float32),
            )
            for row in range(len(self._keys))
        ]

    @property
    def shop(self) -> PhotoMean:
        """The mean of the photos taken in the shop that stand in this index."""
        return PhotoMean(
            photos=self._shop_count, mean=np.asarray(self._shop_sum / max(self._shop_count, 1), np.float32)
        )

    @property
    def catalogue_mean(self) -> Vector:
        """The mean to subtract from catalogue pictures; without any, that of the shop's photos."""
        if self._start is not None:
            return self._start
        pictures = len(self._keys) - self._shop_count
        if not pictures:
            return self.shop.mean
        products = len(self._pictured)
        share = products / (products + PRIOR_PRODUCTS)
        return np.asarray(self._sum / pictures * share, np.float32)

    def best(self, seen: Vector, photo_mean: Vector, *, by_pictures: bool = False) -> list[Candidate]:
        """The best SHARE_OVER products for a centred unit photo; `photo_mean` is what was taken away from it.

        `by_pictures`: photos from the shop do not count for products that have a catalogue picture.
        """
        if not self._keys:
            return []
        self._settle(photo_mean)
        assert self._catalogue_used is not None
        assert self._photos_used is not None
        rows = len(self._keys)
        rounded, step = _rounded(seen)
        dots = cast("Any", numkong).cdist(rounded[None], self._rough[:rows], "dot")
        means = self._means_seen(seen, np.arange(rows))
        rough = (np.asarray(dots, np.float32)[0] * (self._steps[:rows] * step) - means) / self._lengths[:rows]
        left_out = self._photos_beside_pictures() if by_pictures else np.zeros(rows, np.bool_)
        rough[left_out] = -np.inf
        rows -= int(left_out.sum())
        look = _FIRST_LOOK
        while True:
            near = np.argpartition(-rough, look - 1)[:look] if look < rows else np.flatnonzero(~left_out)
            scores = _dots(seen, self._raw[near]) - self._means_seen(seen, near)
            best = self._products_of(near, scores / self._lengths[near])
            if len(best) >= SHARE_OVER or look >= rows:
                return best[:SHARE_OVER]
            look *= 4

    def _photos_beside_pictures(self) -> npt.NDArray[np.bool_]:
        """The rows of shop photos whose product has a catalogue picture, too."""
        if self._beside_pictures is None:
            rows = len(self._keys)
            shown = np.zeros(rows, np.bool_)
            for row in np.flatnonzero(self._from_shop[:rows]):
                shown[row] = self._products[row] in self._pictured
            self._beside_pictures = shown
        return self._beside_pictures

    def _means_seen(self, seen: Vector, rows: npt.NDArray[np.intp]) -> Vector:
        """What each row's own mean contributes to its product with the photo."""
        assert self._catalogue_used is not None
        assert self._photos_used is not None
        ours, theirs = np.float32(self._photos_used @ seen), np.float32(self._catalogue_used @ seen)
        return np.where(self._from_shop[rows], ours, theirs)

    def _products_of(self, rows: npt.NDArray[np.intp], scores: Vector) -> list[Candidate]:
        best: dict[UUID, Candidate] = {}
        for place in np.argsort(-scores, kind="stable"):
            row = int(rows[place])
            product = self._products[row]
            if product not in best:
                best[product] = Candidate(
                    product_id=product, variant_id=self._variants[row], score=float(scores[place])
                )
        return list(best.values())

    def _new_row(self, key: int, one: IndexedPicture) -> int:
        row = len(self._keys)
        if row == len(self._raw):
            more = max(16, row // 2)
            self._raw = np.concatenate([self._raw, np.zeros((more, self._dim), np.float16)])
            self._rough = np.concatenate([self._rough, np.zeros((more, self._dim), np.int8)])
            self._steps = np.resize(self._steps, len(self._raw))
            self._from_shop = np.resize(self._from_shop, len(self._raw))
            self._lengths = np.resize(self._lengths, len(self._raw))
        self._keys.append(key)
        self._products.append(one.product_id)
        self._variants.append(one.variant_id)
        self._media.append(one.media)
        return row

    def _account(self, row: int, sign: int) -> None:
        self._beside_pictures = None
        vector = self._raw[row].astype(np.float64) * sign
        if self._from_shop[row]:
            self._shop_sum += vector
            self._shop_count += sign
            return
        self._sum += vector
        product = self._products[row]
        self._pictured[product] += sign
        if not self._pictured[product]:
            del self._pictured[product]

    def _remove(self, key: int) -> None:
        """The last row takes the place of the one that goes."""
        row, last = self._row_of.pop(key), len(self._keys) - 1
        self._account(row, -1)
        if row != last:
            self._keys[row], self._products[row] = self._keys[last], self._products[last]
            self._variants[row], self._media[row] = self._variants[last], self._media[last]
            self._raw[row], self._from_shop[row] = self._raw[last], self._from_shop[last]
            self._rough[row], self._steps[row] = self._rough[last], self._steps[last]
            self._row_of[self._keys[row]] = row
            self._unsettled.add(row)
        for column in (self._keys, self._products, self._variants, self._media):
            column.pop()
        self._unsettled.discard(last)

    def _settle(self, photo_mean: Vector) -> None:
        """Takes up means that have moved, and measures how far each picture is from its own."""
        rows = np.array(sorted(self._unsettled), np.intp)
        everything = np.arange(len(self._keys))
        tolerated = _CATALOGUE_DRIFT if len(self._keys) > _FEW_PICTURES else 0.0
        if _moved(self._catalogue_used, now := self.catalogue_mean, tolerated):
            self._catalogue_used = now
            rows = np.union1d(rows, everything[~self._from_shop[everything]])
        if _moved(self._photos_used, photo_mean, _MEAN_DRIFT):
            self._photos_used = photo_mean
            rows = np.union1d(rows, everything[self._from_shop[everything]])
        catalogue, photos = self._catalogue_used, self._photos_used
        assert catalogue is not None
        assert photos is not None
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            means = np.where(self._from_shop[some, None], photos, catalogue)
            apart = self._raw[some].astype(np.float32) - means
            lengths = np.sqrt(np.square(apart).sum(axis=1))
            self._lengths[some] = np.where(lengths < _LEAST_LENGTH, np.inf, lengths)
        self._unsettled.clear()


def found_by(
    ranked: list[Candidate], photo: Vector, mean: Vector, nothing: Vectors, photos_known: int
) -> Found:
    """The outcome of a search: the ranked products, and how much the photo belongs and resembles nothing."""
    seen = centred(photo, mean)
    belonging = ranked[0].score + float(photo @ mean) / max(float(np.linalg.norm(mean)), 1e-12)
    like_nothing = float((centred(nothing, mean) @ seen).max(initial=-1.0))
    return Found(ranked=tuple(ranked), belonging=belonging, warmth=warmth(photos_known), nothing=like_nothing)


def nothing_found() -> Found:
    """The outcome of a search where there is nothing to find."""
    return Found(ranked=(), belonging=-2.0, warmth=0.0, nothing=-1.0)


def _rounded(vector: Vector) -> tuple[npt.NDArray[np.int8], np.float32]:
    """A vector in steps of its own, int8[dim] from −127 to 127, and how large a step is. Of zeros, zeros."""
    step = np.maximum(np.abs(vector).max(initial=0.0), 1e-12) / np.float32(_STEPS)
    return np.asarray(np.rint(vector / step), np.int8), np.float32(step)


def _dots(vector: Vector, rows: npt.NDArray[np.float16]) -> Vector:
    """The inner product with each row, to seven digits: the vector goes in as 16 bits and the 16 bits that are left."""
    large = vector.astype(np.float16)
    both = np.stack([large, (vector - large.astype(np.float32)).astype(np.float16)])
    dots = cast("Any", numkong).cdist(both, rows, "dot")
    return np.asarray(np.asarray(dots, np.float32).sum(axis=0), np.float32)


def _moved(used: Vector | None, now: Vector, tolerated: float) -> bool:
    return used is None or float(np.linalg.norm(now - used)) > tolerated
