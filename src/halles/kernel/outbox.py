"""What may happen later: events written in the same transaction as their cause, delivered by a relay, at least once.

An event belongs to a key (an order id, a product id); events of one key reach each reaction in the order they were written. A
reaction is idempotent by event id. A reaction that fails is tried again with back-off, holds back later events of its key, and
after `PARK_AFTER` attempts is parked where staff see it. Keys are spread over `PARTITIONS`; a relay owns a partition while it
holds its advisory lock, so any number of relays share the work and none overtakes another on a key.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

import msgspec

from halles.kernel.db import Tx, command, query
from halles.kernel.errors import NotFound
from halles.kernel.ids import uuid7

PARTITIONS = 32
PARK_AFTER = 8


class Event(Protocol):
    """A frozen dataclass in a capability's types.py, named in the past tense; `kind` is stable and public."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    kind: ClassVar[str]

    def key(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event as the table holds it. `done`: reactions that succeeded already."""

    seq: int
    partition: int
    event_id: UUID
    key: str
    kind: str
    body: dict[str, Any]
    at: datetime
    attempts: int
    next_at: datetime | None
    done: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """An event that the relay gave up on, for staff: what, why, since when."""

    event_id: UUID
    kind: str
    key: str
    body: dict[str, Any]
    attempts: int
    error: str | None
    at: datetime
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`lag_s`: seconds since the oldest undelivered event was written. `parked`: events that wait for a person."""

    lag_s: float
    parked: int


class NoSuchEvent(NotFound):
    """No parked event with this id."""

    code, title = "kernel.no_such_event", "No such event"


APPEND = command(
    """insert into kernel.outbox (partition, event_id, key, kind, body)
    select * from unnest(%(partitions)s::smallint[], %(event_ids)s::uuid[], %(keys)s::text[], %(kinds)s::text[],
      %(bodies)s::text[]::jsonb[])"""
)
_TAKE = query(
    """select seq, partition, event_id, key, kind, body, at, attempts, next_at, done from kernel.outbox
    where partition = %(partition)s and parked_at is null order by seq limit %(limit)s""",
    Row,
)
_BUSY = query(
    "select distinct partition from kernel.outbox where parked_at is null and (next_at is null or next_at <= now())",
    int,
)
_DELETE = command(
    "delete from kernel.outbox where partition = %(partition)s and seq = any(%(seqs)s::bigint[])"
)
_MARK = command(
    "update kernel.outbox set done = %(done)s::text[] where partition = %(partition)s and seq = %(seq)s"
)
_RETRY = command(
    """update kernel.outbox set attempts = attempts + 1, error = %(error)s, done = %(done)s::text[],
      next_at = now() + least(power(2, attempts), 600) * interval '1 second',
      parked_at = case when attempts + 1 >= %(park_after)s then now() end
    where partition = %(partition)s and seq = %(seq)s"""
)
_PARKED = query(
    """select event_id, kind, key, body, attempts, error, at, parked_at from kernel.outbox
    where parked_at is not null order by parked_at desc limit %(limit)s""",
    ParkedEvent,
)
_BACKLOG = query(
    """select coalesce(extract(epoch from now() - min(at) filter (where parked_at is null)), 0)::float8 as lag_s,
      count(*) filter (where parked_at is not null) as parked from kernel.outbox""",
    Backlog,
)
_UNPARK = command(
    """update kernel.outbox set parked_at = null, attempts = 0, next_at = null
    where event_id = %(event_id)s and parked_at is not null"""
)


@dataclass(slots=True, kw_only=True)
class Batch:
    """Events as the arrays that APPEND takes, for writers that send sets through a pipeline of their own."""

    partitions: list[int] = field(default_factory=list[int])
    event_ids: list[UUID] = field(default_factory=list[UUID])
    keys: list[str] = field(default_factory=list[str])
    kinds: list[str] = field(default_factory=list[str])
    bodies: list[str] = field(default_factory=list[str])

    def add(self, event: Event) -> None:
        key = event.key()
        self.partitions.append(partition_of(key))
        self.event_ids.append(uuid7())
        self.keys.append(key)
        self.kinds.append(event.kind)
        self.bodies.append(msgspec.json.encode(event).decode())

    def params(self) -> dict[str, Any]:
        return {
            "partitions": self.partitions,
            "event_ids": self.event_ids,
            "keys": self.keys,
            "kinds": self.kinds,
            "bodies": self.bodies,
        }


def partition_of(key: str) -> int:
    """The partition (0 to PARTITIONS-1) of a key; CRC-32, so that every process and release agrees."""
    return zlib.crc32(key.encode()) % PARTITIONS


async def append(tx: Tx, events: Sequence[Event]) -> None:
    """Write events in the caller's transaction: one statement for the set."""
    if not events:
        return
    batch = Batch()
    for event in events:
        batch.add(event)
    await tx.run(APPEND, batch.params())


async def busy_partitions(tx: Tx) -> list[int]:
    """Partitions that have something due."""
    return await tx.all(_BUSY)


async def take(tx: Tx, partition: int, limit: int) -> list[Row]:
    """The oldest events of a partition, in order. The caller holds the partition's advisory lock."""
    return await tx.all(_TAKE, {"partition": partition, "limit": limit})


async def finish(tx: Tx, partition: int, seqs: Sequence[int]) -> None:
    """Forget delivered events."""
    await tx.run(_DELETE, {"partition": partition, "seqs": list(seqs)})


async def mark(tx: Tx, row: Row, done: Sequence[str]) -> None:
    """Remember which reactions of an event succeeded."""
    await tx.run(_MARK, {"partition": row.partition, "seq": row.seq, "done": list(done)})


async def fail(tx: Tx, row: Row, done: Sequence[str], error: str) -> None:
    """Schedule another attempt after 2^attempts seconds (at most ten minutes), or park the event."""
    params = {
        "partition": row.partition,
        "seq": row.seq,
        "done": list(done),
        "error": error[:2000],
        "park_after": PARK_AFTER,
    }
    await tx.run(_RETRY, params)


async def backlog(tx: Tx) -> Backlog:
    """How far the relays are behind."""
    return await tx.one(_BACKLOG)


async def parked(tx: Tx, limit: int = 100) -> list[ParkedEvent]:
    """Events that wait for a person, the latest first."""
    return await tx.all(_PARKED, {"limit": limit})


async def unpark(tx: Tx, event_id: UUID) -> None:
    """Try a parked event again from its first attempt. Raises NoSuchEvent."""
    if await tx.run(_UNPARK, {"event_id": event_id}) == 0:
        raise NoSuchEvent("No parked event has this id.", event_id=str(event_id))
