"""How many people are in a zone, from headcounts and crossings; and when a place's day began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from halles.welcome.types import EARLY, LATE, Anchor, BadCount, Crossing

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EMPTY_AFTER = timedelta(hours=1)
"""So long after closing everybody has left, if the place does not open again before."""

Hours = Mapping[str, Sequence[Sequence[str]]]


def level(people: int, flows: Iterable[tuple[datetime, int]]) -> tuple[int, int]:
    """How many are inside after signed `flows` from `people` on, and the drift.

    The least path that follows the flows and is never negative: whoever left without having been counted in was inside all the
    same. With S(t) the raw count and D = max(0, −min S), people = S + D and drift = D: the reflection of a path at zero
    (Skorokhod, 1961). Crossings of one instant count together, so that neither order nor arrival changes anything.
    """
    raw, lowest = people, people
    for _, same in groupby(sorted(flows), key=lambda flow: flow[0]):
        raw += sum(change for _, change in same)
        lowest = min(lowest, raw)
    drift = max(0, -lowest)
    return raw + drift, drift


def once(crossings: Iterable[Crossing]) -> list[Crossing]:
    """Crossings of which each id counts once: the first that was told."""
    found: dict[UUID, Crossing] = {}
    for one in crossings:
        found.setdefault(one.event_id, one)
    return list(found.values())


def check_moments(moments: Sequence[tuple[UUID, datetime]], now: datetime) -> None:
    """Raise BadCount, naming them, for counts of more than a week ago or of moments still to come."""
    wrong = [str(event_id) for event_id, at in moments if not now - LATE <= at <= now + EARLY]
    if wrong:
        raise BadCount(
            "A count is told within a week, by a clock that is right to five minutes.", event_ids=wrong
        )


def spans(hours: Hours, timezone: str, first: date, last: date) -> list[tuple[datetime, datetime]]:
    """When a place is open on these local days, in order, as moments in time; spans that touch (24:00 and 00:00) are one.

    A clock time that daylight saving skips or repeats is read as the first moment that bears it (PEP 495, fold 0).
    """
    found: list[tuple[datetime, datetime]] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for begin, end in sorted((span[0], span[1]) for span in hours.get(_WEEKDAYS[day.weekday()], ())):
            opens, closes = moment(day, begin, timezone), moment(day, end, timezone)
            if found and opens <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], closes))
            elif opens < closes:
                found.append((opens, closes))
    return found


def moment(day: date, clock: str, timezone: str) -> datetime:
    """A local clock time (`24:00`: the next day's begin) as a moment, in UTC."""
    hour, minute = int(clock[:2]), int(clock[3:])
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    local = datetime.combine(day, time(hour, minute), ZoneInfo(timezone))
    return local.astimezone(ZoneInfo("UTC"))


def local_day(now: datetime, timezone: str) -> date:
    """The date on the place's calendar."""
    return now.astimezone(ZoneInfo(timezone)).date()


def emptied_at(hours: Hours, timezone: str, now: datetime) -> datetime | None:
    """When the place was last empty for certain: EMPTY_AFTER its last closing, or half-way to the next opening if that is sooner.
    None: it has no hours, or did not close within a week."""
    today = local_day(now, timezone)
    open_times = spans(hours, timezone, today - timedelta(days=8), today + timedelta(days=8))
    found: datetime | None = None
    for number, (_, closes) in enumerate(open_times):
        following = open_times[number + 1][0] if number + 1 < len(open_times) else closes + 2 * EMPTY_AFTER
        empty = closes + min(EMPTY_AFTER, (following - closes) / 2)
        if now - LATE <= empty <= now:
            found = empty
    return found


def open_now(hours: Hours, timezone: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The span in which a place is open at this moment."""
    today = local_day(now, timezone)
    for opens, closes in spans(hours, timezone, today - timedelta(days=1), today + timedelta(days=1)):
        if opens <= now < closes:
            return opens, closes
    return None


def anchors(
    zones: Iterable[str],
    headcounts: Mapping[str, tuple[datetime, int]],
    empty: datetime | None,
    now: datetime,
) -> list[Anchor]:
    """From where each zone is counted: its last headcount, or when the place was last empty, whichever is later."""
    since = empty or now - LATE
    found: list[Anchor] = []
    for zone in zones:
        counted = headcounts.get(zone)
        if counted is not None and counted[0] > since:
            found.append(Anchor(zone=zone, at=counted[0], people=counted[1], counted=True))
        else:
            found.append(Anchor(zone=zone, at=since, people=0, counted=False))
    return found
