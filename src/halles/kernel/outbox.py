"""What may happen later: events written in the same transaction as their cause, delivered by a relay, at least once.

An event belongs to a key (an order id, a product id); events of one key reach each reaction in the order they were written. A
reaction is idempotent by event id. Keys are spread over `PARTITIONS`; a relay owns a partition while it holds its advisory lock,
so any number of relays share the work and none overtakes another on a key.

Events travel as *parcels*: one row holds the events of one partition of one transaction, and is inserted and deleted, never
changed. What cannot go on with its parcel (its reaction failed, an earlier event of its key waits, its reaction calls outside)
moves to a row of its own, where it is tried again with back-off, holds back later events of its key, and after `PARK_AFTER`
attempts is parked where staff see it.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

import msgspec

from halles.kernel.arrays import Bigints, Texts, Uuids, bigints, texts, uuids
from halles.kernel.db import Tx, Unstorable, command, query
from halles.kernel.errors import NotFound
from halles.kernel.ids import uuid7

PARTITIONS = 32
PARK_AFTER = 8
MOST_IN_PARCEL = 1000
"""Events of one parcel, so that a bulk import is delivered in helpings."""
_MOST_IN_BATCH = 1 << 16
"""Events of one partition that one batch id can number."""

_encode = msgspec.json.encode


class Event(Protocol):
    """A frozen dataclass in a capability's types.py, named in the past tense; `kind` is stable and public."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    kind: ClassVar[str]

    def key(self) -> str: ...


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """An event inside a parcel. `body` is JSON that nobody has read yet."""

    key: str
    kind: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The events of one partition and transaction, in order: `events` is a JSON array of envelopes."""

    partition: int
    seq: int
    parcel_id: UUID
    at: datetime
    events: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event that waits alone. `done`: reactions that succeeded already."""

    seq: int
    partition: int
    event_id: UUID
    key: str
    kind: str
    body: str
    attempts: int
    done: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """An event on its way out of its parcel. `error` None: nothing failed, it waits its turn."""

    event_id: UUID
    key: str
    kind: str
    body: bytes
    at: datetime
    done: Sequence[str] = ()
    error: str | None = None


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
    """`lag_s`: seconds since the oldest undelivered event was written. `waiting`: events that wait alone, `parked`: for a person.

    `outgoing`: parcels that NATS has not acknowledged, counted to 100,000; `outgoing_lag_s`: the age of the oldest.
    """

    lag_s: float
    waiting: int
    parked: int
    outgoing: int
    outgoing_lag_s: float


class NoSuchEvent(NotFound):
    """No parked event with this id."""

    code, title = "kernel.no_such_event", "No such event"


APPEND = command(
    """insert into kernel.parcel (partition, parcel_id, events)
    select * from unnest(%(partitions)s::bigint[], %(parcel_ids)s::uuid[], %(events)s::text[])"""
)
_TAKE = query(
    """select p.partition, p.seq, p.parcel_id, p.at, p.events
    from unnest(%(partitions)s::bigint[], %(above)s::bigint[]) as mine (partition, above)
    cross join lateral (select * from kernel.parcel as one where one.partition = mine.partition::smallint
      and one.seq > mine.above order by one.seq limit %(limit)s) as p
    order by p.partition, p.seq""",
    Parcel,
)
_FORGET = command(
    """delete from kernel.parcel as p using unnest(%(partitions)s::bigint[], %(seqs)s::bigint[]) as gone (partition, seq)
    where p.partition = gone.partition::smallint and p.seq = gone.seq"""
)
_HAND_ON = command(
    """with gone as (
      delete from kernel.parcel as p using unnest(%(partitions)s::bigint[], %(seqs)s::bigint[]) as gone (partition, seq)
      where p.partition = gone.partition::smallint and p.seq = gone.seq
      returning p.partition, p.seq, p.parcel_id, p.at, p.events)
    insert into kernel.outgoing (partition, parcel_id, at, events)
    select partition, parcel_id, at, events from gone order by partition, seq"""
)
_ANY_HELD = query(
    """select exists (select from kernel.outbox
      where partition = any(%(partitions)s::smallint[]) and parked_at is null)""",
    bool,
)
_HELD = query(
    """select distinct key from kernel.outbox
    where partition = any(%(partitions)s::smallint[]) and key = any(%(keys)s::text[]) and parked_at is null""",
    str,
)
_SET_ASIDE = command(
    """insert into kernel.outbox (partition, event_id, key, kind, body, at, done, attempts, error, next_at)
    select partition, event_id, key, kind, body::jsonb, at, string_to_array(done, chr(31)),
      case when error = '' then 0 else 1 end, nullif(error, ''),
      case when error <> '' then now() + interval '1 second' end
    from (select * from unnest(%(partitions)s::bigint[], %(event_ids)s::uuid[], %(keys)s::text[], %(kinds)s::text[],
      %(bodies)s::text[], %(moments)s::timestamptz[], %(dones)s::text[], %(errors)s::text[])
      as one (partition, event_id, key, kind, body, at, done, error)) as aside"""
)
_BUSY = query(
    """select distinct partition from kernel.outbox
    where parked_at is null and (next_at is null or next_at <= now())""",
    int,
)
_DUE = query(
    """select seq, partition, event_id, key, kind, body::text as body, attempts, done from kernel.outbox as one
    where partition = %(partition)s and parked_at is null and (next_at is null or next_at <= now())
      and not exists (select from kernel.outbox as before where before.partition = %(partition)s
        and before.key = one.key and before.seq < one.seq and before.parked_at is null and before.next_at > now())
    order by seq limit %(limit)s""",
    Row,
)
_DELETE = command(
    "delete from kernel.outbox where partition = %(partition)s and seq = any(%(seqs)s::bigint[])"
)
_MARK = command(
    """update kernel.outbox set done = done || %(name)s::text
    where partition = %(partition)s and seq = any(%(seqs)s::bigint[])"""
)
_RETRY = command(
    """update kernel.outbox set attempts = attempts + 1, error = %(error)s,
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
    """select coalesce(extract(epoch from now() - least(
        (select min(at) from kernel.outbox where parked_at is null),
        (select min(first.at) from generate_series(0, %(partitions)s - 1) as mine (partition)
          cross join lateral (select at from kernel.parcel as p where p.partition = mine.partition::smallint
            order by seq limit 1) as first))), 0)::float8 as lag_s,
      (select count(*) from kernel.outbox where parked_at is null) as waiting,
      (select count(*) from kernel.outbox where parked_at is not null) as parked,
      (select count(*) from (select from kernel.outgoing limit 100000) as counted) as outgoing,
      coalesce(extract(epoch from now() - (select min(first.at) from generate_series(0, %(partitions)s - 1) as mine (partition)
        cross join lateral (select at from kernel.outgoing as p where p.partition = mine.partition::smallint
          order by seq limit 1) as first)), 0)::float8 as outgoing_lag_s""",
    Backlog,
)
_UNPARK = command(
    """update kernel.outbox set parked_at = null, attempts = 0, next_at = null
    where event_id = %(event_id)s and parked_at is not null"""
)


@dataclass(slots=True, kw_only=True)
class Batch:
    """The events of one transaction as APPEND takes them, for writers that send sets through a pipeline of their own."""

    batch_id: UUID = field(default_factory=uuid7)
    _parcels: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, event: Event) -> None:
        self.add_encoded(event.key(), event.kind, _encode(event))

    def add_encoded(self, key: str, kind: str, body: bytes) -> None:
        """An event whose `body` is JSON already. `kind` is an event's own: letters, digits, dots, underscores.

        Raises Unstorable for a key with a zero byte.
        """
        if "\0" in key:
            raise Unstorable("The key of an event holds a zero byte.")
        item = f'{{"key":{_encode(key).decode()},"kind":"{kind}","body":{body.decode()}}}'
        self._parcels[partition_of(key)].append(item)

    def add_plain(self, key: str, kind: str, body: str) -> None:
        """The same for a key that needs no escapes in JSON, for the order path."""
        item = f'{{"key":"{key}","kind":"{kind}","body":{body}}}'
        self._parcels[zlib.crc32(key.encode()) % PARTITIONS].append(item)

    def params(self) -> dict[str, Any]:
        """The parameters of APPEND."""
        partitions, parcel_ids, events = self._rows()
        return {
            "partitions": Bigints(partitions),
            "parcel_ids": Uuids(parcel_ids),
            "events": Texts(events),
        }

    def encoded(self) -> dict[str, bytes]:
        """The same in PostgreSQL's binary format, for a pipe."""
        partitions, parcel_ids, events = self._rows()
        return {
            "partitions": bigints(partitions),
            "parcel_ids": uuids([parcel_id.bytes for parcel_id in parcel_ids]),
            "events": texts(events),
        }

    def _rows(self) -> tuple[list[int], list[UUID], list[str]]:
        """Partition, id and text of each parcel."""
        partitions, parcel_ids, events = list[int](), list[UUID](), list[str]()
        for partition, items in self._parcels.items():
            for start in range(0, len(items), MOST_IN_PARCEL):
                partitions.append(partition)
                parcel_ids.append(_parcel_id(self.batch_id, partition, start))
                events.append(f"[{','.join(items[start : start + MOST_IN_PARCEL])}]")
        return partitions, parcel_ids, events


def _parcel_id(batch_id: UUID, partition: int, start: int) -> UUID:
    """The id of a parcel: the batch's, its low 24 bits replaced by the partition and the number of its first event."""
    assert start < _MOST_IN_BATCH, "a batch numbers at most 65,536 events of a partition"
    return UUID(int=batch_id.int >> 24 << 24 | partition << 16 | start)


def event_id(parcel_id: UUID, index: int) -> UUID:
    """The id of the event at `index` (from 0) of a parcel."""
    return UUID(int=parcel_id.int + index)


def partition_of(key: str) -> int:
    """The partition (0 to PARTITIONS-1) of a key; CRC-32, so that every process and release agrees."""
    return zlib.crc32(key.encode()) % PARTITIONS


async def append(tx: Tx, events: Sequence[Event]) -> None:
    """Write events in the caller's transaction: one statement for up to 65,536 of them."""
    for start in range(0, len(events), _MOST_IN_BATCH):
        batch = Batch()
        for event in events[start : start + _MOST_IN_BATCH]:
            batch.add(event)
        await tx.run(APPEND, batch.params())


async def take(tx: Tx, above: Mapping[int, int], limit: int) -> list[Parcel]:
    """The oldest `limit` parcels of each partition in `above` (partition → the seq after which to look), in order.

    The caller holds the partitions' advisory locks.
    """
    params = {"partitions": Bigints(above), "above": Bigints(above.values()), "limit": limit}
    return await tx.all(_TAKE, params)


async def forget(tx: Tx, parcels: Sequence[Parcel], *, hand_on: bool) -> None:
    """Delete delivered parcels; `hand_on`: keep them for the publisher."""
    params = {
        "partitions": Bigints(parcel.partition for parcel in parcels),
        "seqs": Bigints(parcel.seq for parcel in parcels),
    }
    await tx.run(_HAND_ON if hand_on else _FORGET, params)


async def held_keys(tx: Tx, partitions: Sequence[int], keys: Sequence[str]) -> set[str]:
    """Those of the keys with an event that waits alone: their later events wait behind it. One or two statements."""
    params = {"partitions": Bigints(partitions)}
    if not keys or not await tx.one(_ANY_HELD, params):
        return set()
    return set(await tx.all(_HELD, {**params, "keys": Texts(keys)}))


async def set_aside(tx: Tx, events: Sequence[Aside]) -> None:
    """Give events rows of their own, in order; those with an error are tried again in a second."""
    params = {
        "partitions": Bigints(partition_of(event.key) for event in events),
        "event_ids": Uuids(event.event_id for event in events),
        "keys": Texts(event.key for event in events),
        "kinds": Texts(event.kind for event in events),
        "bodies": Texts(_as_jsonb(event.body) for event in events),
        "moments": [event.at for event in events],
        "dones": Texts("\x1f".join(event.done) for event in events),
        "errors": Texts(storable(event.error) for event in events),
    }
    await tx.run(_SET_ASIDE, params)


async def busy_partitions(tx: Tx) -> list[int]:
    """Partitions where an event that waits alone is due."""
    return await tx.all(_BUSY)


async def due(tx: Tx, partition: int, limit: int) -> list[Row]:
    """The oldest events of a partition that wait alone and may be tried now, in order; none behind one of its key that may not.

    The caller holds the partition's advisory lock.
    """
    return await tx.all(_DUE, {"partition": partition, "limit": limit})


async def finish(tx: Tx, partition: int, seqs: Sequence[int]) -> None:
    """Forget delivered events that waited alone."""
    await tx.run(_DELETE, {"partition": partition, "seqs": list(seqs)})


async def mark(tx: Tx, partition: int, seqs: Sequence[int], name: str) -> None:
    """Remember that a reaction of these events succeeded."""
    await tx.run(_MARK, {"partition": partition, "seqs": list(seqs), "name": name})


async def fail(tx: Tx, row: Row, error: str) -> None:
    """Schedule another attempt after 2^attempts seconds (at most ten minutes), or park the event."""
    params = {
        "partition": row.partition,
        "seq": row.seq,
        "error": storable(error),
        "park_after": PARK_AFTER,
    }
    await tx.run(_RETRY, params)


def _as_jsonb(body: bytes) -> str:
    """A body that jsonb takes: it has no way to keep the character zero, which JSON can name."""
    return body.decode().replace("\\u0000", "\\ufffd")


def storable(error: str | None) -> str:
    """What a reaction said, cut to what a row holds: PostgreSQL keeps no zero byte and no lone surrogate."""
    return (error or "")[:2000].replace("\0", "").encode("utf-8", "replace").decode()


async def backlog(tx: Tx) -> Backlog:
    """How far the relays are behind."""
    return await tx.one(_BACKLOG, {"partitions": PARTITIONS})


async def parked(tx: Tx, limit: int = 100) -> list[ParkedEvent]:
    """Events that wait for a person, the latest first."""
    return await tx.all(_PARKED, {"limit": limit})


async def unpark(tx: Tx, event_id: UUID) -> None:
    """Try a parked event again from its first attempt. Raises NoSuchEvent."""
    if await tx.run(_UNPARK, {"event_id": event_id}) == 0:
        raise NoSuchEvent("No parked event has this id.", event_id=str(event_id))
