"""What commands of the terminal share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from halles.kernel.db import Database

T = TypeVar("T")


def on_database(dsn: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run a command's work on a database of its own, closed at the end. Raises DatabaseUnavailable and what `work` raises."""

    async def inside() -> T:
        db = await Database.open(dsn, min_size=1, max_size=2)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(inside())
