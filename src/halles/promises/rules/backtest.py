"""A history replayed: what would have been promised with what was known then, and how it would have been kept. Pure."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from halles.promises.rules.days import local_day
from halles.promises.rules.history import Past
from halles.promises.rules.quoting import promise_of
from halles.promises.rules.tracking import fold, took
from halles.promises.rules.transit import learned, likely_of, plain_legs
from halles.promises.types import LEG_ORDER, Calendar, Lane

LaneKey = tuple[str, str]
"""Origin and country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to promise: the share that the latest day is to keep, and whether what was seen before is learned from."""

    name: str
    quantile: float
    learns: bool


POLICIES = tuple(
    Policy(name=f"{'learned' if learns else 'as written'} {quantile}", quantile=quantile, learns=learns)
    for learns in (False, True)
    for quantile in (0.8, 0.9, 0.95)
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over orders: how many, how many kept, days promised, days they took, pinball loss in days."""

    orders: int = 0
    kept: int = 0
    promised_days: int = 0
    actual_days: int = 0
    pinball: float = 0.0

    def add(self, quantile: float, promised: int, actual: int) -> None:
        self.orders += 1
        self.kept += actual <= promised
        self.promised_days += promised
        self.actual_days += actual
        late = actual - promised
        self.pinball += max(quantile * late, (quantile - 1) * late)

    def report(self) -> dict[str, float | int]:
        """Shares and means; calendar days from the day of the order at the destination."""
        many = max(1, self.orders)
        return {
            "orders": self.orders,
            "kept_share": round(self.kept / many, 4),
            "promised_days": round(self.promised_days / many, 3),
            "actual_days": round(self.actual_days / many, 3),
            "pinball_days": round(self.pinball / many, 4),
        }


@dataclass(slots=True, kw_only=True)
class _Known:
    """What is known of a lane at a moment: how often each leg took how many days, and the lane as that makes it."""

    lane: Lane
    seen: list[Counter[int]] = field(default_factory=lambda: [Counter[int]() for _ in LEG_ORDER])
    now: Lane | None = None


def teach(lane: Lane, seen: Sequence[Mapping[int, int]]) -> Lane:
    """The lane after its legs were seen to take so many days (by number in LEG_ORDER)."""
    legs = tuple(
        replace(leg, days=days, likely=likely_of(days))
        for leg in plain_legs(lane)
        for days in [learned(leg.days, seen[LEG_ORDER.index(leg.kind)])]
    )
    return replace(lane, legs=legs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """`by_policy`, `by_lane`: policy → tally; lane → policy → tally. `unknown`: orders of no lane that is known."""

    by_policy: Mapping[str, Tally]
    by_lane: Mapping[LaneKey, Mapping[str, Tally]]
    unknown: int


def replay(
    history: Iterable[Past],
    lanes: Mapping[LaneKey, Lane],
    calendar: Calendar,
    policies: Sequence[Policy] = POLICIES,
) -> Replay:
    """Go through a history by the moment of its orders. An order is promised with what had been delivered the day before, never
    with what came later; lanes learn once a day, as a shop's do."""
    known = {key: _Known(lane=replace(lane, legs=plain_legs(lane))) for key, lane in lanes.items()}
    total = {policy.name: Tally() for policy in policies}
    by_lane: dict[LaneKey, dict[str, Tally]] = {}
    waiting: list[tuple[datetime, int, Past]] = []
    unknown, day = 0, date.min
    for number, past in enumerate(sorted(history, key=lambda one: one.placed_at)):
        key = (past.origin, past.country)
        here = known.get(key)
        if here is None:
            unknown += 1
            continue
        if past.placed_at.date() != day:
            day = past.placed_at.date()
            _learn(waiting, past.placed_at - timedelta(days=1), known, calendar)
        zone = plain_legs(here.lane)[-1].timezone
        begin = local_day(past.placed_at, zone)
        actual = (local_day(past.delivered_at, zone) - begin).days
        mine = by_lane.setdefault(key, {policy.name: Tally() for policy in policies})
        for policy in policies:
            promise = promise_of(_lane(here, policy), calendar, past.placed_at, policy.quantile)
            promised = (promise.deadline - begin).days
            for tally in (total[policy.name], mine[policy.name]):
                tally.add(policy.quantile, promised, actual)
        heapq.heappush(waiting, (past.delivered_at, number, past))
    return Replay(by_policy=total, by_lane=by_lane, unknown=unknown)


def _lane(known: _Known, policy: Policy) -> Lane:
    if not policy.learns:
        return known.lane
    if known.now is None:
        known.now = teach(known.lane, known.seen)
    return known.now


def _learn(
    waiting: list[tuple[datetime, int, Past]],
    until: datetime,
    known: Mapping[LaneKey, _Known],
    calendar: Calendar,
) -> None:
    while waiting and waiting[0][0] <= until:
        past = heapq.heappop(waiting)[2]
        here = known[past.origin, past.country]
        for number, days in enumerate(took(here.lane, fold(past.scans), calendar, past.placed_at)):
            if days >= 0:
                here.seen[number][min(days, MOST_DAYS)] += 1
        here.now = None


MOST_DAYS = 60
"""A parcel that took longer teaches that it took so long: one forgotten in a corner must not stretch every promise."""
