"""Pure decisions of visits: which told moments are believed, to which day they belong, and whose a browser was when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from halles.visits.types import OLDEST, VISIT, Tie


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


Span = tuple[datetime, datetime]
"""From and to, both included."""


def tie(standing: Sequence[Tie], party_id: int, moments: Iterable[datetime]) -> list[Span]:
    """The person's own stretches on one browser after these moments, which are theirs by their session.

    `standing`: the ties of this browser, of everybody. A stretch begins VISIT before its first moment, since people sign in or
    agree in the midst of a visit, but never reaches into what is another's: a moment within another's stretch stays theirs, and a
    pause longer than VISIT is tied to nobody. Stretches of different people never meet.
    """
    others = sorted((one.since, one.until) for one in standing if one.party_id != party_id)
    mine = [(one.since, one.until) for one in standing if one.party_id == party_id]
    free = [at for at in moments if not any(since <= at <= until for since, until in others)]
    wanted = sorted([*mine, *((at - VISIT, at) for at in free)])
    joined: list[Span] = []
    for begin, until in wanted:
        ended = max((end for _, end in others if begin <= end < until), default=None)
        since = begin if ended is None else ended + _STEP
        if joined and since <= joined[-1][1] and not _between(others, joined[-1][0], until):
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined


def _between(others: Sequence[Span], left: datetime, right: datetime) -> bool:
    """Whether anybody else used the browser from `left` to `right`."""
    return any(since <= right and until >= left for since, until in others)


_STEP = datetime.resolution
"""The least difference of two moments: where one person's stretch ends, the next may begin after it."""
