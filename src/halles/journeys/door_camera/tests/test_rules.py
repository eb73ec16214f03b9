"""The rules alone, on people who are numbers."""

from __future__ import annotations

from itertools import pairwise, permutations
from math import inf, nan
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from halles.journeys.door_camera.rules import sight
from halles.journeys.door_camera.rules.assigning import pairs
from halles.journeys.door_camera.rules.boxes import grown, iou
from halles.journeys.door_camera.rules.counting import Counting, CountSettings, Point, begin, look
from halles.journeys.door_camera.rules.line import check
from halles.journeys.door_camera.rules.motion import begun, measured, moved
from halles.journeys.door_camera.rules.pace import due, pause_s
from halles.journeys.door_camera.rules.sending import Verdict, judge
from halles.journeys.door_camera.rules.source import hidden, is_recording
from halles.journeys.door_camera.types import BadLine, Box, Crossing, Detection, Line

SIZE = (1000.0, 600.0)
UPRIGHT = Line(ax=0.5, ay=0.0, bx=0.5, by=1.0, inside_x=0.9, inside_y=0.5)


def person(x: float, foot_y: float = 500.0, height: float = 200.0, score: float = 0.9) -> Detection:
    box = Box(left=x - height * 0.18, top=foot_y - height, right=x + height * 0.18, bottom=foot_y)
    return Detection(box=box, score=score)


def counted(
    pictures: list[list[Detection]],
    rate: float = 10.0,
    line: Line = UPRIGHT,
    how: CountSettings | None = None,
) -> list[Crossing]:
    state: Counting = begin(0.0)
    found: list[Crossing] = []
    for number, people in enumerate(pictures):
        state, crossings = look(state, people, number / rate, SIZE, line, how or CountSettings())
        found += crossings
    return found


def walk(x0: float, x1: float, speed: float, rate: float) -> list[float]:
    """Where somebody is in each picture; speed in pixels a second."""
    steps = max(2, int(abs(x1 - x0) / speed * rate))
    return [x0 + (x1 - x0) * step / steps for step in range(steps + 1)]


# ── assigning ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _least(costs: list[list[float]], limit: float) -> float:
    """By trying everything: rows may stay alone, at the limit."""
    rows, columns = len(costs), len(costs[0])
    best = inf
    for chosen in set(permutations([*range(columns), *[-1] * rows], rows)):
        best = min(best, sum(limit if c < 0 else min(costs[r][c], limit) for r, c in enumerate(chosen)))
    return best


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_pairing_is_cheaper(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    cost = st.integers(0, 20).map(float)
    costs = data.draw(
        st.lists(st.lists(cost, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    )
    found = pairs(costs, 12.0)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert all(costs[row][column] < 12.0 for row, column in found)
    total = sum(costs[row][column] for row, column in found) + 12.0 * (rows - len(found))
    assert total == _least(costs, 12.0)


def test_nothing_to_pair() -> None:
    assert pairs([], 1.0) == []
    assert pairs([[]], 1.0) == []


# ── boxes and motion ───────────────────────────────────────────────────────────────────────────────────────────────────────


@given(*[st.floats(0, 100)] * 4, *[st.floats(1, 100)] * 4)
def test_overlap(x: float, y: float, u: float, v: float, w: float, h: float, s: float, t: float) -> None:
    a = Box(left=x, top=y, right=x + w, bottom=y + h)
    b = Box(left=u, top=v, right=u + s, bottom=v + t)
    assert 0.0 <= iou(a, b) <= 1.0 + 1e-9
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert iou(a, a) == pytest.approx(1.0)
    assert iou(a, grown(a, 0.5)) == pytest.approx(0.25)


@given(st.floats(-500, 500), st.floats(2, 30))
def test_a_steady_speed_is_learned(speed: float, rate: float) -> None:
    motion = begun(100.0, 5.0, 200.0)
    for step in range(1, 41):
        motion = measured(moved(motion, 1 / rate, 50.0), 100.0 + speed * step / rate, 5.0)
        assert motion.variance > 0
        assert motion.variance * motion.speed_variance >= motion.covariance**2 - 1e-6
    assert motion.value == pytest.approx(100.0 + speed * 40 / rate, abs=4.0)
    assert motion.speed == pytest.approx(speed, abs=40.0)


# ── counting ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.floats(60, 400), st.floats(5, 30), st.booleans(), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_a_walk_through_counts_once(speed: float, rate: float, inward: bool, seed: int) -> None:
    assume(speed / rate <= 40)  # a fifth of their height from picture to picture: 1.7 m/s at five a second
    noise = Random(seed)
    ends = (250.0, 750.0) if inward else (750.0, 250.0)
    pictures = [[person(x + noise.gauss(0, 4), 500 + noise.gauss(0, 4))] for x in walk(*ends, speed, rate)]
    assert [crossing.inward for crossing in counted(pictures, rate)] == [inward]


@given(st.integers(1, 4), st.floats(80, 300), st.floats(6, 20))
@settings(max_examples=30, deadline=None)
def test_back_and_forth_nets_zero(times: int, speed: float, rate: float) -> None:
    way = walk(300, 700, speed, rate) + walk(700, 300, speed, rate)
    found = counted([[person(x)] for x in way * times], rate)
    assert [crossing.inward for crossing in found] == [True, False] * times


@given(st.integers(0, 10_000), st.floats(5, 30), st.integers(20, 120), st.floats(-5, 5))
@settings(max_examples=30, deadline=None)
def test_who_stands_on_the_line_counts_nothing(seed: int, rate: float, pictures: int, off: float) -> None:
    noise = Random(seed)  # 3 % of their height
    stood = [
        [person(500 + off + noise.gauss(0, 6), 500 + noise.gauss(0, 6), 200 + noise.gauss(0, 6))]
        for _ in range(pictures)
    ]
    assert counted(stood, rate) == []


def test_one_wrong_box_beyond_the_line_counts_nothing() -> None:
    way = [450.0] * 10 + [560.0] + [450.0] * 10
    assert counted([[person(x)] for x in way]) == []


@given(st.floats(80, 300), st.floats(6, 20), st.floats(0, 100))
@settings(max_examples=30, deadline=None)
def test_two_at_once_count_two(speed: float, rate: float, behind: float) -> None:
    pictures = [[person(x, 300), person(x - behind, 560)] for x in walk(300, 800, speed, rate)]
    assert [crossing.inward for crossing in counted(pictures, rate)] == [True, True]


def test_two_who_meet_on_the_line_count_one_each_way() -> None:
    way = walk(250, 750, 150, 10)
    pictures = [[person(x, 400), person(1000 - x, 470)] for x in way]
    assert sorted(crossing.inward for crossing in counted(pictures)) == [False, True]


@given(st.floats(80, 250), st.floats(8, 30), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_missed_and_unsure_detections_are_bridged(speed: float, rate: float, seed: int) -> None:
    luck, unsure_s = Random(seed), 0.0
    pictures: list[list[Detection]] = []
    for number, x in enumerate(walk(200, 800, speed, rate)):
        fate = luck.random()
        unsure_s += 1 / rate
        if number < rate / 2 or fate > 0.6 or unsure_s > 0.7:
            pictures.append([person(x)])
            unsure_s = 0.0
        else:
            pictures.append([person(x, score=0.2)] if fate > 0.3 else [])
    assert [crossing.inward for crossing in counted(pictures, rate)] == [True]


def test_the_way_through_may_be_hidden() -> None:
    way = walk(300, 700, 200, 10)
    assert len(counted([[] if 470 < x < 540 else [person(x)] for x in way])) == 1


def test_who_walks_past_the_end_of_the_line_counts_nothing() -> None:
    short = Line(ax=0.5, ay=0.0, bx=0.5, by=0.5, inside_x=0.9, inside_y=0.2)
    assert counted([[person(x, 500)] for x in walk(250, 750, 150, 10)], line=short) == []
    assert len(counted([[person(x, 250)] for x in walk(250, 750, 150, 10)], line=short)) == 1


def test_a_flash_of_a_person_counts_nothing() -> None:
    assert counted([[person(300)], [person(300)], [person(700)], [person(700)]], rate=30) == []


def test_who_is_lost_beyond_the_line_has_crossed() -> None:
    way = [[person(x)] for x in walk(300, 532, 250, 10)]
    assert counted(way) == []
    (one,) = counted(way + [[]] * 15)
    assert one.inward
    assert one.at_s == pytest.approx((len(way) - 1) / 10)


def test_who_is_lost_on_the_line_has_not_crossed() -> None:
    assert counted([[person(x)] for x in walk(300, 515, 250, 10)] + [[]] * 15) == []


def test_who_appears_inside_never_came_in() -> None:
    nobody: list[Detection] = []
    assert counted([nobody] * 5 + [[person(800)]] * 20) == []


@given(st.floats(0.2, 0.8), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
@settings(max_examples=30, deadline=None)
def test_either_order_of_the_ends_and_either_side(middle: float, top: float, bottom: float) -> None:
    line = Line(ax=middle, ay=0.0, bx=middle, by=1.0, inside_x=min(middle + 0.1, 1), inside_y=top)
    turned = Line(ax=middle, ay=1.0, bx=middle, by=0.0, inside_x=min(middle + 0.1, 1), inside_y=bottom)
    other = Line(ax=middle, ay=0.0, bx=middle, by=1.0, inside_x=middle - 0.1, inside_y=bottom)
    pictures = [[person(x)] for x in walk(middle * 1000 - 190, middle * 1000 + 190, 150, 10)]
    assert [one.inward for one in counted(pictures, line=line)] == [True]
    assert [one.inward for one in counted(pictures, line=turned)] == [True]
    assert [one.inward for one in counted(pictures, line=other)] == [False]


def test_the_middle_of_a_person_seen_from_above() -> None:
    across = Line(ax=0.0, ay=0.5, bx=1.0, by=0.5, inside_x=0.5, inside_y=0.9)
    pictures = [[person(500, foot)] for foot in range(220, 580, 12)]
    found = counted(pictures, line=across, how=CountSettings(point=Point.MIDDLE))
    assert [one.inward for one in found] == [True]


def test_a_camera_away_for_a_minute_carries_nobody_over() -> None:
    state = begin(0.0)
    for number in range(10):
        state, _ = look(state, [person(300)], number / 10, SIZE, UPRIGHT, CountSettings())
    for number in range(10):
        state, found = look(state, [person(700)], 60 + number / 10, SIZE, UPRIGHT, CountSettings())
        assert found == []
    assert [track.number for track in state.tracks.known] == [2]


@given(
    st.lists(
        st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 600), st.floats(0, 1)), max_size=4), max_size=30
    )
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_seen_a_track_goes_in_and_out_by_turns(
    seen: list[list[tuple[float, float, float]]],
) -> None:
    found = counted([[person(x, y, score=score) for x, y, score in people] for people in seen])
    for track in {crossing.track for crossing in found}:
        ways = [crossing.inward for crossing in found if crossing.track == track]
        assert all(a != b for a, b in pairwise(ways))


# ── the rest ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "numbers",
    [
        (0.5, 0.5, 0.5, 0.5, 0.9, 0.9),
        (0.5, 0.0, 0.5, 1.0, 0.5, 0.3),
        (0.5, 0.0, 1.5, 1.0, 0.9, 0.3),
        (nan, 0.0, 0.5, 1.0, 0.9, 0.3),
    ],
)
def test_a_line_that_is_none(numbers: tuple[float, float, float, float, float, float]) -> None:
    ax, ay, bx, by, x, y = numbers
    with pytest.raises(BadLine):
        check(Line(ax=ax, ay=ay, bx=bx, by=by, inside_x=x, inside_y=y))


@given(st.floats(1, 60), st.floats(1, 60))
def test_no_more_pictures_than_asked_for(fps: float, rate: float) -> None:
    next_s, looked = 0.0, 0
    for number in range(int(fps * 20)):
        wanted, next_s = due(number / fps, next_s, rate)
        looked += wanted
    assert looked <= 20 * min(fps, rate) + 2
    assert looked >= 20 * min(fps, rate) * 0.5 - 2


def test_pauses_double_up_to_a_minute() -> None:
    assert [pause_s(n) for n in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, 60]


def test_blindness() -> None:
    def picture(number: int, level: float = 90.0) -> sight.Glance:
        return sight.Glance(checksum=number, level=level, spread=level / 3)

    state = sight.opened(0.0)
    assert sight.after(state, 4.0, None).blind is None
    assert sight.after(state, 6.0, None).blind is sight.Blind.NO_PICTURE
    for second in range(20):
        state = sight.after(state, float(second), picture(7))
    assert state.blind is sight.Blind.FROZEN
    state = sight.after(state, 20.0, picture(8))
    assert state.blind is None
    for second in range(20, 40):
        state = sight.after(state, float(second), picture(second, level=3.0))
    assert state.blind is sight.Blind.DARK
    assert sight.after(state, 40.0, picture(99)).blind is None


@pytest.mark.parametrize(
    ("status", "recorded", "sent", "verdict"),
    [
        (202, 3, 3, Verdict.TAKEN),
        (202, 0, 3, Verdict.TAKEN),  # all known already
        (200, None, 3, Verdict.AGAIN),
        (202, None, 3, Verdict.AGAIN),
        (202, True, 3, Verdict.AGAIN),
        (0, None, 3, Verdict.AGAIN),
        (401, None, 3, Verdict.AGAIN),
        (404, None, 1, Verdict.AGAIN),
        (429, None, 1, Verdict.AGAIN),
        (503, None, 1, Verdict.AGAIN),
        (301, None, 1, Verdict.AGAIN),
        (422, None, 2, Verdict.APART),
        (422, None, 1, Verdict.REFUSED),
        (409, None, 1, Verdict.REFUSED),
    ],
)
def test_answers(status: int, recorded: object, sent: int, verdict: Verdict) -> None:
    assert judge(status, recorded, sent) is verdict


def test_names_of_sources() -> None:
    assert is_recording("door.mp4")
    assert not is_recording("0")
    assert not is_recording("rtsp://10.0.0.7/stream")
    assert hidden("rtsp://sam:p@ss@10.0.0.7/stream") == "rtsp://…@10.0.0.7/stream"
