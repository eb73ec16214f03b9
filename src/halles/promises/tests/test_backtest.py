"""A history replayed: nothing from the future, and what the numbers mean. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from halles.promises.rules.backtest import POLICIES, Policy, Tally, replay
from halles.promises.rules.history import Past, read_history
from halles.promises.rules.transit import prior
from halles.promises.tests.ways import CALENDAR, of_legs, plain
from halles.promises.types import BadHistory, LaneKind, Scan, TrackingCode

HEAD = "order_id,placed_at,origin,country,handed_over_at,delivered_at,promised_by\n"
LANE = plain(LaneKind.HUB, 3, spread=1)
KEY = {("Roissy hub", "FR"): LANE}


def past(number: int, days: float) -> Past:
    placed = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(hours=6 * number)
    there = placed + timedelta(days=days)
    return Past(
        line=number, order_id=str(number), placed_at=placed, origin="Roissy hub", country="FR", delivered_at=there,
        scans=(Scan(code=TrackingCode.DELIVERED, at=there),),
    )  # fmt: skip


def test_lanes_that_are_slower_than_written_learn_to_say_so() -> None:
    chance = random.Random(7)
    history = [past(number, chance.choice([6, 7, 8, 9])) for number in range(600)]
    found = replay(history, KEY, CALENDAR).by_policy
    assert found["as written 0.9"].report()["kept_share"] < 0.5
    assert found["learned 0.9"].report()["kept_share"] > 0.8
    assert found["learned 0.9"].pinball < found["as written 0.9"].pinball
    kept = [found[f"learned {quantile}"].kept for quantile in (0.8, 0.9, 0.95)]
    assert kept == sorted(kept), "a surer policy keeps no less"


def test_nothing_is_learned_from_the_future() -> None:
    policies = [policy for policy in POLICIES if policy.learns]
    quick = [past(number, 4) for number in range(40)]
    one = replay([*quick, *(past(number, 40) for number in range(40, 80))], KEY, CALENDAR, policies).by_policy
    two = replay([*quick, *(past(number, 5) for number in range(40, 80))], KEY, CALENDAR, policies).by_policy
    alone = replay(quick, KEY, CALENDAR, policies).by_policy
    first = {name: tally.promised_days for name, tally in alone.items()}
    for found in (one, two):
        assert all(found[name].promised_days > days for name, days in first.items())
    shuffled = list(reversed(quick))
    assert replay(shuffled, KEY, CALENDAR, policies).by_policy == alone, "the file's order does not matter"


def test_an_unknown_lane_is_counted_and_left_out() -> None:
    found = replay([past(1, 4)], {}, CALENDAR, [Policy(name="x", quantile=0.9, learns=False)])
    assert (found.unknown, found.by_policy["x"].orders) == (1, 0)


def test_pinball_punishes_both_sides_by_the_quantile() -> None:
    tally = Tally()
    tally.add(0.9, promised=5, actual=7)
    tally.add(0.9, promised=5, actual=3)
    assert tally.report() == {
        "orders": 2, "kept_share": 0.5, "promised_days": 5.0, "actual_days": 5.0, "pinball_days": 1.0,
    }  # fmt: skip


def lines(*rows: str) -> Iterator[str]:
    yield HEAD
    yield from (row + "\n" for row in rows)


def test_a_history_is_read() -> None:
    row = "A-1,2026-01-05T10:00:00+01:00,Roissy hub,fr,,2026-01-08T12:00:00+01:00,2026-01-09"
    (found,) = read_history(lines(row))
    assert (found.country, found.promised_by and found.promised_by.day, len(found.scans)) == ("FR", 9, 1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,2026-01-05T10:00:00,Roissy hub,FR,,2026-01-08T12:00:00+01:00,", "offset"),
        ("A,2026-01-05T10:00:00Z,Roissy hub,FR,,2026-01-04T12:00:00Z,", "before"),
        ("A,2026-01-05T10:00:00Z,,FR,,2026-01-08T12:00:00Z,", "origin"),
        ("A,2026-01-05T10:00:00Z,Roissy hub,FR", ""),
    ],
)
def test_a_line_that_cannot_be_read_is_named(row: str, why: str) -> None:
    with pytest.raises(BadHistory, match="Line 2") as raised:
        list(read_history(lines(row)))
    assert why in raised.value.message
    with pytest.raises(BadHistory, match="lacks"):
        list(read_history(["a,b\n"]))


def test_the_numbers_people_wrote_are_a_distribution() -> None:
    assert prior(3, 3, 3)[3] == pytest.approx(0.98)
    assert sum(prior(0, 2, 5)[:6]) == pytest.approx(0.98)
    assert of_legs().legs == ()
