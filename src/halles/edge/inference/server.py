"""The inference process's side of the socket."""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import IO

import structlog

from halles.edge.inference import frames
from halles.edge.inference.address import WHOLE, Share, make_folder, socket_path
from halles.edge.inference.heads import keep_heads
from halles.edge.inference.indexes import Indexes
from halles.edge.inference.phones import Phones
from halles.edge.inference.words import keep_words
from halles.edge.inference.worker import QUEUE_LIMIT, Worker
from halles.kernel.db import Database
from halles.kernel.errors import Conflict, Refusal
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings
from halles.vision import api
from halles.vision.types import Engine, InferenceBusy, InferenceUnavailable

log = structlog.get_logger("halles.inference")

_HANG_EXIT_CODE = 70  # sysexits.h, EX_SOFTWARE
_PREDECESSOR_S = 5.0
_QUIET_S = 0.05


class InferenceRuns(Conflict):
    """Another inference process serves this share of the data folder."""

    code, title = "vision.inference_runs", "Inference runs already"


async def serve(settings: Settings, db: Database | None, stop: asyncio.Event, *, number: int = 0) -> None:
    """Answers until `stop` is set; `db` None leaves the indexes empty. `number`: which of the settings' processes this is.

    Raises InferenceRuns when another process holds this socket of the data folder, ModelMissing or ModelDamaged.
    """
    path = socket_path(settings.data, number)
    share = Share(number, max(number + 1, settings.inference_processes))
    make_folder(path)
    async with AsyncExitStack() as exits:
        exits.enter_context(await _sole_server(path))
        engine = await asyncio.to_thread(api.open_engine, settings)
        await run(engine, path, db, stop, settings=settings, share=share)


async def run(
    engine: Engine,
    path: Path,
    db: Database | None,
    stop: asyncio.Event,
    *,
    queue_limit: int = QUEUE_LIMIT,
    settings: Settings | None = None,
    share: Share = WHOLE,
) -> None:
    """Serves an engine on a socket whose folder exists, until `stop` is set; with `settings` it serves phones too."""
    worker = Worker(limit=queue_limit, on_hang=_die)
    indexes = Indexes(engine, worker, db, settings, share=share)
    phones = (
        Phones(settings, worker, db, MediaStore(settings.data / "media").get, share)
        if settings and db
        else None
    )
    answering = _Answering(engine, worker, indexes, phones)
    _remove(path)
    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(answering.connection, path, limit=frames.MAX_FRAME_BYTES)
    finally:
        os.umask(before)
    polling = [
        asyncio.create_task(indexes.run(stop)),
        asyncio.create_task(keep_heads(engine, worker, db, stop)),
        asyncio.create_task(keep_words(engine, worker, db, stop)),
    ]
    if phones is not None:
        polling.append(asyncio.create_task(phones.run(stop)))
    log.info("inference.serves", model=engine.model_id)
    try:
        await stop.wait()
    finally:
        server.close()
        await answering.finish()
        for task in polling:
            task.cancel()
        await asyncio.gather(*polling, return_exceptions=True)
        with suppress(Refusal):
            await indexes.share_photos()
            if phones is not None:
                await phones.share_photos()
        worker.close()
        _remove(path)


class _Answering:
    """The open connections and the requests under way."""

    def __init__(self, engine: Engine, worker: Worker, indexes: Indexes, phones: Phones | None) -> None:
        self._engine, self._worker, self._indexes, self._phones = engine, worker, indexes, phones
        self._requests: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads requests of one client; each is answered by a task of its own."""
        self._writers.add(writer)
        try:
            while (request := await frames.read_request(reader)) is not None:
                task = asyncio.create_task(self._answer(request, writer))
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
        except frames.BrokenFrame as reason:
            log.warning("inference.broken_frame", reason=str(reason))
        finally:
            self._writers.discard(writer)
            writer.close()

    async def finish(self) -> None:
        """Waits for the answers under way, then hangs up."""
        if self._requests:
            await asyncio.wait(self._requests, timeout=10.0)
        for writer in list(self._writers):
            writer.close()

    async def _answer(self, request: frames.Request, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._work(request)
        except Refusal as refusal:
            answer = refused(request.number, refusal)
        except Exception:
            log.exception("inference.bug")
            answer = refused(request.number, InferenceUnavailable("recognition failed for this photo"))
        with suppress(ConnectionError):  # the client went away
            frames.write(writer, answer)
            await writer.drain()

    async def _work(self, request: frames.Request) -> frames.Answer:
        engine, number = self._engine, request.number
        match request:
            case frames.Recognise(photo=photo, seller_id=seller_id, wait_s=wait_s, reads=True):
                await self._indexes.need(seller_id)
                await self._quiet(wait_s)
                again = await self._worker.do(
                    lambda: engine.recognise(photo, seller_id, reads=True), wait_s=wait_s
                )
                return frames.Recognised(number=number, recognition=again)
            case frames.Read(picture=picture, wait_s=wait_s):
                await self._quiet(wait_s)
                text = await self._worker.do(lambda: engine.read(picture), wait_s=wait_s)
                return frames.Text(number=number, text=text)
            case frames.Recognise(photo=photo, seller_id=seller_id, wait_s=wait_s):
                await self._indexes.need(seller_id)
                found = await self._worker.do(lambda: engine.recognise(photo, seller_id), wait_s=wait_s)
                if self._phones is not None:
                    self._phones.answered(photo, seller_id, found)
                return frames.Recognised(number=number, recognition=found)
            case frames.Embed(picture=picture, kind=kind, wait_s=wait_s):
                embedding = await self._worker.do(lambda: engine.embed(picture, kind), wait_s=wait_s)
                return frames.Embedded(number=number, embedding=embedding)
            case frames.Inspect(photo=photo, wait_s=wait_s):
                looked = await self._worker.do(lambda: engine.inspect(photo), wait_s=wait_s)
                return frames.Looked(number=number, inspected=looked)
            case frames.AskModel():
                return frames.Model(number=number, model_id=engine.model_id)

    async def _quiet(self, wait_s: float) -> None:
        """What takes ten photos' time begins when no photo waits. Raises InferenceBusy after half of `wait_s`."""
        for _ in range(int(wait_s / 2 / _QUIET_S)):
            if not self._worker.waiting:
                return
            await asyncio.sleep(_QUIET_S)
        raise InferenceBusy("photos of shoppers come first", retry_after_s=wait_s)


def refused(number: int, refusal: Refusal) -> frames.Refused:
    """A refusal as it travels; fields that are no plain values are left behind."""
    fields = {
        name: value for name, value in refusal.fields.items() if isinstance(value, str | int | float | None)
    }
    return frames.Refused(
        number=number,
        code=refusal.code,
        message=refusal.message,
        retry_after_s=refusal.retry_after_s,
        fields=fields,
    )


async def _sole_server(path: Path) -> IO[bytes]:
    """The lock that one server a data folder holds while it lives; a dying predecessor gets a moment to end."""
    lock = _open_lock(path.with_suffix(".lock"))
    for _ in range(int(_PREDECESSOR_S / 0.1)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(0.1)
        else:
            return lock
    lock.close()
    raise InferenceRuns("another inference process serves this data folder")


def _open_lock(path: Path) -> IO[bytes]:
    return path.open("wb")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _die() -> None:
    """A photo hangs the thread that reads it: end the process, so that its supervisor starts a fresh one."""
    log.error("inference.hangs")
    os._exit(_HANG_EXIT_CODE)
