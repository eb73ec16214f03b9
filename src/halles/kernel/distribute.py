"""`halles migrate --distribute`: the same schema as tables of a Citus cluster. Told in docs/howto/cluster.md.

Each capability lists its tables once, in `migrations/tables.toml`. `read` says what the database looks like, `plan` (pure) what
is left to do, `run` does it, one statement a transaction: whatever stops it, the next run goes on from there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, LiteralString, cast

import psycopg
from psycopg import errors as pg

from halles.kernel.errors import Conflict

PACKAGE = Path(__file__).resolve().parent.parent
OLDEST = (12, 0)
"""The oldest Citus that is asked: identity columns and functions travel to every node from 11 on, and were mended until 12."""
SHARDS = 64
"""Shards of each group: two for each core of a cluster of 32, and a multiple of most numbers of nodes."""
_LOCK = 0x4D494752  # the migrations' own

Kind = Literal["seller", "owner", "reference", "local"]
KEYS: Mapping[str, str] = {"seller": "seller_id", "owner": "owner_id"}
"""Group → the column that its tables are spread by."""


class NoCitus(Conflict):
    """The server has no Citus extension, so its tables cannot be spread over machines."""

    code, title = "kernel.no_citus", "Citus is not installed on this server"


class CitusTooOld(Conflict):
    """The server's Citus is older than what the schema needs."""

    code, title = "kernel.citus_too_old", "This version of Citus is too old"


class NotCoordinator(Conflict):
    """The database is a worker of the cluster, or the cluster does not know its coordinator."""

    code, title = "kernel.not_coordinator", "This node is not the cluster's coordinator"


class DistributedOtherwise(Conflict):
    """A table is on the cluster already, in another way than this release wants it."""

    code, title = "kernel.distributed_otherwise", "A table is distributed in another way"


class UnlistedTable(Conflict):
    """The database has a table that no list of tables names."""

    code, title = "kernel.unlisted_table", "A table without a place on the cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the lists say. `tables`: by schema-qualified, quoted name. `functions`: in the order in which nodes need them.
    `loosened`: unique index → what its loss means."""

    tables: Mapping[str, Kind]
    functions: Sequence[str] = ()
    loosened: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a table is on the cluster. `column` None: a reference table. `left_bytes`: what its old file still holds here."""

    column: str | None
    left_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """A unique index or constraint. `definition`: as PostgreSQL would make it."""

    table: str
    name: str
    columns: tuple[str, ...]
    definition: str
    constraint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the database looks like. `extensions` and `functions`: those that every node has already."""

    tables: Collection[str]
    uniques: Sequence[Unique] = ()
    citus: bool = False
    placed: Mapping[str, Placed] = field(default_factory=dict[str, Placed])
    own_extensions: Sequence[str] = ()
    extensions: Collection[str] = ()
    functions: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in its own transaction, and why."""

    sql: str
    why: str


@cache
def listed() -> Listed:
    """The lists of all capabilities."""
    tables: dict[str, Kind] = {}
    functions: list[str] = []
    loosened: dict[str, str] = {}
    for path in sorted(PACKAGE.glob("*/migrations/tables.toml")):
        schema, found = path.parent.parent.name, tomllib.loads(path.read_text())
        for kind in ("seller", "owner", "reference", "local"):
            for name in cast("list[str]", found.get(kind, [])):
                full = f"{schema}.{quoted(name)}"
                assert full not in tables, f"{full} is listed twice"
                tables[full] = kind
        functions += cast("list[str]", found.get("functions", []))
        loosened |= cast("dict[str, str]", found.get("loosened", {}))
    return Listed(tables=tables, functions=functions, loosened=loosened)


def quoted(name: str) -> str:
    """An identifier as PostgreSQL shows it; of our names only `order` is a reserved word."""
    return '"order"' if name == "order" else name


def plan(wanted: Listed, state: State, *, shards: int = SHARDS) -> list[Step]:
    """What is left to do, in order: the extension, what tables stand on, indexes that cannot stay, reference tables, groups.

    Raises UnlistedTable, DistributedOtherwise.
    """
    _check(wanted, state)
    steps = [] if state.citus else [Step("create extension citus", "this database becomes a cluster's")]
    steps += [
        Step(f"create extension if not exists {name}", "the same extension on every node")
        for name in state.own_extensions
        if name not in state.extensions
    ]
    steps += [
        Step(f"select create_distributed_function('{name}')", "the same function on every node")
        for name in wanted.functions
        if name not in state.functions
    ]
    steps += _loosen(wanted, state)
    here = [name for name in sorted(wanted.tables) if name in state.tables]
    for kind in ("reference", "seller", "owner"):
        steps += _place(kind, [name for name in here if wanted.tables[name] == kind], state, shards)
    return steps


def _check(wanted: Listed, state: State) -> None:
    unlisted = sorted(set(state.tables) - set(wanted.tables))
    if unlisted:
        raise UnlistedTable(f"No list of tables names {', '.join(unlisted)}.", tables=unlisted)
    for name, placed in state.placed.items():
        kind = wanted.tables.get(name)
        if kind is None or kind == "local" or placed.column != KEYS.get(kind):
            how = f"spread by {placed.column}" if placed.column else "a reference table"
            raise DistributedOtherwise(
                f"{name} is {how} already, and should be: {kind or 'nothing of ours'}.", table=name
            )


def _loosen(wanted: Listed, state: State) -> list[Step]:
    steps: list[Step] = []
    for unique in state.uniques:
        key = KEYS.get(wanted.tables[unique.table])
        if key is None or key in unique.columns or unique.table in state.placed:
            continue
        assert unique.name in wanted.loosened, (
            f"{unique.name} lacks {key}, and no list says what its loss means"
        )
        schema = unique.table.partition(".")[0]
        drop = (
            f"alter table {unique.table} drop constraint {unique.name}"
            if unique.constraint
            else f"drop index {schema}.{unique.name}"
        )
        plain = unique.definition.replace("CREATE UNIQUE INDEX", "create index", 1)
        steps.append(Step(f"{drop}; {plain}", wanted.loosened[unique.name]))
    return steps


def _place(kind: str, tables: Sequence[str], state: State, shards: int) -> list[Step]:
    """The tables of a kind; those of a group go where its first one is."""
    steps: list[Step] = []
    first = next((name for name in tables if name in state.placed), None)
    for name in tables:
        placed = state.placed.get(name)
        if placed is None and kind == "reference":
            steps.append(Step(f"select create_reference_table('{name}')", "whole on every node"))
        elif placed is None and first is None:
            steps.append(Step(f"set citus.shard_count = {shards}", "how finely the group can be spread"))
            steps.append(Step(_spread(name, KEYS[kind], "none"), f"the first of the {kind}s' group"))
        elif placed is None:
            steps.append(Step(_spread(name, KEYS[kind], cast("str", first)), f"the {kind}s' group"))
        if kind != "reference":
            first = first or name
        if placed is None or placed.left_bytes:
            empty = f"select truncate_local_data_after_distributing_table('{name}')"
            steps.append(Step(empty, "its rows are on the shards now"))
    return steps


def _spread(name: str, key: str, beside: str) -> str:
    return f"select create_distributed_table('{name}', '{key}', colocate_with => '{beside}')"


# ── the database ────────────────────────────────────────────────────────────────────────────────────────────────────────────
_SCHEMAS = sorted(path.parent.parent.name for path in PACKAGE.glob("*/migrations/tables.toml"))
_TABLES: LiteralString = """select format('%%I.%%I', n.nspname, c.relname) from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname = any(%(schemas)s) order by 1"""
_UNIQUES: LiteralString = """select format('%%I.%%I', n.nspname, t.relname), i.relname,
    array(select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum = any(x.indkey::smallint[])),
    pg_get_indexdef(i.oid), exists (select from pg_constraint k where k.conindid = i.oid)
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
  join pg_namespace n on n.oid = t.relnamespace
  where x.indisunique and t.relkind in ('r', 'p') and n.nspname = any(%(schemas)s) order by 1, 2"""
_PLACED: LiteralString = """select format('%%I.%%I', n.nspname, c.relname),
    case when p.partmethod = 'h' then column_to_column_name(p.logicalrelid, p.partkey) end, pg_relation_size(c.oid)
  from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any(%(schemas)s)"""
_OWN_EXTENSIONS: LiteralString = (
    "select extname::text from pg_extension where extname !~ '^(citus|plpgsql)' order by 1"
)
_EXTENSIONS: LiteralString = """select e.extname::text from pg_dist_object o join pg_extension e on e.oid = o.objid
  where o.classid = 'pg_extension'::regclass"""
_FUNCTIONS: LiteralString = """select wanted from unnest(%(functions)s::text[]) wanted join pg_dist_object o
  on o.classid = 'pg_proc'::regclass and o.objid = to_regprocedure(wanted)"""


def read(connection: psycopg.Connection[Any], functions: Sequence[str] = ()) -> State:
    """What the database looks like now."""
    given = {"schemas": _SCHEMAS, "functions": list(functions)}

    def column(sql: LiteralString) -> list[str]:
        return [row[0] for row in connection.execute(sql, given)]

    citus = bool(column("select 1 where to_regclass('pg_dist_partition') is not null"))
    uniques = [
        Unique(table=row[0], name=row[1], columns=tuple(row[2]), definition=row[3], constraint=row[4])
        for row in connection.execute(_UNIQUES, given)
    ]
    tables, own = column(_TABLES), column(_OWN_EXTENSIONS)
    if not citus:
        return State(tables=tables, uniques=uniques, own_extensions=own)
    placed = {row[0]: Placed(column=row[1], left_bytes=row[2]) for row in connection.execute(_PLACED, given)}
    return State(
        tables=tables,
        uniques=uniques,
        citus=True,
        placed=placed,
        own_extensions=own,
        extensions=column(_EXTENSIONS),
        functions=column(_FUNCTIONS),
    )


def need_cluster(connection: psycopg.Connection[Any]) -> None:
    """Make sure of the extension, its age, and that this is the coordinator of at least one node with shards.

    Raises NoCitus, CitusTooOld, NotCoordinator.
    """
    offered = connection.execute("select from pg_available_extensions where name = 'citus'").fetchone()
    if offered is None:
        raise NoCitus(
            "This PostgreSQL has no Citus extension: its tables stay on one machine, and nothing was changed. "
            "docs/howto/cluster.md tells what to install."
        )
    try:
        connection.execute("create extension if not exists citus")
    except pg.InsufficientPrivilege:
        raise NoCitus(
            "The role may not create the extension: let a superuser run `create extension citus`."
        ) from None
    except psycopg.Error as error:
        raise NoCitus(
            f"PostgreSQL could not load Citus ({error}): it belongs first in `shared_preload_libraries`."
        ) from error
    row = connection.execute("select extversion from pg_extension where extname = 'citus'").fetchone()
    version = str(row[0]) if row else "0"
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST:
        raise CitusTooOld(f"Citus is {version}; {OLDEST[0]}.{OLDEST[1]} or later is needed.", version=version)
    row = connection.execute(
        """select (select groupid from pg_dist_local_group) = 0 and exists (select from pg_dist_node where groupid = 0),
          (select count(*) from pg_dist_node where isactive and shouldhaveshards and noderole = 'primary')"""
    ).fetchone()
    if row is None or not row[0]:
        raise NotCoordinator(
            "Point HALLES_DATABASE_URL at the coordinator, once it has run `select citus_set_coordinator_host('its name')`."
        )
    if not row[1]:
        raise NotCoordinator(
            "No node of the cluster takes shards: add one with `select citus_add_node('its name', 5432)`."
        )


def is_distributed(dsn: str) -> bool:
    """Whether tables of ours are on a cluster already, so that new ones must follow."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return bool(read(connection).placed)


def run(dsn: str, say: Callable[[str], None], *, dry_run: bool = False, shards: int = SHARDS) -> int:
    """Turn the schema into a cluster's tables, telling each step; gives the number of steps. `dry_run`: tell them alone.

    Raises NoCitus, CitusTooOld, NotCoordinator, UnlistedTable, DistributedOtherwise.
    """
    wanted = listed()
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not dry_run:
            connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
            need_cluster(connection)
        steps = plan(wanted, read(connection, wanted.functions), shards=shards)
        for step in steps:
            say(f"{step.sql};  -- {step.why}")
            if not dry_run:
                connection.execute(step.sql.encode())  # several statements in one message are one transaction
    return len(steps)
