"""The server as the system sees it: `postmaster.pid`, whether that process lives and is ours, and what a killed one leaves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from halles.kernel.postgres.errors import PostgresUnavailable

_ORPHANS_MAY_FINISH_S = 2.0
_ORPHANS_MUST_END_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """What `postmaster.pid` says (the layout is in PostgreSQL's `miscadmin.h`). `status`: starting, ready, standby, stopping."""

    pid: int
    port: int
    socket_dir: Path
    status: str

    @property
    def ready(self) -> bool:
        """Whether clients are let in."""
        return self.status in {"ready", "standby"}

    @property
    def has_socket(self) -> bool:
        """Whether the socket is still where the server made it."""
        return (self.socket_dir / f".s.PGSQL.{self.port}").exists()


def read(cluster: Path) -> Postmaster | None:
    """What the file says, true or not; None when there is none, or it is still being written."""
    try:
        lines = (
            (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        )
    except FileNotFoundError:
        return None
    if len(lines) < 8:
        return None
    return Postmaster(
        pid=int(lines[0]), port=int(lines[3]), socket_dir=Path(lines[4]), status=lines[7].strip()
    )


def find(cluster: Path) -> Postmaster | None:
    """The server that runs on `cluster` now, in whatever state; None when the file is stale or absent."""
    found = read(cluster)
    return found if found is not None and _serves(found.pid, cluster) else None


def exists(pid: int) -> bool:
    """Whether a process `pid` lives. A zombie does not: in a container nobody may ever reap it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def clear_remains(cluster: Path) -> None:
    """Make way for a new start after a crash. Call it under the folder's lock, once `find` has answered None.

    The orphans of a killed postmaster still hold its shared memory: they are waited for, then asked to leave. Only then is the
    stale `postmaster.pid` removed, which matters when its number belongs to another process by now: PostgreSQL would refuse.
    """
    if not (cluster / "postmaster.pid").exists() or not Path("/proc/self/cwd").exists():
        return
    began = time.monotonic()
    while orphans := list(_servants(cluster)):
        waited = time.monotonic() - began
        if waited > _ORPHANS_MUST_END_S:
            raise PostgresUnavailable(
                f"Processes {orphans} of a killed PostgreSQL still hold {cluster}.", pids=orphans
            )
        if waited > _ORPHANS_MAY_FINISH_S:
            for pid in orphans:
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.02)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether `pid` lives and works in `cluster`; where the system cannot tell (no /proc, not our process), living is enough."""
    if not exists(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster)
    except FileNotFoundError:
        return not Path("/proc/self/cwd").exists()
    except PermissionError:
        return True


def _servants(cluster: Path) -> Iterator[int]:
    """The living processes named postgres that work in `cluster`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            ours = (entry / "comm").read_text(encoding="utf-8").strip() == "postgres"
            if ours and _state(int(entry.name)) != "Z" and (entry / "cwd").samefile(cluster):
                yield int(entry.name)
        except OSError:
            continue


def _state(pid: int) -> str:
    """The kernel's one-letter state of `pid` (proc(5)); empty when it is gone or the system has no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]
