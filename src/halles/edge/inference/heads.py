"""Keeps what sellers' shops have learned from staff's samples as fresh as the store: one query a second for all of them.

Every inference process follows by itself, so that several learn the same. A head that cannot be read leaves the old one.
"""

from __future__ import annotations

import asyncio

import structlog

from halles.edge.inference.worker import Worker
from halles.kernel.db import Database
from halles.kernel.errors import Unavailable
from halles.vision.api import samples
from halles.vision.types import Engine

log = structlog.get_logger("halles.inference")

POLL_S = 1.0


async def keep_heads(engine: Engine, worker: Worker, db: Database | None, stop: asyncio.Event) -> None:
    """Until stopped. `db` None: nothing is learned (tests, bench)."""
    if db is None:
        return
    have: dict[int, int] = {}
    while not stop.is_set():
        try:
            await _follow(engine, worker, db, have)
        except Unavailable as reason:
            log.warning("inference.heads_not_refreshed", code=reason.code)
        try:
            await asyncio.wait_for(stop.wait(), POLL_S)
        except TimeoutError:
            continue


async def _follow(engine: Engine, worker: Worker, db: Database, have: dict[int, int]) -> None:
    loaded = {seller: have.get(seller, 0) for seller in engine.states()}
    if not loaded:
        return
    async with db.reading() as tx:
        changed = await samples.head_changes(tx, engine.model_id, loaded)
    for head in changed:
        await worker.apart(lambda head=head: engine.teach(head.seller_id, head.body))
        have[head.seller_id] = head.version
        log.info("inference.head_refreshed", seller_id=head.seller_id, version=head.version)
