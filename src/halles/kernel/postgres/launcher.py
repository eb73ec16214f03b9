"""Starting, finding and stopping the server of one data folder. Every change happens under the folder's lock.

Layout of the folder: `cluster/` (PostgreSQL's own), `run/` (socket), `log/` (a week of logs, `startup.log`), `lock`.
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
    data_dir = _absolute(data_dir)
    with _refusals(data_dir):
        owner = owner_of(data_dir / "cluster")
        _make_folders(data_dir, owner)
        with _locked(data_dir):
            running = find(data_dir / "cluster")
            if running is not None and (running.status == "stopping" or not running.has_socket):
                os.kill(running.pid, _STOP_SIGNALS["fast"])  # without its socket nobody can reach it any more
                _await_end(running, data_dir)
                running = None
            if running is not None:
                return _describe(_await_ready(running, data_dir), data_dir, started_here=False)
            return _start(data_dir, owner, durable=durable, extra=extra or {})


def status(data_dir: Path) -> Postgres | None:
    """The server of `data_dir` if it runs and answers, else None. Takes no lock and starts nothing."""
    data_dir = _absolute(data_dir)
    with _refusals(data_dir):
        running = find(data_dir / "cluster")
        return _describe(running, data_dir, started_here=False) if running and running.ready else None


def stop(data_dir: Path, *, mode: StopMode = "fast") -> None:
    """Stop the server of `data_dir` and wait until it is gone; nothing happens when none runs.

    Raises PostgresUnavailable when it has not ended after two minutes (`smart`, while a client stays connected).
    """
    data_dir = _absolute(data_dir)
    if not (data_dir / "cluster").is_dir():
        return
    with _refusals(data_dir), _locked(data_dir):
        running = find(data_dir / "cluster")
        if running is None:
            return
        os.kill(running.pid, _STOP_SIGNALS[mode])
        _await_end(running, data_dir)
        forget_socket_dir(running.socket_dir, data_dir)


def _start(data_dir: Path, owner: Owner, *, durable: bool, extra: Mapping[str, str]) -> Postgres:
    cluster = data_dir / "cluster"
    clear_remains(cluster)
    bin_dir = find_binaries(_cluster_major(cluster))
    if not cluster.exists():
        make_cluster(data_dir, bin_dir, owner, role=ROLE, durable=durable)
    owner = with_rights(owner, bin_dir=bin_dir, data_dir=data_dir)
    socket_dir = choose_socket_dir(data_dir, owner)
    _write_conf(data_dir, owner, socket_dir=socket_dir, durable=durable, extra=extra)
    startup_log = data_dir / "log" / "startup.log"
    began = time.time()
    with startup_log.open("wb") as log:
        pid = owner.detach([str(bin_dir / "postgres"), "-D", str(cluster)], log=log)
    if pid is None:
        raise words.start_failed(data_dir, since=began)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while exists(pid) and time.monotonic() < deadline:
        postmaster = read(cluster)
        if postmaster is not None and postmaster.pid == pid and postmaster.ready:
            return _describe(postmaster, data_dir, started_here=True)
        time.sleep(_POLL_S)
    raise words.start_failed(data_dir, since=began)


def _write_conf(
    data_dir: Path, owner: Owner, *, socket_dir: Path, durable: bool, extra: Mapping[str, str]
) -> None:
    cluster = data_dir / "cluster"
    text = config.server_conf(
        socket_dir=socket_dir,
        log_dir=data_dir / "log",
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


def _make_folders(data_dir: Path, owner: Owner) -> None:
    if not data_dir.exists():
        data_dir.mkdir(parents=True, mode=0o700, exist_ok=True)
        owner.give(data_dir)
    for folder in (data_dir / "run", data_dir / "log"):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            owner.give(folder)
    for path in (data_dir / "lock", data_dir / "log" / "startup.log"):
        if not path.exists():
            path.touch(mode=0o600)
            owner.give(path)


@contextmanager
def _locked(data_dir: Path) -> Generator[None]:
    """Hold the folder's lock; the system frees it when its holder dies."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    with (data_dir / "lock").open("r+b") as lock:
        while not _try_lock(lock.fileno()):
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"Another process has been starting or stopping {data_dir} for long."
                )
            time.sleep(_POLL_S)
        yield


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _refusals(data_dir: Path) -> Generator[None]:
    """The system's own errors as ours."""
    try:
        yield
    except PermissionError as reason:
        raise PostgresDenied(
            f"This user may not use {reason.filename or data_dir} ({reason.strerror}). The folder belongs to the user that "
            "first ran halles here: run it as that user, or set HALLES_DATA to another folder.",
            path=str(reason.filename or data_dir),
        ) from reason
    except OSError as reason:
        raise words.system_refused(reason, data_dir) from reason


def _await_ready(postmaster: Postmaster, data_dir: Path) -> Postmaster:
    """Wait for a server that somebody else is starting, or that is recovering."""
    began, deadline = time.time(), time.monotonic() + _START_TIMEOUT_S
    current: Postmaster | None = postmaster
    while current is not None and time.monotonic() < deadline:
        if current.ready:
            return current
        time.sleep(_POLL_S)
        current = find(data_dir / "cluster")
    raise words.start_failed(data_dir, since=began)


def _await_end(postmaster: Postmaster, data_dir: Path) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while exists(postmaster.pid):
        if time.monotonic() > deadline:
            raise PostgresUnavailable(
                f"The PostgreSQL of {data_dir} has not stopped: a client may still hold it."
            )
        time.sleep(_POLL_S)


def _describe(postmaster: Postmaster, data_dir: Path, *, started_here: bool) -> Postgres:
    host = quote(str(postmaster.socket_dir), safe="")
    version = _cluster_major(data_dir / "cluster")
    assert version is not None, "a running server has a cluster"
    return Postgres(
        dsn=f"postgresql://{ROLE}@:{postmaster.port}/postgres?host={host}",
        data_dir=data_dir,
        log_file=words.current_log(data_dir),
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


def _absolute(data_dir: Path) -> Path:
    return data_dir.expanduser().resolve()
