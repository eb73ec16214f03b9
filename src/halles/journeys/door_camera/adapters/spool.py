"""Crossings on disk, from when they are counted until the server has taken them."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from halles.journeys.door_camera.types import SpoolInUse, SpoolUnwritable, Told

_COMPACT_BYTES = 64 * 1024


class Spool:
    """A file of JSON lines: the door, then crossings, then ids that are done with. Appended and synced to disk before anything is
    sent; written anew when it grows. One process at a time; threads may share it.

    A line that a power cut left unfinished is dropped: its crossing was not yet announced. Lines damaged otherwise are set aside
    in a copy, `damaged` counts them, and the rest goes on.
    """

    def __init__(self, path: Path, door: str) -> None:
        """Opens or makes the file. Raises SpoolInUse: another process has it, or it holds crossings of another door;
        SpoolUnwritable."""
        self._path, self._door, self._guard = path, door, Lock()
        self._waiting: dict[UUID, Told] = {}
        self.damaged = 0
        self._of = door
        self._file: int | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as reason:
            raise self._unwritable(reason) from reason
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as reason:
            os.close(self._lock)
            raise SpoolInUse(f"Another counter keeps its crossings in {path}.") from reason
        try:
            self._load()
            self._rewrite()
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Lets another process have the file. What waits stays in it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        os.close(self._lock)

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self, most: int) -> list[Told]:
        """The oldest that are not done with."""
        with self._guard:
            return [told for _, told in zip(range(most), self._waiting.values(), strict=False)]

    def add(self, crossings: Sequence[Told]) -> None:
        """On disk when this returns. Raises SpoolUnwritable, and then none of them is kept: add them again later."""
        with self._guard:
            fresh = [told for told in crossings if told.event_id not in self._waiting]
            self._append(map(as_sent, fresh))  # first the disk, then the memory
            self._waiting.update((told.event_id, told) for told in fresh)

    def done(self, ids: Iterable[UUID]) -> None:
        """Done with, taken or refused. Should the disk refuse this note, they are sent once more later, under the same ids."""
        with self._guard:
            gone = [one for one in ids if self._waiting.pop(one, None) is not None]
            self._append([{"done": [str(one) for one in gone]}])
            if not self._waiting and self._path.stat().st_size > _COMPACT_BYTES:
                self._rewrite()

    def set_aside(self, told: Told, why: str) -> None:
        """Keeps a refused crossing, with the reason, in a second file for a person to look at."""
        try:
            with self._path.with_name(self._path.name + ".refused").open("a") as file:
                file.write(json.dumps(as_sent(told) | {"why": why}) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as reason:
            raise self._unwritable(reason) from reason
        self.done([told.event_id])

    def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        if self._file is None:
            raise SpoolUnwritable(f"{self._path} is closed.")
        text = "".join(json.dumps(line) + "\n" for line in lines).encode()
        start = os.fstat(self._file).st_size
        try:
            if os.write(self._file, text) != len(text):
                raise OSError("no room for the whole line")
            os.fsync(self._file)
        except OSError as reason:
            os.ftruncate(self._file, start)
            raise self._unwritable(reason) from reason

    def _load(self) -> None:
        try:
            raw = self._path.read_bytes() if self._path.exists() else b""
        except OSError as reason:
            raise self._unwritable(reason) from reason
        whole = raw[: raw.rfind(b"\n") + 1]
        for line in whole.splitlines():
            try:
                self._read(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                self.damaged += 1
        if self.damaged:
            self._path.with_name(self._path.name + ".damaged").write_bytes(raw)
        if self._waiting and self._of != self._door:
            raise SpoolInUse(
                f"{self._path} holds crossings of the door {self._of} that were not sent yet: name another file, or let "
                "that door's counter send them first."
            )

    def _read(self, entry: dict[str, Any]) -> None:
        if "door" in entry:
            self._of = str(entry["door"])
        elif "done" in entry:
            for one in entry["done"]:
                self._waiting.pop(UUID(one), None)
        else:
            at = datetime.fromisoformat(entry["at"])
            if at.tzinfo is None:
                raise ValueError("a time without its zone")
            told = Told(
                event_id=UUID(entry["event_id"]),
                at=at,
                inward=int(entry["inward"]),
                outward=int(entry["outward"]),
            )
            self._waiting[told.event_id] = told

    def _rewrite(self) -> None:
        """The file anew, with what waits; the old one stays until the new one is whole on disk."""
        fresh = self._path.with_name(self._path.name + ".new")
        lines = [{"door": self._door}, *map(as_sent, self._waiting.values())]
        try:
            with fresh.open("w") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            opened = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        except OSError as reason:
            raise self._unwritable(reason) from reason
        if self._file is not None:
            os.close(self._file)
        self._file = opened

    def _unwritable(self, reason: OSError) -> SpoolUnwritable:
        return SpoolUnwritable(
            f"{self._path} cannot be written: {reason.strerror or reason}.", retry_after_s=5.0
        )


def as_sent(told: Told) -> dict[str, Any]:
    """As it is kept and as it is sent."""
    return {
        "event_id": str(told.event_id),
        "at": told.at.isoformat(),
        "inward": told.inward,
        "outward": told.outward,
    }
