"""Recognition for several sellers, in memory: the model once, an index and a mean of photos each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import structlog

from halles.vision.adapters import zbar
from halles.vision.adapters.embedder import OnnxEmbedder
from halles.vision.adapters.exact_index import ExactIndex
from halles.vision.adapters.inspection import kept, quality_of
from halles.vision.adapters.large_index import LargeIndex
from halles.vision.adapters.ocr import TextReader
from halles.vision.adapters.photo import open_photo
from halles.vision.adapters.picture_index import PictureIndex, indexed
from halles.vision.adapters.pipeline import Pipeline, Shop
from halles.vision.rules.centring import PhotoMean, joined, mean_of, no_photos, statistics_of
from halles.vision.rules.head import Head, unpacked
from halles.vision.rules.samples import Inspected
from halles.vision.rules.words import ProductWords
from halles.vision.types import (
    Embedding,
    IndexChange,
    IndexSize,
    IndexState,
    OpenedIndex,
    PhotoStatistics,
    PictureKind,
    ProductText,
    Recognition,
    Vector,
)

log = structlog.get_logger("halles.vision")

_LEAST_PHOTOS_TO_SHARE = 20
"""A mean of fewer photos would say too much of one of them to leave this process."""


@dataclass(slots=True)
class _Seller:
    shop: Shop
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
        """Loads a model file with its sidecar. Raises ModelMissing or ModelDamaged, for the reading networks too."""
        zbar.ready()
        return cls(Pipeline(OnnxEmbedder(model), reader=TextReader().checked()))

    @property
    def model_id(self) -> str:
        return self._pipeline.card.model_id

    def states(self) -> dict[int, IndexState]:
        """The index state of each seller that was loaded so far."""
        return {seller_id: seller.state for seller_id, seller in self._sellers.items()}

    def pictures(self, seller_id: int) -> int:
        """How many pictures of a seller can be found."""
        seller = self._sellers.get(seller_id)
        return len(seller.shop.index) if seller else 0

    def recognise(self, photo: bytes, seller_id: int, *, reads: bool = False) -> Recognition:
        """What the photo shows; `unknown` for a seller without pictures. Raises what open_photo raises.

        `reads`: the second look at a photo that was answered already: what it shows is not learned from again, and the
        text on packages speaks too. Raises ModelMissing or ModelDamaged when the reading networks cannot be used.
        """
        seller = self._seller(seller_id)
        known = joined(seller.stored, seller.fresh)
        recognition, seen = self._pipeline.recognise(photo, seller.shop, known, reads=reads, learns=not reads)
        if seen is not None and not reads:
            seller.fresh = joined(seller.fresh, seen)
        return recognition

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        """A picture's vector, as the index stores it. Raises what open_photo raises."""
        vector, cpu_ms = self._pipeline.embed_timed(picture, kind)
        return Embedding(model_id=self.model_id, vector=packed(vector), cpu_ms=cpu_ms)

    def read(self, picture: bytes) -> str:
        """The text in a catalogue picture, a line each; empty where this model reads nothing. Raises what open_photo raises."""
        return self._pipeline.text_of(picture)

    def put_words(self, seller_id: int, words: Sequence[ProductText]) -> None:
        """What is written about products, new or anew; without any text a product is forgotten."""
        known = self._seller(seller_id).shop.words
        for one in words:
            if one.name or one.description or one.package:
                text = ProductWords(name=one.name, description=one.description, package=one.package)
                known.put(one.product_id, text)
            else:
                known.drop(one.product_id)

    def inspect(self, photo: bytes) -> Inspected:
        """A photo that is to be kept, with its quality, and its vector as the kept copy gives it."""
        pixels = open_photo(photo)
        picture, thumbnail = kept(pixels)
        return Inspected(
            picture=picture,
            thumbnail=thumbnail,
            quality=quality_of(pixels),
            model_id=self.model_id,
            vector=packed(self._pipeline.embed_photo(picture)),
        )

    def teach(self, seller_id: int, head: bytes) -> None:
        """Takes the seller's head; empty: none. One that cannot be read, or is of another size, leaves the old one."""
        try:
            learned = unpacked(head) if head else None
        except (ValueError, KeyError, OSError, BadZipFile) as reason:
            log.warning("vision.head_damaged", seller_id=seller_id, reason=str(reason))
            return
        if learned is not None and learned.mean.shape != (self._pipeline.card.dim,):
            log.warning("vision.head_of_another_size", seller_id=seller_id)
            return
        self._seller(seller_id).shop.head = learned

    def head_of(self, seller_id: int) -> Head | None:
        """What was learned for a seller from staff's samples, if anything."""
        seller = self._sellers.get(seller_id)
        return seller.shop.head if seller else None

    def apply(self, change: IndexChange) -> None:
        """Takes in what changed in the store."""
        seller = self._seller(change.seller_id)
        if change.anew:
            seller.shop.index.clear()
        if change.keys is not None:
            seller.shop.index.keep(np.array(change.keys, np.int64))
        seller.shop.index.put(indexed(row, self._pipeline.card.dim) for row in change.rows)
        if change.photos is not None:
            self.learn_photos(change.seller_id, change.photos)
        seller.state = change.state

    def sizes(self) -> dict[int, IndexSize]:
        """How large the index of each seller is that was loaded so far."""
        return {seller_id: _size(seller.shop.index) for seller_id, seller in self._sellers.items()}

    def adopt(self, opened: OpenedIndex) -> None:
        """Searches an index opened from files from now on, in place of what the seller had."""
        assert isinstance(opened.index, LargeIndex)
        seller = self._seller(opened.seller_id)
        seller.shop.index, seller.state = opened.index, opened.state

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
            _Seller(Shop(ExactIndex(dim)), IndexState(version=0, rebuilt=0), no_photos(dim), no_photos(dim)),
        )


def _size(index: PictureIndex) -> IndexSize:
    if isinstance(index, LargeIndex):
        generation = index.base.folder.name
        return IndexSize(pictures=len(index), fresh=index.fresh_pictures, generation=generation)
    return IndexSize(pictures=len(index), fresh=len(index), generation=None)


def packed(vector: Vector) -> bytes:
    """float32[d] → float16 little-endian bytes, as the store keeps vectors: 2 bytes a number, error below 0.1 %."""
    return vector.astype("<f2").tobytes()
