"""What can be asked: whole weeks of the place's days, so that two answers never differ by a day's few people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from halles.journeys.measurement.types import (
    LONGEST_DAYS,
    OUTCOMES,
    RADII_KM,
    WINDOWS,
    BadQuestion,
    Question,
)

_WEEK = timedelta(days=7)


def checked(question: Question, today: date) -> Question:
    """The question over whole weeks, Monday to Sunday; the running week counts up to yesterday. Raises BadQuestion."""
    if question.window_days not in WINDOWS:
        raise BadQuestion("Choose a window of 7, 30 or 90 days.", field="window", choices=list(WINDOWS))
    if question.radius_km not in RADII_KM:
        raise BadQuestion("Choose one of the radii offered.", field="radius", choices=list(RADII_KM))
    if question.outcome not in OUTCOMES:
        raise BadQuestion("Choose pieces, orders or revenue.", field="outcome", choices=list(OUTCOMES))
    if not date(2000, 1, 1) <= question.since < question.until <= date(2200, 1, 1):
        raise BadQuestion("Choose a period that ends after it begins.", field="to")
    since = monday(question.since)
    until = min(monday(question.until - timedelta(days=1)) + _WEEK, today)
    if since >= until:
        raise BadQuestion("Choose a period with at least one day that is over.", field="from")
    if (until - since).days > LONGEST_DAYS:
        raise BadQuestion(f"Choose a period of at most {LONGEST_DAYS} days.", field="to", days=LONGEST_DAYS)
    if question.opened is not None and not since - timedelta(days=3650) <= question.opened < today:
        raise BadQuestion("The opening lies in the last ten years, before today.", field="opened")
    return replace(question, since=since, until=until)


def four_weeks_to(last: date) -> date:
    """The first day of the four weeks whose last day is this; the first day there is where they would begin before it."""
    return date.fromordinal(max(1, last.toordinal() - 27))


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC when nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins there."""
    return datetime.combine(day, time(), zone)
