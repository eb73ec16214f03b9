"""Reactions, and how a set of events is given to them: all at once; where that fails, divided until the bad one is alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

import msgspec
import structlog

from halles.kernel import outbox
from halles.kernel.db import Database, Tx
from halles.kernel.errors import TooMany, Unavailable
from halles.kernel.telemetry import EVENTS

log = structlog.get_logger("halles.relay")

_NOT_NOW = (Unavailable, TooMany)
"""What is tried again later, and is no bug."""
E = TypeVar("E", bound=outbox.Event)

MOST = 4000
"""Events of one pass."""
_CALLS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a reaction gets besides the events: their ids, in the same order. `tx` is None for a reaction that calls the outside
    world; it then opens its own short transactions on `db`, before and after the call, never around it."""

    event_ids: Sequence[UUID]
    db: Database
    tx: Tx | None

    def inside(self) -> Tx:
        assert self.tx is not None, "this reaction is wired as outside"
        return self.tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Generic[E]):
    """One thing that happens after one kind of event. `name` is stable: it marks what was done.

    `run` gets events of this kind, in order, several of one key among them. When it raises, what it wrote is undone and the set
    is divided, until only the events that fail by themselves are left. `most`: the largest set; 1 for a call that must not be
    repeated because another event of its set failed.
    """

    event: type[E]
    name: str
    run: Callable[[Sequence[E], Delivery], Awaitable[None]]
    outside: bool = False
    most: int = MOST


@dataclass(slots=True, eq=False)
class Item:
    """An event on its way. `row`: where it waits alone, None in a parcel; `marked`: how many of `done` are written there."""

    number: int
    key: str
    kind: str
    body: bytes | msgspec.Raw
    at: datetime | None = None
    done: tuple[str, ...] = ()
    error: str | None = None
    row: outbox.Row | None = None
    marked: int = 0


class _Ids(Sequence[UUID]):
    """The ids of a set, made when they are asked for: most reactions never do."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> UUID: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[UUID]: ...
    def __getitem__(self, at: int | slice) -> UUID | Sequence[UUID]:
        if isinstance(at, slice):
            return _Ids(self._items[at])
        return UUID(int=self._items[at].number)


class Reactions:
    """The reactions of a process, by kind of event."""

    def __init__(self, db: Database, reactions: Sequence[Reaction[Any]]) -> None:
        self._db = db
        self.by_kind: dict[str, list[Reaction[Any]]] = {}
        self.outside: set[str] = set()
        self._decoders = {one.event: msgspec.json.Decoder(one.event) for one in reactions}
        for reaction in reactions:
            self.by_kind.setdefault(reaction.event.kind, []).append(reaction)
            if reaction.outside:
                self.outside.add(reaction.event.kind)

    async def call(self, items: Sequence[Item], held: set[str]) -> None:
        """Give the events of one kind to its reactions that call the outside world, with no transaction open."""
        for reaction in self.by_kind[items[0].kind] if items else ():
            todo = [item for item in items if reaction.outside and reaction.name not in item.done]
            if reaction.most == 1:
                await self._call_each(reaction, todo, held)
                continue
            for start in range(0, len(todo), reaction.most):
                await self._run_set(reaction, todo[start : start + reaction.most], None, held)

    async def inside(self, tx: Tx, items: Sequence[Item], held: set[str]) -> None:
        """Give the events of one kind to its reactions that only touch the database; marks each item with what was done."""
        for reaction in self.by_kind[items[0].kind]:
            if reaction.outside:
                continue
            todo = [item for item in items if reaction.name not in item.done]
            for start in range(0, len(todo), reaction.most):
                await self._run_set(reaction, todo[start : start + reaction.most], tx, held)

    async def _run_set(
        self, reaction: Reaction[Any], items: Sequence[Item], tx: Tx | None, held: set[str]
    ) -> None:
        """Run a reaction on a set; where it fails, on its halves, so that only what fails by itself is left behind.

        Where the world outside is away or busy, all fail together: the first event of each key, and those behind it wait.
        """
        items = [item for item in items if item.key not in held]
        if not items:
            return
        error = await self._try(reaction, items, tx)
        if error is None:
            for item in items:
                item.done += (reaction.name,)
        elif len(items) == 1 or (isinstance(error, _NOT_NOW) and tx is None):
            said = f"{getattr(error, 'code', type(error).__name__)}: {error}"
            held.update(item.key for item in items)
            for item in {item.key: item for item in reversed(items)}.values():
                item.error = said
        else:
            middle = len(items) // 2
            await self._run_set(reaction, items[:middle], tx, held)
            await self._run_set(reaction, items[middle:], tx, held)

    def pending(self, item: Item) -> bool:
        return any(reaction.name not in item.done for reaction in self.by_kind.get(item.kind, ()))

    async def _try(self, reaction: Reaction[Any], items: Sequence[Item], tx: Tx | None) -> Exception | None:
        delivery = Delivery(event_ids=_Ids(items), db=self._db, tx=tx)
        try:
            decode = self._decoders[reaction.event].decode
            events = [decode(item.body) for item in items]
            if tx is None:
                await reaction.run(events, delivery)
            else:
                async with tx.savepoint():
                    await reaction.run(events, delivery)
        except _NOT_NOW as error:
            if tx is not None and tx.connection.broken:
                raise
            return error
        except Exception as error:
            if tx is not None and tx.connection.broken:
                raise
            if len(items) == 1:
                one = items[0]
                log.exception("relay.reaction_failed", reaction=reaction.name, kind=one.kind, key=one.key)
            return error
        return None

    async def _call_each(self, reaction: Reaction[Any], items: Sequence[Item], held: set[str]) -> None:
        """One call an event, those of a key one after another, a few keys at once."""
        turns = asyncio.Semaphore(_CALLS)
        by_key: dict[str, list[Item]] = {}
        for item in items:
            by_key.setdefault(item.key, []).append(item)

        async def one_key(chain: Sequence[Item]) -> None:
            async with turns:
                for item in chain:
                    await self._run_set(reaction, [item], None, held)

        await asyncio.gather(*map(one_key, by_key.values()))

    def count(self, items: Sequence[Item], *, whole: bool = False) -> None:
        """Keep the events' counter. What only waits is not counted yet; `whole`: nothing failed and nothing waits."""
        if whole:
            delivered = items
        else:
            delivered = [item for item in items if not self.pending(item)]
            for kind, number in Counter(item.kind for item in items if item.error is not None).items():
                EVENTS.labels(kind=kind, outcome="failed").inc(number)
        for kind, number in Counter(item.kind for item in delivered).items():
            EVENTS.labels(kind=kind, outcome="delivered").inc(number)


def waves(items: Sequence[Item], most: int | None = None) -> list[list[Item]]:
    """Sets of one kind each, such that events of a key stay in order through all of them. `most`: only those of the first rounds.

    An event joins the round of its key's last one when it is of the same kind, else the round after.
    """
    if len({item.kind for item in items}) == 1:
        return [list(items)]
    rounds: list[dict[str, list[Item]]] = []
    last: dict[str, tuple[int, str]] = {}
    for item in items:
        level, kind = last.get(item.key, (0, item.kind))
        if kind != item.kind:
            level += 1
        last[item.key] = (level, item.kind)
        if most is not None and level >= most:
            continue
        if level == len(rounds):
            rounds.append({})
        rounds[level].setdefault(item.kind, []).append(item)
    return [items for kinds in rounds for items in kinds.values()]


def aside(item: Item) -> outbox.Aside:
    assert item.at is not None, "only events of a parcel are set aside"
    return outbox.Aside(
        event_id=UUID(int=item.number),
        key=item.key,
        kind=item.kind,
        body=bytes(item.body),
        at=item.at,
        done=item.done,
        error=item.error,
    )


def alone(row: outbox.Row) -> Item:
    done = tuple(row.done)
    return Item(row.event_id.int, row.key, row.kind, row.body.encode(), done=done, row=row, marked=len(done))
