"""Starting, finding and stopping the server of one data folder. Every change happens under the folder's lock.

All of it lies in `postgres/` of the data folder, the server's home: `cluster/` (PostgreSQL's own), `run/` (the socket), `log/`
(a week of logs, and `startup.log`), `lock`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from halles.kernel.postgres import config, words
from halles.kernel.postgres.binaries import find_binaries
from halles.kernel.postgres.errors import PostgresDenied, PostgresUnavailable
from halles.kernel.postgres.initdb import make_cluster
from halles.kernel.postgres.owner import Owner, owner_of, with_rights
from halles.kernel.postgres.postmaster import Postmaster, clear_remains, exists, find, read
from halles.kernel.postgres.socket_dir import choose_socket_dir, forget_socket_dir

ROLE = "halles"
"""The superuser that initdb makes, and that every process of Halles connects as."""

_LOCK_TIMEOUT_S = 120.0
_START_TIMEOUT_S = 600.0
"""Crash recovery replays at most `max_wal_size` of log: minutes on a slow disk, and never given up while it works."""
_STOP_TIMEOUT_S = 120.0
_POLL_S = 0.005

_started: set[Path] = set()

StopMode = Literal["fast", "smart", "immediate"]
_STOP_SIGNALS: dict[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,  # waits until every client has left
    "fast": signal.SIGINT,  # rolls back what is open, then a clean end
    "immediate": signal.SIGQUIT,  # as a crash: recovery at the next start
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server. `dsn` names its database `postgres` as role `halles`; make others with CREATE DATABASE.

    `version`: the major one. `pid`: the postmaster's. `started_here`: this call started it, and its maker may stop it.
    """

    dsn: str
    data_dir: Path
    log_file: Path
    pid: int
    version: int
    started_here: bool


def ensure_running(
    data_dir: Path, *, durable: bool = True, extra: Mapping[str, str] | None = None
) -> Postgres:
    """The server of `data_dir`, started if it is not running, its cluster made if there is none; blocks until it answers.

    Any number of processes may call this at once: one starts it, all get it. It outlives them all until `stop`. `durable=False`
    (tests only) does not flush to disk. `extra` are settings over Halles' own. Both matter only to the call that starts the
    server. Raises PostgresUnavailable or one of its kinds.
    """
    home = _home(data_dir)
    with _refusals(home):
        owner = owner_of(home / "cluster")
        _make_folders(home, owner)
        with _locked(home):
            running = find(home / "cluster")
            if running is not None and (running.status == "stopping" or not running.has_socket):
                os.kill(running.pid, _STOP_SIGNALS["fast"])  # without its socket nobody can reach it any more
                _await_end(running, home)
                running = None
            if running is not None:
                return _describe(_await_ready(running, home), home, started_here=False)
            made = _start(home, owner, durable=durable, extra=extra or {})
            _started.add(data_dir)
            return made


def started_here() -> list[Path]:
    """Folders whose server this process started, whether it still runs or not."""
    return sorted(_started)


def status(data_dir: Path) -> Postgres | None:
    """The server of `data_dir` if it runs and answers, else None. Takes no lock and starts nothing."""
    home = _home(data_dir)
    with _refusals(home):
        running = find(home / "cluster")
        return _describe(running, home, started_here=False) if running and running.ready else None


def stop(data_dir: Path, *, mode: StopMode = "fast") -> None:
    """Stop the server of `data_dir` and wait until it is gone; nothing happens when none runs.

    Raises PostgresUnavailable when it has not ended after two minutes (`smart`, while a client stays connected).
    """
    home = _home(data_dir)
    if not (home / "cluster").is_dir():
        return
    with _refusals(home), _locked(home):
        running = find(home / "cluster")
        if running is None:
            return
        os.kill(running.pid, _STOP_SIGNALS[mode])
        _await_end(running, home)
        forget_socket_dir(running.socket_dir, home)


def _start(home: Path, owner: Owner, *, durable: bool, extra: Mapping[str, str]) -> Postgres:
    cluster = home / "cluster"
    clear_remains(cluster)
    bin_dir = find_binaries(_cluster_major(cluster))
    if not cluster.exists():
        make_cluster(home, bin_dir, owner, role=ROLE, durable=durable)
    owner = with_rights(owner, bin_dir=bin_dir, home=home)
    socket_dir = choose_socket_dir(home, owner)
    _write_conf(home, owner, socket_dir=socket_dir, durable=durable, extra=extra)
    startup_log = home / "log" / "startup.log"
    began = time.time()
    with startup_log.open("wb") as log:
        pid = owner.detach([str(bin_dir / "postgres"), "-D", str(cluster)], log=log)
    if pid is None:
        raise words.start_failed(home, since=began)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while exists(pid) and time.monotonic() < deadline:
        postmaster = read(cluster)
        if postmaster is not None and postmaster.pid == pid and postmaster.ready:
            return _describe(postmaster, home, started_here=True)
        time.sleep(_POLL_S)
    raise words.start_failed(home, since=began)


def _write_conf(
    home: Path, owner: Owner, *, socket_dir: Path, durable: bool, extra: Mapping[str, str]
) -> None:
    cluster = home / "cluster"
    text = config.server_conf(
        socket_dir=socket_dir,
        log_dir=home / "log",
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        durable=durable,
        extra=extra,
    )
    for name, content in (("postgresql.conf", text), ("pg_hba.conf", config.ACCESS_RULES)):
        path = cluster / name
        path.write_text(content, encoding="utf-8")
        owner.give(path)
    own_settings = cluster / "local.conf"
    if not own_settings.exists():
        own_settings.write_text("# Your own settings: they win over postgresql.conf.\n", encoding="utf-8")
        owner.give(own_settings)


def _make_folders(home: Path, owner: Owner) -> None:
    if not home.exists():
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        owner.give(home)
    for folder in (home / "run", home / "log"):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            owner.give(folder)
    for path in (home / "lock", home / "log" / "startup.log"):
        if not path.exists():
            path.touch(mode=0o600)
            owner.give(path)


@contextmanager
def _locked(home: Path) -> Generator[None]:
    """Hold the folder's lock; the system frees it when its holder dies."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    with (home / "lock").open("r+b") as lock:
        while not _try_lock(lock.fileno()):
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"Another process has been starting or stopping {home} for long.")
            time.sleep(_POLL_S)
        yield


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _refusals(home: Path) -> Generator[None]:
    """The system's own errors as ours."""
    try:
        yield
    except PermissionError as reason:
        raise PostgresDenied(
            f"This user may not use {reason.filename or home} ({reason.strerror}). The folder belongs to the user that "
            "first ran halles here: run it as that user, or set HALLES_DATA to another folder.",
            path=str(reason.filename or home),
        ) from reason
    except OSError as reason:
        raise words.system_refused(reason, home) from reason


def _await_ready(postmaster: Postmaster, home: Path) -> Postmaster:
    """Wait for a server that somebody else is starting, or that is recovering."""
    began, deadline = time.time(), time.monotonic() + _START_TIMEOUT_S
    current: Postmaster | None = postmaster
    while current is not None and time.monotonic() < deadline:
        if current.ready:
            return current
        time.sleep(_POLL_S)
        current = find(home / "cluster")
    raise words.start_failed(home, since=began)


def _await_end(postmaster: Postmaster, home: Path) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while exists(postmaster.pid):
        if time.monotonic() > deadline:
            raise PostgresUnavailable(
                f"The PostgreSQL of {home} has not stopped: a client may still hold it."
            )
        time.sleep(_POLL_S)


def _describe(postmaster: Postmaster, home: Path, *, started_here: bool) -> Postgres:
    host = quote(str(postmaster.socket_dir), safe="")
    version = _cluster_major(home / "cluster")
    assert version is not None, "a running server has a cluster"
    return Postgres(
        dsn=f"postgresql://{ROLE}@:{postmaster.port}/postgres?host={host}",
        data_dir=home.parent,
        log_file=words.current_log(home),
        pid=postmaster.pid,
        version=version,
        started_here=started_here,
    )


def _cluster_major(cluster: Path) -> int | None:
    """The major version that made `cluster`; None when there is none yet."""
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def _home(data_dir: Path) -> Path:
    return data_dir.expanduser().resolve() / "postgres"
