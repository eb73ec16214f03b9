"""Dates that can be kept: pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.promises.rules import (
    arrival,
    dispatch_day,
    holidays_of,
    is_business_day,
    judge,
    keeps,
    quote,
    quote_line,
)
from halles.promises.types import Calendar, Confidence, Lane, LaneKind, Line, NoLane

CALENDAR = Calendar(
    holidays={
        "FR": frozenset(day for year in range(2024, 2032) for day in holidays_of("FR", year)),
        "CN": frozenset({date(2027, 2, 8), date(2027, 2, 9)}),
    }
)


def lane(
    kind: LaneKind,
    days: int,
    *,
    spread: int = 0,
    location: int | None = None,
    lane_id: int = 1,
    cutoff: time = time(14),
) -> Lane:
    abroad = kind == LaneKind.ABROAD
    return Lane(
        lane_id=lane_id, seller_id=1, lane=kind, origin="Hangzhou warehouse" if abroad else "Roissy hub",
        origin_country="CN" if abroad else "FR", location_id=location, country="FR", transit_days=days, spread_days=spread,
        cutoff=cutoff, timezone="Asia/Shanghai" if abroad else "Europe/Paris", carrier="",
    )  # fmt: skip


HUB, ABROAD = (
    lane(LaneKind.HUB, 3, spread=1, location=10),
    lane(LaneKind.ABROAD, 10, spread=3, location=20, lane_id=2),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis wants naive bounds


@st.composite
def lanes(draw: st.DrawFn) -> Lane:
    """Any lane: kind, transit, spread and cut-off."""
    days, spread, hour = draw(st.integers(0, 15)), draw(st.integers(0, 5)), draw(st.integers(0, 23))
    return lane(draw(st.sampled_from(list(LaneKind))), days, spread=spread, cutoff=time(hour))


@given(lanes(), moments)
def test_a_promise_falls_on_days_on_which_carriers_deliver(way: Lane, now: datetime) -> None:
    earliest, latest = arrival(way, CALENDAR, now)
    assert now.astimezone(ZoneInfo(way.timezone)).date() <= earliest <= latest
    assert is_business_day(earliest, CALENDAR, "FR")
    assert is_business_day(latest, CALENDAR, "FR")
    assert is_business_day(dispatch_day(way, CALENDAR, now), CALENDAR, way.origin_country)


@given(lanes(), moments, st.timedeltas(timedelta(0), timedelta(days=10)))
def test_ordering_later_never_promises_earlier(way: Lane, now: datetime, wait: timedelta) -> None:
    assert arrival(way, CALENDAR, now) <= arrival(way, CALENDAR, now + wait)


@given(lanes(), moments)
def test_transit_takes_at_least_its_business_days(way: Lane, now: datetime) -> None:
    leaves, (earliest, _) = dispatch_day(way, CALENDAR, now), arrival(way, CALENDAR, now)
    between = sum(
        is_business_day(leaves + timedelta(n), CALENDAR, way.origin_country, "FR")
        for n in range(1, (earliest - leaves).days + 1)
    )
    assert way.transit_days <= between <= way.transit_days + 1


@given(st.lists(st.sampled_from([(10,), (20,), (10, 20), ()]), min_size=1, max_size=6), moments)
def test_a_basket_is_promised_for_its_slowest_line(holding: list[tuple[int, ...]], now: datetime) -> None:
    lines = [Line(variant_id=i, locations=where) for i, where in enumerate(holding)]
    whole = quote(lines, [HUB, ABROAD], CALENDAR, now)
    each = [quote_line(line, [HUB, ABROAD], CALENDAR, now) for line in lines]
    assert whole in each
    assert all(one.deadline <= whole.deadline for one in each)
    assert keeps(whole, whole.deadline)


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
    assert (far.date, far.days, far.origin) == (date(2026, 12, 7), 10, "Hangzhou warehouse")


def test_the_cut_off_counts_in_the_time_of_the_hub() -> None:
    wednesday = datetime(2026, 11, 25, 12, 59, tzinfo=UTC)  # 13:59 in Paris
    assert dispatch_day(HUB, CALENDAR, wednesday) == date(2026, 11, 25)
    assert dispatch_day(HUB, CALENDAR, wednesday + timedelta(minutes=1)) == date(2026, 11, 26)


def test_holidays_and_weekends_are_skipped() -> None:
    christmas_eve = datetime(2026, 12, 24, 9, tzinfo=UTC)  # a Thursday; the 25th is a holiday, the 1st too
    assert arrival(HUB, CALENDAR, christmas_eve) == (date(2026, 12, 30), date(2026, 12, 31))


def test_without_a_lane_nothing_is_promised() -> None:
    with pytest.raises(NoLane):
        quote([Line(variant_id=1)], [], CALENDAR, datetime(2026, 1, 1, tzinfo=UTC))


def test_french_holidays_of_2027() -> None:
    expected = {
        (1, 1),
        (3, 29),
        (5, 1),
        (5, 6),
        (5, 8),
        (5, 17),
        (7, 14),
        (8, 15),
        (11, 1),
        (11, 11),
        (12, 25),
    }
    assert holidays_of("FR", 2027) == {date(2027, month, day) for month, day in expected}
    assert holidays_of("US", 2027) == frozenset()


def test_how_a_promise_stands() -> None:
    promise = quote_line(
        Line(variant_id=1, locations=(10,)), [HUB], CALENDAR, datetime(2026, 11, 23, 9, tzinfo=UTC)
    )  # 26 to 27
    assert judge(promise, today=date(2026, 11, 23), shipped=False) == Confidence.KEPT
    assert judge(promise, today=date(2026, 11, 25), shipped=False) == Confidence.AT_RISK
    assert judge(promise, today=date(2026, 11, 25), shipped=True) == Confidence.KEPT
    assert judge(promise, today=date(2026, 11, 28), shipped=True) == Confidence.MISSED
    assert (
        judge(promise, today=date(2026, 12, 1), shipped=True, delivered_on=date(2026, 11, 27))
        == Confidence.KEPT
    )
    assert (
        judge(promise, today=date(2026, 12, 1), shipped=True, delivered_on=date(2026, 11, 28))
        == Confidence.MISSED
    )
