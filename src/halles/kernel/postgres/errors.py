"""What can keep the embedded PostgreSQL from running, each with what a person can do about it."""

from __future__ import annotations

from halles.kernel.errors import Unavailable


class PostgresUnavailable(Unavailable):
    """The embedded PostgreSQL could not be started, reached or stopped; `log_tail` holds its own last words."""

    code, title = "kernel.postgres_unavailable", "The embedded PostgreSQL does not run"

    def __init__(
        self, message: str, *, log_tail: str = "", retry_after_s: float = 1.0, **fields: object
    ) -> None:
        super().__init__(message, retry_after_s=retry_after_s, log_tail=log_tail, **fields)
        self.log_tail = log_tail


class PostgresMissing(PostgresUnavailable):
    """No PostgreSQL binaries that Halles can use are on this machine."""

    code, title = "kernel.postgres_missing", "No PostgreSQL found"


class PostgresVersionMismatch(PostgresUnavailable):
    """The data folder was made by another major version than any PostgreSQL found here."""

    code, title = "kernel.postgres_version_mismatch", "The data belongs to another PostgreSQL version"


class PostgresDiskFull(PostgresUnavailable):
    """The disk under the data folder is full; what was committed is safe."""

    status, code, title = 507, "kernel.postgres_disk_full", "The disk under the database is full"


class PostgresDenied(PostgresUnavailable):
    """The system refuses a right that the server needs on its folder or its binaries."""

    code, title = "kernel.postgres_denied", "PostgreSQL may not use its folder"
