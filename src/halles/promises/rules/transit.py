"""How long a way takes, as chances. Told in prose in docs/algorithms/promise.md."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from halles.promises.rules.days import key_of, local_day, start_of, step, workdays
from halles.promises.types import Calendar, Lane, Leg, LegKind, Pmf

Spread = Mapping[int, float]
"""Chances by day (ordinal); they add up to 1."""

_BY_LATEST = 0.98
_AT_LATEST = 0.11
_TAIL = 6
STRENGTH = 20.0
"""What people said of a leg weighs as much as so many parcels that were seen."""
EARLY, HALF = 0.05, 0.5
_EPSILON = 1e-9


@lru_cache(maxsize=4096)
def prior(earliest: int, likely: int, latest: int) -> Pmf:
    """What "at least, most likely, at most" says before anything was seen: a triangle that ends a day before the latest, a lump
    of 11 % on the latest itself, and 2 % beyond it, halved from day to day; one that rises up to the latest where that is the
    most likely. Working days, 0 <= earliest <= likely <= latest."""
    if latest == likely:
        rising = range(1, latest - earliest + 2)
        body = [_BY_LATEST * weight / sum(rising) for weight in rising]
    else:
        rise, fall = likely - earliest + 1, latest - likely
        weights = [
            (day - earliest + 1) / rise if day <= likely else (latest - day) / fall
            for day in range(earliest, latest)
        ]
        body = [(_BY_LATEST - _AT_LATEST) * weight / sum(weights) for weight in weights] + [_AT_LATEST]
    tail = [(1 - _BY_LATEST) / 2 ** (n + 1) for n in range(_TAIL)]
    tail[-1] *= 2
    return (*[0.0] * earliest, *body, *tail)


def learned(said: Pmf, seen: Mapping[int, int], strength: float = STRENGTH) -> Pmf:
    """Chances after parcels were seen to take so many days: the mean of a Dirichlet distribution whose prior is what people said,
    weighing `strength` parcels (Gelman and others, Bayesian Data Analysis, 3rd edition, section 3.4)."""
    total = strength + sum(seen.values())
    if not seen:
        return said
    length = max(len(said), max(seen) + 1)
    return tuple(
        (strength * (said[day] if day < len(said) else 0.0) + seen.get(day, 0)) / total
        for day in range(length)
    )


def likely_of(days: Pmf) -> int:
    """The most likely number of days, the fewest among equals."""
    return max(range(len(days)), key=lambda day: (days[day], -day))


def width_of(days: Pmf) -> float:
    """The variance of the days."""
    mean = sum(day * chance for day, chance in enumerate(days))
    return sum((day - mean) ** 2 * chance for day, chance in enumerate(days))


@lru_cache(maxsize=1024)
def plain_legs(lane: Lane) -> tuple[Leg, ...]:
    """The legs of a lane that says only how many days it takes: leaves on a business day of the origin, moves on days that are
    business days at both ends, and is at the door up to `spread_days` business days of the destination later."""
    if lane.legs:
        return lane.legs
    both = (lane.origin_country, lane.country)
    return (
        Leg(
            kind=LegKind.PICK_PACK, days=prior(0, 0, 0), likely=0, timezone=lane.timezone, countries=both[:1],
            cutoff=lane.cutoff, owner=lane.origin,
        ),
        Leg(
            kind=LegKind.LINE_HAUL, days=prior(*(lane.transit_days,) * 3), likely=lane.transit_days,
            timezone=lane.timezone, countries=both, owner=lane.carrier or "carrier",
        ),
        Leg(
            kind=LegKind.LAST_MILE, days=prior(0, 0, lane.spread_days), likely=0, timezone=lane.timezone,
            countries=both[1:], owner=lane.carrier or "carrier",
        ),
    )  # fmt: skip


def through(leg: Leg, spread: Spread, days: Pmf, calendar: Calendar, floor: int) -> dict[int, float]:
    """Where a leg brings what arrives at its begin with the chances of `spread`. `floor`: no day before it is possible."""
    found: dict[int, float] = {}
    key = key_of(leg)
    for day, chance in spread.items():
        start = step(max(day, floor), 0, key, calendar)
        year = workdays(key, date.fromordinal(start).year, calendar)
        first = bisect_left(year, start)
        for count, part in enumerate(days):
            if part:
                there = (
                    year[first + count] if first + count < len(year) else step(start, count, key, calendar)
                )
                found[there] = found.get(there, 0.0) + chance * part
    return found


def way(legs: Sequence[Leg], spread: Spread, calendar: Calendar, now: datetime) -> dict[int, float]:
    """Arrival at the end of several legs."""
    found = dict(spread)
    for leg in legs:
        found = through(leg, found, leg.days, calendar, local_day(now, leg.timezone).toordinal())
    return found


def arrival(lane: Lane, calendar: Calendar, now: datetime) -> Spread:
    """When an order placed at `now` arrives. Computed once for a lane, day of dispatch and calendar: the memo keeps the legs, so
    that their identity stands for them."""
    legs = plain_legs(lane)
    start = start_of(legs[0], now, calendar)
    floors = tuple(local_day(now, zone).toordinal() for zone in dict.fromkeys(leg.timezone for leg in legs))
    memo = ("arrival", id(legs), start, floors)
    found: tuple[Sequence[Leg], Spread] | None = calendar.memo.get(memo)
    if found is None:
        spread = way(legs, {start: 1.0}, calendar, now)
        found = calendar.memo[memo] = (legs, dict(sorted(spread.items())))
    return found[1]


def by(spread: Spread, share: float) -> int:
    """The first day on which at least `share` of the chances are there."""
    total = 0.0
    for day in sorted(spread):
        total += spread[day]
        if total >= share - _EPSILON:
            return day
    return max(spread)


def chance_by(spread: Spread, day: int) -> float:
    """The chance of being there on `day` or before."""
    return min(1.0, sum((chance for there, chance in spread.items() if there <= day), 0.0))


def all_there(spreads: Iterable[Spread]) -> Spread:
    """When the last of several is there, taken as independent of each other."""
    every = list(spreads)
    if len(every) == 1:
        return every[0]
    days = sorted({day for one in every for day in one})
    found: dict[int, float] = {}
    before = 0.0
    for day in days:
        together = 1.0
        for one in every:
            together *= chance_by(one, day)
        found[day], before = together - before, together
    return found
