"""Reading from a real standby that streams from a real primary: used while it keeps up, never missed when it is gone."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from halles.kernel import migrate
from halles.kernel.connect import opened
from halles.kernel.db import Database, query
from halles.kernel.errors import Unavailable
from halles.kernel.postgres import Postgres, ensure_running, find_binaries, stop
from halles.kernel.postgres.owner import owner_of
from halles.kernel.replica import Lag, Replica
from halles.kernel.settings import Settings

_ON_STANDBY = query("select pg_is_in_recovery()", bool)
_COMMANDS = query("select count(*) from kernel.command where scope = 'replica'", int)


@dataclass(slots=True)
class Pair:
    primary: Postgres
    standby: Postgres
    standby_dir: Path

    def start_standby(self) -> None:
        self.standby = ensure_running(self.standby_dir, durable=False)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A primary, and a standby made from it by pg_basebackup; both on sockets."""
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    primary = ensure_running(first, durable=False)
    try:
        migrate.upgrade(primary.dsn)
        where = conninfo_to_dict(primary.dsn)
        cluster = second / "postgres" / "cluster"
        cluster.parent.mkdir(parents=True)
        command = [
            find_binaries() / "pg_basebackup",
            "-h",
            str(where["host"]),
            "-p",
            str(where.get("port", 5432)),
        ]
        command += ["-U", str(where["user"]), "-D", cluster, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run(command, check=True, timeout=60)
        owner_of(first / "postgres" / "cluster").give_tree(cluster)
        yield Pair(primary, ensure_running(second, durable=False), second)
    finally:
        for folder in (second, first):
            with suppress(Unavailable):
                stop(folder, mode="immediate")


def _settings(pair: Pair, tmp_path: Path, max_lag_s: float = 30.0) -> Settings:
    return Settings(
        data=tmp_path,
        database_url=pair.primary.dsn,
        replica_url=pair.standby.dsn,
        replica_max_lag_s=max_lag_s,
    )


async def _until(ready: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(30):
            while not await ready():  # noqa: ASYNC110  what is awaited is another server's doing
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"never: {what}")


async def _reads_there(db: Database) -> bool:
    async with db.lagging() as tx:
        return await tx.one(_ON_STANDBY)


async def _count(db: Database) -> int:
    async with db.lagging() as tx:
        return await tx.one(_COMMANDS)


def _write(pair: Pair, key: str) -> None:
    with psycopg.connect(pair.primary.dsn) as connection:
        connection.execute("set synchronous_commit = on")  # in the log by the time that it is committed
        connection.execute(
            "insert into kernel.command (scope, key, fingerprint) values ('replica', %s, '')", (key,)
        )


def test_lag_is_the_age_of_the_oldest_note_not_replayed() -> None:
    lag = Lag()
    assert lag.seconds(0.0) == math.inf, "nobody has seen the standby"
    lag.written(1.0, 100)
    lag.replayed(100)
    assert lag.seconds(50.0) == 0.0, "a quiet shop does not lag"
    lag.written(51.0, 100)
    lag.written(52.0, 200)
    lag.written(53.0, 300)
    lag.replayed(150)
    assert lag.seconds(60.0) == 8.0
    lag.replayed(299)
    assert lag.seconds(60.0) == 7.0
    lag.replayed(400)
    assert lag.seconds(60.0) == 0.0


async def test_pages_that_may_lag_read_from_the_standby_and_writes_do_not(pair: Pair, tmp_path: Path) -> None:
    async with opened(_settings(pair, tmp_path)) as db:
        await _until(lambda: _reads_there(db), "a read on the standby")
        before = await _count(db)
        _write(pair, "streamed")

        async def arrived() -> bool:
            return await _count(db) == before + 1

        await _until(arrived, "the row on the standby")
        async with db.reading() as tx:
            assert not await tx.one(_ON_STANDBY)
        async with db.lagging() as tx:
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                await tx.connection.execute("delete from kernel.command")


async def test_a_standby_that_is_killed_is_not_missed_and_comes_back(pair: Pair, tmp_path: Path) -> None:
    async with opened(_settings(pair, tmp_path), max_size=8) as db:
        await _until(lambda: _reads_there(db), "a read on the standby")
        there, here, stopping = 0, 0, asyncio.Event()

        async def reader() -> None:
            nonlocal there, here
            while not stopping.is_set():
                async with db.lagging() as tx:
                    for _ in range(3):  # some of them are midway when it dies
                        if await tx.one(_ON_STANDBY):
                            there += 1
                        else:
                            here += 1

        async with asyncio.TaskGroup() as readers:
            for _ in range(4):
                readers.create_task(reader())

            async def many_there() -> bool:
                return there > 200

            await _until(many_there, "reads on the standby")
            assert here == 0
            os.kill(pair.standby.pid, signal.SIGKILL)

            async def many_here() -> bool:
                return here > 200

            await _until(many_here, "reads on the primary")
            stopping.set()
        pair.start_standby()
        await _until(lambda: _reads_there(db), "a read on the standby that came back")


async def test_a_standby_that_falls_behind_is_left_alone_until_it_has_caught_up(
    pair: Pair, tmp_path: Path
) -> None:
    async with opened(_settings(pair, tmp_path)) as db:
        now = [1000.0]
        replica = Replica(pair.standby.dsn, max_lag_s=5.0, tick=lambda: now[0])
        await replica._pool.open()  # pyright: ignore[reportPrivateUsage]
        with psycopg.connect(pair.standby.dsn, autocommit=True) as standby:

            async def keeps_up() -> bool:
                return await replica.look(db)

            try:
                await _until(keeps_up, "a standby that keeps up")
                standby.execute("select pg_wal_replay_pause()")

                async def paused() -> bool:
                    row = standby.execute("select pg_get_wal_replay_pause_state()").fetchone()
                    return row == ("paused",)

                await _until(paused, "replay paused")
                _write(pair, "late")
                assert await replica.look(db), "late, but not by much"
                now[0] += 4.9
                assert await replica.look(db)
                now[0] += 0.2
                assert not await replica.look(db)
                standby.execute("select pg_wal_replay_resume()")
                await _until(keeps_up, "a standby that caught up")
            finally:
                standby.execute("select pg_wal_replay_resume()")
                await replica._pool.close()  # pyright: ignore[reportPrivateUsage]


async def test_a_replica_that_never_was_or_is_no_standby_is_not_read_from(pair: Pair, tmp_path: Path) -> None:
    away = _settings(pair, tmp_path).model_copy(
        update={"replica_url": "host=/nowhere dbname=none connect_timeout=2"}
    )
    async with opened(away) as db:
        assert not await _reads_there(db)
        assert await _count(db) >= 0
    itself = Replica(pair.primary.dsn, max_lag_s=5.0)
    async with opened(_settings(pair, tmp_path)) as db:
        await itself._pool.open()  # pyright: ignore[reportPrivateUsage]
        assert not await itself.look(db), "what was promoted may tell another story"
        await itself._pool.close()  # pyright: ignore[reportPrivateUsage]
