"""What an index of pictures does, whichever way it searches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from halles.vision.rules.centring import PhotoMean
from halles.vision.rules.decide import Found
from halles.vision.types import PictureKind, PictureRow, Vector, Vectors

Keys = npt.NDArray[np.int64]
"""int64[n], picture keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPicture:
    """A picture in the index: `vector` is float32[dim], powered and unit, not centred."""

    product_id: UUID
    variant_id: int | None
    media: str
    kind: PictureKind
    vector: Vector


class PictureIndex(Protocol):
    """Pictures of one seller and one model. Not thread-safe: the inference process uses it from one thread."""

    def __len__(self) -> int:
        """Pictures that can be found."""
        ...

    def put(self, pictures: Iterable[IndexedPicture]) -> None:
        """Adds pictures, or replaces those with the same product and media."""
        ...

    def keep(self, keys: Keys) -> int:
        """Forgets the pictures whose `picture_key` is not among these; answers how many went."""
        ...

    def clear(self) -> None:
        """Forgets all pictures."""
        ...

    def search(self, photo: Vector, photos: PhotoMean, nothing: Vectors) -> Found:
        """The best SHARE_OVER products for a photo (float32[dim], powered, unit); each by its best picture.

        `nothing`: float32[n, dim], photos of nothing, seen as the photo was; n may be 0.
        """
        ...

    def like_pictures(self, photo: Vector, photos: PhotoMean) -> dict[UUID, float]:
        """Likewise by catalogue pictures alone, scores by product; by its photos only where a product has no picture."""
        ...


def picture_key(product_id: UUID, media: str) -> int:
    """The first 64 bits of MD5 over both, signed, as the store's SQL computes it too.

    Among a million pictures of a seller two share a key with a chance of 1 in 37 million.
    """
    digest = hashlib.md5(f"{product_id}/{media}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def indexed(row: PictureRow, dim: int) -> IndexedPicture:
    """A picture of the store as an index takes it."""
    vector = np.frombuffer(row.vector, "<f2").astype(np.float32)
    assert vector.shape == (dim,), f"a vector of {vector.size} numbers under a model of {dim}"
    return IndexedPicture(
        product_id=row.product_id, variant_id=row.variant_id, media=row.media, kind=row.kind, vector=vector
    )
