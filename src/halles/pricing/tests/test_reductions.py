"""What may be crossed out: pure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from halles.pricing.rules.reductions import STRICT, ReductionLaw, crossed_out, law_of
from halles.pricing.types import Step

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
FRANCE = law_of("FR")
PLAIN = ReductionLaw()


def steps(*rows: tuple[int, int] | tuple[int, int, bool]) -> list[Step]:
    """(days before now, minor, announced)."""
    return [
        Step(since=NOW - timedelta(days=row[0]), minor=row[1], announced=len(row) > 2 and bool(row[2]))
        for row in rows
    ]


@st.composite
def ledgers(draw: st.DrawFn) -> list[Step]:
    count = draw(st.integers(1, 12))
    days = sorted(
        draw(st.lists(st.integers(0, 120), min_size=count, max_size=count, unique=True)), reverse=True
    )
    return [
        Step(since=NOW - timedelta(days=day), minor=draw(st.integers(1, 2000)), announced=draw(st.booleans()))
        for day in days
    ]


def charged_on(found: list[Step], at: datetime) -> int | None:
    """By brute force: the price in force at a moment."""
    return next((step.minor for step in reversed(found) if step.since <= at), None)


@given(ledgers())
def test_no_price_of_thirty_days_is_lower_than_what_is_crossed_out(found: list[Step]) -> None:
    was = crossed_out(found, PLAIN)
    began = found[-1].since
    hours = [charged_on(found[:-1], began - timedelta(hours=6 * n, seconds=1)) for n in range(30 * 4)]
    seen = [minor for minor in hours if minor is not None]
    if was is None:
        assert not found[-1].announced or not seen or min(seen) <= found[-1].minor
    else:
        assert found[-1].announced
        assert was > found[-1].minor
        assert was == min(seen)


@given(ledgers())
def test_a_falling_series_never_claims_more_than_its_first_step_could(found: list[Step]) -> None:
    was = crossed_out(found, FRANCE)
    if was is None:
        return
    at = len(found) - 1
    claims: list[int] = []
    while at > 0 and found[at - 1].announced and found[at - 1].minor > found[at].minor:
        at -= 1
        claim = crossed_out(found[: at + 1], FRANCE)
        claims += [] if claim is None else [claim]
    assert all(claim == was for claim in claims)


@given(ledgers(), st.integers(1, 400))
def test_older_prices_than_the_window_change_nothing(found: list[Step], minor: int) -> None:
    long_ago = Step(since=NOW - timedelta(days=500), minor=minor)
    after = Step(since=NOW - timedelta(days=300), minor=1500)
    assert crossed_out([long_ago, after, *found], PLAIN) == crossed_out([after, *found], PLAIN)


@given(ledgers())
def test_the_strict_law_never_allows_more_than_the_plain_one(found: list[Step]) -> None:
    assert crossed_out(found, STRICT) in {None, crossed_out(found, PLAIN)}


def test_a_price_raised_just_before_a_sale_buys_nothing() -> None:
    assert crossed_out(steps((60, 1000), (3, 1500), (0, 900, True)), FRANCE) == 1000
    assert crossed_out(steps((60, 900), (3, 1500), (0, 900, True)), FRANCE) is None


def test_the_second_markdown_counts_from_before_the_first() -> None:
    sale = steps((90, 1000), (20, 800, True), (5, 600, True))
    assert crossed_out(sale, FRANCE) == 1000
    assert crossed_out(sale, PLAIN) == 800
    assert crossed_out(steps((90, 1000), (40, 500, True), (20, 800, True)), FRANCE) is None, "it rose"


def test_the_price_in_force_when_the_window_opens_counts() -> None:
    assert crossed_out(steps((100, 700), (29, 1200), (0, 650, True)), FRANCE) == 700
    assert crossed_out(steps((100, 700), (30, 1200), (0, 650, True)), FRANCE) == 1200


def test_what_spoils_is_reduced_from_the_price_before() -> None:
    found = steps((60, 500), (3, 900), (0, 600, True))
    assert crossed_out(found, FRANCE) is None
    assert crossed_out(found, FRANCE, perishable=True) == 900
    assert crossed_out(found, PLAIN, perishable=True) is None


def test_new_goods() -> None:
    found = steps((10, 1000), (0, 700, True))
    assert crossed_out(found, FRANCE) == 1000
    assert crossed_out(found, STRICT) is None
    assert crossed_out(steps((0, 700, True)), FRANCE) is None
