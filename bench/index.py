"""The index of a large catalogue: recall against an exact search, time of a search and of an addition, memory.

    python bench/index.py --pictures 1000000 --out index.json

Pictures are drawn: clusters of a hundred products that look alike, in as many dimensions as the model has, with the
energy spread over them as photos of a grocery spread it (share of the first 64, 128, 256, 512 axes: 72, 81, 89, 96 %).
A photo is its product's vector with noise of its own. What is measured is the product's own code: a process builds the
generation, another opens it, searches on one core, and adds. `exact` up to --exact pictures measures the exact index too.
Memory: `anonymous_mb` is what the process needs for itself, `mapped_mb` the pages of the graph's file that it has in
sight, which several processes share.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from halles.vision.adapters.exact_index import ExactIndex
from halles.vision.adapters.index_builder import IndexBuilder, merge
from halles.vision.adapters.index_files import VECTORS, check, generations, new_generation
from halles.vision.adapters.large_index import Base, LargeIndex
from halles.vision.adapters.picture_index import IndexedPicture
from halles.vision.rules.centring import PhotoMean, assumed_mean, centred, joined, unit
from halles.vision.types import IndexState, PictureKind, Vector, Vectors

_PAGE = 10_000
_PER_CLUSTER = 100
_COMMON = 0.8
"""Length of what all pictures share, before they are scaled to unit length."""


class World:
    """Draws pictures and photos; the same for the same numbers."""

    def __init__(self, pictures: int, dim: int) -> None:
        self.pictures, self.dim = pictures, dim
        axes = np.arange(1, dim + 1, dtype=np.float64) + 8
        self._spread = np.sqrt(axes**-1.5 / (axes**-1.5).sum()).astype(np.float32)
        rng = np.random.default_rng(1)
        self._common = unit(rng.standard_normal(dim, np.float32))
        self._centres = self._noise(rng, max(1, pictures // _PER_CLUSTER))

    def pages(self) -> Iterator[Vectors]:
        """float32[at most _PAGE, dim], as the store would have them."""
        for start in range(0, self.pictures, _PAGE):
            yield self.page(start, min(_PAGE, self.pictures - start))

    def page(self, start: int, count: int) -> Vectors:
        rng = np.random.default_rng([2, start])
        near = self._centres[rng.integers(0, len(self._centres), count)]
        own = _unit(near + 0.75 * self._noise(rng, count))
        return _unit(_COMMON * self._common + own * 0.6).astype(np.float16).astype(np.float32)

    def photos(self, of: Vectors) -> Vectors:
        """Photos of these pictures, seen through a domain of their own."""
        rng = np.random.default_rng(3)
        apart = _unit(of - _COMMON * self._common) + 0.7 * self._noise(rng, len(of))
        return _unit(_COMMON * self._common + 0.6 * _unit(apart))

    def _noise(self, rng: np.random.Generator, count: int) -> Vectors:
        return unit(rng.standard_normal((count, self.dim), np.float32) * self._spread)


def _unit(vectors: npt.NDArray[np.floating[Any]]) -> Vectors:
    return unit(np.asarray(vectors, np.float32))


def picture(number: int, vector: Vector) -> IndexedPicture:
    return IndexedPicture(
        product_id=UUID(int=number + 1),
        variant_id=None,
        media=str(number),
        kind=PictureKind.CATALOGUE,
        vector=vector,
    )


def build(folder: Path, world: World, threads: int) -> dict[str, Any]:
    started, cpu = time.monotonic(), time.process_time()
    with new_generation(folder) as work:
        builder = IndexBuilder(work, world.dim, threads=threads)
        number = 0
        for page in world.pages():
            builder.take(picture(number + i, vector) for i, vector in enumerate(page))
            number += len(page)
        state = IndexState(version=1, rebuilt=0)
        place = builder.finish(seller_id=1, model_id="drawn", state=state, now=datetime.now(UTC))
    return {
        "build_s": round(time.monotonic() - started, 1),
        "build_cpu_s": round(time.process_time() - cpu, 1),
        "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "disk_mb": round(sum(file.stat().st_size for file in place.iterdir()) / 1e6),
    }


def truth(base: Base, seen: Vectors, count: int) -> npt.NDArray[np.int64]:
    """int64[photos, count]: the rows that an exact search finds."""
    raw = np.memmap(base.folder / VECTORS, np.float16, "r", shape=(len(base), base.manifest.dim))
    best = np.full((len(seen), count), -2, np.float32)
    rows = np.zeros((len(seen), count), np.int64)
    for start in range(0, len(base), _PAGE):
        apart = raw[start : start + _PAGE].astype(np.float32) - base.mean
        scores = seen @ unit(apart).T
        both = np.concatenate([best, scores], axis=1)
        names = np.concatenate(
            [rows, np.broadcast_to(np.arange(start, start + len(apart)), scores.shape)], axis=1
        )
        order = np.argpartition(-both, count - 1, axis=1)[:, :count]
        best, rows = np.take_along_axis(both, order, 1), np.take_along_axis(names, order, 1)
    return rows


def serve(folder: Path, world: World, photos: int, fresh: int) -> dict[str, Any]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = time.monotonic()
    index = LargeIndex(Base(check(generations(folder)[0])))
    open_s = round(time.monotonic() - started, 1)
    rng = np.random.default_rng(4)
    own = np.sort(rng.choice(world.pictures, photos, replace=False))
    taken = world.photos(index.base.vectors(own))
    known = PhotoMean(photos=1000, mean=taken.mean(axis=0))
    mean = assumed_mean(joined(index.fresh.shop, known), index.base.mean)
    wanted = truth(index.base, centred(taken, mean), 10)
    none = np.empty((0, world.dim), np.float32)

    def search_all() -> tuple[dict[str, float], list[set[int]]]:
        wall, cpu, answers = [0.0] * photos, [0.0] * photos, [set[int]()] * photos
        for i, photo in enumerate(taken):
            begun, spent = time.perf_counter(), time.thread_time()
            found = index.search(photo, known, none)
            wall[i], cpu[i] = time.perf_counter() - begun, time.thread_time() - spent
            answers[i] = {one.product_id.int - 1 for one in found.ranked[:10]}
        return {
            **percentiles("search_ms", wall),
            **percentiles("search_cpu_ms", cpu),
        }, answers

    search_all()  # reads the files' pages once, as a process that serves has
    times, answers = search_all()
    recall = float(
        np.mean([len(found & set(map(int, row))) / 10 for found, row in zip(answers, wanted, strict=True)])
    )
    result: dict[str, Any] = {
        "open_s": open_s,
        "recall_at_10": round(recall, 4),
        "own_product_found": round(
            float(np.mean([n in found for n, found in zip(own, answers, strict=True)])), 4
        ),
        **times,
        **memory(),
    }
    result |= add(index, world, fresh, known)
    result |= {f"with_{fresh}_fresh_{name}": value for name, value in search_all()[0].items()}
    result |= {f"with_{fresh}_fresh_{name}": value for name, value in memory().items()}
    started = time.monotonic()
    with new_generation(folder) as work:
        merge(index, work, state=IndexState(version=2, rebuilt=0), now=datetime.now(UTC))
    result["merge_s"] = round(time.monotonic() - started, 1)
    return result


def add(index: LargeIndex, world: World, fresh: int, known: PhotoMean) -> dict[str, Any]:
    """Products added while it serves: how long each takes, and whether photos find them."""
    none = np.empty((0, world.dim), np.float32)
    adding = [0.0] * fresh
    more = world.page(world.pictures, fresh)
    for i, vector in enumerate(more):
        begun = time.perf_counter()
        index.put([picture(world.pictures + i, vector)])
        adding[i] = time.perf_counter() - begun
    new = world.photos(more[:50])
    found = float(
        np.mean(
            [
                world.pictures + i in {c.product_id.int - 1 for c in index.search(p, known, none).ranked}
                for i, p in enumerate(new)
            ]
        )
    )
    return {**percentiles("add_ms", adding), "added_found": found}


def exact(world: World, photos: int) -> dict[str, Any]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    index = ExactIndex(world.dim)
    number = 0
    for page in world.pages():
        index.put(picture(number + i, vector) for i, vector in enumerate(page))
        number += len(page)
    taken = world.photos(world.page(0, photos))
    none = np.empty((0, world.dim), np.float32)
    known = PhotoMean(photos=1000, mean=taken.mean(axis=0))
    index.search(taken[0], known, none)
    cpu: list[float] = []
    for photo in taken:
        spent = time.thread_time()
        index.search(photo, known, none)
        cpu.append(time.thread_time() - spent)
    adding: list[float] = []
    for i, vector in enumerate(world.page(world.pictures, 200)):
        begun = time.perf_counter()
        index.put([picture(world.pictures + i, vector)])
        adding.append(time.perf_counter() - begun)
    return {**percentiles("search_cpu_ms", cpu), **percentiles("add_ms", adding), **memory()}


def memory() -> dict[str, int]:
    """Resident memory of this process in MB, by kind (proc_pid_status(5))."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    kinds = {"resident_mb": "VmRSS", "anonymous_mb": "RssAnon", "mapped_mb": "RssFile"}
    return {name: int(lines[field].split()[0]) // 1024 for name, field in kinds.items()}


def percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    values = np.array(seconds) * 1000
    return {
        f"{name}_{kind}": round(float(np.percentile(values, q)), 2) for kind, q in (("p50", 50), ("p99", 99))
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pictures", type=int, default=1_000_000)
    asked.add_argument("--dim", type=int, default=1280)
    asked.add_argument("--photos", type=int, default=500)
    asked.add_argument("--fresh", type=int, default=10_000, help="pictures added afterwards")
    asked.add_argument("--threads", type=int, default=1, help="threads that build")
    asked.add_argument("--exact", action="store_true", help="measure the exact index instead")
    asked.add_argument(
        "--folder",
        type=Path,
        help="where the files go, or are (default: a temporary folder)",
    )
    asked.add_argument("--out", type=Path, help="write the JSON here too")
    asked.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = asked.parse_args()
    world = World(options.pictures, options.dim)
    if options.serve:
        print(json.dumps(serve(options.folder, world, options.photos, options.fresh)))
        return
    report: dict[str, Any] = {"pictures": options.pictures, "dim": options.dim}
    if options.exact:
        report |= exact(world, options.photos)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.folder or Path(temporary)
            if not generations(folder):
                report |= build(folder, world, options.threads)
                print(json.dumps(report), flush=True)
            again = [sys.executable, *sys.argv, "--serve", "--folder", str(folder)]
            report |= json.loads(subprocess.run(again, check=True, stdout=subprocess.PIPE).stdout)
    if options.out:
        options.out.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
