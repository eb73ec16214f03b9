"""Counting, slots and the queue, by plain values and by properties."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.ids import uuid7
from halles.welcome.rules import counting, queue, slots
from halles.welcome.rules import settings as settings_rules
from halles.welcome.types import (
    BadCount,
    BadSettings,
    Crossing,
    Door,
    QueueState,
    Rule,
    RuleKind,
    Terms,
    Ticket,
    Zone,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PARIS = "Europe/Paris"
WEEK = {day: [["10:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}

flows = st.lists(
    st.tuples(st.integers(0, 40).map(lambda n: NOW + timedelta(minutes=n)), st.integers(-9, 9)), max_size=40
)


@given(flows, st.integers(0, 50), st.randoms(use_true_random=False))
def test_a_level_depends_on_no_order_and_is_never_negative(
    seen: list[tuple[datetime, int]], people: int, chance: object
) -> None:
    mixed = list(seen)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    inside, drift = counting.level(people, seen)
    assert (inside, drift) == counting.level(people, mixed)
    assert inside >= 0
    assert drift >= 0
    assert inside - drift == people + sum(change for _, change in seen)


@given(flows, st.integers(0, 50))
def test_drift_is_the_least_that_keeps_every_moment_at_zero_or_more(
    seen: list[tuple[datetime, int]], people: int
) -> None:
    _, drift = counting.level(people, seen)
    by_moment: dict[datetime, int] = {}
    for at, change in seen:
        by_moment[at] = by_moment.get(at, 0) + change
    path, here = [people + drift], people + drift
    for at in sorted(by_moment):
        here += by_moment[at]
        path.append(here)
    assert min(path) >= 0
    assert drift == 0 or min(path) == 0


crossings = st.lists(
    st.builds(
        Crossing,
        event_id=st.sampled_from([UUID(int=n) for n in range(12)]),
        at=st.just(NOW),
        inward=st.integers(0, 5),
        outward=st.integers(0, 5),
    ),
    max_size=30,
)


@given(crossings)
def test_an_id_counts_once(told: list[Crossing]) -> None:
    kept = counting.once(told)
    assert len({one.event_id for one in kept}) == len(kept) == len({one.event_id for one in told})
    assert counting.once(kept + told) == kept


def test_counts_are_of_the_last_week() -> None:
    counting.check_moments([(uuid4(), NOW - timedelta(days=7)), (uuid4(), NOW + timedelta(minutes=4))], NOW)
    for wrong in (NOW - timedelta(days=7, seconds=1), NOW + timedelta(minutes=6)):
        with pytest.raises(BadCount):
            counting.check_moments([(uuid4(), NOW), (uuid4(), wrong)], NOW)


def test_a_place_is_empty_an_hour_after_closing() -> None:
    assert counting.emptied_at(WEEK, PARIS, NOW) == datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    assert counting.emptied_at(WEEK, PARIS, datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == datetime(
        2026, 11, 21, 20, 0, tzinfo=UTC
    )
    lunch = {"sat": [["10:00", "12:00"], ["13:00", "18:00"]]}
    assert counting.emptied_at(lunch, PARIS, NOW + timedelta(hours=4)) == datetime(
        2026, 11, 21, 11, 30, tzinfo=UTC
    )
    always = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert counting.emptied_at(always, PARIS, NOW) is None
    assert counting.emptied_at({}, PARIS, NOW) is None


@pytest.mark.parametrize(
    ("day", "hours", "many"),
    [
        (date(2026, 3, 29), [["00:00", "06:00"]], 10),
        (date(2026, 10, 25), [["00:00", "06:00"]], 14),
        (date(2026, 11, 22), [["00:00", "06:00"]], 12),
        (date(2026, 3, 29), [["10:00", "12:10"]], 4),
        (date(2026, 11, 22), [["22:00", "24:00"]], 4),
        (date(2026, 11, 23), [["22:00", "24:00"]], 0),
    ],
)
def test_slots_fill_the_hours_of_a_day_whatever_the_clock_does(
    day: date, hours: list[list[str]], many: int
) -> None:
    terms = Terms(slot_min=30, stay_min=60)
    found = slots.grid({"sun": hours}, PARIS, day, terms)
    assert len(found) == many
    assert len({starts for starts, _ in found}) == many
    for (starts, ends), (following, _) in itertools.pairwise(found):
        assert following - starts == timedelta(minutes=30)
        assert ends <= starts + timedelta(minutes=60)
    assert all(counting.local_day(starts, PARIS) == day for starts, _ in found)


def test_hours_past_midnight_belong_to_the_day_they_lie_in() -> None:
    hours = {"sat": [["22:00", "24:00"]], "sun": [["00:00", "02:00"]]}
    terms = Terms(slot_min=60, stay_min=60)
    assert len(slots.grid(hours, PARIS, date(2026, 11, 21), terms)) == 2
    assert len(slots.grid(hours, PARIS, date(2026, 11, 22), terms)) == 2


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), max_size=60),
    st.sampled_from([30, 45, 60, 90]),
    st.integers(0, 20),
)
def test_never_more_inside_with_a_booking_than_may_be_booked(
    asked: list[tuple[int, int]], stay_min: int, most: int
) -> None:
    stay = timedelta(minutes=stay_min)
    booked: dict[datetime, int] = {}
    for slot, size in asked:
        starts = NOW + timedelta(minutes=30 * slot)
        if size <= slots.left(booked, starts, stay, most):
            booked[starts] = booked.get(starts, 0) + size
    for minute in range(0, 13 * 30 + stay_min, 5):
        at = NOW + timedelta(minutes=minute)
        assert sum(size for u, size in booked.items() if u <= at < u + stay) <= most


@given(st.dictionaries(st.integers(0, 40), st.integers(1, 6)), st.integers(1, 12), st.integers(-5, 45))
def test_what_is_left_is_what_counting_every_moment_of_the_visit_leaves(
    sizes: dict[int, int], stay_min: int, start: int
) -> None:
    inside = [
        sum(size for u, size in sizes.items() if u <= at < u + stay_min)
        for at in range(start, start + stay_min)
    ]
    booked = {NOW + timedelta(minutes=u): size for u, size in sizes.items()}
    left = slots.left(booked, NOW + timedelta(minutes=start), timedelta(minutes=stay_min), 100)
    assert left == 100 - max(inside)


@given(st.integers(0, slots.CODES - 1))
def test_a_code_is_read_as_it_was_written(number: int) -> None:
    code = slots.code(number)
    assert slots.read_code(f" {code[:2].lower()} {code[2:]}") == code
    assert slots.read_code(code.replace("0", "o").replace("1", "l")) == code


def _ticket(number: int, size: int, passed: int = 0, state: str = "waiting") -> Ticket:
    return Ticket(
        seller_id=1,
        ticket_id=uuid7(),
        place_id=1,
        party_id=None,
        day=NOW.date(),
        number=number,
        size=size,
        state=state,
        passed=passed,
        joined_at=NOW,
        called_at=None,
        come_by=None,
        ended_at=None,
    )


waiting = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3)), max_size=12).map(
    lambda rows: [_ticket(number + 1, size, passed) for number, (size, passed) in enumerate(rows)]
)


@given(waiting, st.integers(-5, 30))
def test_who_is_called_fits_and_nobody_is_passed_too_often(line: list[Ticket], room: int) -> None:
    called, passed = queue.to_call(line, room)
    sizes = {one.ticket_id: one.size for one in line}
    assert sum(sizes[one] for one in called) <= max(0, room)
    order = [one.ticket_id for one in line]
    assert called == sorted(called, key=order.index)
    before = {one.ticket_id: one.passed for one in line}
    for one in order:
        behind = [other for other in called if order.index(other) > order.index(one)]
        if one not in called:
            assert passed.get(one, before[one]) == before[one] + len(behind)
            assert before[one] + len(behind) <= max(queue.MOST_PASSED, before[one])


def test_a_large_party_is_passed_three_times_and_then_waited_for() -> None:
    line = [_ticket(1, 6), *(_ticket(number, 1) for number in range(2, 12))]
    called, passed = queue.to_call(line, 5)
    assert [one.number for one in line if one.ticket_id in called] == [2, 3, 4]
    assert passed == {line[0].ticket_id: 3}
    stuck = [_ticket(1, 6, passed=3), _ticket(5, 1)]
    assert queue.to_call(stuck, 5) == ([], {})
    assert queue.to_call(stuck, 6)[0] == [stuck[0].ticket_id]
    assert queue.to_call(stuck, None)[0] == [one.ticket_id for one in stuck]


def test_a_wait_is_told_from_departures_or_not_at_all() -> None:
    line = (_ticket(1, 4), _ticket(2, 2))
    known = QueueState(tickets=line, room=1, left_within=15, window_s=1800)
    assert queue.eta_s(known, 2, line[1]) == (2 + 4 - 1) * 120
    assert queue.eta_s(known, 1) == (1 + 4 + 2 - 1) * 120
    few = QueueState(tickets=line, room=1, left_within=5, window_s=1800)
    assert queue.eta_s(few, 2, line[1]) is None
    assert queue.eta_s(QueueState(tickets=line, room=None, left_within=0, window_s=1800), 2) == 0
    assert queue.eta_s(QueueState(tickets=(), room=3, left_within=0, window_s=1800), 2) == 0


ZONE = Zone(zone="hall", name_fr="Salle", name_en="Hall", capacity=20, rank=0)
DOOR = Door(
    door="street", place_id=1, name_fr="Rue", name_en="Street", from_zone=None, to_zone="hall", rank=0
)


@pytest.mark.parametrize(
    ("zones", "doors", "terms", "field"),
    [
        ([ZONE, ZONE], [DOOR], Terms(), "zones"),
        ([], [DOOR], Terms(), "doors"),
        ([ZONE], [DOOR, DOOR], Terms(), "doors"),
        ([ZONE], [DOOR], Terms(slot_min=60, stay_min=30), "stay_min"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.MASK, value=1.0),)), "rules"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.DISTANCE),)), "rules"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.DISTANCE, value=50.0),)), "rules"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.MASK),) * 2), "rules"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.OTHER, text_fr="Ici"),)), "rules"),
        ([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.SMALL_PARTIES, value=2.0),)), "rules"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    zones: list[Zone], doors: list[Door], terms: Terms, field: str
) -> None:
    settings_rules.check([ZONE], [DOOR], Terms(rules=(Rule(kind=RuleKind.DISTANCE, value=1.5),)), 20)
    with pytest.raises(BadSettings) as refused:
        settings_rules.check(zones, doors, terms, 100)
    assert refused.value.fields["field"] == field
    with pytest.raises(BadSettings):
        settings_rules.check([ZONE], [DOOR], Terms(), 10)
