"""A standby for pages that may be some seconds old: reads go there while it keeps up, and to the first server otherwise.

How far it is behind is measured against the first server: every second its place in the write-ahead log is noted, and the
standby lags by the age of the oldest note that it has not replayed. So a quiet shop has no lag, a standby that is cut off has,
and one that holds all that is known of a first server gone away is still read from.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from halles.kernel.db import Connection, Database, Params, Statement, Tx, query, translated
from halles.kernel.errors import DatabaseUnavailable
from halles.kernel.telemetry import REPLICA_LAG, REPLICA_READS

log = structlog.get_logger("halles.replica")

LOOK_S = 1.0
"""Seconds between two looks at how far the standby is."""
_LEND_S = 0.5
"""Seconds that a read waits for a connection to the standby before it goes to the first server."""
_LOOK_TIMEOUT_S = 5.0

_WRITTEN = query(
    """select case when pg_is_in_recovery() then 0 else (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint end""",
    int,
)
_REPLAYED = query(
    """select case when pg_is_in_recovery() then coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::bigint else -1 end""",
    int,
)


class Lag:
    """How far a standby is behind, from notes of (moment, place in the log). Pure: moments are given."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=4000)
        self._replayed = -1

    def written(self, at: float, place: int) -> None:
        """The first server had written up to `place`."""
        if not self._notes or place > self._notes[-1][1]:
            self._notes.append((at, place))

    def replayed(self, place: int) -> None:
        """The standby shows all up to `place`."""
        self._replayed = place
        while self._notes and self._notes[0][1] <= place:
            self._notes.popleft()

    def seconds(self, now: float) -> float:
        """Infinite before the standby was seen."""
        if self._replayed < 0:
            return math.inf
        return now - self._notes[0][0] if self._notes else 0.0


class Replica:
    """Connections to a standby, and whether it may be read from now."""

    def __init__(
        self,
        url: str,
        *,
        max_lag_s: float,
        max_size: int = 4,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=max_size,
            open=False,
            reconnect_timeout=5.0,
            kwargs={"autocommit": True, "options": "-c default_transaction_read_only=on"},
        )
        self._max_lag_s, self._tick = max_lag_s, tick
        self._lag = Lag()
        self.usable = False

    @asynccontextmanager
    async def following(self, primary: Database) -> AsyncGenerator[None]:
        """Watch the standby while the block runs, and lend it to `primary.lagging()`. Never waits for it, never fails for it."""
        await self._pool.open(wait=False)
        watching = asyncio.create_task(self._watch(primary))
        watching.add_done_callback(self._not_watched)
        primary.replica = self
        try:
            yield
        finally:
            primary.replica = None
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._pool.close()

    def _not_watched(self, _: asyncio.Task[None]) -> None:
        self.usable = False  # whatever ended the watching: nobody knows any more how far the standby is

    async def _watch(self, primary: Database) -> None:
        while True:
            before, self.usable = self.usable, await self.look(primary)
            if before != self.usable:
                log.warning("replica.used" if self.usable else "replica.not_used")
            await asyncio.sleep(LOOK_S)

    async def look(self, primary: Database) -> bool:
        """Compare both servers once; whether the standby may be read from."""
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S), primary.reading() as tx:
                place = await tx.one(_WRITTEN)
            self._lag.written(self._tick(), place)
        except (DatabaseUnavailable, TimeoutError):
            pass  # nothing new is known to be written: what the standby has is what there is
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S), self._lent(_LOOK_TIMEOUT_S) as connection:
                replayed = await Tx(connection).one(_REPLAYED)
        except (DatabaseUnavailable, TimeoutError):
            REPLICA_LAG.set(math.nan)
            await self._forget_dead()
            return False
        if (
            replayed < 0
        ):  # promoted, or never a standby: what it shows may be another story than the first server's
            REPLICA_LAG.set(math.nan)
            return False
        self._lag.replayed(replayed)
        seconds = self._lag.seconds(self._tick())
        REPLICA_LAG.set(seconds)
        return seconds <= self._max_lag_s

    async def _forget_dead(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S):
                await self._pool.check()
        except (psycopg.Error, OSError, TimeoutError):
            pass

    @asynccontextmanager
    async def _lent(self, timeout_s: float) -> AsyncGenerator[Connection]:
        with translated():
            async with self._pool.connection(timeout=timeout_s) as connection:
                yield connection

    @asynccontextmanager
    async def reading(self, primary: Database) -> AsyncGenerator[Tx]:
        """A connection without a transaction: the standby's while it is usable; the first server's, also when it dies midway."""
        async with AsyncExitStack() as stack:
            tx: Tx | None = None
            if self.usable:
                try:
                    borrowed = self._pool.connection(timeout=_LEND_S)
                    tx = _Moving(await stack.enter_async_context(borrowed), self, primary, stack)
                except (PoolTimeout, psycopg.OperationalError):
                    self.usable = False
            if tx is None:
                tx = await stack.enter_async_context(primary.reading())
                REPLICA_READS.labels(server="primary").inc()
            else:
                REPLICA_READS.labels(server="replica").inc()
            yield tx


class _Moving(Tx):
    """A reading that goes on at the first server where the standby leaves off: each statement is its own anyway."""

    __slots__ = ("_primary", "_replica", "_stack")

    def __init__(
        self, connection: Connection, replica: Replica, primary: Database, stack: AsyncExitStack
    ) -> None:
        super().__init__(connection)
        self._replica: Replica | None = replica
        self._primary, self._stack = primary, stack

    async def _execute(self, statement: Statement[Any], params: Params | None) -> psycopg.AsyncCursor[Any]:
        if self._replica is not None:
            try:
                return await super()._execute(statement, params)
            except psycopg.OperationalError:  # lost, or cancelled since replay wanted its rows
                if self.connection.broken:
                    self._replica.usable = False
                self._replica = None
            tx = await self._stack.enter_async_context(self._primary.reading())
            self.connection, self.cluster = tx.connection, tx.cluster
            REPLICA_READS.labels(server="primary").inc()
        return await super()._execute(statement, params)
