"""Which taught samples are confused with which: every photo is left out once and looked for among all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from halles.vision.rules.centring import catalogue_mean, centred
from halles.vision.rules.samples import Confusion, as_vectors
from halles.vision.types import PictureKind, PictureRow, Vectors

MOST_PICTURES = 2_000
"""Catalogue pictures that photos are compared with, those of taught products first: 14 MB of 3,656 numbers each."""

_BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mistake:
    """A photo (row) that was nearest to a picture (row) of another product."""

    photo: int
    picture: int
    similarity: float


def confusions(rows: Sequence[PictureRow]) -> list[Confusion]:
    """Pairs of products that were confused, those confused most often first; empty without two taught products.

    Each photo is compared with all other photos and with the catalogue's pictures, each kind seen from its own mean, as a
    search does it; the head does not take part. O(photos × pictures).
    """
    photos = [one for one in rows if one.kind is PictureKind.SHOP]
    taught = {one.product_id for one in photos}
    pictures = sorted(
        (one for one in rows if one.kind is PictureKind.CATALOGUE),
        key=lambda one: (one.product_id not in taught, one.product_id.int),
    )[:MOST_PICTURES]
    if len(taught | {one.product_id for one in pictures}) < 2 or not photos:
        return []
    shop = as_vectors([one.vector for one in photos])
    seen = [centred(shop, np.asarray(shop.mean(axis=0) * _weight(len(photos)), np.float32))]
    if pictures:
        clean = as_vectors([one.vector for one in pictures])
        seen.append(centred(clean, catalogue_mean(clean, len({one.product_id for one in pictures}))))
    everything = [*photos, *pictures]
    return _paired(everything, len(photos), _mistakes(everything, len(photos), np.concatenate(seen)))


def _weight(photos: int) -> np.float32:
    """The mean of few photos is mostly what they show, and taken away in full it would leave nothing of it."""
    return np.float32(photos / (photos + 10))


def _mistakes(rows: Sequence[PictureRow], photos: int, seen: Vectors) -> list[_Mistake]:
    index = {one: i for i, one in enumerate(dict.fromkeys(row.product_id for row in rows))}
    which: npt.NDArray[np.int64] = np.array([index[row.product_id] for row in rows])
    found: list[_Mistake] = []
    for start in range(0, photos, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, photos))
        alike = seen[block] @ seen.T
        alike[np.arange(len(block)), block] = -np.inf
        best = alike.argmax(axis=1)
        found += [
            _Mistake(photo=int(photo), picture=int(picture), similarity=float(alike[i, picture]))
            for i, (photo, picture) in enumerate(zip(block, best, strict=True))
            if which[photo] != which[picture]
        ]
    return found


def _paired(rows: Sequence[PictureRow], photos: int, mistakes: Sequence[_Mistake]) -> list[Confusion]:
    taught: dict[UUID, int] = {}
    for row in rows[:photos]:
        taught[row.product_id] = taught.get(row.product_id, 0) + 1
    pairs: dict[tuple[UUID, UUID], list[_Mistake]] = {}
    for one in mistakes:
        key = (rows[one.photo].product_id, rows[one.picture].product_id)
        pairs.setdefault(key, []).append(one)
    made: list[Confusion] = []
    for (product_id, other_id), those in pairs.items():
        worst = max(those, key=lambda one: one.similarity)
        made.append(
            Confusion(
                product_id=product_id,
                other_id=other_id,
                times=len(those),
                photos=taught[product_id],
                similarity=round(worst.similarity, 4),
                media=rows[worst.photo].media,
                other_media=rows[worst.picture].media,
            )
        )
    return sorted(made, key=lambda one: (-one.times, -one.similarity, one.product_id.int, one.other_id.int))
