"""The real process: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from halles.edge.inference.address import socket_path
from halles.edge.inference.client import InferenceClient
from halles.edge.inference.tests.conftest import until
from halles.kernel.db import Database
from halles.vision import api
from halles.vision.tests.pictures import GREY, corner_marked, encoded, plain
from halles.vision.types import CataloguePicture, InferenceUnavailable

_START = (
    "from halles.edge.inference.process import main; from halles.kernel.settings import load; main(load())"
)


@asynccontextmanager
async def _process(data: Path, dsn: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    env = {
        **os.environ,
        "HALLES_DATA": str(data),
        "HALLES_DATABASE_URL": dsn,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _START, env=env)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0


async def _answers(eyes: InferenceClient) -> bool:
    try:
        return await eyes.model_id() == "efficientnet-lite-12-1"
    except InferenceUnavailable:
        return False


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def test_killed_and_started_again_it_answers_as_before(data: Path, dsn: str, db: Database) -> None:
    eyes = InferenceClient(socket_path(data))
    media = {"one": encoded(corner_marked((300, 200))), "two": plain(GREY)}
    pictures = [
        CataloguePicture(product_id=UUID(int=i), variant_id=None, media=name)
        for i, name in enumerate(media, 1)
    ]
    async with _process(data, dsn) as first:
        await until(lambda: _answers(eyes), 60)
        report = await api.index_pictures(db, eyes, media.__getitem__, 7, pictures)
        assert report.embedded == 2
        asking = asyncio.create_task(eyes.recognise(media["one"], seller_id=7, place_id=None))
        first.send_signal(signal.SIGKILL)
        await first.wait()
        assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], object)
        with pytest.raises(InferenceUnavailable):
            await eyes.recognise(media["one"], seller_id=7, place_id=None)
        assert socket_path(data).exists()  # what a killed process leaves behind
    async with _process(data, dsn):
        await until(lambda: _answers(eyes), 60)
        again = await eyes.recognise(media["one"], seller_id=7, place_id=None)
        assert again.model_id == "efficientnet-lite-12-1"
        assert (await api.index_pictures(db, eyes, media.__getitem__, 7, pictures)).known == 2
    await eyes.close()
    assert not socket_path(data).exists()
