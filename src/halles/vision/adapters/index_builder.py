"""Builds a generation of a large index: from all pictures, or from the generation before and what came since."""

from __future__ import annotations

import shutil
import time
from array import array
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from halles.vision.adapters.index_files import (
    FORMAT,
    GRAPH,
    ROWS,
    SHOP,
    VECTORS,
    IndexManifest,
    publish,
)
from halles.vision.adapters.large_index import NO_VARIANT, LargeIndex, write_pictures
from halles.vision.adapters.picture_index import IndexedPicture, picture_key
from halles.vision.rules.centring import PRIOR_PRODUCTS, unit
from halles.vision.types import IndexState, PictureKind, Vector, Vectors

PROJECTED = 256
"""Numbers a picture in the graph: they hold 89 % of the energy of 1,280 (Grocery Store Dataset); the rest is seen when
the candidates are compared exactly."""

CONNECTIVITY = 16
EXPANSION_ADD = 96
_SAMPLE = 20_000
_CHUNK = 4_096

MERGE_AT_MOST = 0.25
"""A generation grows by merging until so many of its rows came or went; then it is built from nothing, with a mean and
axes of what the catalogue has become."""


class IndexBuilder:
    """Takes pictures page by page and writes them; holds the graph, a page, and 40 bytes a picture."""

    def __init__(self, work: Path, dim: int, *, threads: int = 1) -> None:
        """`work`: an empty folder, from index_files.new_generation."""
        self._work, self._dim, self._threads = work, dim, threads
        self._keys = array("q")
        self._products = bytearray()
        self._variants = array("q")
        self._shop: list[IndexedPicture] = []
        self._sum = np.zeros(dim)
        self._out = (work / VECTORS).open("wb")
        self._started = time.monotonic()

    def take(self, pictures: Iterable[IndexedPicture]) -> None:
        """Writes a page of pictures."""
        for one in pictures:
            if one.kind is PictureKind.SHOP:
                self._shop.append(one)
                continue
            stored = one.vector.astype("<f2")
            self._out.write(stored.tobytes())
            self._sum += stored
            self._keys.append(picture_key(one.product_id, one.media))
            self._products += one.product_id.bytes
            self._variants.append(NO_VARIANT if one.variant_id is None else one.variant_id)

    def finish(self, *, seller_id: int, model_id: str, state: IndexState, now: datetime) -> Path:
        """Builds the graph and publishes the generation; answers its folder. A minute for 100,000 pictures and more."""
        self._out.close()
        rows = len(self._keys)
        products = np.frombuffer(bytes(self._products), np.uint8).reshape(rows, 16)
        vectors = _mapped(self._work / VECTORS, rows, self._dim)
        count = len(np.unique(products.view("V16"))) if rows else 0
        mean = np.asarray(self._sum / max(rows, 1) * (count / (count + PRIOR_PRODUCTS)), np.float32)
        projection = principal_axes(vectors, mean)
        graph = new_graph(projection.shape[1])
        lengths = add_rows(graph, vectors, 0, mean, projection, threads=self._threads)
        cast("Any", graph).save(str(self._work / GRAPH))
        np.savez(
            self._work / ROWS,
            keys=np.array(self._keys, np.int64),
            products=products,
            variants=np.array(self._variants, np.int64),
            lengths=lengths,
            mean=mean,
            projection=projection,
            gone=np.zeros(rows, np.bool_),
        )
        write_pictures(self._work / SHOP, self._shop, self._dim)
        return publish(
            self._work,
            IndexManifest(
                format=FORMAT, seller_id=seller_id, model_id=model_id, dim=self._dim, version=state.version,
                rebuilt=state.rebuilt, rows=rows, whole_rows=rows, shop_pictures=len(self._shop), built_at=now,
                build_s=round(time.monotonic() - self._started, 1), files={},
            ),
        )  # fmt: skip


def can_merge(index: LargeIndex) -> bool:
    """Whether what came and went since the base was built from nothing is little enough to be merged."""
    whole = index.base.manifest.whole_rows
    changed = len(index.base) - whole + index.fresh_pictures + int(index.gone.sum())
    return whole > 0 and changed <= MERGE_AT_MOST * whole


def merge(index: LargeIndex, work: Path, *, state: IndexState, now: datetime, threads: int = 1) -> Path:
    """Publishes the base and what came since as one generation: seconds for some thousand new pictures."""
    started = time.monotonic()
    base, old = index.base, index.base.manifest
    fresh = index.fresh.pictures()
    new = [one for one in fresh if one.kind is PictureKind.CATALOGUE]
    shop = [one for one in fresh if one.kind is PictureKind.SHOP]
    shutil.copyfile(base.folder / VECTORS, work / VECTORS)
    with (work / VECTORS).open("ab") as out:
        for one in new:
            out.write(one.vector.astype("<f2").tobytes())
    rows = len(base) + len(new)
    vectors = _mapped(work / VECTORS, rows, old.dim)
    graph = new_graph(base.projection.shape[1])
    cast("Any", graph).load(str(base.folder / GRAPH))
    lengths = add_rows(graph, vectors, len(base), base.mean, base.projection, threads=threads)
    cast("Any", graph).save(str(work / GRAPH))
    with np.load(base.folder / ROWS, allow_pickle=False) as columns:
        ids = np.array([list(one.product_id.bytes) for one in new], np.uint8).reshape(-1, 16)
        variants = [NO_VARIANT if one.variant_id is None else one.variant_id for one in new]
        keys = [picture_key(one.product_id, one.media) for one in new]
        np.savez(
            work / ROWS,
            keys=np.concatenate([columns["keys"], np.array(keys, np.int64)]),
            products=np.concatenate([columns["products"], ids]),
            variants=np.concatenate([columns["variants"], np.array(variants, np.int64)]),
            lengths=np.concatenate([columns["lengths"], lengths]),
            mean=base.mean,
            projection=base.projection,
            gone=np.concatenate([index.gone, np.zeros(len(new), np.bool_)]),
        )
    write_pictures(work / SHOP, shop, old.dim)
    return publish(
        work,
        IndexManifest(
            format=FORMAT, seller_id=old.seller_id, model_id=old.model_id, dim=old.dim, version=state.version,
            rebuilt=state.rebuilt, rows=rows, whole_rows=old.whole_rows, shop_pictures=len(shop), built_at=now,
            build_s=round(time.monotonic() - started, 1), files={},
        ),
    )  # fmt: skip


def principal_axes(vectors: npt.NDArray[np.float16], mean: Vector) -> Vectors:
    """float32[dim, min(dim, PROJECTED)]: the directions in which a sample of the centred vectors differs most."""
    dim = vectors.shape[1]
    picked = np.linspace(0, len(vectors) - 1, min(len(vectors), _SAMPLE)).astype(np.int64)
    sample = unit(vectors[picked].astype(np.float32) - mean)
    axes: Vectors = np.linalg.eigh(sample.T @ sample)[1][:, ::-1]
    return np.ascontiguousarray(axes[:, : min(dim, PROJECTED)], np.float32)


def new_graph(dim: int) -> Index:
    """An empty graph; 8 bits a number."""
    return Index(ndim=dim, dtype="i8", metric="cos", connectivity=CONNECTIVITY, expansion_add=EXPANSION_ADD)


def add_rows(
    graph: Index,
    vectors: npt.NDArray[np.float16],
    first: int,
    mean: Vector,
    projection: Vectors,
    *,
    threads: int,
) -> Vector:
    """Adds the rows from `first` on, and answers how far each is from the mean."""
    lengths: list[Vector] = []
    for start in range(first, len(vectors), _CHUNK):
        apart = vectors[start : start + _CHUNK].astype(np.float32) - mean
        lengths.append(np.maximum(np.sqrt(np.square(apart).sum(axis=1)), np.float32(1e-12)))
        rows = np.arange(start, start + len(apart), dtype=np.uint64)
        graph.add(rows, unit(np.asarray(apart @ projection, np.float32)), threads=threads)
    return np.concatenate(lengths) if lengths else np.empty(0, np.float32)


def _mapped(file: Path, rows: int, dim: int) -> npt.NDArray[np.float16]:
    if not rows:
        return np.empty((0, dim), np.float16)
    return np.memmap(file, np.float16, "r", shape=(rows, dim))
