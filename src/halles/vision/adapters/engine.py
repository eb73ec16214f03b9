"""Recognition for several sellers, in memory: the model once, an index and a mean of photos each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halles.vision.adapters.embedder import OnnxEmbedder
from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.rules.centring import PhotoMean, joined, mean_of, no_photos, statistics_of
from halles.vision.types import (
    Embedding,
    IndexChange,
    IndexState,
    PhotoStatistics,
    PictureKind,
    PictureRow,
    Recognition,
    Vector,
)

_LEAST_PHOTOS_TO_SHARE = 20
"""A mean of fewer photos would say too much of one of them to leave this process."""


@dataclass(slots=True)
class _Seller:
    index: ExactIndex
    state: IndexState
    stored: PhotoMean
    fresh: PhotoMean


class LocalEngine:
    """Everything that looks at pixels. Synchronous and for one thread at a time; the inference process owns one."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._sellers: dict[int, _Seller] = {}

    @classmethod
    def load(cls, model: Path) -> LocalEngine:
        """Loads a model file with its sidecar. Raises ModelMissing or ModelDamaged."""
        return cls(Pipeline(OnnxEmbedder(model)))

    @property
    def model_id(self) -> str:
        return self._pipeline.card.model_id

    def states(self) -> dict[int, IndexState]:
        """The index state of each seller that was loaded so far."""
        return {seller_id: seller.state for seller_id, seller in self._sellers.items()}

    def pictures(self, seller_id: int) -> int:
        """How many pictures of a seller can be found."""
        seller = self._sellers.get(seller_id)
        return len(seller.index) if seller else 0

    def recognise(self, photo: bytes, seller_id: int) -> Recognition:
        """What the photo shows; `unknown` for a seller without pictures. Raises what open_photo raises."""
        seller = self._seller(seller_id)
        known = joined(seller.stored, seller.fresh)
        recognition, seen = self._pipeline.recognise(photo, seller.index, known)
        if seen is not None:
            seller.fresh = joined(seller.fresh, seen)
        return recognition

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """A picture's vector, as the index stores it. Raises what open_photo raises."""
        vector, cpu_ms = self._pipeline.embed_timed(picture, kind)
        return Embedding(model_id=self.model_id, vector=packed(vector), cpu_ms=cpu_ms)

    def apply(self, change: IndexChange) -> None:
        """Takes in what changed in the store."""
        seller = self._seller(change.seller_id)
        if change.anew:
            seller.index.clear()
        seller.index.put(_indexed(row, self._pipeline.card.dim) for row in change.rows)
        if change.photos is not None:
            self.learn_photos(change.seller_id, change.photos)
        seller.state = change.state

    def learn_photos(self, seller_id: int, stored: PhotoStatistics) -> None:
        """Takes in the mean of photos as the store has it, this process's own contribution included."""
        self._seller(seller_id).stored = mean_of(stored)

    def take_fresh_photos(self) -> dict[int, PhotoStatistics]:
        """What was learned of photos since the last call, by seller, where it is enough to be anonymous; forgets it."""
        taken: dict[int, PhotoStatistics] = {}
        for seller_id, seller in self._sellers.items():
            if seller.fresh.photos >= _LEAST_PHOTOS_TO_SHARE:
                taken[seller_id] = statistics_of(seller.fresh)
                seller.stored, seller.fresh = (
                    joined(seller.stored, seller.fresh),
                    no_photos(self._pipeline.card.dim),
                )
        return taken

    def _seller(self, seller_id: int) -> _Seller:
        dim = self._pipeline.card.dim
        return self._sellers.setdefault(
            seller_id,
            _Seller(ExactIndex(dim), IndexState(version=0, rebuilt=0), no_photos(dim), no_photos(dim)),
        )


def packed(vector: Vector) -> bytes:
    """float32[d] → float16 little-endian bytes, as the store keeps vectors: 2 bytes a number, error below 0.1 %."""
    return vector.astype("<f2").tobytes()


def _indexed(row: PictureRow, dim: int) -> IndexedPicture:
    vector = np.frombuffer(row.vector, "<f2").astype(np.float32)
    assert vector.shape == (dim,), f"a vector of {vector.size} numbers under a model of {dim}"
    return IndexedPicture(
        product_id=row.product_id, variant_id=row.variant_id, media=row.media, kind=row.kind, vector=vector
    )
