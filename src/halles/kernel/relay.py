"""The relay: takes events from the outbox and runs their reactions. Any number of relays may run at once.

Two loops. The first takes parcels: it groups their events by kind and gives each reaction its events as one set, in one
transaction with the parcels' deletion. Whatever cannot go on there gets a row of its own and is left to the second loop, which
tries failed events again, lets later events of their keys follow, and runs the reactions that call outside. So neither a failing
event nor a slow mail server holds back the others. docs/algorithms/outbox.md tells it in prose.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from psycopg import AsyncConnection

from halles.kernel import outbox
from halles.kernel.arrays import Bigints
from halles.kernel.db import Database, Tx, command, query
from halles.kernel.errors import Unavailable
from halles.kernel.live import pack
from halles.kernel.reactions import MOST, Delivery, Item, Reaction, Reactions, alone, aside, waves

log = structlog.get_logger("halles.relay")

__all__ = ["Delivery", "Reaction", "Relay"]

_WAITING_LOCK = 0x48414C  # "HAL": our advisory locks' first key; also the release before's
_PARCEL_LOCK = 0x48414D
SHARE = 8
"""Partitions that one pass takes where another relay works too, so that both find some; alone it takes all."""
PACE_S = 0.02
"""Rest after a pass that left nothing behind: a set costs little more than an event."""
IDLE_S = 0.1
"""The longest rest of an idle relay; the tenth part of a second that a lone event may wait."""
_TRAIL_S = 2.0
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """A partition with parcels; not `locked`: another relay has it."""

    partition: int
    locked: bool


_CLAIM = query(
    """select partition, pg_try_advisory_lock(%(cls)s, partition) as locked from (
      select mine.partition::int as partition
      from unnest(%(partitions)s::bigint[], %(above)s::bigint[]) as mine (partition, above)
      where exists (select from kernel.parcel as p where p.partition = mine.partition::smallint and p.seq > mine.above)
      order by random() limit %(share)s) as busy""",
    _Claimed,
)
_RELEASE = command(
    "select pg_advisory_unlock(%(cls)s, partition::int) from unnest(%(partitions)s::bigint[]) as partition"
)
_LOCK = query("select pg_try_advisory_lock(%(cls)s, %(partition)s)", bool)
_NOTIFY = command("select pg_notify('halles', topics) from unnest(%(topics)s::text[]) as topics")

Topics = Callable[[str, str, Mapping[str, Any]], Sequence[str]]


class Relay:
    """Delivers events to `reactions`; `topics` names the live topics that browsers may watch for an event.

    `hand_on`: keep delivered parcels for the publisher (kernel/nats). `announce`: tells live topics another way than pg_notify,
    after the commit; when it gives False, pg_notify does.
    """

    def __init__(
        self,
        db: Database,
        reactions: Sequence[Reaction[Any]],
        topics: Topics = lambda kind, key, body: (),
        *,
        hand_on: bool = False,
        announce: Callable[[Sequence[str]], Awaitable[bool]] | None = None,
    ) -> None:
        self._db, self._topics, self._hand_on, self._announce = db, topics, hand_on, announce
        self._reactions = Reactions(db, reactions)
        self._marks = _Marks()
        self._limit, self._share = 8, outbox.PARTITIONS
        self._set_aside = asyncio.Event()
        self._untold: dict[str, None] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; survives restarts of the database."""
        await asyncio.gather(
            self._loop(stop, self._pass_parcels, quickest_s=PACE_S, slowest_s=IDLE_S),
            self._loop(stop, self._pass_waiting, quickest_s=PACE_S, slowest_s=0.5, wake=self._set_aside),
        )

    async def drain(self, limit: int = 100) -> int:
        """Deliver until nothing is due or `limit` passes went by (for tests and the demo's start); returns how many events."""
        total = 0
        async with self._db.dedicated() as connection:
            for _ in range(limit):
                moved, _ = await self._pass_parcels(connection)
                again, _ = await self._pass_waiting(connection)
                total += moved + again
                if not moved and not again:
                    break
        return total

    async def _loop(
        self,
        stop: asyncio.Event,
        work: Callable[[AsyncConnection[Any]], Awaitable[tuple[int, bool]]],
        *,
        quickest_s: float,
        slowest_s: float,
        wake: asyncio.Event | None = None,
    ) -> None:
        """Pass after pass: at once while there is a backlog, after a short rest while events come, a longer one when idle."""
        rest_s = quickest_s
        while not stop.is_set():
            try:
                async with self._db.dedicated() as connection:
                    # A crash of the machine undoes effect and deletion alike, and the event is delivered again.
                    await connection.execute("set synchronous_commit = off")
                    while not stop.is_set():
                        moved, more = await work(connection)
                        rest_s = quickest_s if moved else min(slowest_s, 1.5 * rest_s)
                        if not more:
                            await _pause(stop, rest_s, wake)
            except Unavailable as error:
                log.warning("relay.database_unavailable", error=str(error))
                await _pause(stop, 1.0)
            except Exception:
                log.exception("relay.pass_failed", work=work.__name__)
                await _pause(stop, 1.0)

    async def _pass_parcels(self, connection: AsyncConnection[Any]) -> tuple[int, bool]:
        """One round over parcels; returns how many events left them, and whether more are there already."""
        owner, above = Tx(connection), self._marks.look()
        params = {"cls": _PARCEL_LOCK, "partitions": Bigints(above), "above": Bigints(above.values())}
        claimed = await owner.all(_CLAIM, {**params, "share": self._share})
        mine = [one.partition for one in claimed if one.locked]
        self._share = outbox.PARTITIONS if len(mine) == len(claimed) else SHARE
        if not mine:
            self._marks.looked(())
            return 0, False
        try:
            async with connection.transaction():
                parcels = await outbox.take(owner, {one: above[one] for one in mine}, self._limit)
                count, taken = await self._deliver_parcels(owner, mine, parcels)
        finally:
            if not connection.broken:
                await owner.run(_RELEASE, {"cls": _PARCEL_LOCK, "partitions": Bigints(mine)})
        await self._announce_all(owner)
        self._marks.looked(taken)
        more = len(taken) < len(parcels) or self._adapt(mine, parcels, count)
        return count, more or len(claimed) == SHARE

    def _adapt(self, mine: Sequence[int], parcels: Sequence[outbox.Parcel], count: int) -> bool:
        """Take more parcels a partition when sets stay small, fewer when they are large; whether a partition has more."""
        counts = dict.fromkeys(mine, 0)
        for parcel in parcels:
            counts[parcel.partition] += 1
        full = max(counts.values(), default=0) >= self._limit
        if full and count < MOST // 2:
            self._limit = min(64, self._limit * 2)
        elif count > MOST:
            self._limit = max(1, self._limit // 2)
        return full

    async def _deliver_parcels(
        self, tx: Tx, partitions: Sequence[int], parcels: Sequence[outbox.Parcel]
    ) -> tuple[int, Sequence[outbox.Parcel]]:
        """Run the reactions of as many of these parcels as one pass may take; the rest stays. Returns events, parcels taken."""
        taken: list[outbox.Parcel] = []
        items: list[Item] = []
        for parcel in parcels:
            if len(items) >= MOST:
                break
            taken.append(parcel)
            first = parcel.parcel_id.int
            items += [
                Item(first + nr, one.key, one.kind, one.body, parcel.at)
                for nr, one in enumerate(_ENVELOPES.decode(parcel.events))
            ]
        if not taken:
            return 0, taken
        reacting = [item for item in items if item.kind in self._reactions.by_kind]
        held = await outbox.held_keys(tx, partitions, [item.key for item in reacting])
        held.update(item.key for item in reacting if item.kind in self._reactions.outside)
        for wave in waves([item for item in reacting if item.key not in held]):
            await self._reactions.inside(tx, wave, held)
        # Whatever could not run left its key behind in `held`.
        left = [item for item in reacting if self._reactions.pending(item)] if held else []
        if left:
            await outbox.set_aside(tx, [aside(item) for item in left])
            self._set_aside.set()
        await outbox.forget(tx, taken, hand_on=self._hand_on)
        await self._tell(tx, items)
        self._reactions.count(items, whole=not held)
        return len(items), taken

    async def _pass_waiting(self, connection: AsyncConnection[Any]) -> tuple[int, bool]:
        """One round over the partitions where an event waits alone and is due, a few at once."""
        self._set_aside.clear()
        owner = Tx(connection)
        turns = asyncio.Semaphore(_AT_ONCE)
        busy = await outbox.busy_partitions(owner)
        random.shuffle(busy)
        found = await asyncio.gather(
            *(self._waiting_partition(owner, turns, partition) for partition in busy), return_exceptions=True
        )
        for one in found:
            if isinstance(one, BaseException):
                raise one
        await self._announce_all(owner)
        moved = sum(one for one in found if isinstance(one, int))
        return moved, moved > 0

    async def _waiting_partition(self, owner: Tx, turns: asyncio.Semaphore, partition: int) -> int:
        async with turns:
            if not await owner.one(_LOCK, {"cls": _WAITING_LOCK, "partition": partition}):
                return 0
            try:
                return await self._retry(partition)
            finally:
                if not owner.connection.broken:
                    await owner.run(_RELEASE, {"cls": _WAITING_LOCK, "partitions": Bigints([partition])})

    async def _retry(self, partition: int, limit: int = 500) -> int:
        """The first due event of each key, with those of the same kind that follow it: inside first, then outside."""
        async with self._db.transaction() as tx:
            held: set[str] = set()
            due = [alone(row) for row in await outbox.due(tx, partition, limit)]
            first = waves(due, most=1)
            for wave in first:
                if wave[0].kind in self._reactions.by_kind:
                    await self._reactions.inside(tx, wave, held)
            calls = [wave for wave in first if wave[0].kind in self._reactions.outside]
            await self._record(tx, partition, [item for wave in first for item in wave])
        for wave in calls:
            await self._call(partition, [item for item in wave if item.error is None], held)
        return sum(map(len, first))

    async def _call(self, partition: int, items: Sequence[Item], held: set[str]) -> None:
        """Run the reactions that call the outside world, with no transaction open, then record how it went."""
        await self._reactions.call(items, held)
        async with self._db.transaction() as tx:
            await self._record(tx, partition, items)

    async def _record(self, tx: Tx, partition: int, items: Sequence[Item]) -> None:
        """Write down what became of events that wait alone."""
        finished: list[Item] = []
        marks: dict[str, list[int]] = {}
        for item in items:
            row = item.row
            assert row is not None
            if not self._reactions.pending(item):
                finished.append(item)
                continue
            for name in item.done[item.marked :]:
                marks.setdefault(name, []).append(row.seq)
            item.marked = len(item.done)
            if item.error is not None:
                await outbox.fail(tx, row, item.error)
        for name, seqs in marks.items():
            await outbox.mark(tx, partition, seqs, name)
        if finished:
            await outbox.finish(tx, partition, [item.row.seq for item in finished if item.row])
            await self._tell(tx, finished)
        self._reactions.count(items)

    async def _tell(self, tx: Tx, items: Sequence[Item]) -> None:
        """Name the live topics of these events, each once, many in one message."""
        topics = {topic: None for item in items for topic in self._topics_of(item)}
        if not topics:
            return
        if self._announce is not None:
            self._untold.update(topics)
        else:
            await tx.run(_NOTIFY, {"topics": pack(topics)})

    async def _announce_all(self, owner: Tx) -> None:
        """After the commit: a page that reads at once must find what it is told of."""
        if self._announce is None or not self._untold:
            return
        topics, self._untold = list(self._untold), {}
        if not await self._announce(topics):
            await owner.run(_NOTIFY, {"topics": pack(topics)})

    def _topics_of(self, item: Item) -> Sequence[str]:
        try:
            return self._topics(item.kind, item.key, _BODY.decode(item.body))
        except (KeyError, msgspec.DecodeError):
            log.exception("relay.topics_failed", kind=item.kind, key=item.key)
            return ()


_ENVELOPES = msgspec.json.Decoder(list[outbox.Envelope])
_BODY: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


class _Marks:
    """Where to look for parcels, so that rows deleted but not yet cleaned away are not read again and again.

    A transaction may get its place in the line and commit later than one behind it: the mark trails by `_TRAIL_S` seconds, and
    about once a second everything is looked at whatever the marks say, less often when that takes long.
    """

    def __init__(self) -> None:
        self._marks = dict.fromkeys(range(outbox.PARTITIONS), 0)
        self._seen: list[tuple[float, dict[int, int]]] = []
        self._whole_at, self._began, self._whole = 0.0, 0.0, True

    def look(self) -> dict[int, int]:
        """Partition → the seq after which to look now."""
        self._began = time.monotonic()
        while self._seen and self._seen[0][0] < self._began - _TRAIL_S:
            for partition, seq in self._seen.pop(0)[1].items():
                self._marks[partition] = max(self._marks[partition], seq)
        self._whole = self._began >= self._whole_at
        return dict.fromkeys(self._marks, 0) if self._whole else dict(self._marks)

    def looked(self, taken: Sequence[outbox.Parcel]) -> None:
        """What was delivered after the last `look`."""
        now = time.monotonic()
        if self._whole:
            self._whole_at = now + max(1.0, 20 * (now - self._began))
        reached: dict[int, int] = {}
        for parcel in taken:
            reached[parcel.partition] = parcel.seq
        if reached:
            self._seen.append((now, reached))


async def _pause(stop: asyncio.Event, seconds: float, wake: asyncio.Event | None = None) -> None:
    """Rest until the time is over, `stop` is set, or `wake` is."""
    first = asyncio.ensure_future(stop.wait())
    waits = {first} if wake is None else {first, asyncio.ensure_future(wake.wait())}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
