"""What every bench here needs: a PostgreSQL of its own, pgbench beside it, CPU from /proc."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from halles.kernel import migrate
from halles.kernel.postgres import Postgres, ensure_running, find_binaries, stop

_TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def own_postgres(folder: str | None) -> Generator[Postgres]:
    """A durable embedded PostgreSQL in a folder of its own, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="halles-bench-", dir=folder) as made:
        Path(made).chmod(0o755)
        server = ensure_running(Path(made) / "data", durable=True)
        try:
            yield server
        finally:
            stop(Path(made) / "data")


def database(server: Postgres, name: str, *, migrated: bool) -> str:
    """A new database; returns its address."""
    with psycopg.connect(server.dsn, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
    dsn = make_conninfo(server.dsn, dbname=name)
    if migrated:
        migrate.upgrade(dsn)
    return dsn


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, its children, and its children that have ended."""
    total = _one(pid)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            total += _one(int(child))
        except OSError:
            continue
    return total


def _children_s() -> float:
    """CPU seconds of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _one(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / _TICK


class Pgbench:
    """pgbench's simple-update on the same server: the yardstick that others know."""

    def __init__(self, dsn: str, *, scale: int) -> None:
        self._dsn, self._program = dsn, str(find_binaries() / "pgbench")
        self._run("-i", "-q", "-s", str(scale))

    def simple_update(self, seconds: float, postmaster: int) -> dict[str, float]:
        """Transactions a second and what each costs: 32 clients, 2 threads, prepared statements."""
        postgres_s, client_s = cpu_s(postmaster), _children_s()
        told = self._run(
            "-M", "prepared", "-c", "32", "-j", "2", "-N", "-n", "-T", str(max(1, round(seconds)))
        )
        postgres_s, client_s = cpu_s(postmaster) - postgres_s, _children_s() - client_s
        tps = re.search(r"tps = ([\d.]+)", told)
        done = re.search(r"transactions actually processed: (\d+)", told)
        assert tps is not None, told
        assert done is not None, told
        count = int(done.group(1))
        return {
            "orders_per_s": round(float(tps.group(1)), 1),
            "postgres_us": round(1e6 * postgres_s / count, 1),
            "python_us": round(1e6 * client_s / count, 1),
        }

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._program, *arguments, self._dsn], capture_output=True, text=True, check=True, timeout=600
        )
        return done.stdout
