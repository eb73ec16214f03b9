"""Pure decisions of promises. Told in prose in docs/algorithms/promise.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from halles.promises.types import Calendar, Confidence, Lane, LaneKind, Line, NoLane, Promise, PromiseKind

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_business_day(day: date, calendar: Calendar, *countries: str) -> bool:
    """Monday to Friday, and a holiday in none of the countries."""
    return day.weekday() < _SATURDAY and not any(
        day in calendar.holidays.get(country, ()) for country in countries
    )


def on_or_after(day: date, calendar: Calendar, *countries: str) -> date:
    """The first business day from `day` on."""
    while not is_business_day(day, calendar, *countries):
        day += _DAY
    return day


def add_business_days(day: date, count: int, calendar: Calendar, *countries: str) -> date:
    """`count` business days after `day`; with 0, the first business day from `day` on."""
    day = on_or_after(day, calendar, *countries)
    for _ in range(count):
        day = on_or_after(day + _DAY, calendar, *countries)
    return day


def dispatch_day(lane: Lane, calendar: Calendar, now: datetime) -> date:
    """The day on which an order placed at `now` (aware) leaves: today in the origin's time before the cut-off, else the next
    business day of the origin's country."""
    local = now.astimezone(ZoneInfo(lane.timezone))
    day = local.date() if local.time() < lane.cutoff else local.date() + _DAY
    return on_or_after(day, calendar, lane.origin_country)


def arrival(lane: Lane, calendar: Calendar, now: datetime) -> tuple[date, date]:
    """The earliest and the latest day of arrival of an order placed at `now`. The goods move on days that are business days at
    both ends."""
    leaves = dispatch_day(lane, calendar, now)
    earliest = add_business_days(leaves, lane.transit_days, calendar, lane.origin_country, lane.country)
    return earliest, add_business_days(earliest, lane.spread_days, calendar, lane.country)


def quote_line(line: Line, lanes: Sequence[Lane], calendar: Calendar, now: datetime) -> Promise:
    """The best promise for one line: of the lanes from a location that holds it (else of its usual kind), the one that is
    there first. Raises NoLane."""
    fitting = [lane for lane in lanes if lane.location_id is not None and lane.location_id in line.locations]
    if not fitting:
        fitting = [lane for lane in lanes if lane.lane == line.lane]
    if not fitting:
        raise NoLane("Nothing can be delivered there from where this is.", variant_id=line.variant_id)
    promises = [_promise(lane, calendar, now) for lane in fitting]
    return min(promises, key=lambda promise: (promise.deadline, promise.date, promise.lane_id))


def quote(lines: Iterable[Line], lanes: Sequence[Lane], calendar: Calendar, now: datetime) -> Promise:
    """One promise for everything: that of the line which is there last. Raises NoLane; `lines` is not empty."""
    promises = [quote_line(line, lanes, calendar, now) for line in lines]
    return max(promises, key=lambda promise: (promise.deadline, promise.date, promise.lane_id))


def keeps(now_possible: Promise, seen: date) -> bool:
    """Whether what is possible now is not later than the latest date the shopper saw."""
    return now_possible.deadline <= seen


def judge(promise: Promise, *, today: date, shipped: bool, delivered_on: date | None = None) -> Confidence:
    """How a promise stands today. At risk: not shipped, with fewer business days left than its transit."""
    if delivered_on is not None:
        return Confidence.KEPT if delivered_on <= promise.deadline else Confidence.MISSED
    if today > promise.deadline:
        return Confidence.MISSED
    if not shipped and _business_days_between(today, promise.deadline) < promise.days:
        return Confidence.AT_RISK
    return Confidence.KEPT


def holidays_of(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country that Halles knows by rule: France (code du travail, L3133-1), Germany's national ones,
    Belgium. Others are empty and come from the calendar table."""
    easter = _easter(year)
    moving = {name: easter + timedelta(days=offset) for name, offset in _AFTER_EASTER.items()}
    fixed, after = _HOLIDAYS.get(country, ((), ()))
    return frozenset([*(date(year, month, day) for month, day in fixed), *(moving[name] for name in after)])


_AFTER_EASTER = {"good_friday": -2, "easter_monday": 1, "ascension": 39, "whit_monday": 50}
_HOLIDAYS: dict[str, tuple[tuple[tuple[int, int], ...], tuple[str, ...]]] = {
    "FR": (
        ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
        ("easter_monday", "ascension", "whit_monday"),
    ),
    "DE": (((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)), ("good_friday", "easter_monday", "ascension", "whit_monday")),
    "BE": (((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)), ("easter_monday", "ascension", "whit_monday")),
}  # fmt: skip


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the "Meeus/Jones/Butcher" algorithm; Nature, 20 April 1876, p. 487)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _promise(lane: Lane, calendar: Calendar, now: datetime) -> Promise:
    earliest, latest = arrival(lane, calendar, now)
    return Promise(
        kind=PromiseKind.DELIVERY,
        date=earliest,
        latest=None if latest == earliest else latest,
        lane=LaneKind(lane.lane),
        origin=lane.origin,
        days=lane.transit_days,
        lane_id=lane.lane_id,
        location_id=lane.location_id,
    )


def _business_days_between(start: date, end: date) -> int:
    return sum((start + timedelta(days=n)).weekday() < _SATURDAY for n in range(1, (end - start).days + 1))
