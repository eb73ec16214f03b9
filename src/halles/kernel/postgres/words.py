"""The server's own words when it fails: where they are, and which refusal they mean."""

from __future__ import annotations

import errno
from pathlib import Path

from halles.kernel.postgres.errors import PostgresDenied, PostgresDiskFull, PostgresUnavailable

_TAIL_LINES = 20
_TAIL_BYTES = 16_384
_FULL = ("No space left on device", "Disk quota exceeded", "Check free disk space")


def current_log(home: Path) -> Path:
    """The file the server writes now; before its first line there, what it said while starting."""
    try:
        words = (home / "cluster" / "current_logfiles").read_text(encoding="utf-8").split(maxsplit=1)
    except FileNotFoundError:
        return home / "log" / "startup.log"
    return home / "cluster" / words[1].strip()


def start_failed(home: Path, *, since: float) -> PostgresUnavailable:
    """The refusal for a server that did not come up, from what it wrote after `since` (seconds of the epoch)."""
    tail = _said(home, since)
    log_file = current_log(home)
    reason = _reason(tail)
    if any(mark in tail for mark in _FULL):
        return PostgresDiskFull(
            f"The disk under {home} is full: PostgreSQL cannot start. Make room and start again; what was committed is safe.",
            log_tail=tail,
            retry_after_s=30.0,
        )
    if "Permission denied" in tail or "Operation not permitted" in tail:
        return PostgresDenied(f"PostgreSQL may not use {home}: {reason} (log: {log_file})", log_tail=tail)
    return PostgresUnavailable(f"PostgreSQL did not start: {reason} (log: {log_file})", log_tail=tail)


def system_refused(reason: OSError, home: Path) -> PostgresUnavailable:
    """The refusal for an error of the system's while the folder was being prepared."""
    if reason.errno in {errno.ENOSPC, errno.EDQUOT}:
        return PostgresDiskFull(f"The disk under {home} is full.", retry_after_s=30.0)
    if reason.errno == errno.EROFS:
        return PostgresDenied(f"The disk under {home} is read-only. Set HALLES_DATA to a folder of yours.")
    return PostgresUnavailable(f"The folder {home} cannot be prepared: {reason}")


def _said(home: Path, since: float) -> str:
    """The last lines of the logs that changed after `since`, the oldest first."""
    logs = [path for path in (home / "log").glob("*.log") if path.stat().st_mtime >= since - 1]
    logs.sort(key=lambda path: path.stat().st_mtime)
    lines = [line for path in logs for line in _end_of(path)]
    return "\n".join(lines[-_TAIL_LINES:])


def _end_of(path: Path) -> list[str]:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return log.read().decode("utf-8", errors="replace").splitlines()


def _reason(tail: str) -> str:
    """The line that decided, without its time stamp: the last FATAL or PANIC, else initdb's error, else the last line."""
    lines = tail.splitlines()
    for mark in ("PANIC:", "FATAL:", "error:", "ERROR:"):
        hits = [line for line in lines if mark in line]
        if hits:
            return hits[-1].partition(mark)[2].strip()
    return lines[-1] if lines else "it said nothing"
