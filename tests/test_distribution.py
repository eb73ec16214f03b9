"""The schema on a cluster: every table listed, every key where a cluster needs it, steps that can be taken again."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier
from typer.testing import CliRunner

from halles.edge.cli import app as cli
from halles.kernel import distribute, migrate
from halles.kernel.distribute import KEYS, Listed, Placed, State, listed, plan, read


@pytest.fixture
def state(dsn: str) -> State:
    with psycopg.connect(dsn) as connection:
        return read(connection)


def test_every_table_is_listed_once_and_every_listed_table_exists(state: State) -> None:
    assert set(listed().tables) == set(state.tables), "a capability's migrations/tables.toml lists its tables"


def test_no_schema_is_forgotten(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            """select distinct n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public')"""
        ).fetchall()
    assert {row[0] for row in rows} == {name.partition(".")[0] for name in listed().tables}


KEY_NOT_FIRST = {
    "wallet.hold": "the id grows with time: by owner first, every insert would touch another page"
}
"""Table → why its primary key holds its key but does not begin with it; only shrinks."""


def test_spread_tables_have_their_key_as_a_bigint_in_the_primary_key_and_mostly_first(dsn: str) -> None:
    later: set[str] = set()
    with psycopg.connect(dsn) as connection:
        for name, kind in listed().tables.items():
            if kind not in KEYS:
                continue
            row = connection.execute(
                """select array_position(x.indkey::smallint[], a.attnum), a.atttypid::regtype::text, a.attnotnull
                from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attname = %s
                where x.indrelid = %s::regclass and x.indisprimary""",
                (KEYS[kind], name),
            ).fetchone()
            assert row is not None, name
            assert row[0] is not None, f"{name}: a cluster keeps no primary key without {KEYS[kind]}"
            assert row[1:] == ("bigint", True), name
            if row[0] != 0:  # positions in an int2vector begin at 0
                later.add(name)
    assert later == set(KEY_NOT_FIRST)


def test_nothing_that_a_cluster_cannot_keep(dsn: str) -> None:
    """Identity columns are bigint, there are no triggers, no foreign keys and no inheritance among the spread tables."""
    spread = [name for name, kind in listed().tables.items() if kind != "local"]
    with psycopg.connect(dsn) as connection:
        small = connection.execute(
            """select attrelid::regclass::text, attname from pg_attribute
            where attrelid = any(%s::regclass[]::oid[]) and attidentity <> '' and atttypid <> 'bigint'::regtype""",
            (spread,),
        ).fetchall()
        others = connection.execute(
            """select conname from pg_constraint where conrelid = any(%(of)s::regclass[]::oid[]) and contype in ('f', 'x')
            union all select tgname from pg_trigger where tgrelid = any(%(of)s::regclass[]::oid[])
            union all select inhrelid::regclass::text from pg_inherits where inhparent = any(%(of)s::regclass[]::oid[])""",
            {"of": spread},
        ).fetchall()
    assert not small
    assert not others


def test_unique_indexes_hold_the_key_or_their_loss_is_told(state: State) -> None:
    wanted = listed()
    lacking = {
        unique.name
        for unique in state.uniques
        if (key := KEYS.get(wanted.tables[unique.table])) and key not in unique.columns
    }
    assert lacking == set(wanted.loosened), "and a list never tells of an index that is fine"


def test_functions_that_tables_stand_on_are_listed_in_the_order_of_their_calls(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        needed = connection.execute(
            """with recursive used as (
              select d.refobjid as id from pg_depend d
              where d.refclassid = 'pg_proc'::regclass and (d.classid, d.objid) in (
                select 'pg_attrdef'::regclass::oid, oid from pg_attrdef
                  where adrelid = any(%(of)s::regclass[]::oid[])
                union all select 'pg_class'::regclass::oid, indexrelid from pg_index
                  where indrelid = any(%(of)s::regclass[]::oid[])
                union all select 'pg_constraint'::regclass::oid, oid from pg_constraint
                  where conrelid = any(%(of)s::regclass[]::oid[]))
              union select d.refobjid from used join pg_depend d
                on d.classid = 'pg_proc'::regclass and d.objid = used.id and d.refclassid = 'pg_proc'::regclass)
            select id::regprocedure::text from used join pg_proc p on p.oid = id
            join pg_namespace n on n.oid = p.pronamespace and n.nspname <> 'pg_catalog' and n.nspname <> 'public'""",
            {"of": [name for name, kind in listed().tables.items() if kind != "local"]},
        ).fetchall()
        order = [
            connection.execute("select %s::regprocedure::text", (name,)).fetchone()
            for name in listed().functions
        ]
        calls = connection.execute(
            """select d.objid::regprocedure::text, d.refobjid::regprocedure::text from pg_depend d
            where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_proc'::regclass"""
        ).fetchall()
    places = {row[0]: nr for nr, row in enumerate(order) if row}
    assert needed, "the words of a product are a generated column"
    assert {row[0] for row in needed} <= set(places)
    assert all(places[called] < places[caller] for caller, called in calls if caller in places)


def _pretend(steps: list[distribute.Step], state: State) -> State:
    """The database after these steps, as a cluster would say it."""
    placed, functions, extensions = dict(state.placed), set(state.functions), set(state.extensions)
    loosened = {name for step in steps for name in listed().loosened if f".{name};" in step.sql}
    for step in steps:
        what = step.sql.split("'")
        if "create_reference_table" in step.sql:
            placed[what[1]] = Placed(column=None, left_bytes=8192)
        elif "create_distributed_table" in step.sql:
            placed[what[1]] = Placed(column=what[3], left_bytes=8192)
        elif "truncate_local" in step.sql:
            placed[what[1]] = Placed(column=placed[what[1]].column)
        elif "create_distributed_function" in step.sql:
            functions.add(what[1])
        elif step.sql.startswith("create extension if"):
            extensions.add(step.sql.split()[-1])
    return State(
        tables=state.tables,
        uniques=[unique for unique in state.uniques if unique.name not in loosened],
        citus=True,
        placed=placed,
        own_extensions=state.own_extensions,
        extensions=extensions,
        functions=functions,
    )


def test_the_plan_places_every_table_once_and_stops_anywhere(state: State) -> None:
    steps = plan(listed(), state)
    for stopped_after in range(len(steps) + 1):
        rest = plan(listed(), _pretend(steps[:stopped_after], state))
        again = [step for step in rest if "shard_count" not in step.sql]
        assert len(again) <= len(steps) - stopped_after
        assert [step.sql for step in plan(listed(), _pretend([*steps[:stopped_after], *rest], state))] == []
    made = [
        step.sql for step in steps if "create_distributed_table" in step.sql or "create_reference" in step.sql
    ]
    assert len(made) == sum(kind != "local" for kind in listed().tables.values())
    assert sum("colocate_with => 'none'" in sql for sql in made) == len(KEYS), "one group a key"


def test_a_group_stays_together_whatever_was_placed_before(state: State) -> None:
    before = _pretend([], state)
    started = State(tables=state.tables, citus=True, placed={"pricing.price": Placed(column="seller_id")})
    sellers = [step.sql for step in plan(listed(), started) if "'seller_id'" in step.sql]
    assert before.citus
    assert all("colocate_with => 'pricing.price'" in sql for sql in sellers)


def test_a_table_of_another_kind_and_an_unlisted_one_are_refused(state: State) -> None:
    otherwise = State(tables=state.tables, citus=True, placed={"wallet.account": Placed(column="account_id")})
    with pytest.raises(distribute.DistributedOtherwise):
        plan(listed(), otherwise)
    with pytest.raises(distribute.DistributedOtherwise):
        plan(listed(), State(tables=state.tables, citus=True, placed={"kernel.parcel": Placed(column=None)}))
    with pytest.raises(distribute.UnlistedTable):
        plan(Listed(tables={"catalog.product": "seller"}), state)


def test_loosened_indexes_are_the_same_without_uniqueness(dsn: str, state: State) -> None:
    """The SQL that needs no cluster is run: it loosens, and nothing else."""
    names = list(listed().loosened)
    steps = [step for step in plan(listed(), state) if step.sql.startswith(("drop index", "alter table"))]
    assert len(steps) == len(names)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for step in steps:
            connection.execute(step.sql.encode())
        found = connection.execute(
            "select indexrelid::regclass::text, indisunique from pg_index where indexrelid::regclass::text like any(%s)",
            ([f"%.{name}" for name in names],),
        ).fetchall()
        assert len(found) == len(names)
        assert not any(row[1] for row in found)
        again = plan(listed(), read(connection))
    assert not [step for step in again if step.sql.startswith(("drop index", "alter table"))]


def test_without_the_extension_it_is_refused_and_nothing_changes(dsn: str, state: State) -> None:
    with pytest.raises(distribute.NoCitus):
        distribute.run(dsn, lambda _: None)
    with psycopg.connect(dsn) as connection:
        assert read(connection) == state
    assert not distribute.is_distributed(dsn)


def test_the_command_prints_the_sql_and_refuses(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_DATABASE_URL", dsn)
    shown = CliRunner().invoke(
        cli, ["migrate", "--distribute", "--dry-run", "--shards", "8"], obj=lambda: dsn
    )
    assert shown.exit_code == 0, shown.output
    assert "create_distributed_table('orders.\"order\"', 'seller_id'" in shown.output
    assert "citus.shard_count = 8" in shown.output
    refused = CliRunner().invoke(cli, ["migrate", "--distribute"], obj=lambda: dsn)
    assert isinstance(refused.exception, distribute.NoCitus)
    plain = CliRunner().invoke(cli, ["migrate"], obj=lambda: dsn)
    assert plain.exit_code == 0, plain.output


def _revisions() -> list[str]:
    from alembic.script import ScriptDirectory

    return [one.revision for one in ScriptDirectory.from_config(migrate.config()).walk_revisions()][::-1]


def test_every_revision_leads_to_the_same_schema(postgres_dsn: str, state: State) -> None:
    """Step by step as installations did it, with a stop at each; the end is what an empty database gets at once."""
    assert len(migrate.heads()) == 1
    name = "one_by_one"
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(SQL("create database {}").format(Identifier(name)))
        try:
            dsn = make_conninfo(postgres_dsn, dbname=name)
            for revision in _revisions():
                migrate.upgrade(dsn, revision)
                assert migrate.current(dsn) == revision
            migrate.upgrade(dsn)
            with psycopg.connect(dsn) as connection:
                assert read(connection) == state
        finally:
            admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


STAND_IN = """
create table pg_dist_partition (logicalrelid regclass primary key, partmethod "char", partkey text, beside text);
create table pg_dist_object (classid oid, objid oid);
insert into pg_dist_object select 'pg_extension'::regclass, oid from pg_extension;
create table breaks (at text);
create function column_to_column_name(regclass, text) returns text return $2;
create function create_distributed_function(function_name regprocedure) returns void begin atomic
  insert into pg_dist_object values ('pg_proc'::regclass, function_name);
end;
create function create_reference_table(table_name regclass) returns void begin atomic
  insert into pg_dist_partition values (table_name, 'n', null, null);
end;
create function create_distributed_table(table_name regclass, distribution_column text, distribution_type text default 'hash',
  colocate_with text default 'default') returns void language plpgsql as $$ begin
  if exists (select from breaks where at::regclass = table_name) then raise 'cut off'; end if;
  if exists (select from pg_index x where x.indrelid = table_name and x.indisunique and not exists (select from pg_attribute a
      where a.attrelid = table_name and a.attname = distribution_column and a.attnum = any(x.indkey::smallint[]))) then
    raise 'a unique index of % lacks %', table_name, distribution_column; end if;
  if colocate_with <> 'none' and not exists (select from pg_dist_partition where logicalrelid = colocate_with::regclass
      and partkey = distribution_column) then raise '% is not in the group', colocate_with; end if;
  insert into pg_dist_partition values (table_name, 'h', distribution_column, colocate_with);
end $$;
create function truncate_local_data_after_distributing_table(function_name regclass) returns void language plpgsql as
  $$ begin execute format('truncate %s', function_name); end $$;
"""
"""What the command asks of Citus, with its functions' own parameters and the refusals that matter, and nothing behind it."""


def test_the_command_s_steps_run_stop_and_go_on(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_one(_: psycopg.Connection[Any]) -> None: ...

    monkeypatch.setattr(distribute, "need_cluster", is_one)
    said: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(STAND_IN.encode())
        connection.execute("insert into breaks values ('wallet.account')")
        with pytest.raises(psycopg.errors.RaiseException, match="cut off"):
            distribute.run(dsn, said.append)
        assert distribute.is_distributed(dsn)
        connection.execute("truncate breaks")
        connection.execute(
            "insert into orders.basket_line select 1, 1, 1, 1, null, 'EUR'"
        )  # rows left behind by a crash
        before, rest = len(said), distribute.run(dsn, said.append)
        assert 0 < rest < before
        assert distribute.run(dsn, said.append) == 0
        groups = connection.execute(
            "select partkey, count(*) filter (where beside = 'none') from pg_dist_partition where partmethod = 'h' group by 1"
        ).fetchall()
        left = connection.execute("select count(*) from orders.basket_line").fetchone()
    assert sorted(groups) == [("owner_id", 1), ("seller_id", 1)]
    assert left == (0,)
