"""When a letter that failed is tried again, and when a person has to look. Pure."""

from __future__ import annotations

from datetime import timedelta

MOST_FAILURES = 20
"""Failures in a row after which a letter is parked: the last come after three days."""
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=6)


def pause(failures: int) -> timedelta | None:
    """How long to wait after so many failures, 1 or more: doubled each time up to six hours; None: not again by itself."""
    assert failures >= 1
    if failures >= MOST_FAILURES:
        return None
    return min(_FIRST * 2 ** min(failures - 1, 20), _LONGEST)
