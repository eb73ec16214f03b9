"""The relay: takes events from the outbox and runs their reactions. Any number of relays may run at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog
from psycopg import AsyncConnection

from halles.kernel import outbox
from halles.kernel.db import Database, Tx, command, query
from halles.kernel.errors import Unavailable

log = structlog.get_logger("halles.relay")
E_co = TypeVar("E_co", bound=outbox.Event)

_LOCK_CLASS = 0x48414C  # "HAL": our advisory locks' first key

_NOTIFY = command("select pg_notify('halles', topic) from unnest(%(topics)s::text[]) topic")
_NOW = query("select now()", datetime)
_LOCK = query("select pg_try_advisory_lock(%(cls)s, %(partition)s)", bool)
_UNLOCK = query("select pg_advisory_unlock(%(cls)s, %(partition)s)", bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a reaction gets besides the event. `tx` is None for a reaction that calls the outside world; it then opens its own
    short transactions on `db`, before and after the call, never around it."""

    event_id: UUID
    db: Database
    tx: Tx | None

    def inside(self) -> Tx:
        assert self.tx is not None, "this reaction is wired as outside"
        return self.tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Generic[E_co]):
    """One thing that happens after one kind of event. `name` is stable: it marks what was done."""

    event: type[E_co]
    name: str
    run: Callable[[E_co, Delivery], Awaitable[None]]
    outside: bool = False


class Relay:
    """Delivers events to `reactions`; `topics` names the live topics that browsers may watch for an event."""

    def __init__(
        self,
        db: Database,
        reactions: Sequence[Reaction[Any]],
        topics: Callable[[str, str, Mapping[str, Any]], Sequence[str]] = lambda kind, key, body: (),
    ) -> None:
        self._db, self._topics = db, topics
        self._by_kind: dict[str, list[Reaction[Any]]] = {}
        for reaction in reactions:
            self._by_kind.setdefault(reaction.event.kind, []).append(reaction)

    async def run(self, stop: asyncio.Event, *, poll_s: float = 0.1) -> None:
        """Deliver until `stop` is set; survives restarts of the database."""
        while not stop.is_set():
            try:
                async with self._db.dedicated() as connection:
                    while not stop.is_set():
                        if await self.pass_once(connection) == 0:
                            await _pause(stop, poll_s)
            except Unavailable as error:
                log.warning("relay.database_unavailable", error=str(error))
                await _pause(stop, 1.0)

    async def drain(self, limit: int = 100) -> int:
        """Deliver until nothing is due or `limit` passes went by (for tests and the demo's start); returns how many events."""
        total = 0
        async with self._db.dedicated() as connection:
            for _ in range(limit):
                moved = await self.pass_once(connection)
                total += moved
                if not moved:
                    break
        return total

    async def pass_once(self, connection: AsyncConnection[Any]) -> int:
        """One round over the partitions that have work; returns how many events were delivered or failed."""
        owner, moved = Tx(connection), 0
        async with self._db.reading() as tx:
            busy = await outbox.busy_partitions(tx)
        for partition in busy:
            key = {"cls": _LOCK_CLASS, "partition": partition}
            if not await owner.one(_LOCK, key):
                continue
            try:
                moved += await self._partition(partition)
            finally:
                await owner.one(_UNLOCK, key)
        return moved

    async def _partition(self, partition: int, limit: int = 500) -> int:
        finished: list[outbox.Row] = []
        outside: list[tuple[outbox.Row, list[str]]] = []
        moved = 0
        async with self._db.transaction() as tx:
            now = await tx.one(_NOW)
            held: set[str] = set()
            for row in await outbox.take(tx, partition, limit):
                if row.key in held or (row.next_at is not None and row.next_at > now):
                    held.add(row.key)
                    continue
                moved += 1
                done = await self._inside(tx, row)
                if done is None:
                    held.add(row.key)
                elif any(r.outside and r.name not in done for r in self._by_kind.get(row.kind, [])):
                    held.add(row.key)
                    outside.append((row, done))
                else:
                    finished.append(row)
            await self._finish(tx, partition, finished)
        for row, done in outside:
            await self._outside(row, done)
        return moved

    async def _inside(self, tx: Tx, row: outbox.Row) -> list[str] | None:
        """Run the reactions that only touch the database. None when one failed."""
        done = list(row.done)
        for reaction in self._by_kind.get(row.kind, []):
            if reaction.outside or reaction.name in done:
                continue
            error = await self._try(reaction, row, tx)
            if error is not None:
                await outbox.fail(tx, row, done, error)
                return None
            done.append(reaction.name)
        if done != row.done:
            await outbox.mark(tx, row, done)
        return done

    async def _outside(self, row: outbox.Row, done: list[str]) -> None:
        """Run the reactions that call the outside world, with no transaction open, then record how it went."""
        error: str | None = None
        for reaction in self._by_kind[row.kind]:
            if reaction.outside and reaction.name not in done:
                error = await self._try(reaction, row, None)
                if error is not None:
                    break
                done.append(reaction.name)
        async with self._db.transaction() as tx:
            if error is None:
                await self._finish(tx, row.partition, [row])
            else:
                await outbox.fail(tx, row, done, error)

    async def _try(self, reaction: Reaction[Any], row: outbox.Row, tx: Tx | None) -> str | None:
        event = msgspec.convert(row.body, reaction.event)
        delivery = Delivery(event_id=row.event_id, db=self._db, tx=tx)
        try:
            if tx is None:
                await reaction.run(event, delivery)
            else:
                async with tx.savepoint():
                    await reaction.run(event, delivery)
        except Unavailable as error:
            if tx is not None and tx.connection.broken:
                raise
            return f"{error.code}: {error}"
        except Exception as error:
            if tx is not None and tx.connection.broken:
                raise
            log.exception("relay.reaction_failed", reaction=reaction.name, kind=row.kind, key=row.key)
            return f"{type(error).__name__}: {error}"
        return None

    async def _finish(self, tx: Tx, partition: int, rows: Sequence[outbox.Row]) -> None:
        if not rows:
            return
        await outbox.finish(tx, partition, [row.seq for row in rows])
        topics = sorted({topic for row in rows for topic in self._topics(row.kind, row.key, row.body)})
        if topics:
            await tx.run(_NOTIFY, {"topics": topics})


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
