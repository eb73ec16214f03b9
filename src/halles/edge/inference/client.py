"""The other processes' side of the socket: a Recogniser that knows when to give up."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from halles.edge.inference import frames
from halles.edge.inference.address import Share
from halles.kernel.errors import Refusal, all_kinds
from halles.vision.api.samples import Inspected
from halles.vision.types import Embedding, InferenceUnavailable, PhotoTooLarge, PictureKind, Recognition

_T = TypeVar("_T", frames.Recognised, frames.Embedded, frames.Looked, frames.Text, frames.Model)

_CONNECT_S = 1.0
_FAILURES_TO_OPEN = 3
_OPEN_S = 2.0


class InferenceClient:
    """One connection, made when it is needed and made again when it breaks; any number of requests at once.

    A request is never sent twice: a photo that killed the process must not kill the next one. After three failures in a
    row the circuit opens: for two seconds every request is refused at once, so that a dead process costs the web
    server nothing.
    """

    def __init__(self, path: Path, *, recognise_s: float = 5.0, embed_s: float = 30.0) -> None:
        """`recognise_s`, `embed_s`: how long a request may take, its wait in the queue included."""
        self._path, self._recognise_s, self._embed_s = path, recognise_s, embed_s
        self._numbers = itertools.count(1)
        self._connecting = asyncio.Lock()
        self._link: _Link | None = None
        self._failures = 0
        self._closed_until = 0.0

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        request = frames.Recognise(
            number=next(self._numbers),
            photo=photo,
            seller_id=seller_id,
            place_id=place_id,
            wait_s=self._recognise_s,
        )
        return (await self._ask(request, len(photo), frames.Recognised, self._recognise_s)).recognition

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        request = frames.Recognise(
            number=next(self._numbers),
            photo=photo,
            seller_id=seller_id,
            place_id=None,
            wait_s=self._recognise_s,
            reads=True,
        )
        return (await self._ask(request, len(photo), frames.Recognised, self._recognise_s)).recognition

    async def read(self, picture: bytes) -> str:
        request = frames.Read(number=next(self._numbers), picture=picture, wait_s=self._embed_s)
        return (await self._ask(request, len(picture), frames.Text, self._embed_s)).text

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        request = frames.Embed(number=next(self._numbers), picture=picture, kind=kind, wait_s=self._embed_s)
        return (await self._ask(request, len(picture), frames.Embedded, self._embed_s)).embedding

    async def inspect(self, photo: bytes) -> Inspected:
        request = frames.Inspect(number=next(self._numbers), photo=photo, wait_s=self._embed_s)
        return (await self._ask(request, len(photo), frames.Looked, self._embed_s)).inspected

    async def model_id(self) -> str:
        return (
            await self._ask(frames.AskModel(number=next(self._numbers)), 0, frames.Model, _CONNECT_S)
        ).model_id

    async def close(self) -> None:
        """Hangs up; requests under way are refused as unavailable."""
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def _ask(self, request: frames.Request, size: int, kind: type[_T], timeout_s: float) -> _T:
        if size > frames.MAX_FRAME_BYTES - 4096:
            raise PhotoTooLarge(f"the photo has {size} bytes", bytes=size)
        if time.monotonic() < self._closed_until:
            raise InferenceUnavailable("recognition does not answer", retry_after_s=_OPEN_S)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await (await self._connected()).ask(request)
        except (OSError, TimeoutError) as reason:
            self._failed()
            raise InferenceUnavailable("recognition does not answer", retry_after_s=_OPEN_S) from reason
        self._failures = 0
        if isinstance(answer, frames.Refused):
            raise refusal_of(answer)
        assert isinstance(answer, kind), f"asked for {kind.__name__}, got {type(answer).__name__}"
        return answer

    async def _connected(self) -> _Link:
        async with self._connecting:
            if self._link is None or self._link.broken:
                async with asyncio.timeout(_CONNECT_S):
                    reader, writer = await asyncio.open_unix_connection(self._path, limit=2**20)
                self._link = _Link(reader, writer)
            return self._link

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES_TO_OPEN:
            self._closed_until = time.monotonic() + _OPEN_S
            self._failures = _FAILURES_TO_OPEN - 1  # one more failure afterwards opens it again


class InferenceClients:
    """The clients of all inference processes: a photo goes to the one that holds its seller's catalogue, what belongs to no
    seller to each in turn."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._clients = [InferenceClient(path) for path in paths]
        self._turns = itertools.cycle(self._clients)

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        return await self._of(seller_id).recognise(photo, seller_id=seller_id, place_id=place_id)

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        return await self._of(seller_id).look_again(photo, seller_id=seller_id)

    async def read(self, picture: bytes) -> str:
        return await next(self._turns).read(picture)

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        return await next(self._turns).embed(picture, kind)

    async def inspect(self, photo: bytes) -> Inspected:
        return await next(self._turns).inspect(photo)

    async def model_id(self) -> str:
        return await self._clients[0].model_id()

    async def close(self) -> None:
        """Hangs up with all of them."""
        for client in self._clients:
            await client.close()

    def _of(self, seller_id: int) -> InferenceClient:
        count = len(self._clients)
        return next(one for n, one in enumerate(self._clients) if Share(n, count).holds(seller_id))


class _Link:
    """A live connection: requests by number, and the task that hands out their answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[int, asyncio.Future[frames.Answer]] = {}
        self._listening = asyncio.create_task(self._listen())

    @property
    def broken(self) -> bool:
        return self._listening.done() or self._writer.is_closing()

    async def ask(self, request: frames.Request) -> frames.Answer:
        """Raises ConnectionError when the connection breaks before the answer."""
        future: asyncio.Future[frames.Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request.number] = future
        try:
            frames.write(self._writer, request)
            await self._writer.drain()
            return await future
        finally:
            self._waiting.pop(request.number, None)

    async def close(self) -> None:
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening

    async def _listen(self) -> None:
        try:
            while (answer := await frames.read_answer(self._reader)) is not None:
                if (future := self._waiting.get(answer.number)) is not None and not future.done():
                    future.set_result(answer)
        except frames.BrokenFrame:
            pass
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("the inference process hung up"))
            self._writer.close()


def refusal_of(answer: frames.Refused) -> Refusal:
    """The refusal that the other side raised, by its code; an unknown code becomes InferenceUnavailable."""
    kind = next((kind for kind in all_kinds() if kind.code == answer.code), InferenceUnavailable)
    refusal = kind.__new__(kind)
    Refusal.__init__(refusal, answer.message, retry_after_s=answer.retry_after_s, **answer.fields)
    return refusal
