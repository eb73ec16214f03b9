"""Connections that many share: whatever is asked at the same moment goes out together and comes back together.

A lane has one connection in pipeline mode with prepared statements that are planned once. What one caller asks in one call is one
transaction, all of it seeing one moment; on a lane that only reads, callers of the same moment share it, since a transaction of
each costs more than what most of them ask. For statements that find a few rows by key: a search, whose best plan hangs on what is
searched, belongs on a connection of the pool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import is_dataclass
from datetime import date
from operator import itemgetter
from typing import Any, TypeVar, cast

from halles.kernel import arrays, pipe
from halles.kernel.db import Connection, Database, Params, Statement, Tx, Unstorable, count, translated
from halles.kernel.errors import DatabaseUnavailable

_PLANS = """set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_bitmapscan = off;
set enable_hashjoin = off; set enable_mergejoin = off; set enable_material = off; set statement_timeout = '30s';"""
"""Every statement walks from a few keys to a few rows: plan it once, and so that it stays right however the tables grow."""
_READING = (
    f"{_PLANS} set default_transaction_isolation = 'repeatable read'; set default_transaction_read_only = on"
)
_WRITING = f"{_PLANS} set lock_timeout = '5s'"
_TRIES = 2
_TOGETHER = 50
"""Callers who share a transaction that reads."""
_EXCHANGE_S = 10.0
_DAY_0 = date(2000, 1, 1)

T = TypeVar("T")
Asked = tuple[Statement[Any], Params | None]
Unit = tuple[Sequence[Asked], "asyncio.Future[list[list[Any]]]"]


def _whole(text: str) -> str:
    """Raises Unstorable here, for who asked alone: refused by the server it would cost its fellows the connection."""
    if "\0" in text:
        raise Unstorable("A text holds a zero byte; nothing was changed.")
    return text


_ENCODE: dict[int, Callable[[Any], bytes]] = {
    16: lambda value: b"\1" if value else b"\0",
    17: bytes,
    20: lambda value: value.to_bytes(8, "big", signed=True),
    21: lambda value: value.to_bytes(2, "big", signed=True),
    23: lambda value: value.to_bytes(4, "big", signed=True),
    25: lambda value: _whole(value).encode(),
    1001: lambda value: arrays.framed(arrays.BYTEA, value),
    1009: lambda value: arrays.texts([_whole(one) for one in value]),
    1016: arrays.bigints,
    1082: lambda value: (value - _DAY_0).days.to_bytes(4, "big", signed=True),
    1184: arrays.timestamp,
    1185: lambda value: arrays.framed(arrays.TIMESTAMP, [arrays.timestamp(one) for one in value]),
    2950: lambda value: value.bytes,
    2951: lambda value: arrays.uuids_or_none([None if one is None else one.bytes for one in value]),
}
"""A value as PostgreSQL takes a parameter of the type with this object id."""


class Lane:
    """One shared connection, opened when first needed and again when lost. `writes` False: it can only read."""

    def __init__(self, db: Database, *, writes: bool = False) -> None:
        self._db, self._settings = db, _WRITING if writes else _READING
        self._together = 1 if writes else _TOGETHER
        self._open = AsyncExitStack()
        self._pipe: pipe.Pipe | None = None
        self._ready: dict[int, _Ready] = {}
        self._waiting: list[Unit] = []
        self._runner: asyncio.Task[None] | None = None
        self.tx: Tx = _LaneTx(self)
        """For functions that take one; each statement is a transaction of its own."""

    async def ask(self, *asked: Asked) -> list[list[Any]]:
        """The rows of each statement: one transaction, one moment. Raises DatabaseUnavailable, psycopg.Error."""
        count(len(asked))
        answer: asyncio.Future[list[list[Any]]] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await answer

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner
        await self._disconnect()

    async def _run(self) -> None:
        try:
            while self._waiting:
                units, self._waiting = self._waiting, []
                await self._answer(units)
        finally:
            self._runner = None

    async def _answer(self, units: Sequence[Unit]) -> None:
        """Answer all; after a lost connection again on another: what reads may be repeated, and what writes here sets values."""
        for attempt in range(1, _TRIES + 1):
            try:
                with translated():
                    async with asyncio.timeout(_EXCHANGE_S):
                        await self._exchange([unit for unit in units if not unit[1].done()])
            except (DatabaseUnavailable, TimeoutError) as error:
                await self._disconnect()
                if attempt == _TRIES:
                    _fail(units, _away(error))
            except BaseException as error:
                await self._disconnect()
                _fail(units, error)
                if not isinstance(error, Exception):
                    raise
                return
            else:
                return

    async def _exchange(self, units: Sequence[Unit], together: int | None = None) -> None:
        """`together`: callers in one transaction at most. When one of them fails, each of its fellows is asked again alone."""
        connected = await self._connected()
        await self._prepare(connected, units)
        groups = self._grouped(units, self._together if together is None else together)
        for group in groups:
            for ready, values in group.asked:
                connected.push(ready.prepared, values)
            connected.mark()
        alone: list[Unit] = []
        broken = False
        for group in groups:
            try:
                with translated():
                    found = await connected.collect(len(group.asked))
            except DatabaseUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  the statement's own; the others of the exchange go on
                broken = True
                if len(group.units) == 1:
                    _fail(group.units, error)
                else:
                    alone += group.units
                continue
            group.answer(connected, found)
        if broken:
            await self._disconnect()
        if alone:
            await self._exchange([unit for unit in alone if not unit[1].done()], together=1)

    def _grouped(self, units: Sequence[Unit], together: int) -> list[_Group]:
        """What goes out, a transaction each. What several callers of a transaction ask alike is asked once."""
        groups: list[_Group] = []
        for unit in units:
            try:
                asked = [
                    (ready := self._ready[id(statement)], ready.encode(values or {}))
                    for statement, values in unit[0]
                ]
            except Exception as error:  # noqa: BLE001  a value that cannot be sent is this caller's alone
                _fail([unit], error)
                continue
            if not groups or len(groups[-1].units) >= together:
                groups.append(_Group())
            groups[-1].add(unit, asked)
        return groups

    async def _prepare(self, connected: pipe.Pipe, units: Sequence[Unit]) -> None:
        new = {
            id(statement): statement
            for asked, _ in units
            for statement, _ in asked
            if id(statement) not in self._ready
        }
        for key, statement in new.items():
            self._ready[key] = _Ready(statement, await connected.describe(statement))

    async def _connected(self) -> pipe.Pipe:
        if self._pipe is None:
            self._pipe = await self._open.enter_async_context(pipe.opened(self._db, self._settings, ()))
        return self._pipe

    async def _disconnect(self) -> None:
        self._pipe, self._ready = None, {}
        with suppress(Exception):  # it is given up whatever it says: those who wait must be answered
            await self._open.aclose()


class _Group:
    """Callers whose statements are one transaction, of which all see the same moment."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.asked: list[tuple[_Ready, Sequence[bytes | None]]] = []
        self._at: dict[tuple[int, tuple[bytes | None, ...]], int] = {}
        self._places: list[list[int]] = []

    def add(self, unit: Unit, asked: Sequence[tuple[_Ready, tuple[bytes | None, ...]]]) -> None:
        places: list[int] = []
        for ready, values in asked:
            place = self._at.setdefault((id(ready), values), len(self.asked))
            if place == len(self.asked):
                self.asked.append((ready, values))
            places.append(place)
        self.units.append(unit)
        self._places.append(places)

    def answer(self, connected: pipe.Pipe, found: Sequence[Any]) -> None:
        """Give each caller the rows of what it asked, in lists of its own."""
        rows = [ready.read(connected, result) for (ready, _), result in zip(self.asked, found, strict=True)]
        for (_, answer), places in zip(self.units, self._places, strict=True):
            if not answer.done():
                answer.set_result([rows[place].copy() for place in places])


class _Ready:
    """A statement that is prepared on the connection: how its parameters are written, what its rows become."""

    def __init__(self, statement: Statement[Any], found: pipe.Described) -> None:
        self.prepared = found.prepared
        self._statement = statement
        self._encoders = [
            (name, _ENCODE[kind]) for name, kind in zip(found.prepared.names, found.kinds, strict=True)
        ]
        self._make = _maker(statement, found.columns)

    def encode(self, values: Params) -> tuple[bytes | None, ...]:
        return tuple([None if (value := values[name]) is None else to(value) for name, to in self._encoders])

    def read(self, connected: pipe.Pipe, result: Any) -> list[Any]:
        make = self._make
        return [make(row) for row in connected.rows(result)]


def _maker(statement: Statement[Any], columns: Sequence[str]) -> Callable[[tuple[Any, ...]], Any]:
    into = statement.into
    if into is None or into is tuple:
        return tuple
    if not is_dataclass(into):
        return itemgetter(0)
    return lambda row: into(**dict(zip(columns, row, strict=True)))


class _LaneTx(Tx):
    """What looks like a transaction to a function that reads; each statement goes out by itself."""

    __slots__ = ("_lane",)

    def __init__(self, lane: Lane) -> None:
        super().__init__(cast("Connection", None))
        self._lane = lane

    async def all(self, statement: Statement[T], params: Params | None = None) -> list[T]:
        return (await self._lane.ask((statement, params)))[0]

    async def first(self, statement: Statement[T], params: Params | None = None) -> T | None:
        rows = await self.all(statement, params)
        return rows[0] if rows else None


def _away(error: Exception) -> DatabaseUnavailable:
    if isinstance(error, DatabaseUnavailable):
        return error
    return DatabaseUnavailable(
        "The database does not answer; nothing was changed. Try again.", retry_after_s=2
    )


def _fail(units: Sequence[Unit], error: BaseException) -> None:
    for _, answer in units:
        if not answer.done():
            answer.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())


def reads(db: Database) -> Lane:
    """The lane of this database for pages."""
    return _of(db, "reads", writes=False)


def writes(db: Database) -> Lane:
    """The lane of this database for sets that callers' batches write; what is sent must be right to send twice."""
    return _of(db, "writes", writes=True)


def _of(db: Database, name: str, *, writes: bool) -> Lane:
    found = db.standing.get(name)
    if found is None:
        found = db.standing[name] = Lane(db, writes=writes)
    return cast("Lane", found)
