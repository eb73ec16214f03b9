"""Time, asked for in one place so that tests and replays can set it. Always aware, always UTC inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, UTC."""


def system_clock() -> datetime:
    """The present moment of this machine, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that tests set by hand."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at
