"""Keeps what is written about products as fresh as the store, as heads.py keeps heads."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from halles.edge.inference.worker import Worker
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.errors import Unavailable
from halles.vision.api import words
from halles.vision.types import Engine

log = structlog.get_logger("halles.inference")

POLL_S = 2.0


async def keep_words(engine: Engine, worker: Worker, db: Database | None, stop: asyncio.Event) -> None:
    """Until stopped. `db` None: nothing is known (tests, bench)."""
    if db is None:
        return
    reached: dict[int, datetime] = {}
    while not stop.is_set():
        try:
            await _follow(engine, worker, db, reached)
        except Unavailable as reason:
            log.warning("inference.words_not_refreshed", code=reason.code)
        try:
            await asyncio.wait_for(stop.wait(), POLL_S)
        except TimeoutError:
            continue


async def _follow(engine: Engine, worker: Worker, db: Database, reached: dict[int, datetime]) -> None:
    sellers = list(engine.states())
    if not sellers:
        return
    async with db.reading() as tx:
        changes = await words.word_changes(tx, {s: reached.get(s) for s in sellers}, system_clock())
    for seller_id, until, texts in changes:
        await worker.apart(lambda seller=seller_id, these=texts: engine.put_words(seller, these))
        reached[seller_id] = until
