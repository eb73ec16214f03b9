"""Shares with their intervals, and counts too small to tell."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from halles.journeys.measurement.types import LEAST, Bar, Difference, Share

Z95 = 1.959963984540054
"""The normal quantile of a two-sided interval at 95 %."""
HIDDEN = Share(count=None, of=None, share=None, low=None, high=None)


def wilson(count: int, of: int) -> tuple[float, float]:
    """The score interval of a proportion at 95 % (Wilson 1927); 0 to 1 when nothing was seen."""
    if of <= 0:
        return 0.0, 1.0
    p, zz = count / of, Z95 * Z95
    middle = (p + zz / (2 * of)) / (1 + zz / of)
    half = Z95 / (1 + zz / of) * sqrt(p * (1 - p) / of + zz / (4 * of * of))
    low = 0.0 if count == 0 else max(0.0, middle - half)
    return low, 1.0 if count == of else min(1.0, middle + half)


def newcombe(count: int, of: int, other: int, of_other: int) -> Difference:
    """The difference of two independent proportions and its hybrid score interval at 95 % (Newcombe 1998, method 10)."""
    one, two = count / of, other / of_other
    (l1, u1), (l2, u2) = wilson(count, of), wilson(other, of_other)
    low = one - two - sqrt((one - l1) ** 2 + (u2 - two) ** 2)
    high = one - two + sqrt((u1 - one) ** 2 + (two - l2) ** 2)
    return Difference(effect=one - two, low=max(-1.0, low), high=min(1.0, high))


def tellable(count: int) -> bool:
    """Whether a count of people may be told: nobody, or enough."""
    return count == 0 or count >= LEAST


def count(people: int) -> int | None:
    """A count of people as it may be told."""
    return people if tellable(people) else None


def share(part: int, of: int, *, by_people: bool = True) -> Share:
    """A share as it may be told: hidden when it, or its rest, is of a few people. `by_people` off: nothing here counts people."""
    if by_people and not (tellable(part) and tellable(of) and tellable(of - part)):
        return HIDDEN
    low, high = wilson(part, of)
    return Share(count=part, of=of, share=part / of if of else None, low=low, high=high)


def table(counts: Sequence[int]) -> list[int | None]:
    """Cells that add up to a total which is told too: where just one would be hidden, the next smallest is hidden with it, since
    the total would betray it."""
    told: list[int | None] = [count(one) for one in counts]
    hidden = [at for at, one in enumerate(told) if one is None]
    if len(hidden) == 1:
        rest = [at for at, one in enumerate(counts) if at not in hidden and one > 0]
        if rest:
            told[min(rest, key=lambda at: counts[at])] = None
    return told


def bars(labels: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    """A table under its labels."""
    return [Bar(label=label, count=one) for label, one in zip(labels, table(counts), strict=True)]
