"""The door of ring-fences."""

from __future__ import annotations

from datetime import datetime

from halles.inventory import api as inventory
from halles.journeys.ring_fence.levels import levels_for, open_channels
from halles.kernel.db import Database
from halles.kernel.web import Services

__all__ = ["levels_for", "open_channels", "settle_due", "settle_fences"]


async def settle_due(db: Database, now: datetime) -> int:
    """Fill fences from stock that became free, give back what those that are over still keep; how many were looked at."""
    async with db.reading() as tx:
        due = await inventory.due_fences(tx, now)
    for seller_id, fence_id in due:
        async with db.transaction() as tx:
            await inventory.step_fence(tx, seller_id, fence_id, now)
    return len(due)


async def settle_fences(services: Services) -> None:
    """The worker's task."""
    await settle_due(services.db, services.clock())
