"""When a failed letter comes again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from halles.letters.rules import MOST_FAILURES, pause


@given(st.integers(1, MOST_FAILURES - 1))
def test_each_pause_is_at_least_the_one_before_and_none_is_longer_than_six_hours(failures: int) -> None:
    now, after = pause(failures), pause(failures + 1)
    assert now is not None
    assert timedelta(minutes=1) <= now <= timedelta(hours=6)
    assert after is None or after >= now


def test_a_weekend_without_a_mail_server_parks_nothing() -> None:
    waited = sum((pause(n) or timedelta() for n in range(1, MOST_FAILURES)), timedelta())
    assert timedelta(days=2, hours=12) < waited < timedelta(days=4)
    assert pause(MOST_FAILURES) is None
    assert pause(10**9) is None
