"""How a promise stands, and who made it late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from halles.promises.rules.transit import HALF, Spread, by, chance_by, plain_legs
from halles.promises.types import (
    LEG_ORDER,
    WORKING_WEEK,
    Confidence,
    Lane,
    LegKind,
    Promise,
    WatchState,
)

AT_RISK_BELOW = 0.6
SAFE_FROM = 0.75
IMPOSSIBLE_BELOW = 0.01
"""A promise given at 0.9 is at risk once its chance falls below the first, safe again from the second on, so that it does not
swing to and fro; below the third nobody believes in it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: WatchState
    chance: float
    expected_on: date | None


def verdict(before: WatchState, deadline: date, spread: Spread | None, delivered_on: date | None) -> Verdict:
    """Where a promise stands. `spread` None: it will not arrive. `delivered_on`: when it did."""
    if delivered_on is not None:
        kept = delivered_on <= deadline
        state = WatchState.WAS_KEPT if kept else WatchState.WAS_MISSED
        return Verdict(state=state, chance=float(kept), expected_on=delivered_on)
    if spread is None:
        return Verdict(state=WatchState.MISSED, chance=0.0, expected_on=None)
    chance = chance_by(spread, deadline.toordinal())
    expected = date.fromordinal(by(spread, HALF))
    return Verdict(state=next_state(before, chance), chance=chance, expected_on=expected)


def next_state(before: WatchState, chance: float) -> WatchState:
    """The state that a chance leads to, from the one before."""
    if chance < IMPOSSIBLE_BELOW:
        return WatchState.MISSED
    if chance >= SAFE_FROM or (chance >= AT_RISK_BELOW and before is WatchState.KEPT):
        return WatchState.KEPT
    return WatchState.AT_RISK


_BITS = {WatchState.AT_RISK: 1, WatchState.MISSED: 3}


def tell(told: int, state: WatchState) -> tuple[bool, int]:
    """Whether this state is news that its shopper should be told, and what was told then. Each warning is sent once; after the
    worse one the milder is no news."""
    bits = _BITS.get(state, 0)
    return bool(bits & ~told), told | bits


def blame(lane: Lane, took: Sequence[int]) -> tuple[LegKind | None, str | None]:
    """The leg that exceeded its likely days by most, and who answers for it. None when none did: the plan was too bold."""
    worst, cause, owner = 0, None, None
    for leg in plain_legs(lane):
        days = took[LEG_ORDER.index(leg.kind)]
        if days - leg.likely > worst:
            worst, cause, owner = days - leg.likely, leg.kind, leg.owner
    return cause, owner


def judge(promise: Promise, *, today: date, shipped: bool, delivered_on: date | None = None) -> Confidence:
    """How a promise stands today where nothing more is known of it than whether it was shipped: it is too young to be watched, or
    of a release before. At risk: not shipped, with fewer business days left than its transit."""
    if delivered_on is not None:
        return Confidence.KEPT if delivered_on <= promise.deadline else Confidence.MISSED
    if today > promise.deadline:
        return Confidence.MISSED
    if not shipped and _business_days(today, promise.deadline) < promise.days:
        return Confidence.AT_RISK
    return Confidence.KEPT


def _business_days(start: date, end: date) -> int:
    return sum(
        WORKING_WEEK >> (start + timedelta(days=n)).weekday() & 1 for n in range(1, (end - start).days + 1)
    )
