"""Looking at a promise again: what has happened, when it will be there, whether it is kept. Pure; the same facts give the same
answer, in whatever order they were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from halles.promises.rules.days import local_day
from halles.promises.rules.judging import Verdict, blame, tell, verdict
from halles.promises.rules.tracking import Progress, fold, remaining, took
from halles.promises.rules.transit import Spread, all_there, plain_legs
from halles.promises.types import Calendar, Lane, Scan, Watch, WatchState

_JITTER_S = 1800


def look(
    watch: Watch,
    parcels: Sequence[Sequence[Scan]],
    lane: Lane | None,
    calendar: Calendar,
    now: datetime,
    *,
    ended: bool,
) -> Watch:
    """The watch as it stands at `now`. `parcels`: the scans of each parcel, those of the whole order among them; at least one.
    `ended`: the order was cancelled, or came back."""
    progress = [fold(scans) for scans in parcels]
    zone = "UTC" if lane is None else plain_legs(lane)[-1].timezone
    arrived = [one.delivered_at for one in progress]
    delivered = max((at for at in arrived if at is not None), default=None) if all(arrived) else None
    if delivered is None and ended:
        closed = watch.closed_on or local_day(now, zone)
        return replace(watch, state=WatchState.ENDED, closed_on=closed, due_at=None, cause=None, owner=None)
    delivered_on = None if delivered is None else local_day(delivered, zone)
    before = WatchState(watch.state) if WatchState(watch.state).open else WatchState.KEPT
    found, slowest = _stands(watch, progress, lane, calendar, now, delivered_on, before)
    first_news, told = tell(watch.told, found.state)
    late = found.state in {WatchState.AT_RISK, WatchState.MISSED, WatchState.WAS_MISSED}
    cause, owner, days = None, None, None
    if lane is not None:
        days = took(lane, slowest, calendar, watch.placed_at, now if delivered is None else None)
        if late:
            cause, owner = blame(lane, days)
    return replace(
        watch,
        state=found.state,
        chance=round(found.chance, 4),
        expected_on=found.expected_on,
        delivered_on=delivered_on,
        closed_on=delivered_on,
        due_at=None if delivered_on is not None else next_look(watch.order_id, now, zone),
        cause=cause,
        owner=owner,
        told=told if first_news else watch.told,
        took=days if delivered_on is not None else None,
    )


def _stands(
    watch: Watch,
    progress: Sequence[Progress],
    lane: Lane | None,
    calendar: Calendar,
    now: datetime,
    delivered_on: date | None,
    before: WatchState,
) -> tuple[Verdict, Progress]:
    """Where it stands, and the parcel that decides."""
    if delivered_on is not None:
        slowest = max(progress, key=lambda one: one.delivered_at or now)
        return verdict(before, watch.deadline, None, delivered_on), slowest
    if lane is None:
        today = now.date().toordinal()
        spread: Spread | None = {max(today, watch.deadline.toordinal()): 1.0}
        return verdict(before, watch.deadline, spread, None), progress[0]
    spreads = [remaining(lane, one, calendar, watch.placed_at, now) for one in progress]
    known = [spread for spread in spreads if spread is not None]
    whole = all_there(known) if len(known) == len(spreads) else None
    number = max(range(len(spreads)), key=lambda at: _mean(spreads[at]))
    return verdict(before, watch.deadline, whole, None), progress[number]


def _mean(spread: Spread | None) -> float:
    return float("inf") if spread is None else sum(day * chance for day, chance in spread.items())


def next_look(order_id: UUID, now: datetime, timezone: str) -> datetime:
    """When time alone may change how a promise stands: just after the next midnight of the destination, spread over half an hour
    by the order's id. A clock that was set back or forward in between moves it by an hour at most."""
    zone = ZoneInfo(timezone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    jitter = timedelta(seconds=60 + order_id.int % _JITTER_S)
    return datetime.combine(day, time(0), zone).astimezone(now.tzinfo) + jitter
