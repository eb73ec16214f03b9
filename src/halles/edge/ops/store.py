"""All the SQL of running an installation."""

from __future__ import annotations

from dataclasses import dataclass

from halles.kernel.db import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a database is. `bytes`: its size on disk. `others`: connections to it besides the asking one."""

    server: int
    bytes: int
    others: int


REVISION = query("select to_regclass('public.alembic_version') is not null", bool)
REVISION_IN_FORCE = query("select version_num::text from public.alembic_version limit 1", str)
CONTENTS = query(
    """select current_setting('server_version_num')::int / 10000 as server, pg_database_size(current_database()) as bytes,
      (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend') as others""",
    Contents,
)
SNAPSHOT = query("select pg_export_snapshot()", str)
SCHEMAS = query(
    """select nspname::text from pg_namespace
    where nspname = any(%(schemas)s::text[]) order by nspname""",
    str,
)
