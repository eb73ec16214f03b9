"""PostgreSQL's own programs: `pg_dump` out of a snapshot, `pg_restore` through `psql` in one transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from psycopg.pq import Conninfo

from halles.edge.ops.errors import BackupFailed, BackupProgramMissing
from halles.kernel.postgres import PostgresUnavailable, find_binaries
from halles.kernel.postgres.binaries import major_of

_NAMES = ("pg_dump", "pg_restore", "psql")
_FROM_17 = b"SET transaction_timeout = 0;\n"
_CHUNK = 1 << 20


def find_programs(server: int) -> Path:
    """The folder of programs for a server of major version `server`: of the same version, else of a later one.

    Raises BackupProgramMissing.
    """
    for wanted in (server, None):
        with suppress(PostgresUnavailable):
            found = find_binaries(wanted)
            if (major_of(found) or 0) >= server and all((found / name).is_file() for name in _NAMES):
                return found
    raise BackupProgramMissing(
        f"{', '.join(_NAMES)} of PostgreSQL {server} or later are needed: install the client package of that version, or "
        "point HALLES_PG_BIN at its bin folder.",
        server=server,
    )


def dump(programs: Path, dsn: str, *, snapshot: str, to: Path) -> None:
    """Write the database as `snapshot` sees it into the file `to`, compressed. Raises BackupFailed."""
    command = [
        *(programs / "pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges"),
        *("--no-comments", f"--snapshot={snapshot}", f"--file={to}"),
    ]
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command, env=environment(dsn), stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
        )
        if done.returncode:
            raise BackupFailed(f"pg_dump: {_last_words(said)}")


def restore(programs: Path, dsn: str, *, dumped: Path, first: Sequence[str], server: int) -> None:
    """Run the statements `first` and then the whole dump, all in one transaction: all of it or nothing. Raises BackupFailed."""
    read = [
        programs / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--file=-",
        str(dumped),
    ]
    write = [
        *(programs / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        *(f"--command={statement}" for statement in first),
        "--file=-",
    ]
    with tempfile.TemporaryFile() as said:
        with (
            subprocess.Popen(read, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as reader,
            subprocess.Popen(
                write, env=environment(dsn), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
            ) as writer,
        ):
            assert reader.stdout is not None
            assert writer.stdin is not None
            with suppress(BrokenPipeError):
                _pass_on(reader.stdout, writer.stdin, server)
            reader.stdout.close()
            if reader.wait():
                writer.kill()  # before it sees the end of the script, at which it would commit
            with suppress(BrokenPipeError):
                writer.stdin.close()
            writer.wait()
        if reader.returncode or writer.returncode:
            raise BackupFailed(f"The database was not changed: {_last_words(said)}")


def environment(dsn: str) -> dict[str, str]:
    """Where a program finds the database: libpq's variables, since a command line can be read by everybody on the machine."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    for option in Conninfo.parse(dsn.encode()):
        if option.envvar and option.val is not None:
            env[option.envvar.decode()] = option.val.decode()
    return {**env, "PGOPTIONS": "", "PGAPPNAME": "halles backup", "LC_ALL": "C"}


def _pass_on(script: IO[bytes], to: IO[bytes], server: int) -> None:
    """The script, without what an earlier server does not know: later programs set it in the head."""
    head = script.read(_CHUNK)
    to.write(head if server >= 17 else head.replace(_FROM_17, b"", 1))
    shutil.copyfileobj(script, to, _CHUNK)


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    return " ".join(line.strip() for line in lines[-6:] if line.strip())[-600:] or "it said nothing"
