"""The promise for lines of a basket: which lane, which dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from halles.promises.rules.days import start_of
from halles.promises.rules.transit import EARLY, HALF, arrival, by, plain_legs
from halles.promises.types import Calendar, Lane, LaneKind, Line, NoLane, Promise, PromiseKind


def dispatch_day(lane: Lane, calendar: Calendar, now: datetime) -> date:
    """The day on which work on an order placed at `now` (aware) begins: today in the origin's time before the cut-off, else the
    next working day there."""
    return date.fromordinal(start_of(plain_legs(lane)[0], now, calendar))


def quote_line(line: Line, lanes: Sequence[Lane], calendar: Calendar, now: datetime) -> Promise:
    """The best promise for one line: of the lanes from a location that holds it (else of its usual kind), the one that is
    there first. Raises NoLane."""
    open_ = [lane for lane in lanes if lane.active]
    fitting = [lane for lane in open_ if lane.location_id is not None and lane.location_id in line.locations]
    if not fitting:
        fitting = [lane for lane in open_ if lane.lane == line.lane]
    if not fitting:
        raise NoLane("Nothing can be delivered there from where this is.", variant_id=line.variant_id)
    promises = [promise_of(lane, calendar, now) for lane in fitting]
    return min(promises, key=_rank)


def quote(lines: Iterable[Line], lanes: Sequence[Lane], calendar: Calendar, now: datetime) -> Promise:
    """One promise for everything: that of the line which is there last. Raises NoLane; `lines` is not empty."""
    return max((quote_line(line, lanes, calendar, now) for line in lines), key=_rank)


def promise_of(lane: Lane, calendar: Calendar, now: datetime, quantile: float | None = None) -> Promise:
    """What a lane promises for an order placed at `now`. `quantile`: in place of the lane's own."""
    spread = arrival(lane, calendar, now)
    earliest = by(spread, EARLY)
    latest = max(earliest, by(spread, lane.quantile if quantile is None else quantile))
    return Promise(
        kind=PromiseKind.DELIVERY,
        date=date.fromordinal(earliest),
        likely=date.fromordinal(min(latest, by(spread, HALF))),
        latest=None if latest == earliest else date.fromordinal(latest),
        lane=LaneKind(lane.lane),
        origin=lane.origin,
        days=sum(leg.likely for leg in plain_legs(lane)),
        lane_id=lane.lane_id,
        location_id=lane.location_id,
    )


def keeps(now_possible: Promise, seen: date) -> bool:
    """Whether what is possible now is not later than the latest date the shopper saw."""
    return now_possible.deadline <= seen


def _rank(promise: Promise) -> tuple[date, date, int]:
    return (promise.deadline, promise.date, promise.lane_id)
