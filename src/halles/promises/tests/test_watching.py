"""A promise on its way: scans in any order, chances that fall, who was late. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.promises.rules.judging import blame, next_state, tell
from halles.promises.rules.tracking import fold, remaining, took
from halles.promises.rules.transit import by, chance_by
from halles.promises.rules.watching import look, next_look
from halles.promises.tests.ways import CALENDAR, CROSS_BORDER, lanes
from halles.promises.types import Confidence, Lane, LegKind, Scan, TrackingCode, Watch, WatchState

PLACED = datetime(2026, 11, 2, 3, tzinfo=UTC)  # a Monday, 11:00 in Shanghai
C = TrackingCode
ORDER = UUID("0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10")


def watch(lane: Lane = CROSS_BORDER) -> Watch:
    from halles.promises.rules import promise_of

    promise = promise_of(lane, CALENDAR, PLACED)
    return Watch(
        seller_id=1, order_id=ORDER, owner_id=9, lane_id=3, placed_at=PLACED, promised_on=promise.date,
        deadline=promise.deadline, state=1, chance=1.0, expected_on=None, due_at=PLACED, delivered_on=None, closed_on=None,
        cause=None, owner=None, told=0, took=None, version=1,
    )  # fmt: skip


def day(number: float) -> datetime:
    return PLACED + timedelta(days=number)


def seen(*scans: Scan, at: float, before: Watch | None = None, ended: bool = False) -> Watch:
    return look(before or watch(), [scans], CROSS_BORDER, CALENDAR, day(at), ended=ended)


GOOD = [
    Scan(code=C.PACKED, at=day(0.3)), Scan(code=C.HANDED_OVER, at=day(1)), Scan(code=C.DEPARTED, at=day(2)),
    Scan(code=C.ARRIVED, at=day(7)), Scan(code=C.CUSTOMS_IN, at=day(7.1)), Scan(code=C.CUSTOMS_RELEASED, at=day(9)),
    Scan(code=C.AT_HUB, at=day(9.2)), Scan(code=C.LEFT_HUB, at=day(10.2)), Scan(code=C.OUT_FOR_DELIVERY, at=day(11.3)),
]  # fmt: skip


@given(
    st.lists(
        st.sampled_from([*GOOD, Scan(code=C.CUSTOMS_HELD, at=day(8)), Scan(code=C.DELIVERED, at=day(11.5))])
    ),
    st.randoms(),
)
def test_neither_order_nor_repetition_changes_anything(scans: list[Scan], chance: Random) -> None:
    again = [*scans, *scans]
    chance.shuffle(again)
    assert fold(scans) == fold(again)
    assert seen(*scans, at=12) == seen(*again, at=12)


@given(lanes(), st.lists(st.sampled_from(GOOD), max_size=6), st.floats(0, 60), st.booleans())
def test_whatever_is_told_there_is_an_answer(lane: Lane, scans: list[Scan], at: float, ended: bool) -> None:
    after = look(watch(lane), [scans], lane, CALENDAR, day(at), ended=ended)
    assert 0 <= after.chance <= 1
    if after.state <= WatchState.MISSED:
        assert after.due_at is not None
        assert day(at) < after.due_at <= day(at) + timedelta(hours=27)
        today = day(at).date() - timedelta(days=1)
        assert after.expected_on is None or after.expected_on >= today, "nothing is expected in the past"
    else:
        assert after.due_at is None
        assert after.closed_on is not None


@given(st.lists(st.sampled_from(GOOD), max_size=6), st.floats(0, 40), st.floats(0, 10))
def test_waiting_for_nothing_never_brings_a_parcel_nearer(scans: list[Scan], at: float, wait: float) -> None:
    progress = fold([scan for scan in scans if scan.at <= day(at)])
    now = remaining(CROSS_BORDER, progress, CALENDAR, PLACED, day(at))
    later = remaining(CROSS_BORDER, progress, CALENDAR, PLACED, day(at + wait))
    assert now is not None
    assert later is not None
    assert min(later) >= min(now)
    assert by(later, 0.05) >= by(now, 0.05)


def test_a_parcel_on_time_is_kept_all_along() -> None:
    for number in range(len(GOOD)):
        at = (GOOD[number].at - PLACED) / timedelta(days=1)
        assert seen(*GOOD[: number + 1], at=at + 0.1).state == WatchState.KEPT
    arrived = seen(*GOOD, Scan(code=C.DELIVERED, at=day(11.5)), at=12)
    assert (arrived.state, arrived.delivered_on, arrived.due_at) == (
        WatchState.WAS_KEPT,
        date(2026, 11, 13),
        None,
    )
    assert arrived.took == [1, 4, 2, 0, 1], "the 11th of November is no day of the hub's"


def test_an_order_that_lies_on_the_shelf_is_at_risk_before_its_day() -> None:
    states = [seen(at=number).state for number in range(30)]
    assert states[0] == WatchState.KEPT
    assert states == sorted(states), "it only gets worse"
    first = states.index(WatchState.AT_RISK)
    assert day(first).date() < watch().deadline - timedelta(days=7), "the warning comes early"
    late = seen(at=first)
    assert (late.cause, late.owner) == (LegKind.PICK_PACK, "Hangzhou warehouse")
    assert states[-1] == WatchState.MISSED


def test_a_hold_by_the_customs_is_warned_of_and_passes() -> None:
    held = seen(*GOOD[:5], Scan(code=C.CUSTOMS_HELD, at=day(8)), at=10.2)
    calm = seen(*GOOD[:5], at=8)
    assert held.chance < calm.chance
    assert held.expected_on is not None
    assert calm.expected_on is not None
    assert held.expected_on > calm.expected_on
    free = seen(
        *GOOD[:5],
        Scan(code=C.CUSTOMS_HELD, at=day(8)),
        Scan(code=C.CUSTOMS_RELEASED, at=day(10.1)),
        at=10.2,
        before=held,
    )
    assert free.chance > held.chance


def test_a_closed_door_costs_a_day_and_a_lost_parcel_the_promise() -> None:
    out = seen(*GOOD, at=11.4)
    tried = seen(*GOOD, Scan(code=C.ATTEMPTED, at=day(11.4)), at=11.45)
    assert tried.expected_on is not None
    assert out.expected_on is not None
    assert tried.expected_on > out.expected_on
    lost = seen(*GOOD, Scan(code=C.LOST, at=day(11.4)), at=11.5)
    assert (lost.state, lost.chance, lost.expected_on) == (WatchState.MISSED, 0.0, None)
    found = seen(
        *GOOD, Scan(code=C.LOST, at=day(11.4)), Scan(code=C.DELIVERED, at=day(12.5)), at=13, before=lost
    )
    assert found.state == WatchState.WAS_KEPT, "what arrives has not been lost"


def test_two_parcels_are_there_when_the_last_one_is() -> None:
    arrived = [*GOOD, Scan(code=C.DELIVERED, at=day(11.5))]
    both = look(watch(), [arrived, GOOD[:2]], CROSS_BORDER, CALENDAR, day(12), ended=False)
    assert both.delivered_on is None
    assert both.state in {WatchState.AT_RISK, WatchState.MISSED}
    done = look(
        both,
        [arrived, [*GOOD[:2], Scan(code=C.DELIVERED, at=day(28))]],
        CROSS_BORDER,
        CALENDAR,
        day(29),
        ended=False,
    )
    assert (done.state, done.delivered_on) == (WatchState.WAS_MISSED, day(28).date())


def test_a_late_scan_corrects_what_staff_noted_later() -> None:
    by_staff = seen(*GOOD, Scan(code=C.DELIVERED, at=day(30)), at=30.1)
    assert by_staff.state == WatchState.WAS_MISSED
    by_carrier = seen(
        *GOOD,
        Scan(code=C.DELIVERED, at=day(30)),
        Scan(code=C.DELIVERED, at=day(11.5)),
        at=31,
        before=by_staff,
    )
    assert (by_carrier.state, by_carrier.closed_on) == (WatchState.WAS_KEPT, date(2026, 11, 13))


def test_a_cancelled_order_is_watched_no_more() -> None:
    gone = seen(at=2, ended=True)
    assert (gone.state, gone.due_at, gone.closed_on) == (WatchState.ENDED, None, date(2026, 11, 4))
    assert seen(at=9, ended=True, before=gone).closed_on == date(2026, 11, 4)


def test_days_that_nobody_saw_fall_to_the_leg_that_varies_most() -> None:
    only = fold([Scan(code=C.HANDED_OVER, at=day(1)), Scan(code=C.DELIVERED, at=day(21.5))])
    spent = took(CROSS_BORDER, only, CALENDAR, PLACED)
    assert spent[0] == 1
    assert spent[2:] == [2, 1, 1]
    assert spent[1] >= 8
    assert blame(CROSS_BORDER, spent) == (LegKind.LINE_HAUL, "Fil de Soie")
    assert blame(CROSS_BORDER, [1, 4, 2, 1, 1]) == (None, None)


@pytest.mark.parametrize(
    ("before", "chance", "after"),
    [
        (WatchState.KEPT, 0.7, WatchState.KEPT),
        (WatchState.AT_RISK, 0.7, WatchState.AT_RISK),
        (WatchState.AT_RISK, 0.8, WatchState.KEPT),
        (WatchState.KEPT, 0.5, WatchState.AT_RISK),
        (WatchState.MISSED, 0.3, WatchState.AT_RISK),
        (WatchState.KEPT, 0.0, WatchState.MISSED),
    ],
)
def test_a_chance_that_wavers_does_not_swing_the_state(
    before: WatchState, chance: float, after: WatchState
) -> None:
    assert next_state(before, chance) == after


@given(st.lists(st.sampled_from([WatchState.KEPT, WatchState.AT_RISK, WatchState.MISSED])))
def test_each_warning_is_sent_once(states: list[WatchState]) -> None:
    told, sent = 0, list[WatchState]()
    for state in states:
        news, told = tell(told, state)
        if news:
            sent.append(state)
    assert len(sent) == len(set(sent))
    assert WatchState.KEPT not in sent
    assert sent == sorted(sent)


def test_a_promise_is_looked_at_again_after_midnight_also_when_the_clocks_change() -> None:
    for now, last in (
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (datetime(2026, 12, 31, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ):
        found = next_look(ORDER, now, "Europe/Paris")
        assert last < found <= last + timedelta(minutes=32)


def test_the_last_day_counts_in_the_time_of_the_shopper() -> None:
    deadline = watch().deadline
    evening = datetime(
        deadline.year, deadline.month, deadline.day, 22, 30, tzinfo=UTC
    )  # 23:30 in Paris, winter
    kept = look(
        watch(), [[*GOOD, Scan(code=C.DELIVERED, at=evening)]], CROSS_BORDER, CALENDAR, evening, ended=False
    )
    missed = look(
        watch(), [[*GOOD, Scan(code=C.DELIVERED, at=evening + timedelta(hours=1))]], CROSS_BORDER, CALENDAR,
        evening + timedelta(hours=2), ended=False,
    )  # fmt: skip
    assert (kept.state, missed.state) == (WatchState.WAS_KEPT, WatchState.WAS_MISSED)
    assert WatchState(missed.state).confidence == Confidence.MISSED


def test_a_chance_is_what_the_days_say() -> None:
    spread = remaining(CROSS_BORDER, fold([]), CALENDAR, PLACED, PLACED)
    assert spread is not None
    assert 0.9 <= chance_by(spread, watch().deadline.toordinal()) < 1
