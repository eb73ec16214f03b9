"""Keeps the engine's indexes as fresh as the store: polls index versions, fetches what changed, hands back statistics.

A small index lives in memory and is loaded from the store. A large one is opened from files that a process apart has
built, and takes what came since from the store; when that has become much, or a small index too large, other files are
built while this process goes on answering, and are taken up in between two photos.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

import structlog

from halles.edge.inference.address import WHOLE, Share
from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.errors import Unavailable
from halles.kernel.settings import Settings
from halles.vision import api
from halles.vision.types import Engine, IndexBuilding, IndexSize

log = structlog.get_logger("halles.inference")

POLL_S = 1.0
"""A new picture can be found after a second at most: one query a second for all sellers."""

_WARM_SELLERS = 50
_STATISTICS_EVERY_POLLS = 30
_FILES_EVERY_POLLS = 10
_BUILD_AGAIN_S = 60.0

_MOST_FRESH = 4_000
"""A large index takes in what came since when it is more: until then each of them costs a look at every photo (some 1.4 µs)."""

Build = Callable[[int], Awaitable[bool]]
"""seller_id → whether a new generation was written."""


class Indexes:
    """Refreshes the engine. `db` None: the indexes stay as they are (tests, bench). `settings` None: all are exact."""

    def __init__(
        self,
        engine: Engine,
        worker: Worker,
        db: Database | None,
        settings: Settings | None = None,
        build: Build | None = None,
        share: Share = WHOLE,
    ) -> None:
        """`share`: the sellers whose indexes are loaded before somebody asks.

        `build` builds a seller's files; the command `halles vision build-index` in a process apart when None.
        """
        self._engine, self._worker, self._db, self._share = engine, worker, db, share
        self._loading: dict[int, asyncio.Lock] = {}
        self._data = settings.data if settings else Path()
        self._exact_pictures = settings.vision_exact_pictures if settings else 2**63
        self._build = build or build_apart
        self._building: dict[int, asyncio.Task[None]] = {}
        self._build_after: dict[int, float] = {}
        self._refused: dict[int, set[str]] = {}

    async def need(self, seller_id: int) -> None:
        """Loads a seller's index when it was never asked for.

        Raises Unavailable when the database does not answer, IndexBuilding while a large index is built the first time.
        """
        loading = self._loading.setdefault(seller_id, asyncio.Lock())
        if self._db is None or (seller_id in self._engine.states() and not loading.locked()):
            return
        async with loading:
            if seller_id in self._engine.states():
                return
            if await self._is_large(seller_id, self._db):
                await self._open_large(seller_id, self._db)
            else:
                await self._refresh([seller_id], self._db)

    async def run(self, stop: asyncio.Event) -> None:
        """Polls until stopped; survives the database's restarts, answering from what is loaded."""
        if self._db is None:
            return
        await self._warm(self._db)
        polls = 0
        while not stop.is_set():
            try:
                await self._refresh(list(self._engine.states()), self._db)
                polls += 1
                if polls % _STATISTICS_EVERY_POLLS == 0:
                    await self.share_photos()
                if polls % _FILES_EVERY_POLLS == 0:
                    await self.look_at_files()
            except Unavailable as reason:
                log.warning("inference.index_not_refreshed", code=reason.code)
            await _pause(stop, POLL_S)
        for task in self._building.values():
            task.cancel()

    async def share_photos(self) -> None:
        """Adds what this process learned of photos to the store."""
        if self._db is None:
            return
        learned = await self._worker.apart(self._engine.take_fresh_photos)
        for seller_id, statistics in learned.items():
            async with self._db.transaction() as tx:
                stored = await api.add_photo_statistics(tx, seller_id, self._engine.model_id, statistics)
            await self._worker.apart(lambda s=seller_id, now=stored: self._engine.learn_photos(s, now))

    async def look_at_files(self) -> None:
        """Takes up newer files, whoever built them, and has others built where an index has outgrown what it has."""
        assert self._db is not None
        for seller_id, size in self._engine.sizes().items():
            newest = api.newest_generation(self._data, seller_id, self._engine.model_id)
            tried = self._refused.setdefault(seller_id, set())
            wanted = size.pictures > self._exact_pictures or size.generation is not None
            if wanted and newest is not None and newest != size.generation and newest not in tried:
                await self._take_up(seller_id, newest, size.generation, self._db)
            elif self._outgrown(size):
                self._start_building(seller_id)

    def _outgrown(self, size: IndexSize) -> bool:
        if size.generation is None:
            return size.pictures > self._exact_pictures
        return size.fresh > _MOST_FRESH

    async def _is_large(self, seller_id: int, db: Database) -> bool:
        async with db.reading() as tx:
            sizes = await api.index_sizes(tx, self._engine.model_id, [seller_id])
        return sizes[seller_id] > self._exact_pictures

    async def _open_large(self, seller_id: int, db: Database) -> None:
        opened = await api.open_index(db, self._data, seller_id, model_id=self._engine.model_id)
        if opened is None:
            self._start_building(seller_id)
            raise IndexBuilding("the index of this catalogue is being built", retry_after_s=60.0)
        await self._worker.apart(lambda: self._engine.adopt(opened))
        await self._refresh([seller_id], db)
        log.info("inference.index_opened", seller_id=seller_id, generation=opened.generation)

    async def _take_up(self, seller_id: int, newest: str, mine: str | None, db: Database) -> None:
        """The old index answers until the new one has caught up with the store; a damaged one is refused for good."""
        tried = self._refused[seller_id]
        opened = await api.open_index(
            db,
            self._data,
            seller_id,
            model_id=self._engine.model_id,
            but=frozenset(tried | ({mine} if mine else set())),
        )
        if opened is None or opened.generation != newest:
            tried.add(newest)
            return
        await self._worker.apart(lambda: self._engine.adopt(opened))
        log.info("inference.index_taken_up", seller_id=seller_id, generation=newest)

    def _start_building(self, seller_id: int) -> None:
        if seller_id in self._building or monotonic() < self._build_after.get(seller_id, 0.0):
            return
        self._building[seller_id] = asyncio.create_task(self._built(seller_id))

    async def _built(self, seller_id: int) -> None:
        try:
            written = await self._build(seller_id)
            log.info("inference.index_built", seller_id=seller_id, written=written)
        except OSError as reason:
            log.warning("inference.index_not_built", seller_id=seller_id, reason=str(reason))
        finally:
            self._build_after[seller_id] = monotonic() + _BUILD_AGAIN_S
            del self._building[seller_id]

    async def _warm(self, db: Database) -> None:
        try:
            async with db.reading() as tx:
                sellers = await api.indexed_sellers(tx, _WARM_SELLERS)
            for seller_id in filter(self._share.holds, sellers):
                await self._need_quietly(seller_id)
        except Unavailable as reason:
            log.warning("inference.index_not_loaded", code=reason.code)

    async def _need_quietly(self, seller_id: int) -> None:
        try:
            await self.need(seller_id)
        except IndexBuilding:
            log.info("inference.index_being_built", seller_id=seller_id)

    async def _refresh(self, seller_ids: list[int], db: Database) -> None:
        """Until nothing is lacking: a reader that lacks much takes it in steps, and photos are answered in between."""
        asked: dict[int, None] = dict.fromkeys(seller_ids)
        while asked:
            have = self._engine.states()
            async with db.snapshot() as tx:
                changes = await api.index_changes(tx, self._engine.model_id, {s: have.get(s) for s in asked})
            for change in changes:
                await self._worker.apart(lambda change=change: self._engine.apply(change))
                log.info(
                    "inference.index_refreshed",
                    seller_id=change.seller_id,
                    pictures=len(change.rows),
                    anew=change.anew,
                )
            asked = dict.fromkeys(change.seller_id for change in changes if change.rows)


async def build_apart(seller_id: int) -> bool:
    """`halles vision build-index` in a process of low priority; ends with this one when it is cancelled."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "halles", "vision", "build-index", "--seller", str(seller_id), "--nice", "10",
        stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return await process.wait() == 0
    finally:
        if process.returncode is None:
            process.terminate()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
