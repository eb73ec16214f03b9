"""Migrations: Alembic, SQL in the revisions, one line of history across the capabilities' `migrations/` folders."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

PACKAGE = Path(__file__).resolve().parent.parent
_LOCK = 0x4D494752  # "MIGR": one process migrates at a time


def config(dsn: str = "") -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(PACKAGE / "kernel" / "migrations"))
    made.set_main_option("path_separator", "os")
    folders = [PACKAGE / "kernel" / "migrations" / "versions", *sorted(PACKAGE.glob("[a-z]*/migrations"))]
    made.set_main_option(
        "version_locations",
        os.pathsep.join(str(f) for f in folders if f != PACKAGE / "kernel" / "migrations"),
    )
    made.attributes["dsn"] = dsn
    return made


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the database to a revision; several processes may call it at once, one does the work."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        command.upgrade(config(dsn), revision)


def heads() -> list[str]:
    """The ends of the history: exactly one, or the history has forked."""
    return list(ScriptDirectory.from_config(config()).get_heads())


def current(dsn: str) -> str | None:
    """The revision a database is at; None when it was never migrated."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return None if row is None else str(row[0])
