"""From a shopper's photo to candidates: what the inference process needs on one core, at 10,000 products.

    python bench/photo.py --products 10000 --photos 200 [--photo FILE ...]

Starts a real inference server, pinned to one core, with the standard model and synthetic vectors spread like real
ones, and asks it through its socket, as the web server does. Without --photo it makes photos of 1,280 px as phones
send them. Prints one JSON object:

- `wall_ms`, `cpu_ms`: p50, p99 of one photo at a time, and `stages_ms_p50`;
- `busy_wall_ms`, `photos_per_s`: with eight shoppers at once;
- `other_request_ms`: a request beside those eight that needs no model, and `loop_lag_ms`: how long anything else in
  the asking process had to wait meanwhile. These stay near zero: photos delay nobody but photos.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
from PIL import Image, ImageFilter

from halles.edge.inference.client import InferenceClient
from halles.edge.inference.server import run
from halles.kernel.settings import load
from halles.vision import api
from halles.vision.types import IndexChange, IndexState, InferenceUnavailable, PictureKind, PictureRow

SELLER = 1


def synthetic_rows(products: int, dim: int) -> list[PictureRow]:
    """Unit vectors with a common mean and a falling spectrum, as features of real pictures have."""
    rng = np.random.default_rng(2017)
    shared = rng.random(dim).astype(np.float32)
    basis = (
        rng.normal(0, 1, (64, dim)).astype(np.float32) / np.arange(1, 65, dtype=np.float32)[:, None] ** 0.5
    )
    vectors = shared + 0.1 * rng.normal(0, 1, (products, 64)).astype(np.float32) @ basis
    vectors = np.maximum(vectors, 0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        PictureRow(
            product_id=UUID(int=i + 1),
            variant_id=None,
            media=str(i),
            kind=PictureKind.CATALOGUE,
            vector=vector.astype("<f2").tobytes(),
        )
        for i, vector in enumerate(vectors)
    ]


def synthetic_photos(count: int) -> list[bytes]:
    """JPEGs of 960 × 1,280 px with edges, textures and noise: about 300 kB each, no barcode."""
    rng = np.random.default_rng(7)
    photos: list[bytes] = []
    for _ in range(count):
        coarse = Image.fromarray(rng.integers(0, 255, (16, 12, 3), np.uint8)).resize((960, 1280))
        fine = Image.fromarray(rng.integers(0, 255, (320, 240, 3), np.uint8)).resize((960, 1280))
        photo = Image.blend(coarse.filter(ImageFilter.GaussianBlur(6)), fine, 0.25)
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=85)
        photos.append(file.getvalue())
    return photos


async def serve(path: Path, products: int, core: int) -> None:
    """The server's side: pinned, filled, served until standard input closes."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    engine = api.open_engine(load())
    dim = len(engine.embed(synthetic_photos(1)[0], PictureKind.CATALOGUE).vector) // 2
    engine.apply(
        IndexChange(
            seller_id=SELLER,
            state=IndexState(version=1, rebuilt=0),
            rows=synthetic_rows(products, dim),
            anew=True,
            photos=None,
        )
    )
    stop = asyncio.Event()
    serving = asyncio.create_task(run(engine, path, None, stop))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    stop.set()
    await serving


async def measure(path: Path, photos: Sequence[bytes], count: int) -> dict[str, object]:
    """The asking side."""
    eyes = InferenceClient(path, recognise_s=60)
    for _ in range(600):
        try:
            await eyes.model_id()
            break
        except InferenceUnavailable:
            await asyncio.sleep(0.1)
    for photo in photos[:5]:
        await eyes.recognise(photo, seller_id=SELLER, place_id=None)

    wall: list[float] = []
    cpu: list[float] = []
    stages: dict[str, list[float]] = {}
    for i in range(count):
        started = time.perf_counter()
        found = await eyes.recognise(photos[i % len(photos)], seller_id=SELLER, place_id=None)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append(found.cpu_ms)
        for stage, ms in found.stages_ms.items():
            stages.setdefault(stage, []).append(ms)
    busy, other, lag, per_s = await crowd(eyes, photos, count)
    await eyes.close()
    return {
        "photo_bytes_mean": round(sum(map(len, photos)) / len(photos)),
        "photos": count,
        "wall_ms": percentiles(wall),
        "cpu_ms": percentiles(cpu),
        "stages_ms_p50": {stage: percentiles(ms)["p50"] for stage, ms in stages.items()},
        "busy_wall_ms": percentiles(busy),
        "photos_per_s": round(per_s, 1),
        "other_request_ms": percentiles(other),
        "loop_lag_ms": percentiles(lag),
    }


async def crowd(
    eyes: InferenceClient, photos: Sequence[bytes], count: int
) -> tuple[list[float], list[float], list[float], float]:
    """Eight shoppers at once, and beside them requests that need no model."""
    busy: list[float] = []
    other: list[float] = []
    lag: list[float] = []

    async def shopper(mine: range) -> None:
        for i in mine:
            started = time.perf_counter()
            await eyes.recognise(photos[i % len(photos)], seller_id=SELLER, place_id=None)
            busy.append((time.perf_counter() - started) * 1000)

    async def somebody_else() -> None:
        while True:
            started = time.perf_counter()
            await eyes.model_id()
            other.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            await asyncio.sleep(0.01)
            lag.append((time.perf_counter() - started) * 1000 - 10)

    beside = asyncio.create_task(somebody_else())
    started = time.perf_counter()
    await asyncio.gather(*(shopper(range(i, count, 8)) for i in range(8)))
    seconds = time.perf_counter() - started
    beside.cancel()
    return busy, other, lag, count / seconds


def percentiles(values: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(values, q)), 2) for name, q in (("p50", 50), ("p99", 99))}


async def bench(products: int, count: int, photos: Sequence[bytes], core: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sock"
        server = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve", str(path), "--products", str(products), "--core", str(core),
            stdin=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            result = await measure(path, photos, count)
        finally:
            assert server.stdin is not None
            server.stdin.close()
            await server.wait()
    return {"products": products, **result}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--products", type=int, default=10_000)
    asked.add_argument("--photos", type=int, default=200)
    asked.add_argument("--photo", type=Path, nargs="*", default=[], help="real photos instead of made ones")
    asked.add_argument("--core", type=int, default=0, help="the core that the server may use")
    asked.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve, options.products, options.core))
        return
    photos = [photo.read_bytes() for photo in options.photo] or synthetic_photos(20)
    print(json.dumps(asyncio.run(bench(options.products, options.photos, photos, options.core)), indent=2))


if __name__ == "__main__":
    main()
