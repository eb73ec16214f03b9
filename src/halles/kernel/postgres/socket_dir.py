"""Where the Unix socket lives: in the data folder, or, when that path is too long for a socket, under the temporary directory."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from halles.kernel.postgres.config import PORT, SOCKET_DIR_BYTES
from halles.kernel.postgres.errors import PostgresDenied
from halles.kernel.postgres.owner import Owner


def choose_socket_dir(home: Path, owner: Owner) -> Path:
    """A folder that the server may write, nobody else may enter and a socket's name fits into; stale sockets in it are removed.

    The same data folder gets the same answer each time, so pools find the server again after a restart.
    """
    chosen = home / "run"
    if not _fits(chosen):
        chosen = _stand_in(home)
        _claim(chosen, owner)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (chosen / name).unlink(missing_ok=True)
    return chosen


def forget_socket_dir(used: Path, home: Path) -> None:
    """Remove a folder of the temporary directory once its server has stopped."""
    if used == _stand_in(home):
        used.rmdir()


def _fits(path: Path) -> bool:
    """Short enough, and free of the comma, by which libpq separates hosts."""
    return len(os.fsencode(path)) <= SOCKET_DIR_BYTES and "," not in str(path)


def _stand_in(home: Path) -> Path:
    name = f"halles-pg-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    usual = Path(tempfile.gettempdir()) / name
    return usual if _fits(usual) else Path("/tmp") / name  # noqa: S108 - `_claim` refuses a folder that is not ours


def _claim(path: Path, owner: Owner) -> None:
    """Make the folder, or accept it if it is the server's own: whoever else made it could listen in its place."""
    wanted = os.geteuid() if owner.uid is None else owner.uid
    try:
        path.mkdir(mode=0o700)
        owner.give(path)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted or found.st_mode & 0o077:
            raise PostgresDenied(
                f"The data folder's path is too long for a socket, and {path}, which would take it, belongs to somebody else. "
                "Set HALLES_DATA to a shorter path.",
                path=str(path),
            ) from None
