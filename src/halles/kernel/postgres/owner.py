"""Who the server runs as. PostgreSQL refuses root, so root hands it to another user without touching any folder but its own."""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from halles.kernel.postgres import spawn
from halles.kernel.postgres.errors import PostgresDenied

DEDICATED_ID = 60932
"""User and group of the server under root: in a range that neither people, packages nor systemd are given
(systemd.io/UIDS-GIDS), and below 65536, so that it exists inside a container's user namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The server's user. `uid` None: whoever we are. `capability`: the one right of root's that it keeps (None: none)."""

    uid: int | None
    gid: int | None
    capability: int | None = None

    def give(self, *paths: Path) -> None:
        """Hand over folders and files that Halles itself has made. Raises PostgresDenied for a root that may not."""
        if self.uid is None or self.gid is None:
            return
        try:
            for path in paths:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except OSError as reason:
            raise PostgresDenied(
                f"PostgreSQL does not run as root, and this root may not give files to another user ({reason.strerror}; "
                "a confined container?). Run halles as an ordinary user, or set HALLES_DATABASE_URL to a server of yours.",
                path=str(reason.filename),
            ) from reason

    def give_tree(self, top: Path) -> None:
        """Hand over a folder with all that is in it."""
        if self.uid is None:
            return
        self.give(top)
        for folder, folders, files in os.walk(top):
            self.give(*(Path(folder, name) for name in (*folders, *files)))

    def run(self, command: Sequence[str], *, log: IO[bytes]) -> int:
        """Run `command` to its end, its output into `log`; the exit status."""
        with self._start(command, log=log, detach=False) as helper:
            return helper.wait()

    def detach(self, command: Sequence[str], *, log: IO[bytes]) -> int | None:
        """Leave `command` running in a session of its own, out of reach of Ctrl-C; its pid, None if that failed."""
        with self._start(command, log=log, detach=True) as helper:
            answer = helper.communicate()[0]
        return int(answer) if helper.returncode == 0 and answer.isdigit() else None

    def _start(self, command: Sequence[str], *, log: IO[bytes], detach: bool) -> subprocess.Popen[bytes]:
        order = {
            "command": [str(part) for part in command],
            "detach": detach,
            "uid": self.uid,
            "gid": self.gid,
            "capability": self.capability,
        }
        return subprocess.Popen(
            [sys.executable, "-I", "-S", spawn.__file__, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if detach else log,
            stderr=log,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )


def owner_of(cluster: Path) -> Owner:
    """Who must run the server on `cluster`: us, or, when we are root, the one it belongs to already, else `DEDICATED_ID`."""
    if os.geteuid() != 0:
        return Owner(uid=None, gid=None)
    try:
        found = cluster.stat()
    except FileNotFoundError:
        return Owner(uid=DEDICATED_ID, gid=DEDICATED_ID)
    if found.st_uid == 0:
        return Owner(uid=DEDICATED_ID, gid=DEDICATED_ID)
    return Owner(uid=found.st_uid, gid=found.st_gid)


def named_owner(owner: Owner) -> Owner:
    """A stand-in for `owner` that has a name in the user database, which initdb insists on; `owner` itself if it has one.

    Only root needs one: `nobody`, or else the first account that is not root's.
    """
    if owner.uid is None or any(account.pw_uid == owner.uid for account in pwd.getpwall()):
        return owner
    others = [account for account in pwd.getpwall() if account.pw_uid != 0]
    others.sort(key=lambda account: account.pw_name != "nobody")
    if not others:
        raise PostgresDenied("PostgreSQL does not run as root, and this machine has no other account at all.")
    return Owner(uid=others[0].pw_uid, gid=others[0].pw_gid)


def with_rights(owner: Owner, *, bin_dir: Path, home: Path) -> Owner:
    """`owner` with the least capability by which it can run the programs and enter both folders; parents keep their modes.

    A home folder of root's is closed (0700): the right to search and read goes with the server then. Programs installed under a
    strict umask need the stronger right. Raises PostgresDenied when this root has neither to give (a confined container).
    """
    if owner.uid is None or owner.gid is None:
        return owner
    closed = [bin_dir / name for name in ("postgres", "initdb") if not _allows(bin_dir / name, owner, 0o5)]
    if closed:
        return _keeping(owner, (spawn.CAP_DAC_OVERRIDE,), closed[0])
    shut = [path for path in (bin_dir, bin_dir.parent, home) if not _enters(path, owner)]
    if shut:
        return _keeping(owner, (spawn.CAP_DAC_READ_SEARCH, spawn.CAP_DAC_OVERRIDE), shut[0])
    return owner


def _keeping(owner: Owner, wanted: Sequence[int], because: Path) -> Owner:
    ours = _capabilities()
    for capability in wanted:
        if ours >> capability & 1:
            return Owner(uid=owner.uid, gid=owner.gid, capability=capability)
    raise PostgresDenied(
        f"PostgreSQL does not run as root, and its user {owner.uid} cannot enter {because}. Set HALLES_DATA to a folder that "
        "everybody may enter, or run halles as an ordinary user.",
        path=str(because),
    )


def _enters(path: Path, owner: Owner) -> bool:
    """Whether `owner` may walk down to `path` and look inside."""
    real = path.resolve()
    return _allows(real, owner, 0o5) and all(_allows(parent, owner, 0o1) for parent in real.parents)


def _allows(path: Path, owner: Owner, bits: int) -> bool:
    """Whether the mode of `path` grants `bits` (4 read, 1 execute or search) to `owner`; access lists are not read."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid == owner.uid:
        mode >>= 6
    elif found.st_gid == owner.gid:
        mode >>= 3
    return mode & bits == bits


def _capabilities() -> int:
    """The rights this process may pass on, as a bit set; 0 where the system has no such thing."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")), 0)


def _environment() -> dict[str, str]:
    """Ours without what would steer the server: libpq's and initdb's variables, and the locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "PYTHON"))}
    return {**kept, "LANG": "C", "LC_ALL": "C"}
