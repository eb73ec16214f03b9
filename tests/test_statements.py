"""Every SQL statement of the product, prepared against a freshly migrated database; its columns against its dataclass."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus

import halles
from halles.kernel import migrate
from halles.kernel.db import REGISTRY, Statement


def _import_everything() -> None:
    for module in pkgutil.walk_packages(halles.__path__, "halles."):
        if (
            ".tests" not in module.name
            and ".migrations" not in module.name
            and not module.name.endswith("__main__")
        ):
            importlib.import_module(module.name)


_import_everything()
STATEMENTS = [s for s in REGISTRY if ".tests." not in s.module and s.module.startswith("halles.")]


def _positional(sql: str) -> bytes:
    """psycopg's %(name)s as PostgreSQL's $n, as psycopg itself does before it prepares."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${names.setdefault(match.group(1), len(names) + 1)}"

    return re.sub(r"%\((\w+)\)[sbt]", number, sql).replace("%%", "%").encode()


def _title(statement: Statement[Any]) -> str:
    return f"{statement.module.removeprefix('halles.')}: {' '.join(statement.sql.split())[:60]}"


@pytest.mark.parametrize("statement", STATEMENTS, ids=_title)
def test_statement_is_understood_and_fits_its_dataclass(
    postgres_dsn: str, statement: Statement[Any], shared_connection: psycopg.Connection
) -> None:
    raw = shared_connection.pgconn
    prepared = raw.prepare(b"s", _positional(statement.sql))
    try:
        assert prepared.status == ExecStatus.COMMAND_OK, prepared.get_error_message()
        described = raw.describe_prepared(b"s")
        columns = [(described.fname(i) or b"").decode() for i in range(described.nfields)]
        if dataclasses.is_dataclass(statement.into):
            fields = [field.name for field in dataclasses.fields(statement.into)]
            assert sorted(columns) == sorted(fields)
        elif statement.into is not None and statement.into is not tuple:
            assert len(columns) == 1
    finally:
        raw.exec_(b"deallocate all")


@pytest.fixture(scope="module")
def shared_connection(postgres_dsn: str) -> Any:
    dsn = make_conninfo(postgres_dsn, dbname="halles_template")
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def test_the_history_has_one_line() -> None:
    assert len(migrate.heads()) == 1
