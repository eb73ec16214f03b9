"""The embedded PostgreSQL: a server of Halles' own in its data folder, shared by every process that uses the folder.

Owns the folder `postgres/` of the data folder: the database, its Unix socket, its log, a lock. Promises: `ensure_running` is
idempotent and safe to race; a server found dead is recovered; nothing outside the folder is created, chowned or chmodded, but
for a socket folder under the temporary directory when the path is too long for a socket. Why and how:
`docs/adr/0001-embedded-postgresql.md`.
"""

from halles.kernel.postgres.binaries import MINIMUM_MAJOR, find_binaries
from halles.kernel.postgres.errors import (
    PostgresDenied,
    PostgresDiskFull,
    PostgresMissing,
    PostgresUnavailable,
    PostgresVersionMismatch,
)
from halles.kernel.postgres.launcher import Postgres, ensure_running, started_here, status, stop
from halles.kernel.postgres.leaving import leave

__all__ = [
    "MINIMUM_MAJOR",
    "Postgres",
    "PostgresDenied",
    "PostgresDiskFull",
    "PostgresMissing",
    "PostgresUnavailable",
    "PostgresVersionMismatch",
    "ensure_running",
    "find_binaries",
    "leave",
    "started_here",
    "status",
    "stop",
]
