"""The door of visits: record what happened, read the counts, forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.visits import rules, store
from halles.visits.types import RETENTION, HourCount, RecentEvent, SeenCount, VisitEvent, VisitsRecorded

believed = rules.believed
local_day = rules.local_day

__all__ = ["believed", "forget_old", "live", "local_day", "recent", "record", "seen"]


async def record(tx: Tx, events: Sequence[VisitEvent], *, announce: bool = True) -> int:
    """Keep events, counting each once; returns how many were new. At most three statements.

    Emits VisitsRecorded for each seller and place they touch, unless `announce` is off: whoever records many times a second
    announces once.
    """
    if not events:
        return 0
    fresh = await store.record(tx, events)
    if fresh and announce:
        places = sorted({(event.seller_id, event.place_id) for event in events}, key=str)
        await outbox.append(
            tx, [VisitsRecorded(seller_id=seller, place_id=place) for seller, place in places]
        )
    return fresh


async def live(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime
) -> list[HourCount]:
    """Counts by UTC hour, place and kind in [hour of since, until). One statement over the hours, not over the events."""
    return await store.by_hour(tx, seller_id, place_id, since, until)


async def recent(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime, limit: int = 20
) -> list[RecentEvent]:
    """What happened last. One statement."""
    return await store.recent(tx, seller_id, place_id, since, until, limit)


async def seen(tx: Tx, seller_id: int, since: datetime, until: datetime) -> list[SeenCount]:
    """How often products were looked at in [since, until), by place. One statement over these events."""
    return await store.seen(tx, seller_id, since, until)


async def forget_old(tx: Tx, now: datetime) -> int:
    """Delete single events older than RETENTION; the worker calls it daily. Counts stay. Returns how many rows."""
    return await store.forget(tx, now - RETENTION)
