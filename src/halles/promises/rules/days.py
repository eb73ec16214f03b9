"""Working days: which they are, and counting them. Days are proleptic Gregorian ordinals inside, dates outside."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as public

from halles.promises.types import WORKING_WEEK, Calendar, Lane, Leg, NoLane

_DAY = timedelta(days=1)
_AHEAD = 3
"""Years of working days that are computed at once."""

Key = tuple[int, tuple[str, ...], int]
"""Days of the week, countries whose holidays count, the carrier."""


def key_of(leg: Leg) -> Key:
    return leg.weekdays, leg.countries, leg.carrier_id


@lru_cache(maxsize=4096)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """The national public holidays of a country, moving feasts and days given for others included; empty for one that nobody
    knows. Regional ones, and those of towns, come from the calendar table."""
    try:
        return frozenset(day for day in public.country_holidays(country, years=year) if day.year == year)
    except NotImplementedError:
        return frozenset()


def local_day(moment: datetime, timezone: str) -> date:
    """The date that an aware moment has in a time zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def workdays(key: Key, year: int, calendar: Calendar) -> Sequence[int]:
    """The working days from the first of January of `year` on, for some years, as ordinals in order."""
    memo = ("workdays", key, year)
    found: list[int] | None = calendar.memo.get(memo)
    if found is None:
        weekdays, countries, carrier_id = key
        off = {
            day.toordinal()
            for days in (
                *(calendar.holidays.get(country, ()) for country in countries),
                calendar.rests.get(carrier_id, ()),
            )
            for day in days
        }
        first, last = date(year, 1, 1).toordinal(), date(min(year + _AHEAD, 9999), 12, 31).toordinal()
        found = [day for day in range(first, last + 1) if weekdays >> (day + 6) % 7 & 1 and day not in off]
        calendar.memo[memo] = found
    return found


def step(day: int, count: int, key: Key, calendar: Calendar) -> int:
    """The working day `count` working days after the first one from `day` on. Raises NoLane when none comes for years."""
    days = workdays(key, date.fromordinal(day).year, calendar)
    at = bisect_left(days, day) + count
    if at >= len(days):
        raise NoLane("The carrier of this lane does not work in the years to come.")
    return days[at]


def between(start: int, end: int, key: Key, calendar: Calendar) -> int:
    """Working days from the first one at or after `start` to the first one at or after `end`; 0 when `end` is not later."""
    if end <= start:
        return 0
    days = workdays(key, date.fromordinal(start).year, calendar)
    return bisect_left(days, end) - bisect_left(days, start)


def is_business_day(day: date, calendar: Calendar, *countries: str) -> bool:
    """Monday to Friday, and a holiday in none of the countries."""
    return bool(WORKING_WEEK >> day.weekday() & 1) and not any(
        day in calendar.holidays.get(country, ()) for country in countries
    )


def on_or_after(day: date, calendar: Calendar, *countries: str) -> date:
    """The first business day from `day` on."""
    while not is_business_day(day, calendar, *countries):
        day += _DAY
    return day


def start_of(leg: Leg, moment: datetime, calendar: Calendar) -> int:
    """The day on which a leg begins for what is there at `moment`: after its cut-off, the next day; then its first working
    day."""
    local = moment.astimezone(ZoneInfo(leg.timezone))
    day = local.date().toordinal()
    if leg.cutoff is not None and local.time() >= leg.cutoff:
        day += 1
    return step(day, 0, key_of(leg), calendar)


def calendars_differ(lane: Lane, one: Calendar, other: Calendar) -> bool:
    """Whether two calendars give a lane other days of rest."""
    countries = {lane.country, lane.origin_country, *(name for leg in lane.legs for name in leg.countries)}
    nothing: frozenset[date] = frozenset()
    return any(
        one.holidays.get(country, nothing) != other.holidays.get(country, nothing) for country in countries
    ) or any(
        one.rests.get(leg.carrier_id, nothing) != other.rests.get(leg.carrier_id, nothing)
        for leg in lane.legs
    )
