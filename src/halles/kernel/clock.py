"""Time, asked for in one place so that tests and replays can set it. Always aware, always UTC inside."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]
"""Gives the present moment, UTC."""


CHAOS_CLOCK = "HALLES_CHAOS_CLOCK"
"""Environment variable of the chaos bench alone: a file of eight bytes, a double, the seconds by which this process's clock is
wrong. Whoever writes them makes its clock jump."""


def _machine() -> datetime:
    """The present moment of this machine, UTC."""
    return datetime.now(UTC)


def _jumping(path: Path) -> Clock:
    with path.open("rb") as file:
        shown = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

    def wrong() -> datetime:
        """The present moment as this process has it, UTC."""
        return datetime.now(UTC) + timedelta(seconds=struct.unpack_from("=d", shown)[0])

    return wrong


system_clock: Clock = _jumping(Path(os.environ[CHAOS_CLOCK])) if CHAOS_CLOCK in os.environ else _machine
"""The present moment, UTC."""


@dataclass(slots=True)
class FixedClock:
    """A clock that tests set by hand."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at
