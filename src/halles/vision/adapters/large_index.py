"""One seller's pictures beyond what is compared one by one: a graph on disk, and what is newer in memory.

The base holds the catalogue's pictures as they were when it was built and never changes: their centred vectors,
projected on the catalogue's own principal axes and rounded to 8 bits, stand in a graph of neighbours (Malkov and
Yashunin, "Efficient and robust approximate nearest neighbor search using HNSW graphs", 2016), mapped from a file. The
graph names candidates; their whole vectors are then read from a second file and compared exactly, so that scores mean
what they mean in an exact search. What was added since stands in an ExactIndex, what was removed is masked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from halles.vision.adapters.exact_index import ExactIndex, found_by, nothing_found
from halles.vision.adapters.index_files import (
    GRAPH,
    ROWS,
    SHOP,
    VECTORS,
    Generation,
    IndexManifest,
)
from halles.vision.adapters.picture_index import IndexedPicture, Keys, picture_key
from halles.vision.rules.centring import PhotoMean, assumed_mean, centred, joined, unit
from halles.vision.rules.decide import SHARE_OVER, Found
from halles.vision.types import Candidate, IndexDamaged, PictureKind, Vector, Vectors

EXPANSION_SEARCH = 160
"""How many neighbours the walk through the graph keeps in sight; with it and CANDIDATES the recall was measured
(docs/algorithms/recognition.md)."""

CANDIDATES = 100
"""How many the graph names for each photo, to be compared exactly: 256 KB read at 1,280 numbers a vector."""

NO_VARIANT = np.iinfo(np.int64).min


class Base:
    """A generation that is ready to be searched; immutable, and safe to open in several processes."""

    def __init__(self, generation: Generation) -> None:
        """Maps the graph, reads what is small. Raises IndexDamaged where a checked file cannot be understood."""
        folder = generation.folder
        self.manifest: IndexManifest = generation.manifest
        self.folder = folder
        dim = self.manifest.dim
        try:
            with np.load(folder / ROWS, allow_pickle=False) as rows:
                self.keys: Keys = rows["keys"]
                self._products: npt.NDArray[np.uint8] = rows["products"]
                self._variants: npt.NDArray[np.int64] = rows["variants"]
                self._lengths: Vector = rows["lengths"]
                self.mean: Vector = rows["mean"]
                self.projection: Vectors = rows["projection"]
                self.gone: npt.NDArray[np.bool_] = rows["gone"]
            self._graph = Index(ndim=self.projection.shape[1], dtype="i8", metric="cos", path=None)
            cast("Any", self._graph).view(str(folder / GRAPH))
            self._vectors = os.open(folder / VECTORS, os.O_RDONLY)
            assert len(self._graph) == len(self.keys) == self.manifest.rows
        except (OSError, ValueError, KeyError, RuntimeError, AssertionError) as reason:
            raise IndexDamaged(file=folder.name, reason="its files do not belong together") from reason
        self._graph.expansion_search = EXPANSION_SEARCH
        self._order = np.argsort(self.keys, kind="stable")
        self._row_bytes = 2 * dim
        self._dim = dim

    def __len__(self) -> int:
        return len(self.keys)

    def __del__(self) -> None:
        if (number := getattr(self, "_vectors", None)) is not None:
            os.close(number)

    def row_of(self, key: int) -> int | None:
        """The row of a picture, the newest where it was replaced; None when it is not here."""
        if not len(self.keys):
            return None
        place = int(np.searchsorted(self.keys, key, side="right", sorter=self._order)) - 1
        row = int(self._order[place]) if place >= 0 else -1
        return row if row >= 0 and int(self.keys[row]) == key else None

    def candidates(self, seen: Vector, count: int) -> tuple[npt.NDArray[np.int64], Vector]:
        """Rows near a centred unit photo, and the centred cosine of each, in no order."""
        matches = self._graph.search(unit(seen @ self.projection), min(count, len(self)), threads=1)
        rows = np.sort(cast("npt.NDArray[np.uint64]", matches.keys).astype(np.int64))
        return rows, (self.vectors(rows) @ seen - np.float32(self.mean @ seen)) / self._lengths[rows]

    def vectors(self, rows: npt.NDArray[np.int64]) -> Vectors:
        """float32[n, dim], as the store has them. Read, not mapped: what was read once does not stay with this process."""
        raw = np.empty((len(rows), self._dim), "<f2")
        for place, row in enumerate(rows):
            os.preadv(self._vectors, [memoryview(raw[place]).cast("B")], int(row) * self._row_bytes)
        return raw.astype(np.float32)

    def rows_of_product(self, product: UUID) -> npt.NDArray[np.int64]:
        """The rows that show a product. Looks at all: 10 ms of a million."""
        return np.flatnonzero((self._products == np.frombuffer(product.bytes, np.uint8)).all(axis=1))

    def candidate(self, row: int, score: float) -> Candidate:
        """The product that a row shows."""
        variant = int(self._variants[row])
        return Candidate(
            product_id=UUID(bytes=self._products[row].tobytes()),
            variant_id=None if variant == NO_VARIANT else variant,
            score=score,
        )

    def shop_pictures(self) -> list[IndexedPicture]:
        """The photos taken in the shop, which are centred by what is known of photos and so stand in no graph."""
        return read_pictures(self.folder / SHOP)


class LargeIndex:
    """A PictureIndex over a base. Adding or removing a picture costs well under a millisecond."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.gone = base.gone.copy()
        self.fresh = ExactIndex(base.manifest.dim, base.mean)
        self.fresh.put(base.shop_pictures())
        self._shop_in_base = len(self.fresh)
        self._known_in_base: dict[UUID, bool] = {}

    def __len__(self) -> int:
        return len(self.base) - int(self.gone.sum()) + len(self.fresh)

    @property
    def fresh_pictures(self) -> int:
        """Pictures that were added since the base was built: time for another when they are many."""
        return max(0, len(self.fresh) - self._shop_in_base)

    def put(self, pictures: Iterable[IndexedPicture]) -> None:
        """Adds pictures, or replaces those with the same product and media."""
        for one in pictures:
            row = self.base.row_of(picture_key(one.product_id, one.media))
            if row is not None:
                self.gone[row] = True
                self._known_in_base.pop(one.product_id, None)
            self.fresh.put([one])

    def keep(self, keys: Keys) -> int:
        """Forgets the pictures whose `picture_key` is not among these; answers how many went."""
        lost = ~self.gone & ~np.isin(self.base.keys, keys)
        self.gone |= lost
        self._known_in_base.clear()
        return int(lost.sum()) + self.fresh.keep(keys)

    def clear(self) -> None:
        """Forgets all pictures."""
        self.gone[:] = True
        self._known_in_base.clear()
        self.fresh.clear()

    def search(self, photo: Vector, photos: PhotoMean, nothing: Vectors) -> Found:
        """The best SHARE_OVER products for a photo (float32[dim], powered, unit); each by its best picture.

        `nothing`: float32[n, dim], photos of nothing, seen as the photo was; n may be 0.
        """
        known_photos = self.fresh.shop.photos + photos.photos
        mean = assumed_mean(joined(self.fresh.shop, photos), self.base.mean)
        seen = centred(photo, mean)
        ranked = _best_of([*self._of_base(seen), *self.fresh.best(seen, mean)])
        return found_by(ranked, photo, mean, nothing, known_photos) if ranked else nothing_found()

    def like_pictures(self, photo: Vector, photos: PhotoMean) -> dict[UUID, float]:
        """Scores by catalogue pictures alone; by its photos only where a product has no picture."""
        mean = assumed_mean(joined(self.fresh.shop, photos), self.base.mean)
        seen = centred(photo, mean)
        fresh = [
            one
            for one in self.fresh.best(seen, mean, by_pictures=True)
            if self.fresh.has_picture(one.product_id) or not self._in_base(one.product_id)
        ]
        return {one.product_id: one.score for one in _best_of([*self._of_base(seen), *fresh])}

    def _in_base(self, product: UUID) -> bool:
        """Whether a product has a picture in the base; remembered until pictures go."""
        if product not in self._known_in_base:
            self._known_in_base[product] = bool((~self.gone[self.base.rows_of_product(product)]).any())
        return self._known_in_base[product]

    def _of_base(self, seen: Vector) -> list[Candidate]:
        count, live = CANDIDATES, len(self.base) - int(self.gone.sum())
        while live:
            rows, scores = self.base.candidates(seen, count)
            kept = ~self.gone[rows]
            best = self._by_product(rows[kept], scores[kept])
            if len(best) >= SHARE_OVER or count >= min(len(self.base), 16 * CANDIDATES):
                return best[:SHARE_OVER]
            count *= 4
        return []

    def _by_product(self, rows: npt.NDArray[np.int64], scores: Vector) -> list[Candidate]:
        best: dict[UUID, Candidate] = {}
        for place in np.argsort(-scores, kind="stable"):
            one = self.base.candidate(int(rows[place]), float(scores[place]))
            best.setdefault(one.product_id, one)
        return list(best.values())


def _best_of(found: list[Candidate]) -> list[Candidate]:
    """The best SHARE_OVER products, each once, best first."""
    best: dict[UUID, Candidate] = {}
    for one in found:
        if one.product_id not in best or one.score > best[one.product_id].score:
            best[one.product_id] = one
    return sorted(best.values(), key=lambda one: (-one.score, one.product_id.int))[:SHARE_OVER]


def write_pictures(file: Path, pictures: list[IndexedPicture], dim: int) -> None:
    """Pictures as a file that read_pictures reads."""
    vectors = np.array([one.vector for one in pictures], np.float16).reshape(len(pictures), dim)
    np.savez(
        file,
        products=np.array([list(one.product_id.bytes) for one in pictures], np.uint8).reshape(-1, 16),
        variants=np.array([NO_VARIANT if p.variant_id is None else p.variant_id for p in pictures], np.int64),
        media=np.array([one.media for one in pictures], np.str_),
        shop=np.array([one.kind is PictureKind.SHOP for one in pictures], np.bool_),
        vectors=vectors,
    )


def read_pictures(file: Path) -> list[IndexedPicture]:
    """What write_pictures wrote."""
    with np.load(file, allow_pickle=False) as columns:
        products, variants, media = columns["products"], columns["variants"], columns["media"]
        shop, vectors = columns["shop"], columns["vectors"]
    return [
        IndexedPicture(
            product_id=UUID(bytes=products[i].tobytes()),
            variant_id=None if int(variants[i]) == NO_VARIANT else int(variants[i]),
            media=str(media[i]),
            kind=PictureKind.SHOP if shop[i] else PictureKind.CATALOGUE,
            vector=vectors[i].astype(np.float32),
        )
        for i in range(len(media))
    ]
