"""A running server in this process, on a socket of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from halles.edge.inference.address import WHOLE, Share
from halles.edge.inference.client import InferenceClient
from halles.edge.inference.server import run
from halles.kernel.db import Database
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.types import Engine


@pytest.fixture
def path() -> Iterator[Path]:
    """A socket path short enough for every system."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "i.sock"


@pytest.fixture
def engine() -> LocalEngine:
    return LocalEngine(Pipeline(ColourEmbedder()))


@asynccontextmanager
async def serving(
    engine: Engine, path: Path, db: Database | None = None, *, queue_limit: int = 32, share: Share = WHOLE
) -> AsyncGenerator[InferenceClient]:
    """A server and a client of it."""
    stop = asyncio.Event()
    server = asyncio.create_task(run(engine, path, db, stop, queue_limit=queue_limit, share=share))
    client = InferenceClient(path)
    try:
        await until(lambda: answered(path.exists()))
        yield client
    finally:
        await client.close()
        stop.set()
        await server


async def answered(value: bool) -> bool:
    return value


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float = 60.0) -> None:
    """Waits until something is so; fails the test when it never is."""
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110 (what is waited for sets no event)
            await asyncio.sleep(0.02)
