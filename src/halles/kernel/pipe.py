"""A connection for the order path: prepared statements in libpq's pipeline mode, sets as bytes in, whole results out.

`send` hands a statement to PostgreSQL at once and does not wait, so that the server works on one while the next is encoded,
unless it is told that there is little to encode; `sync` waits for all of them. Much cheaper than a cursor, and does much less:
binary only, no conversion of parameters.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result

from halles.kernel import cluster
from halles.kernel.db import Database, Statement, Tx, query

_PARAMETER = re.compile(r"%\((\w+)\)s")
_BINARY = pq.Format.BINARY
_OID = query("select %(kind)s::text::regtype::oid::bigint", int)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as PostgreSQL knows it on one connection: `names` are its parameters in the order of $1, $2, …"""

    name: bytes
    names: tuple[str, ...]
    formats: Sequence[int] = field(default=())


@dataclass(frozen=True, slots=True)
class Described:
    """A prepared statement: object ids of its parameters' types, names of its columns."""

    prepared: Prepared
    kinds: Sequence[int]
    columns: Sequence[str]


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """`%(name)s` as $1, $2, …, each name one number; the names in that order."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${names.setdefault(match[1], len(names) + 1)}"

    return _PARAMETER.sub(number, sql).replace("%%", "%"), tuple(names)


class Pipe:
    """Statements go out in order and their results come back in order. For one task at a time.

    After an error the connection is in a broken transaction: close it and open another.
    """

    def __init__(
        self, connection: psycopg.AsyncConnection[Any], oids: Mapping[str, int], *, cluster: bool = False
    ) -> None:
        """`oids`: the object ids of the composite types that will be sent. `cluster`: the database is one (kernel/cluster.py)."""
        self._cluster = cluster
        self._connection, self._pg = connection, connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._prepared: dict[int, Prepared] = {}
        self._asked: list[bool] = []
        self._rows = Transformer(connection)
        self._make_row: Callable[[Sequence[Any]], tuple[Any, ...]] = tuple
        self._oids = oids
        self._pg.enter_pipeline_mode()
        self.eager = True
        """Whether the server shall work on each statement while the next is encoded: pays when encoding takes as long as waking
        it up."""

    def oid(self, kind: str) -> int:
        """The object id of a composite type of this database."""
        return self._oids[kind]

    def send(self, statement: Statement[Any], **values: bytes | None) -> None:
        """Hand over a statement with its parameters in PostgreSQL's binary format: at once when `eager`, else with the others."""
        ready = self._prepared.get(id(statement)) or self._prepare(statement)
        self._pg.send_query_prepared(
            ready.name, [values[name] for name in ready.names], ready.formats, _BINARY
        )
        self._asked.append(True)
        if self.eager:
            self._pg.flush()

    def _prepare(self, statement: Statement[Any]) -> Prepared:
        sql, names = numbered(cluster.text(statement, cluster=self._cluster))
        ready = Prepared(f"pipe{len(self._prepared)}".encode(), names, [_BINARY] * len(names))
        self._pg.send_prepare(ready.name, sql.encode())
        self._asked.append(False)
        self._prepared[id(statement)] = ready
        return ready

    async def describe(self, statement: Statement[Any]) -> Described:
        """Prepare a statement and ask what it takes and gives. A round trip."""
        ready = self._prepare(statement)
        self._pg.send_describe_prepared(ready.name)
        self._asked.clear()
        self._pg.pipeline_sync()
        _, told = await self._results(2)
        kinds = [told.param_type(number) for number in range(told.nparams)]
        names = [told.fname(number) for number in range(told.nfields)]
        return Described(ready, kinds, [(name or b"").decode() for name in names])

    def push(self, ready: Prepared, values: Sequence[bytes | None]) -> None:
        """Put a prepared statement behind what waits to be sent; `mark` sends it."""
        self._pg.send_query_prepared(ready.name, values, ready.formats, _BINARY)

    def mark(self) -> None:
        """End of a transaction: what was pushed since the last mark is committed together, or fails together."""
        self._pg.pipeline_sync()

    async def collect(self, count: int) -> list[pq.abc.PGresult]:
        """The `count` results before the next mark. Raises psycopg.Error for the first that failed."""
        return await self._results(count)

    def rows(self, result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
        """The rows of a result."""
        return self._read(result)

    async def sync(self) -> list[list[tuple[Any, ...]]]:
        """The rows of each statement sent since the last time, in order. Raises psycopg.Error for the first that failed."""
        self._pg.pipeline_sync()
        asked, self._asked = self._asked, []
        results = await self._results(len(asked))
        return [self._read(result) for result, wanted in zip(results, asked, strict=True) if wanted]

    def _read(self, result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
        if not result.ntuples:
            return []
        self._rows.set_pgresult(result, format=_BINARY)
        return self._rows.load_rows(0, result.ntuples, self._make_row)

    async def _results(self, count: int) -> list[pq.abc.PGresult]:
        """`count` results and the synchronisation behind them; the first error is raised once all have come."""
        found: list[pq.abc.PGresult] = []
        error: psycopg.Error | None = None
        while True:
            result = await self._next()
            if result is None:
                if self._pg.status == pq.ConnStatus.BAD:
                    raise error or psycopg.OperationalError("the connection was lost")
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR and error is None:
                error = error_from_result(result, encoding="utf-8")
            found.append(result)
        if error is not None:
            raise error
        assert len(found) == count, "PostgreSQL answers every statement"
        return found

    async def _next(self) -> pq.abc.PGresult | None:
        unsent = self._pg.flush()
        while self._pg.is_busy():
            await self._io(writing=bool(unsent))
            unsent = self._pg.flush() if unsent else 0
            self._pg.consume_input()
        return self._pg.get_result()

    async def _io(self, *, writing: bool) -> None:
        """Wait until the socket can be read (or written, while something is left to send).

        It is watched only meanwhile: libpq closes it on any error, and its number may then be another connection's.
        """
        ready: asyncio.Future[None] = self._loop.create_future()
        socket = self._pg.socket

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        self._loop.add_reader(socket, wake)
        if writing:
            self._loop.add_writer(socket, wake)
        try:
            await ready
        finally:
            self._loop.remove_reader(socket)
            if writing:
                self._loop.remove_writer(socket)


@asynccontextmanager
async def opened(db: Database, settings: str, kinds: Sequence[str]) -> AsyncGenerator[Pipe]:
    """A pipe on a connection of its own, with these session settings, for these composite types. Raises DatabaseUnavailable."""
    async with db.dedicated() as connection:
        await connection.execute(settings.encode())
        if db.cluster:
            await connection.execute(cluster.SESSION)
        oids = [await Tx(connection).one(_OID, {"kind": kind}) for kind in kinds]
        yield Pipe(connection, dict(zip(kinds, oids, strict=True)), cluster=db.cluster)
