"""Dates that can be kept: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.promises.rules import (
    dispatch_day,
    holidays_of,
    is_business_day,
    judge,
    keeps,
    promise_of,
    quote,
    quote_line,
)
from halles.promises.rules.days import between, step, workdays
from halles.promises.rules.transit import all_there, arrival, by, chance_by, learned, prior
from halles.promises.tests.ways import CALENDAR, CROSS_BORDER, lanes, moments, plain
from halles.promises.types import Calendar, Confidence, Lane, LaneKind, Line, NoLane

HUB, ABROAD = (
    plain(LaneKind.HUB, 3, spread=1, location=10),
    plain(LaneKind.ABROAD, 10, spread=3, location=20, lane_id=2),
)


@given(lanes(), moments)
def test_a_promise_falls_on_days_on_which_the_last_carrier_delivers(way: Lane, now: datetime) -> None:
    promise, last = promise_of(way, CALENDAR, now), way.legs[-1]
    assert promise.likely is not None
    assert promise.date <= promise.likely <= promise.deadline
    assert promise.date >= now.astimezone(ZoneInfo(last.timezone)).date(), "never on a day that is over there"
    for day in (promise.date, promise.likely, promise.deadline):
        assert last.weekdays >> day.weekday() & 1
        assert not any(day in CALENDAR.holidays[country] for country in last.countries)
        assert day not in CALENDAR.rests.get(last.carrier_id, ())


@given(lanes(), moments, st.timedeltas(timedelta(0), timedelta(days=12)))
def test_ordering_later_never_promises_earlier(way: Lane, now: datetime, wait: timedelta) -> None:
    first, second = promise_of(way, CALENDAR, now), promise_of(way, CALENDAR, now + wait)
    assert (first.date, first.deadline) <= (second.date, max(first.deadline, second.deadline))
    assert first.date <= second.date
    assert first.deadline <= second.deadline


@given(lanes(), moments, st.times(), st.times())
def test_a_later_cut_off_never_promises_later(way: Lane, now: datetime, one: time, other: time) -> None:
    early, late = sorted((one, other))
    first, *rest = way.legs

    def promised(cutoff: time) -> date:
        return promise_of(replace(way, legs=(replace(first, cutoff=cutoff), *rest)), CALENDAR, now).deadline

    assert promised(late) <= promised(early)


@given(lanes(), moments, st.sampled_from([0.5, 0.8, 0.9, 0.95]), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_a_surer_promise_is_never_earlier(way: Lane, now: datetime, one: float, other: float) -> None:
    bold, sure = sorted((one, other))
    assert promise_of(way, CALENDAR, now, bold).deadline <= promise_of(way, CALENDAR, now, sure).deadline
    assert (
        chance_by(arrival(way, CALENDAR, now), promise_of(way, CALENDAR, now, sure).deadline.toordinal())
        >= sure - 1e-6
    )


@given(lanes(), moments, st.integers(0, 4))
def test_a_slower_leg_never_promises_earlier(way: Lane, now: datetime, which: int) -> None:
    at = which % len(way.legs)
    slow = replace(way.legs[at], days=(0.0, *way.legs[at].days))
    slower = replace(way, legs=(*way.legs[:at], slow, *way.legs[at + 1 :]))
    assert promise_of(way, CALENDAR, now).deadline <= promise_of(slower, CALENDAR, now).deadline


@given(lanes(), moments, st.sets(st.dates(date(2024, 1, 1), date(2029, 12, 31)), max_size=6))
def test_another_holiday_never_promises_earlier(way: Lane, now: datetime, off: set[date]) -> None:
    more = Calendar(
        holidays={country: days | off for country, days in CALENDAR.holidays.items()}, rests=CALENDAR.rests
    )
    assert promise_of(way, CALENDAR, now).deadline <= promise_of(way, more, now).deadline


@given(lanes(), moments)
def test_chances_add_up(way: Lane, now: datetime) -> None:
    spread = arrival(way, CALENDAR, now)
    assert abs(sum(spread.values()) - 1) < 1e-6
    assert min(spread.values()) >= 0
    both = all_there([spread, spread])
    assert by(both, 0.9) >= by(spread, 0.9), "the last of two parcels comes no earlier than one"


@given(
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10)),
    st.dictionaries(st.integers(0, 30), st.integers(1, 500), max_size=8),
)
def test_what_was_seen_moves_what_was_said(days: tuple[int, int, int], seen: dict[int, int]) -> None:
    said = prior(*sorted(days))
    assert abs(sum(said) - 1) < 1e-9
    after = learned(said, seen)
    assert abs(sum(after) - 1) < 1e-9
    for day, parcels in seen.items():
        share = parcels / sum(seen.values())
        before = said[day] if day < len(said) else 0.0
        assert min(before, share) - 1e-9 <= after[day] <= max(before, share) + 1e-9


@given(st.dates(date(2023, 1, 1), date(2029, 1, 1)), st.integers(0, 100), st.integers(1, 127))
def test_counting_working_days_there_and_back(day: date, count: int, weekdays: int) -> None:
    key = (weekdays, ("FR", "CN"), 7)
    start = step(day.toordinal(), 0, key, CALENDAR)
    end = step(start, count, key, CALENDAR)
    assert between(start, end, key, CALENDAR) == count
    assert sum(start < d <= end for d in workdays(key, day.year, CALENDAR)) == count


@given(st.lists(st.sampled_from([(10,), (20,), (10, 20), ()]), min_size=1, max_size=6), moments)
def test_a_basket_is_promised_for_its_slowest_line(holding: list[tuple[int, ...]], now: datetime) -> None:
    lines = [Line(variant_id=i, locations=where) for i, where in enumerate(holding)]
    whole = quote(lines, [HUB, ABROAD], CALENDAR, now)
    each = [quote_line(line, [HUB, ABROAD], CALENDAR, now) for line in lines]
    assert whole in each
    assert all(one.deadline <= whole.deadline for one in each)
    assert keeps(whole, whole.deadline)


@given(st.integers(0, 15), st.integers(0, 4), st.sampled_from(list(LaneKind)), moments)
def test_a_plain_lane_promises_its_days_as_they_are_written(
    days: int, spread: int, kind: LaneKind, now: datetime
) -> None:
    """Lanes of the release before keep their dates."""
    way = plain(kind, days, spread=spread)
    promise = promise_of(way, CALENDAR, now)
    day = dispatch_day(way, CALENDAR, now)
    both = (0b11111, (way.origin_country, way.country), 0)
    earliest = step(day.toordinal(), days, both, CALENDAR)
    here = (0b11111, (way.country,), 0)
    assert promise.date.toordinal() == step(earliest, 0, here, CALENDAR)
    assert promise.deadline.toordinal() == step(earliest, spread, here, CALENDAR)
    assert promise.days == days


def test_three_days_from_the_hub_and_ten_from_abroad() -> None:
    saturday = datetime(2026, 11, 21, 10, tzinfo=UTC)
    near = quote_line(Line(variant_id=1, locations=(10, 20)), [HUB, ABROAD], CALENDAR, saturday)
    far = quote_line(Line(variant_id=1, locations=(20,)), [HUB, ABROAD], CALENDAR, saturday)
    assert (near.date, near.latest, near.days, near.text_key) == (
        date(2026, 11, 26),
        date(2026, 11, 27),
        3,
        "promise.hub",
    )
    assert (far.date, far.latest, far.days, far.origin) == (
        date(2026, 12, 7),
        date(2026, 12, 10),
        10,
        "Hangzhou warehouse",
    )


def test_a_closed_lane_promises_nothing() -> None:
    now, closed = datetime(2026, 11, 21, 10, tzinfo=UTC), replace(HUB, active=False)
    found = quote_line(Line(variant_id=1, locations=(10, 20)), [closed, ABROAD], CALENDAR, now)
    assert found.lane == LaneKind.ABROAD
    with pytest.raises(NoLane):
        quote_line(Line(variant_id=1, locations=(10,)), [closed], CALENDAR, now)


def test_the_cut_off_counts_in_the_time_of_the_hub() -> None:
    wednesday = datetime(2026, 11, 25, 12, 59, tzinfo=UTC)  # 13:59 in Paris
    assert dispatch_day(HUB, CALENDAR, wednesday) == date(2026, 11, 25)
    assert dispatch_day(HUB, CALENDAR, wednesday + timedelta(minutes=1)) == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 27, 12, 59, tzinfo=UTC), date(2026, 3, 27)),  # 13:59, two days before summer time
        (datetime(2026, 3, 30, 11, 59, tzinfo=UTC), date(2026, 3, 30)),  # 13:59, the day after
        (datetime(2026, 3, 30, 12, 0, tzinfo=UTC), date(2026, 3, 31)),  # 14:00
        (datetime(2026, 10, 26, 12, 59, tzinfo=UTC), date(2026, 10, 26)),  # 13:59 in winter time again
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),  # a leap day is a day
        (datetime(2026, 12, 31, 14, 0, tzinfo=UTC), date(2027, 1, 4)),  # the year ends, and a Friday is off
    ],
)
def test_clocks_that_change_leap_days_and_the_end_of_a_year(moment: datetime, day: date) -> None:
    assert dispatch_day(HUB, CALENDAR, moment) == day


def test_nothing_arrives_yesterday_across_the_date_line() -> None:
    first, line, *_ = CROSS_BORDER.legs
    near = replace(
        line,
        kind=CROSS_BORDER.legs[-1].kind,
        days=(1.0,),
        timezone="Pacific/Kiritimati",
        countries=(),
        weekdays=127,
    )
    start = replace(
        first, days=(1.0,), timezone="Pacific/Honolulu", countries=(), weekdays=127, cutoff=time(23, 59)
    )
    now = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)  # 1 June 00:30 in Honolulu, 2 June 00:30 on Kiritimati
    promise = promise_of(replace(CROSS_BORDER, legs=(start, near)), CALENDAR, now)
    assert promise.date == date(2026, 6, 2)


def test_holidays_and_weekends_are_skipped() -> None:
    christmas_eve = datetime(2026, 12, 24, 9, tzinfo=UTC)  # a Thursday; the 25th is a holiday, the 1st too
    promise = promise_of(HUB, CALENDAR, christmas_eve)
    assert (promise.date, promise.deadline) == (date(2026, 12, 30), date(2026, 12, 31))


def test_the_chinese_new_year_stands_in_the_way() -> None:
    before = promise_of(CROSS_BORDER, CALENDAR, datetime(2026, 2, 13, 3, tzinfo=UTC))
    usual = promise_of(CROSS_BORDER, CALENDAR, datetime(2026, 3, 13, 3, tzinfo=UTC))
    assert (before.deadline - date(2026, 2, 13)).days >= (usual.deadline - date(2026, 3, 13)).days + 4


def test_without_a_lane_nothing_is_promised() -> None:
    with pytest.raises(NoLane):
        quote([Line(variant_id=1)], [], CALENDAR, datetime(2026, 1, 1, tzinfo=UTC))
    idle = replace(CROSS_BORDER.legs[-1], carrier_id=9)
    never = Calendar(holidays={"FR": frozenset(date(2026, 1, 1) + timedelta(n) for n in range(2000))})
    with pytest.raises(NoLane):
        promise_of(
            replace(CROSS_BORDER, legs=(CROSS_BORDER.legs[0], idle)), never, datetime(2026, 1, 5, tzinfo=UTC)
        )


def test_holidays_that_move() -> None:
    french = {(1, 1), (3, 29), (5, 1), (5, 6), (5, 8), (5, 17), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    assert holidays_of("FR", 2027) == {date(2027, month, day) for month, day in french}
    assert {date(2027, 3, 26), date(2027, 10, 3)} <= holidays_of("DE", 2027)
    assert date(2027, 11, 25) in holidays_of("US", 2027), "the fourth Thursday"
    assert date(2027, 2, 6) in holidays_of("CN", 2027), "by the moon"
    assert holidays_of("ZZ", 2027) == frozenset()
    assert is_business_day(date(2027, 3, 29), Calendar(), "FR"), "no calendar, no holiday"


def test_how_a_promise_stands_that_nobody_watches() -> None:
    promise = quote_line(
        Line(variant_id=1, locations=(10,)), [HUB], CALENDAR, datetime(2026, 11, 23, 9, tzinfo=UTC)
    )  # 26 to 27
    assert judge(promise, today=date(2026, 11, 23), shipped=False) == Confidence.KEPT
    assert judge(promise, today=date(2026, 11, 25), shipped=False) == Confidence.AT_RISK
    assert judge(promise, today=date(2026, 11, 25), shipped=True) == Confidence.KEPT
    assert judge(promise, today=date(2026, 11, 28), shipped=True) == Confidence.MISSED
    late = {"today": date(2026, 12, 1), "shipped": True}
    assert judge(promise, delivered_on=date(2026, 11, 27), **late) == Confidence.KEPT  # pyright: ignore[reportArgumentType]
    assert judge(promise, delivered_on=date(2026, 11, 28), **late) == Confidence.MISSED  # pyright: ignore[reportArgumentType]
