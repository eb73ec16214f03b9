"""From settings to an open database, for commands: the operator's own server, or the embedded one, started if need be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from halles.kernel import migrate
from halles.kernel.db import Database, translated
from halles.kernel.errors import Conflict, DatabaseUnavailable
from halles.kernel.postgres import ensure_running
from halles.kernel.replica import Replica
from halles.kernel.settings import Settings

PATIENCE_S = 30.0
"""Seconds that a process of an installation waits at its start for a database that is away: starting anew takes longer."""
_PAUSE_S = 0.2


class NotMigrated(Conflict):
    """The operator's own database is not at this release's revision."""

    code, title = "kernel.not_migrated", "The database needs `halles migrate`"


def need_migrated(dsn: str) -> None:
    """Raise NotMigrated unless the operator's own database is at this release's revision, DatabaseUnavailable if it is away."""
    with translated():
        if migrate.current(dsn) not in migrate.heads():
            raise NotMigrated("Run `halles migrate` first: the database is not at this release's revision.")


@asynccontextmanager
async def opened(
    settings: Settings, *, max_size: int = 4, patience_s: float = 0.0
) -> AsyncGenerator[Database]:
    """The database of these settings, migrated. The embedded one is brought up to date; an operator's own never by itself.

    `patience_s`: how long to go on asking a database that does not answer. Raises NotMigrated, DatabaseUnavailable,
    PostgresUnavailable.
    """
    db = await _open(settings, max_size, time.monotonic() + patience_s)
    try:
        async with _replica(settings, db, max_size):
            yield db
    finally:
        await db.close()


async def _open(settings: Settings, max_size: int, until: float) -> Database:
    while True:
        try:
            return await _open_once(settings, max_size)
        except DatabaseUnavailable:
            if time.monotonic() >= until:
                raise
            await asyncio.sleep(_PAUSE_S)


async def _open_once(settings: Settings, max_size: int) -> Database:
    if settings.database_url is None:
        dsn = (await asyncio.to_thread(ensure_running, settings.data)).dsn
        await asyncio.to_thread(migrate.upgrade, dsn)
    else:
        dsn = settings.database_url
        await asyncio.to_thread(need_migrated, dsn)
    return await Database.open(dsn, min_size=1, max_size=max_size)


def _replica(settings: Settings, db: Database, max_size: int) -> AbstractAsyncContextManager[None]:
    if settings.replica_url is None:
        return nullcontext()
    return Replica(settings.replica_url, max_lag_s=settings.replica_max_lag_s, max_size=max_size).following(
        db
    )
