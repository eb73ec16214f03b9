"""Statements that need other words on a Citus cluster, written beside the statement that they stand in for.

A cluster refuses a `select … for update` that spans shards, and asks all of them where a statement does not name its table's key.
`on_cluster(LOCK, "…")` gives such a statement a second text, with the same columns and the same parameters (more may be passed
than one of the two uses); a connection to a database with Citus sends that one. docs/howto/cluster.md tells what differs.
"""

from __future__ import annotations

from typing import Protocol

IS_CLUSTER = "select to_regclass('pg_catalog.pg_dist_partition') is not null"
"""True in a database that has the extension."""
SESSION = "set plan_cache_mode = force_custom_plan; reset enable_seqscan; set citus.enable_deadlock_prevention = off"
"""For the order path, after its own settings. Citus has no generic plan of a statement with parameters over several shards, and
would let one such write run at a time; ours lock in one order, and a lost deadlock is tried again."""


class Written(Protocol):
    """A statement of `halles.kernel.db`."""

    @property
    def sql(self) -> str: ...


_VARIANTS: dict[str, str] = {}


def on_cluster(statement: Written, sql: str) -> None:
    """Give a statement the text that a cluster understands. Once for each statement."""
    assert statement.sql not in _VARIANTS, "a statement has one text for a cluster"
    _VARIANTS[statement.sql] = sql


def text(statement: Written, *, cluster: bool) -> str:
    """The statement as this kind of database takes it."""
    return _VARIANTS.get(statement.sql, statement.sql) if cluster else statement.sql


def variants() -> dict[str, str]:
    """One server's text → a cluster's."""
    return dict(_VARIANTS)
