"""The phone's answers to photos that came to the server, counted for which products push in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.model_files import ModelCard
from halles.vision.rules.centring import PhotoMean
from halles.vision.rules.decide import Found, shares
from halles.vision.rules.fuse import Named, Witnesses, fused
from halles.vision.types import PictureRow, Vectors


def count(
    named: Named, pictures: Sequence[PictureRow], photos: PhotoMean, vectors: Vectors, card: ModelCard
) -> None:
    """Adds to `named` what a phone with these pictures and this mean would answer to each of the photos, one after another."""
    index = ExactIndex(card.dim)
    index.put(
        IndexedPicture(
            product_id=one.product_id,
            variant_id=one.variant_id,
            media=one.media,
            kind=one.kind,
            vector=np.frombuffer(one.vector, "<f2").astype(np.float32),
        )
        for one in pictures
    )
    products = len({one.product_id for one in pictures})
    nothing = np.zeros((0, card.dim), np.float32)
    for vector in vectors:
        found = held_back(index.search(vector, photos, nothing), named, products, card)
        if found.ranked:
            best = shares(found.ranked, card.calibration.sharpness)
            named.add({one.product_id: one.score for one in best})


def held_back(found: Found, named: Named, products: int, card: ModelCard) -> Found:
    """A search's outcome with those held back that push in, of so many products; the phone's `named.ts` does the same."""
    pushes = named.pushes([one.product_id for one in found.ranked], products)
    return fused(found, Witnesses(head=None, text={}, pushes=pushes), card.calibration)
