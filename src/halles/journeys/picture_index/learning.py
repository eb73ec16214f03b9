"""How far a catalogue is learned, told cheaply: photos are answered meanwhile with what is known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from halles.catalog import api as catalog
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.vision import api as vision

FRESH = timedelta(seconds=5)
"""So long an answer stands while pictures are being learned."""
AT_REST = timedelta(minutes=1)
"""So long it stands when nothing is."""
STILL = timedelta(minutes=3)
"""Where no picture was learned for so long, those that lack cannot be read, or nobody learns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """`learned` of `pictures` of the catalogue can be found by photo. `going_on`: more are being learned."""

    learned: int
    pictures: int
    going_on: bool


@dataclass(slots=True)
class _Known:
    found: Learned
    read_at: datetime
    moved_at: datetime


class Learning:
    """Asked by every page that takes photos: counts a seller's pictures at most once in FRESH, in AT_REST while nothing is
    learned, however many ask. What moved is known to this process alone, so after a start it takes STILL to be sure that
    nothing does."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._known: dict[int, _Known] = {}
        self._reading: dict[int, asyncio.Lock] = {}

    async def of(self, seller_id: int) -> Learned:
        """How far a seller's catalogue is learned. Two statements, or none."""
        async with self._reading.setdefault(seller_id, asyncio.Lock()):
            now, known = self._clock(), self._known.get(seller_id)
            if known is not None and now - known.read_at < (FRESH if known.found.going_on else AT_REST):
                return known.found
            async with self._db.lagging() as tx:
                pictures = await catalog.shown_pictures(tx, seller_id)
                seen = await vision.seen_pictures(tx, seller_id)
            return self._note(seller_id, min(seen, pictures), pictures, now).found

    def _note(self, seller_id: int, learned: int, pictures: int, now: datetime) -> _Known:
        before = self._known.get(seller_id)
        moved = before is None or (learned, pictures) != (before.found.learned, before.found.pictures)
        moved_at = now if before is None or moved else before.moved_at
        going_on = learned < pictures and now - moved_at < STILL
        known = _Known(Learned(learned=learned, pictures=pictures, going_on=going_on), now, moved_at)
        self._known[seller_id] = known
        return known
