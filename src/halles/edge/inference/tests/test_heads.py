"""What staff teach reaches every inference process by itself, and a photo for keeping is looked at behind the socket."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from halles.edge.inference.tests.conftest import serving, until
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.vision import store
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine, packed
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.api import samples
from halles.vision.rules.centring import unit
from halles.vision.tests.pictures import GREEN, encoded, speckled
from halles.vision.types import CataloguePicture, NotAPhoto, PictureKind

SELLER = 11


async def test_two_processes_learn_the_same_head(
    db: Database, path: Path, engine: LocalEngine, clock: FixedClock
) -> None:
    rng = np.random.default_rng(1)
    photos = [
        (
            CataloguePicture(
                product_id=UUID(int=product), variant_id=None, media=f"{product}-{i}", kind=PictureKind.SHOP
            ),
            packed(unit(np.eye(48, dtype=np.float32)[product] + 0.1 * rng.random(48).astype(np.float32))),
        )
        for product in (1, 2)
        for i in range(5)
    ]
    async with db.transaction() as tx:
        await store.save_pictures(tx, SELLER, engine.model_id, photos)
    second = LocalEngine(Pipeline(ColourEmbedder()))
    with tempfile.TemporaryDirectory() as folder:
        async with serving(engine, path, db), serving(second, Path(folder) / "i.sock", db):
            assert await samples.learn_samples(db, SELLER, engine.model_id, clock()) == 10

            async def both() -> bool:
                return all(one.head_of(SELLER) is not None for one in (engine, second))

            await until(both)


async def test_a_photo_for_keeping_is_looked_at_behind_the_socket(path: Path, engine: LocalEngine) -> None:
    async with serving(engine, path) as eyes:
        seen = await eyes.inspect(encoded(speckled(GREEN)))
        assert (seen.model_id, len(seen.vector)) == (engine.model_id, 96)
        assert seen.quality.sharpness > 0.5
        with pytest.raises(NotAPhoto):
            await eyes.inspect(b"hello")
