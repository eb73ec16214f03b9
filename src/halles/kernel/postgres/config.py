"""The configuration files of the embedded server, as text: values in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PORT = 5432
"""Names the socket file only (`.s.PGSQL.5432`): the server listens on no network address."""

SOCKET_DIR_BYTES = 107 - len(f"/.s.PGSQL.{PORT}")
"""The longest folder a Unix socket can live in: `sun_path` holds 108 bytes with its final zero (unix(7))."""

ACCESS_RULES = """\
# Written by Halles at every start. The socket's folder is open to its owner alone, so whoever reaches the socket is trusted.
local  all          all  trust
local  replication  all  trust
"""

_FIXED = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "cluster_name": "halles",
    "max_connections": 100,
    "max_locks_per_transaction": 128,
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": 1.1,
    "jit": "off",  # short statements: compiling them costs more than it saves
    # The log before the data: few, spread-out checkpoints, room for a peak of orders between two of them.
    "wal_level": "replica",
    "wal_buffers": "16MB",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": 0.9,
    # Hot rows of stock and wallets leave dead versions fast: clean early, in small helpings.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": 0.05,
    "autovacuum_vacuum_insert_scale_factor": 0.1,
    "autovacuum_analyze_scale_factor": 0.05,
    "autovacuum_vacuum_cost_limit": 1000,
    # A week of logs, one file a day of the week. Statements may be logged, what shoppers typed is not.
    "logging_collector": "on",
    "log_filename": "postgresql-%u.log",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_truncate_on_rotation": "on",
    "log_file_mode": "0600",
    "log_line_prefix": "%m [%p] %q%a %d ",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_lock_waits": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "datestyle": "iso, ymd",
}

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_conf(
    *,
    socket_dir: Path,
    log_dir: Path,
    memory_bytes: int,
    durable: bool,
    extra: Mapping[str, str],
) -> str:
    """The whole `postgresql.conf`; `extra` wins over it, and a `local.conf` beside it wins over both.

    `durable=False` forgets on a crash of the machine: tests only. Shared buffers: an eighth of `memory_bytes`, at most 256 MiB.
    """
    shared_mib = max(32, min(256, memory_bytes // 8 // 2**20))
    values: dict[str, object] = {
        **_FIXED,
        **(_DURABLE if durable else _FORGETFUL),
        "unix_socket_directories": _listed(str(socket_dir)),
        "log_directory": str(log_dir),
        "shared_buffers": f"{shared_mib}MB",
        "effective_cache_size": f"{shared_mib * 4}MB",
        **extra,
    }
    lines = [f"{name} = {_quoted(str(value))}" for name, value in values.items()]
    head = "# Written by Halles at every start. Your own settings go into local.conf beside this file."
    return "\n".join([head, *lines, "include_if_exists = 'local.conf'", ""])


def _quoted(value: str) -> str:
    """A value as postgresql.conf reads it: a quote is doubled, and so is a backslash, which would escape."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(path: str) -> str:
    """One entry of a list of folders, quoted so that blanks and commas stay inside it."""
    return '"' + path.replace('"', '""') + '"'
