"""A catalogue beyond what is compared one by one: built apart, opened from files, taken up while photos come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from halles.edge.inference.indexes import Indexes
from halles.edge.inference.tests.conftest import answered, until
from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.settings import load
from halles.vision import api
from halles.vision.adapters import index_files
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.tests.pictures import BLUE, GREEN, GREY, RED, plain
from halles.vision.types import CataloguePicture, IndexBuilding

SELLER, NOW = 7, datetime(2026, 3, 1, tzinfo=UTC)
MEDIA = {name: plain(colour) for name, colour in (("r", RED), ("g", GREEN), ("b", BLUE), ("w", GREY))}


def _pictures(names: str) -> list[CataloguePicture]:
    return [CataloguePicture(product_id=UUID(int=ord(name)), variant_id=None, media=name) for name in names]


class Builder:
    """Builds in this process, and counts."""

    def __init__(self, db: Database, data: Path, engine: LocalEngine) -> None:
        self._db, self._data, self._engine = db, data, engine
        self.built: list[str] = []

    async def __call__(self, seller_id: int) -> bool:
        dim = 48
        model_id = self._engine.model_id
        name = await api.build_index(self._db, self._data, seller_id, model_id=model_id, dim=dim, now=NOW)
        self.built.append(name)
        return True


@pytest.fixture
def builder(db: Database, tmp_path: Path, engine: LocalEngine) -> Builder:
    return Builder(db, tmp_path, engine)


def _indexes(db: Database, data: Path, engine: LocalEngine, builder: Builder, exact: int) -> Indexes:
    settings = load().model_copy(update={"data": data, "vision_exact_pictures": exact})
    worker = Worker(on_hang=lambda: None)
    return Indexes(engine, worker, db, settings, builder)


async def _index(db: Database, engine: LocalEngine, names: str) -> None:
    eyes = InProcessRecogniser(engine)
    await api.index_pictures(db, eyes, MEDIA.__getitem__, SELLER, _pictures(names))


async def test_a_large_catalogue_says_that_it_is_being_built_and_then_answers(
    db: Database, tmp_path: Path, engine: LocalEngine, builder: Builder
) -> None:
    await _index(db, engine, "rgb")
    indexes = _indexes(db, tmp_path, engine, builder, exact=2)
    with pytest.raises(IndexBuilding) as caught:
        await indexes.need(SELLER)
    assert caught.value.retry_after_s
    await until(lambda: answered(bool(builder.built)))
    await indexes.need(SELLER)
    size = engine.sizes()[SELLER]
    assert (size.pictures, size.generation, builder.built) == (3, "g-00000001", ["g-00000001"])
    assert engine.recognise(MEDIA["g"], SELLER).candidates[0].product_id == UUID(int=ord("g"))


async def test_a_catalogue_that_grows_is_answered_exactly_until_its_files_are_there(
    db: Database, tmp_path: Path, engine: LocalEngine, builder: Builder
) -> None:
    await _index(db, engine, "rg")
    indexes = _indexes(db, tmp_path, engine, builder, exact=2)
    stop = asyncio.Event()
    running = asyncio.create_task(indexes.run(stop))
    try:
        await until(lambda: answered(SELLER in engine.states()))
        await _index(db, engine, "b")
        await until(lambda: answered(engine.sizes()[SELLER].pictures == 3))
        assert engine.sizes()[SELLER].generation is None
        await indexes.look_at_files()
        await until(lambda: answered(bool(builder.built)))
        await indexes.look_at_files()
        assert engine.sizes()[SELLER].generation == "g-00000001"
        await _index(db, engine, "w")
        async with db.transaction() as tx:
            await api.forget_pictures(tx, SELLER, [UUID(int=ord("r"))])
        await until(lambda: answered(engine.sizes()[SELLER].fresh == 1))
        await until(lambda: answered(engine.sizes()[SELLER].pictures == 3))
        assert engine.recognise(MEDIA["w"], SELLER).candidates[0].product_id == UUID(int=ord("w"))
    finally:
        stop.set()
        await running


async def test_damaged_files_are_refused_and_the_old_index_goes_on(
    db: Database, tmp_path: Path, engine: LocalEngine, builder: Builder
) -> None:
    await _index(db, engine, "rgb")
    await builder(SELLER)
    indexes = _indexes(db, tmp_path, engine, builder, exact=2)
    await indexes.need(SELLER)
    await builder(SELLER)
    folder = index_files.index_folder(tmp_path, SELLER, engine.model_id)
    (index_files.generations(folder)[0] / "graph.usearch").write_bytes(b"not a graph")
    await indexes.look_at_files()
    await indexes.look_at_files()
    assert engine.sizes()[SELLER].generation == "g-00000001"
    assert engine.recognise(MEDIA["b"], SELLER).candidates[0].product_id == UUID(int=ord("b"))
    await builder(SELLER)
    await indexes.look_at_files()
    assert engine.sizes()[SELLER].generation == "g-00000003"
