"""The socket under stress: full queues, garbage, hang-ups, a database that comes and goes."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest

from halles.edge.inference import address, client, indexes, server
from halles.edge.inference.client import InferenceClient
from halles.edge.inference.tests.conftest import answered, serving, until
from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.errors import Unavailable
from halles.kernel.settings import load
from halles.vision import api
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.in_process import InProcessRecogniser
from halles.vision.api.samples import Inspected
from halles.vision.tests.pictures import BLUE, GREEN, RED, plain
from halles.vision.types import (
    CataloguePicture,
    Embedding,
    IndexChange,
    IndexSize,
    IndexState,
    InferenceBusy,
    InferenceUnavailable,
    OpenedIndex,
    Outcome,
    PhotoStatistics,
    PictureKind,
    Recognition,
)


class SlowEngine:
    """Answers when it is let go."""

    model_id = "slow"

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = 0

    def states(self) -> Mapping[int, IndexState]:
        return {}

    def read(self, picture: bytes) -> str:
        raise NotImplementedError

    def put_words(self, seller_id: int, words: object) -> None:
        raise NotImplementedError

    def recognise(self, photo: bytes, seller_id: int, *, reads: bool = False) -> Recognition:
        self.begun += 1
        if photo == b"bug":
            raise ZeroDivisionError
        assert self.go.wait(20)
        return Recognition(
            outcome=Outcome.UNKNOWN, candidates=(), gtins=(), codes=(), model_id=self.model_id, cpu_ms=1.0
        )

    def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        raise NotImplementedError

    def inspect(self, photo: bytes) -> Inspected:
        raise NotImplementedError

    def teach(self, seller_id: int, head: bytes) -> None:
        raise NotImplementedError

    def apply(self, change: IndexChange) -> None:
        raise NotImplementedError

    def sizes(self) -> Mapping[int, IndexSize]:
        return {}

    def adopt(self, opened: OpenedIndex) -> None:
        raise NotImplementedError

    def learn_photos(self, seller_id: int, stored: PhotoStatistics) -> None:
        raise NotImplementedError

    def take_fresh_photos(self) -> Mapping[int, PhotoStatistics]:
        return {}


async def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(path: Path) -> None:
    engine = SlowEngine()
    async with serving(engine, path, queue_limit=2) as eyes:
        waiting = [asyncio.create_task(eyes.recognise(b"x", seller_id=1, place_id=None)) for _ in range(2)]
        await until(lambda: answered(engine.begun == 1))
        with pytest.raises(InferenceBusy) as caught:
            await eyes.recognise(b"x", seller_id=1, place_id=None)
        assert caught.value.retry_after_s is not None
        assert caught.value.retry_after_s >= 1
        assert await eyes.model_id() == "slow"  # what needs no thread is answered meanwhile
        engine.go.set()
        assert [one.outcome for one in await asyncio.gather(*waiting)] == [Outcome.UNKNOWN] * 2
        assert (await eyes.recognise(b"x", seller_id=1, place_id=None)).model_id == "slow"


async def test_a_photo_that_waited_too_long_is_not_begun(path: Path) -> None:
    engine = SlowEngine()
    async with serving(engine, path) as patient:
        hasty = InferenceClient(path, recognise_s=0.05)
        first = asyncio.create_task(patient.recognise(b"x", seller_id=1, place_id=None))
        await until(lambda: answered(engine.begun == 1))
        with pytest.raises(InferenceUnavailable):
            await hasty.recognise(b"x", seller_id=1, place_id=None)
        engine.go.set()
        await first
        assert (await patient.recognise(b"x", seller_id=1, place_id=None)).model_id == "slow"
        assert engine.begun == 2
        await hasty.close()


async def test_a_bug_costs_one_answer(path: Path) -> None:
    engine = SlowEngine()
    engine.go.set()
    async with serving(engine, path) as eyes:
        with pytest.raises(InferenceUnavailable, match="failed"):
            await eyes.recognise(b"bug", seller_id=1, place_id=None)
        assert (await eyes.recognise(b"x", seller_id=1, place_id=None)).model_id == "slow"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xff\xff\xff",
        struct.pack(">I", 3) + b"abc",
        struct.pack(">I", 1000) + b"cut",
        b"\x00",
        struct.pack(">I", 2) + b"\x80\x80",
    ],
)
async def test_garbage_ends_its_own_connection_only(engine: LocalEngine, path: Path, garbage: bytes) -> None:
    async with serving(engine, path) as eyes:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(garbage)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert await eyes.model_id() == "colours"


async def test_a_client_that_leaves_does_no_harm(path: Path) -> None:
    engine = SlowEngine()
    async with serving(engine, path) as eyes:
        leaving = InferenceClient(path)
        gone = asyncio.create_task(leaving.recognise(b"x", seller_id=1, place_id=None))
        await until(lambda: answered(engine.begun == 1))
        await leaving.close()
        with pytest.raises(InferenceUnavailable):
            await gone
        engine.go.set()
        assert (await eyes.recognise(b"x", seller_id=1, place_id=None)).model_id == "slow"


async def test_the_circuit_opens_and_closes_again(
    engine: LocalEngine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_OPEN_S", 0.3)
    eyes = InferenceClient(path)
    for _ in range(3):
        with pytest.raises(InferenceUnavailable):
            await eyes.model_id()
    async with serving(engine, path):
        with pytest.raises(InferenceUnavailable) as caught:
            await eyes.model_id()
        assert caught.value.__cause__ is None  # refused without trying

        async def recovered() -> bool:
            try:
                return await eyes.model_id() == "colours"
            except InferenceUnavailable:
                return False

        await until(recovered)
        await eyes.close()


async def test_the_client_finds_a_new_server_by_itself(engine: LocalEngine, path: Path) -> None:
    eyes = InferenceClient(path)
    for _ in range(3):
        async with serving(engine, path):
            assert await eyes.model_id() == "colours"
        with pytest.raises(InferenceUnavailable):
            await eyes.model_id()
    await eyes.close()


async def test_a_hanging_job_ends_the_process(path: Path) -> None:
    go, ended = threading.Event(), asyncio.Event()
    worker = Worker(hang_s=0.05, on_hang=ended.set)
    with pytest.raises(InferenceUnavailable, match="too long"):
        await worker.do(lambda: go.wait(20), wait_s=5)
    assert ended.is_set()
    go.set()
    worker.close()


def _pictures() -> tuple[list[CataloguePicture], dict[str, bytes]]:
    media = {"red": plain(RED), "green": plain(GREEN), "blue": plain(BLUE)}
    return [
        CataloguePicture(product_id=UUID(int=i), variant_id=None, media=m) for i, m in enumerate(media, 1)
    ], media


async def test_a_new_picture_is_found_after_a_poll(
    engine: LocalEngine, path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "POLL_S", 0.05)
    pictures, media = _pictures()
    async with serving(engine, path, db) as eyes:
        assert (await eyes.recognise(plain(BLUE), seller_id=7, place_id=None)).outcome is Outcome.UNKNOWN
        await api.index_pictures(db, eyes, media.__getitem__, 7, pictures)

        async def first(colour: tuple[int, int, int]) -> UUID | None:
            found = await eyes.recognise(plain(colour), seller_id=7, place_id=None)
            return found.candidates[0].product_id if found.candidates else None

        async def blue_is_three() -> bool:
            return await first(BLUE) == UUID(int=3)

        async def blue_is_gone() -> bool:
            return await first(BLUE) != UUID(int=3)

        await until(blue_is_three)
        async with db.transaction() as tx:
            await api.forget_pictures(tx, 7, [UUID(int=3)])
        await until(blue_is_gone)


async def test_indexes_are_warm_before_the_first_photo_and_photos_are_learned(
    engine: LocalEngine, path: Path, db: Database
) -> None:
    pictures, media = _pictures()
    await api.index_pictures(db, InProcessRecogniser(engine), media.__getitem__, 7, pictures)
    async with serving(engine, path, db) as eyes:
        await until(lambda: answered(7 in engine.states()))
        for _ in range(25):
            await eyes.recognise(plain(RED), seller_id=7, place_id=None)
    async with db.reading() as tx:
        (change,) = await api.index_changes(tx, "colours", {7: None})
    assert change.photos is not None
    assert change.photos.photos == 25


async def test_without_its_database_it_answers_from_what_it_has(
    engine: LocalEngine, path: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "POLL_S", 0.02)
    pictures, media = _pictures()
    await api.index_pictures(db, InProcessRecogniser(engine), media.__getitem__, 7, pictures)
    async with serving(engine, path, db) as eyes:
        await until(lambda: answered(7 in engine.states()))

        async def gone(*_: object) -> None:
            raise Unavailable("the database does not answer")

        monkeypatch.setattr(api, "index_changes", gone)
        found = await eyes.recognise(plain(RED), seller_id=7, place_id=None)
        assert found.candidates[0].product_id == UUID(int=1)
        with pytest.raises(Unavailable):
            await eyes.recognise(plain(RED), seller_id=8, place_id=None)


async def test_one_server_a_data_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PREDECESSOR_S", 0.2)
    settings = load(data=path.parent)
    stop = asyncio.Event()
    first = asyncio.create_task(server.serve(settings, None, stop))
    await until(lambda: answered(address.socket_path(settings.data).exists()))
    with pytest.raises(server.InferenceRuns):
        await server.serve(settings, None, stop)
    stop.set()
    await first
    stop.clear()
    stop.set()
    await server.serve(settings, None, stop)


def test_the_socket_stays_within_the_systems_limit(tmp_path: Path) -> None:
    assert address.socket_path(Path("/srv/halles")) == Path("/srv/halles/run/inference.sock")
    deep = tmp_path / ("a" * 90)
    found = address.socket_path(deep)
    assert len(os.fsencode(found)) <= 107
    assert found == address.socket_path(deep)
    assert found != address.socket_path(tmp_path / ("b" * 90))


def test_somebody_elses_socket_folder_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address.make_folder(path)
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(InferenceUnavailable):
        address.make_folder(path)
