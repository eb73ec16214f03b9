"""Pure decisions of visits: which told moments are believed, and to which day they belong."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from halles.visits.types import OLDEST


def believed(at: datetime, now: datetime) -> datetime:
    """A moment as a phone told it, kept within what can be: not in the future, not older than OLDEST."""
    if at > now:
        return now
    return max(at, now - OLDEST)


def local_day(at: datetime, timezone: str | None) -> date:
    """The day of a moment where the place is; the web's day is UTC's."""
    return at.astimezone(zone(timezone)).date()


@lru_cache(maxsize=256)
def zone(timezone: str | None) -> ZoneInfo:
    """A time zone by its IANA name; UTC when there is none or nobody knows it."""
    try:
        return ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
