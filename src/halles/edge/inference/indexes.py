"""Keeps the engine's indexes as fresh as the store: polls index versions, fetches what changed, hands back statistics."""

from __future__ import annotations

import asyncio

import structlog

from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.errors import Unavailable
from halles.vision import api
from halles.vision.types import Engine

log = structlog.get_logger("halles.inference")

POLL_S = 1.0
"""A new picture can be found after a second at most: one query a second for all sellers."""

_WARM_SELLERS = 50
_STATISTICS_EVERY_POLLS = 30


class Indexes:
    """Refreshes the engine. `db` None: the indexes stay as they are (tests, bench)."""

    def __init__(self, engine: Engine, worker: Worker, db: Database | None) -> None:
        self._engine, self._worker, self._db = engine, worker, db
        self._loading: dict[int, asyncio.Lock] = {}

    async def need(self, seller_id: int) -> None:
        """Loads a seller's index when it was never asked for. Raises Unavailable when the database does not answer."""
        if self._db is None or seller_id in self._engine.states():
            return
        async with self._loading.setdefault(seller_id, asyncio.Lock()):
            if seller_id not in self._engine.states():
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
            except Unavailable as reason:
                log.warning("inference.index_not_refreshed", code=reason.code)
            await _pause(stop, POLL_S)

    async def share_photos(self) -> None:
        """Adds what this process learned of photos to the store."""
        if self._db is None:
            return
        learned = await self._worker.apart(self._engine.take_fresh_photos)
        for seller_id, statistics in learned.items():
            async with self._db.transaction() as tx:
                stored = await api.add_photo_statistics(tx, seller_id, self._engine.model_id, statistics)
            await self._worker.apart(lambda s=seller_id, now=stored: self._engine.learn_photos(s, now))

    async def _warm(self, db: Database) -> None:
        try:
            async with db.reading() as tx:
                sellers = await api.indexed_sellers(tx, _WARM_SELLERS)
            for seller_id in sellers:
                await self.need(seller_id)
        except Unavailable as reason:
            log.warning("inference.index_not_loaded", code=reason.code)

    async def _refresh(self, seller_ids: list[int], db: Database) -> None:
        have = self._engine.states()
        async with db.snapshot() as tx:
            changes = await api.index_changes(tx, self._engine.model_id, {s: have.get(s) for s in seller_ids})
        for change in changes:
            await self._worker.apart(lambda change=change: self._engine.apply(change))
            log.info(
                "inference.index_refreshed",
                seller_id=change.seller_id,
                pictures=len(change.rows),
                anew=change.anew,
            )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
