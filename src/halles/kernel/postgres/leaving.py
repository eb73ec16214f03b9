"""A command that started the server of a folder for itself leaves none behind, unless somebody else has come to use it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

import psycopg

from halles.kernel.postgres.errors import PostgresUnavailable
from halles.kernel.postgres.launcher import started_here, status, stop

_OTHERS = """select count(*) from pg_stat_activity
where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()"""


def leave(before: Collection[Path] = ()) -> None:
    """Stop the servers that this process started and that nobody is connected to, but for those of `before`. Never raises: the
    command has done its work."""
    for data_dir in started_here():
        if data_dir in before:
            continue
        with contextlib.suppress(PostgresUnavailable, psycopg.Error):
            running = status(data_dir)
            if running is None:
                continue
            with psycopg.connect(running.dsn, autocommit=True) as connection:
                found = connection.execute(_OTHERS).fetchone()
            if found == (0,):
                stop(data_dir)
