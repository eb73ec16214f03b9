"""What is known of a parcel on its way, and when it will be there. The scans are a set: neither the order in which they are told
nor how often changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.promises.rules.days import between, key_of, local_day, start_of, step
from halles.promises.rules.transit import Spread, plain_legs, prior, through, way, width_of
from halles.promises.types import LEG_ORDER, Calendar, Lane, Leg, LegKind, Pmf, Scan, TrackingCode

ENDS: Mapping[TrackingCode, LegKind] = {
    TrackingCode.HANDED_OVER: LegKind.PICK_PACK,
    TrackingCode.DEPARTED: LegKind.PICK_PACK,
    TrackingCode.ARRIVED: LegKind.LINE_HAUL,
    TrackingCode.CUSTOMS_IN: LegKind.LINE_HAUL,
    TrackingCode.CUSTOMS_HELD: LegKind.LINE_HAUL,
    TrackingCode.CUSTOMS_RELEASED: LegKind.CUSTOMS,
    TrackingCode.AT_HUB: LegKind.CUSTOMS,
    TrackingCode.LEFT_HUB: LegKind.HUB,
    TrackingCode.OUT_FOR_DELIVERY: LegKind.HUB,
    TrackingCode.ATTEMPTED: LegKind.HUB,
    TrackingCode.DELIVERED: LegKind.LAST_MILE,
}
"""Which leg a scan shows to be over, and with it all before. The others show none."""

_GONE = frozenset({TrackingCode.LOST, TrackingCode.RETURNED, TrackingCode.DAMAGED})
_RANK = {kind: number for number, kind in enumerate(LEG_ORDER)}
_AGAIN: Pmf = (0.0, 0.8, 0.15, 0.05)
"""After a shopper was not at home: most carriers come again on the next working day."""
_OVERDUE: Pmf = (0.5, 0.25, 0.13, 0.06, 0.03, 0.03)
"""A leg that takes longer than was ever seen: as likely as not, today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`seen`: when a leg was seen to be over, by its kind. `held_at`: since when the customs hold it, None when they do not.
    `tried_at`: when somebody last stood at a closed door. `gone`: lost, damaged or on its way back."""

    seen: Mapping[LegKind, datetime]
    held_at: datetime | None = None
    tried_at: datetime | None = None
    gone: bool = False

    def over(self, kind: LegKind) -> datetime | None:
        """When a leg was over at the latest: seen itself, or a later one was."""
        return min((at for later, at in self.seen.items() if _RANK[later] >= _RANK[kind]), default=None)

    @property
    def delivered_at(self) -> datetime | None:
        return self.seen.get(LegKind.LAST_MILE)


def fold(scans: Iterable[Scan]) -> Progress:
    """What a set of scans says. Of several of one kind the earliest counts, of holds and attempts the latest."""
    known = set(scans)
    seen: dict[LegKind, datetime] = {}
    for scan in known:
        kind = ENDS.get(scan.code)
        if kind is not None and (kind not in seen or scan.at < seen[kind]):
            seen[kind] = scan.at
    held = max((scan.at for scan in known if scan.code is TrackingCode.CUSTOMS_HELD), default=None)
    after = [at for kind, at in seen.items() if _RANK[kind] >= _RANK[LegKind.CUSTOMS]]
    if held is not None and any(at >= held for at in after):
        held = None
    delivered = LegKind.LAST_MILE in seen
    tried = max((scan.at for scan in known if scan.code is TrackingCode.ATTEMPTED), default=None)
    return Progress(
        seen=seen,
        held_at=None if delivered else held,
        tried_at=None if delivered else tried,
        gone=not delivered and any(scan.code in _GONE for scan in known),
    )


def remaining(
    lane: Lane, progress: Progress, calendar: Calendar, placed_at: datetime, now: datetime
) -> Spread | None:
    """When it arrives, as things stand at `now`; None when it will not."""
    legs = plain_legs(lane)
    if progress.delivered_at is not None:
        return {local_day(progress.delivered_at, legs[-1].timezone).toordinal(): 1.0}
    if progress.gone:
        return None
    at, moment = present_leg(legs, progress, placed_at)
    leg, moment = legs[at], min(moment, now)
    start, days = start_of(leg, moment, calendar), leg.days
    if leg.kind is LegKind.LAST_MILE and progress.tried_at is not None:
        start, days = start_of(leg, min(progress.tried_at, now), calendar), _AGAIN
    elif progress.held_at is not None and _RANK[leg.kind] <= _RANK[LegKind.CUSTOMS]:
        held = leg.held_days
        start, days = start_of(leg, min(progress.held_at, now), calendar), prior(1, held, 2 * held)
    floor = step(max(start, local_day(now, leg.timezone).toordinal()), 0, key_of(leg), calendar)
    rest = given(days, between(start, floor, key_of(leg), calendar))
    return way(legs[at + 1 :], through(leg, {start: 1.0}, rest, calendar, start), calendar, now)


def given(days: Pmf, least: int) -> Pmf:
    """The chances once it is known that fewer than `least` days were not enough."""
    left = sum(days[least:])
    if left < 1e-6:
        return (*[0.0] * least, *_OVERDUE)
    return (*[0.0] * least, *(chance / left for chance in days[least:]))


def present_leg(legs: Sequence[Leg], progress: Progress, placed_at: datetime) -> tuple[int, datetime]:
    """The number of the leg that a parcel is on, and since when."""
    for number in range(len(legs) - 1, -1, -1):
        over = progress.over(legs[number].kind)
        if over is not None:
            return min(number + 1, len(legs) - 1), max(over, placed_at)
    return 0, placed_at


def took(
    lane: Lane, progress: Progress, calendar: Calendar, placed_at: datetime, now: datetime | None = None
) -> list[int]:
    """Working days by leg, in the order of LegKind; -1 for a leg that the lane has not, or whose end nobody saw.

    Legs between two scans with none between them: each but the widest gets its likely days, and the widest the rest, so that a
    shop whose carrier tells little still learns what its lanes take. `now`: count the present leg as if it ended today.
    """
    found = [-1] * len(LEG_ORDER)
    start, waiting = placed_at, list[Leg]()
    for leg in plain_legs(lane):
        waiting.append(leg)
        at = progress.seen.get(leg.kind)
        if at is None:
            continue
        at = max(at, start)
        _share(waiting, start, at, calendar, found)
        start, waiting = at, []
    if waiting and now is not None and progress.delivered_at is None:
        _share(waiting[:1], start, max(now, start), calendar, found)
    return found


def _share(legs: Sequence[Leg], start: datetime, end: datetime, calendar: Calendar, found: list[int]) -> None:
    widest = max(legs, key=lambda leg: width_of(leg.days))
    others = sum(leg.likely for leg in legs if leg is not widest)
    for leg in legs:
        found[_RANK[leg.kind]] = leg.likely
    first = start_of(legs[0], start, calendar)
    last = local_day(end, legs[-1].timezone).toordinal()
    total = between(first, last, key_of(widest), calendar)
    found[_RANK[widest.kind]] = max(0, total - others)
