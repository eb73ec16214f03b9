"""When to look next, and how long to wait before trying again."""

from __future__ import annotations


def due(at_s: float, next_s: float, rate: float) -> tuple[bool, float]:
    """Whether a picture taken at `at_s` is looked at, where `rate` a second are at most, and when the next one is."""
    if at_s + 1e-6 < next_s:
        return False, next_s
    return True, max(next_s + 1.0 / rate, at_s)


def pause_s(failures: int, *, longest_s: float = 60.0) -> float:
    """Seconds to wait after this many failures in a row, one or more: 1, 2, 4 … up to `longest_s`."""
    return min(longest_s, 2.0 ** min(failures - 1, 30))
