"""A Recogniser without a process of its own, for commands, tests and the demo's first start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from halles.vision.rules.samples import Inspected
from halles.vision.types import Embedding, Engine, PictureKind, Recognition

T = TypeVar("T")


class InProcessRecogniser:
    """Runs an engine on a thread, one call at a time. Not for a server: a photo is decoded in this very process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        return await self._do(lambda: self._engine.recognise(photo, seller_id))

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        return await self._do(lambda: self._engine.recognise(photo, seller_id, reads=True))

    async def read(self, picture: bytes) -> str:
        return await self._do(lambda: self._engine.read(picture))

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        return await self._do(lambda: self._engine.embed(picture, kind))

    async def inspect(self, photo: bytes) -> Inspected:
        return await self._do(lambda: self._engine.inspect(photo))

    async def model_id(self) -> str:
        return self._engine.model_id

    async def _do(self, job: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(job)
