"""PostgreSQL through psycopg 3: registered statements, visible transactions, rows into dataclasses.

A statement is written once, beside the function that runs it, as `query(sql, into=Row)` or `command(sql)`. Both register it, so a
test can prepare every statement of the product against a freshly migrated database and compare its columns with the dataclass.
Parameters are named (`%(seller_id)s`); sets travel as arrays through `unnest`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

import msgspec
import psycopg
from psycopg import errors as pg
from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool

from halles.kernel import cluster
from halles.kernel.errors import DatabaseUnavailable, Invalid, Refusal, StorageFull

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)


_MOST_WAITING = 1000
"""Callers that may wait for a connection; the next is told at once that the database does not answer."""


class Unstorable(Invalid):
    """A value that PostgreSQL has no way to keep or compare: a text with a zero byte, a number beyond its column."""

    code, title = "kernel.unstorable", "A value that cannot be stored"


T = TypeVar("T")
Params = Mapping[str, Any]
Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """SQL and what a row of it becomes: a dataclass by column names, a scalar type, `tuple`, or None for no rows."""

    sql: str
    into: type[T] | None
    module: str

    def row_factory(self) -> Any:
        if self.into is None or self.into is tuple:
            return tuple_row
        return class_row(self.into) if is_dataclass(self.into) else scalar_row


REGISTRY: list[Statement[Any]] = []
"""Every statement of the modules imported so far."""


def query(sql: str, into: type[T]) -> Statement[T]:
    """Register a statement that returns rows of `into`: a dataclass, a scalar type (`int`, `str`, `UUID`…) or `tuple`."""
    return _register(Statement(sql, into, _caller()))


def command(sql: str) -> Statement[None]:
    """Register a statement whose rows, if any, nobody reads."""
    statement: Statement[None] = Statement(sql, None, _caller())
    return _register(statement)


def _register(statement: Statement[T]) -> Statement[T]:
    REGISTRY.append(statement)
    return statement


def _caller() -> str:
    return str(sys._getframe(2).f_globals["__name__"])  # pyright: ignore[reportPrivateUsage]


@dataclass(slots=True)
class Counter:
    """How many statements ran while it was installed (see `counting`)."""

    statements: int = 0


_counter: ContextVar[Counter | None] = ContextVar("statement_counter", default=None)


@contextmanager
def counting() -> Generator[Counter]:
    """Count the statements that this task and its children run, for tests that hold a page to its query budget."""
    counter = Counter()
    token = _counter.set(counter)
    try:
        yield counter
    finally:
        _counter.reset(token)


def count(statements: int = 1) -> None:
    """Note that so many statements run for the present task."""
    counter = _counter.get()
    if counter is not None:
        counter.statements += statements


class Tx:
    """A connection inside a transaction that somebody above opened and will commit. Nothing here commits."""

    __slots__ = ("cluster", "connection")

    def __init__(self, connection: Connection, *, cluster: bool = False) -> None:
        """`cluster`: the database is a Citus cluster (kernel/cluster.py)."""
        self.connection, self.cluster = connection, cluster

    async def all(self, statement: Statement[T], params: Params | None = None) -> list[T]:
        """Every row."""
        cursor = await self._execute(statement, params)
        return cast("list[T]", await cursor.fetchall())

    async def first(self, statement: Statement[T], params: Params | None = None) -> T | None:
        """The first row, or None."""
        cursor = await self._execute(statement, params)
        return cast("T | None", await cursor.fetchone())

    async def one(self, statement: Statement[T], params: Params | None = None) -> T:
        """The row that must be there; its absence is a bug."""
        row = await self.first(statement, params)
        assert row is not None, statement.sql
        return row

    async def run(self, statement: Statement[Any], params: Params | None = None) -> int:
        """Run a statement and return how many rows it touched."""
        cursor = await self._execute(statement, params)
        return cursor.rowcount

    async def _execute(self, statement: Statement[Any], params: Params | None) -> psycopg.AsyncCursor[Any]:
        count()
        cursor = self.connection.cursor(binary=True, row_factory=statement.row_factory())
        return await cursor.execute(cluster.text(statement, cluster=self.cluster).encode(), params)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """Undo only what happens inside when it raises."""
        async with self.connection.transaction():
            yield


class Closing(Protocol):
    """What stands on a database and ends with it."""

    async def close(self) -> None: ...


class Lender(Protocol):
    """Another server to read from; `reading` falls back to `primary`."""

    def reading(self, primary: Database) -> AbstractAsyncContextManager[Tx]: ...


class Database:
    """A pool of connections. `transaction()` is the only way to write."""

    def __init__(self, pool: AsyncConnectionPool[Connection], dsn: str) -> None:
        self._pool, self._closed = pool, False
        self._checking: asyncio.Task[None] | None = None
        self.dsn = dsn
        self.cluster = False
        self.replica: Lender | None = None
        self.standing: dict[str, Closing] = {}
        """What others keep open on this database, by name (kernel/lanes.py)."""

    @classmethod
    async def open(
        cls, dsn: str, *, min_size: int = 2, max_size: int = 10, timeout_s: float = 5.0
    ) -> Database:
        """Open a pool on `dsn` (libpq URL or key=value). Raises DatabaseUnavailable when nothing answers in `timeout_s`."""
        pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=min_size,
            max_size=max_size,
            timeout=timeout_s,
            max_waiting=_MOST_WAITING,
            open=False,
            kwargs={"autocommit": True},
        )
        with translated():
            await pool.open(wait=True, timeout=max(timeout_s, 10.0))
        opened = cls(pool, dsn)
        try:
            async with opened.reading() as tx:
                found = await (await tx.connection.execute(cluster.IS_CLUSTER)).fetchone()
        except BaseException:
            await opened.close()
            raise
        opened.cluster = bool(found and found[0])
        return opened

    async def close(self) -> None:
        self._closed = True
        if self._checking is not None:
            self._checking.cancel()
        for one in self.standing.values():
            await one.close()
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Tx]:
        """One read-committed transaction: committed when the block ends, undone when it raises."""
        async with self._borrowed() as connection, connection.transaction():
            yield Tx(connection, cluster=self.cluster)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Tx]:
        """One repeatable-read, read-only transaction: every statement sees the same moment."""
        async with self._borrowed() as connection, connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            yield Tx(connection, cluster=self.cluster)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Tx]:
        """A connection without a transaction, for one or two reads: each statement is its own. Never write through it."""
        async with self._borrowed() as connection:
            yield Tx(connection, cluster=self.cluster)

    @asynccontextmanager
    async def lagging(self) -> AsyncGenerator[Tx]:
        """As `reading`, for pages that may be some seconds old: on the replica, when there is one that keeps up."""
        async with self.reading() if self.replica is None else self.replica.reading(self) as tx:
            yield tx

    @asynccontextmanager
    async def _borrowed(self) -> AsyncGenerator[Connection]:
        """A connection of the pool. Where one is found dead the others are looked at too, so that a restart of the database
        fails few requests instead of one for each connection."""
        try:
            with translated():
                async with self._pool.connection() as connection:
                    yield connection
        except DatabaseUnavailable:
            if self._checking is None or self._checking.done():
                self._checking = asyncio.create_task(self._check())
            raise

    async def _check(self) -> None:
        with suppress(psycopg.Error, OSError):
            await self._pool.check()

    @asynccontextmanager
    async def dedicated(self) -> AsyncGenerator[Connection]:
        """An autocommit connection of its own, outside the pool: listeners, session advisory locks, the order writer."""
        if self._closed:
            raise DatabaseUnavailable("The database was closed in this process.", retry_after_s=2)
        with translated():
            connection = await psycopg.AsyncConnection[Any].connect(
                self.dsn, autocommit=True, connect_timeout=10
            )
            try:
                yield connection
            finally:
                await connection.close()


@contextmanager
def translated() -> Generator[None]:
    """Turn what PostgreSQL says about itself into refusals; refusals and bugs pass through unchanged."""
    try:
        yield
    except Refusal:
        raise
    except pg.DiskFull as error:
        raise StorageFull(
            "The disk under the database is full; nothing was changed.", retry_after_s=30
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnavailable(
            "The database does not answer; nothing was changed. Try again.", retry_after_s=2
        ) from error
    except psycopg.DataError as error:
        if error.sqlstate is not None and not isinstance(error, _FROM_OUTSIDE):
            raise
        raise Unstorable(
            "A text holds a zero byte, or a number is too large; nothing was changed."
        ) from error


_FROM_OUTSIDE = (pg.CharacterNotInRepertoire, pg.UntranslatableCharacter, pg.NumericValueOutOfRange)
"""What only a caller's value can cause; without an SQLSTATE it was psycopg that refused to send the value."""
