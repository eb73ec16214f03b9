"""Intervals, hidden cells, journeys, synthetic controls and samples, on plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.journeys.measurement.rules import journeys, samples, shares, synthetic
from halles.journeys.measurement.rules.areas import Asked, Cell, Units, lift, units
from halles.journeys.measurement.rules.asking import checked
from halles.journeys.measurement.rules.journeys import Arms, Bought, Visited
from halles.journeys.measurement.types import LEAST, BadQuestion, Question, Why

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COAT, HAT = UUID(int=1), UUID(int=2)
DAY = timedelta(days=1)


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share(part: int, rest: int) -> None:
    low, high = shares.wilson(part, part + rest)
    if part + rest:
        assert 0 <= low <= part / (part + rest) <= high <= 1


def test_known_intervals() -> None:
    low, high = shares.wilson(15, 148)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
    found = shares.newcombe(56, 70, 48, 80)  # Newcombe 1998, table II, case a, method 10
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_nobody_finds_a_hidden_cell_by_subtraction(counts: list[int]) -> None:
    told = shares.table(counts)
    assert all(one is None or one == 0 or one >= LEAST for one in told)
    hidden = [at for at, one in enumerate(told) if one is None]
    if len(hidden) == 1:
        assert all(one == 0 for at, one in enumerate(counts) if at not in hidden)


def test_a_share_of_few_is_hidden_whole() -> None:
    assert shares.share(3, 100) == shares.HIDDEN == shares.share(97, 100)
    assert shares.share(0, 100).count == 0
    assert shares.share(0, 0).share is None


# ── journeys ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def bought(party: int, days: float, *, first: float | None = None, product: UUID = COAT) -> Bought:
    at = NOW + timedelta(days=days)
    return Bought(
        party_id=party,
        placed_at=at,
        first_at=at if first is None else NOW + timedelta(days=first),
        products=frozenset({product}),
    )


def test_an_order_is_tied_to_the_visit_before_it_within_the_window() -> None:
    people = [Visited(party_id=1, visits=[NOW - 10 * DAY, NOW - 3 * DAY]), Visited(party_id=2, visits=[NOW])]
    orders = [bought(1, 0), bought(1, -11), bought(1, 40), bought(2, -1), bought(3, 0)]
    told = journeys.tie(people, orders, {}, window=30 * DAY, now=NOW)
    assert [(one.order.party_id, one.delay) for one in told.orders] == [(1, 3)]
    assert (told.people, told.running) == (2, 2)


def test_first_visit_customers_had_never_ordered_before_they_came() -> None:
    people = [Visited(party_id=party, visits=[NOW - 5 * DAY]) for party in range(20)]
    orders = [bought(party, -1, first=-1 if party < 12 else -30) for party in range(20)]
    told = journeys.tie(people, orders, {}, window=7 * DAY, now=NOW)
    firsts = {one.party_id: one.visits[0] for one in people}
    found = journeys.customers(told, firsts, {one.order.placed_at: date(2026, 11, 16) for one in told.orders})
    assert (found.first_visit.count, found.first_visit.of, found.existing) == (12, 20, 8)
    assert [(one.monday, one.first_visit, one.existing) for one in found.weeks] == [
        (date(2026, 11, 16), 12, 8)
    ]
    page = journeys.purchases(told, 7, here=3)
    assert (page.buyers.count, page.orders, [bar.count for bar in page.delays]) == (20, 20, [0, 0, 20])


def test_orders_of_few_people_are_hidden_however_many_they_are() -> None:
    people = [Visited(party_id=party, visits=[NOW - DAY]) for party in range(30)]
    orders = [bought(0, -0.5) for _ in range(50)]
    page = journeys.purchases(journeys.tie(people, orders, {}, window=7 * DAY, now=NOW), 7, here=0)
    assert page.orders is None
    assert page.buyers.count is None
    assert page.touched.count is None
    assert all(bar.count in {None, 0} for bar in page.delays)


def test_the_arms_of_a_sample() -> None:
    people = [Visited(party_id=party, visits=[NOW - 5 * DAY]) for party in range(4)]
    touches = {0: {COAT: [NOW - 5 * DAY]}, 1: {COAT: [NOW - 5 * DAY]}, 2: {HAT: [NOW - 5 * DAY]}}
    orders = [bought(0, -1), bought(1, -6), bought(2, -1), bought(3, -1, product=HAT), bought(9, -1)]
    crowd = journeys.Crowd(people, touches, orders)
    span = (NOW - 30 * DAY, NOW)
    found = crowd.arms(COAT, span, 7 * DAY)
    assert found == Arms(looked=2, bought=1, came=2, bought_too=1)
    gone = crowd.arms(COAT, (NOW - 30 * DAY, NOW - 20 * DAY), 7 * DAY)
    assert gone == Arms(looked=0, bought=0, came=0, bought_too=0)


# ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(1, 80))
def test_periods_are_whole_weeks_that_are_over(since: date, days: int) -> None:
    today = date(2026, 11, 20)
    question = Question(place_id=1, since=since, until=since + timedelta(days=days))
    try:
        found = checked(question, today)
    except BadQuestion:
        assert since - timedelta(days=since.weekday()) >= today or days > 78
        return
    assert found.since.weekday() == 0
    assert found.until <= today
    assert found.until.weekday() == 0 or found.until == today


@pytest.mark.parametrize(
    "wrong", [{"window_days": 8}, {"radius_km": 3}, {"until": date(2026, 1, 1)}, {"outcome": "clicks"}]
)
def test_questions_without_an_answer_are_refused(wrong: dict[str, object]) -> None:
    asked: dict[str, Any] = {"place_id": 1, "since": date(2026, 11, 2), "until": date(2026, 11, 9), **wrong}
    with pytest.raises(BadQuestion):
        checked(Question(**asked), date(2026, 11, 20))


# ── synthetic controls ──────────────────────────────────────────────────────────────────────────────────────────────────────


def world(seed: int, areas: int = 30, weeks: int = 26) -> np.ndarray:
    """float64[areas, weeks]: levels, a common season, two hidden tastes, noise."""
    dice = np.random.default_rng(seed)
    taste = dice.dirichlet([1.0, 1.0, 1.0], areas)
    season = 20 + 4 * np.sin(np.arange(weeks) / 4)
    moods = np.cumsum(dice.normal(0, 0.8, (3, weeks)), axis=1)
    return taste @ (season + moods) + dice.normal(0, 0.6, (areas, weeks))


@given(st.integers(0, 2**31), st.integers(2, 12), st.integers(1, 6))
def test_rows_come_onto_the_simplex_and_nearest(seed: int, n: int, m: int) -> None:
    dice = np.random.default_rng(seed)
    rows = dice.normal(0, 2, (m, n))
    found = synthetic.on_simplex(rows)
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(m))
    other = dice.dirichlet(np.ones(n), m)
    assert (((rows - found) ** 2).sum(axis=1) <= ((rows - other) ** 2).sum(axis=1) + 1e-9).all()


@given(st.integers(0, 2**31))
def test_weights_are_on_the_simplex_and_no_mix_fits_better(seed: int) -> None:
    every = world(seed, areas=12, weeks=14)
    barred = np.zeros((1, 11), bool)
    (found,) = synthetic.weights(every[:1], every[1:], barred)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)
    best = ((every[0] - found @ every[1:]) ** 2).sum()
    for other in np.random.default_rng(seed).dirichlet(np.full(11, 0.3), 50):
        assert best <= ((every[0] - other @ every[1:]) ** 2).sum() + 1e-3


def test_a_mix_of_donors_is_found_again() -> None:
    donors = world(5, areas=10, weeks=40)
    (found,) = synthetic.weights((0.7 * donors[2] + 0.3 * donors[6])[None], donors, np.zeros((1, 10), bool))
    assert found[2] == pytest.approx(0.7, abs=0.03)
    assert found[6] == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("lifted", [0.0, 3.0])
def test_a_lift_that_was_put_in_is_found(lifted: float) -> None:
    off, inside = list[float](), 0
    for seed in range(20):
        every = world(seed)
        every[0, 18:] += lifted
        made = synthetic.synthetic(every[0], every[1:], 18)
        off.append(made.near.effect - lifted)
        inside += made.low <= lifted <= made.high
        plain = synthetic.did(every[0], every[1:], 18)
        assert abs(plain.effect - lifted) < 3.5
        if lifted:
            assert made.p <= 0.1
    assert abs(float(np.mean(off))) < 0.4
    assert inside >= 14


def test_where_nothing_happened_p_values_are_spread_evenly() -> None:
    found = np.array(
        [synthetic.synthetic(every[0], every[1:], 18).p for every in map(world, range(100, 220))]
    )
    for level in (0.1, 0.25, 0.5, 0.75):
        share = float((found <= level).mean())
        assert abs(share - level) < 0.13, (level, share)


@given(st.integers(0, 2**31), st.floats(-50, 50))
def test_what_is_added_everywhere_changes_no_difference_in_differences(seed: int, more: float) -> None:
    every = world(seed, areas=15)
    one = synthetic.did(every[0], every[1:], 12)
    two = synthetic.did(every[0] + more, every[1:] + more, 12)
    assert (two.effect, two.low, two.high) == pytest.approx((one.effect, one.low, one.high), abs=1e-9)


def _country(lifted: float, areas: int = 14, seed: int = 3) -> tuple[list[Cell], dict[tuple[str, str], int]]:
    dice, cells = np.random.default_rng(seed), list[Cell]()
    shoppers = {("FR", f"{code:02d}000"): 200 for code in range(areas)}
    for number, spot in enumerate(shoppers):
        for week in range(-12, 6):
            pieces = int(dice.poisson(60 * (1 + (lifted if number == 0 and week >= 0 else 0))))
            cells.append(Cell(spot=spot, week=week, value=pieces, pieces=pieces))
    return cells, shoppers


def _asked(first: int = -12, last: int = 6) -> Asked:
    question = Question(
        place_id=1, since=date(2026, 11, 2), until=date(2026, 11, 9), opened=date(2026, 10, 5)
    )
    return Asked(question=question, currency="EUR", first_week=first, last_week=last, least=10)


def _units(shoppers: dict[tuple[str, str], int], areas: int | None = None) -> Units:
    spots = list(shoppers)[: areas or len(shoppers)]
    away = {spot: (0.0, 0.0) if at == 0 else (300.0, 300.0) for at, spot in enumerate(spots)}
    return units(away, shoppers, {spot: f"FR-{spot[1][:2]}" for spot in spots}, 10, 10)


def test_a_lift_is_told_with_its_weights_and_weeks() -> None:
    cells, shoppers = _country(0.4)
    found = lift(cells, _units(shoppers), _asked())
    assert found.why is Why.MEASURED
    assert found.synthetic is not None
    assert found.differences is not None
    assert 0.2 < found.synthetic.effect < 0.6
    assert 0.2 < found.differences.effect < 0.6
    assert found.p == pytest.approx(1 / 14)
    assert found.extra == pytest.approx(0.4 * 60 * 6, rel=0.5)
    assert sum(one.weight for one in found.weights) == pytest.approx(1, abs=0.05)
    assert [one.week for one in found.weeks] == list(range(-12, 6))


def test_a_lift_says_why_it_cannot_be_told() -> None:
    cells, shoppers = _country(0.4)
    some = _units(shoppers)
    assert lift(cells, some, _asked(first=-7)).why is Why.WEEKS_BEFORE
    assert lift(cells, some, _asked(last=1)).why is Why.WEEKS_AFTER
    assert lift(cells, _units(shoppers, 10), _asked()).why is Why.FEW_CONTROLS
    few = {**shoppers, next(iter(shoppers)): 9}
    assert lift(cells, _units(few), _asked()).why is Why.FEW_SHOPPERS
    rare = [Cell(spot=one.spot, week=one.week, value=1, pieces=1) for one in cells]
    assert lift(rare, some, _asked()).why is Why.FEW_SALES
    wild = [
        Cell(spot=one.spot, week=one.week, value=one.value * (9 if one.week % 2 else 1), pieces=one.pieces)
        if one.spot == ("FR", "00000")
        else one
        for one in cells
    ]
    found = lift(wild, some, _asked())
    assert found.why is Why.BAD_FIT
    assert found.synthetic is None
    assert found.weeks == []


def test_nobodys_land_lies_between_near_and_far() -> None:
    spots = {("FR", "75003"): (1.0, 1.0), ("FR", "77000"): (15.0, 15.0), ("FR", "69001"): (390.0, 390.0)}
    shoppers = dict.fromkeys(spots, 50) | {("FR", "13001"): 4}
    found = units(
        {**spots, ("FR", "13001"): (600.0, 600.0), ("FR", "99999"): (None, None)},
        shoppers,
        {one: one[1][:2] for one in [*shoppers, ("FR", "99999")]},
        10,
        10,
    )
    assert found.of == {("FR", "75003"): 0, ("FR", "69001"): 1}
    assert (found.names, found.shoppers, found.left_out) == (["69"], [50, 50], 2)


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sample_is_told_whole_or_not_at_all() -> None:
    why, looked, _, more = samples.seen(Arms(looked=40, bought=12, came=100, bought_too=6))
    assert why is Why.MEASURED
    assert more is not None
    assert (looked.count, looked.of) == (12, 40)
    assert more.low > 0
    for arms in (
        Arms(looked=9, bought=5, came=100, bought_too=6),
        Arms(looked=40, bought=12, came=100, bought_too=2),
        Arms(looked=40, bought=38, came=100, bought_too=10),
    ):
        assert samples.seen(arms)[0] is Why.NOT_ENOUGH
        assert samples.seen(arms)[3] is None


def test_a_products_rise_around_the_place_is_found() -> None:
    dice = np.random.default_rng(8)
    shoppers = [300, *[250] * 20]
    pieces = {unit: (int(dice.poisson(80)), int(dice.poisson(80))) for unit in range(21)}
    pieces[0] = (96, 96 + 120)
    found = samples.effect(pieces, shoppers, 8, 8)
    assert isinstance(found, samples.Effect)
    assert found.effect == pytest.approx(15, abs=4)
    assert samples.interval(found).low > 0
    assert samples.effect(pieces, shoppers, 3, 8) is Why.WEEKS_BEFORE
    assert samples.effect(pieces, shoppers, 8, 3) is Why.WEEKS_AFTER
    assert samples.effect(pieces, shoppers[:10], 8, 8) is Why.FEW_CONTROLS
    assert samples.effect({0: (6, 7)}, shoppers, 8, 8) is Why.NOT_ENOUGH
    assert samples.effect({0: (100, 3)}, shoppers, 8, 8) is Why.NOT_ENOUGH


@given(
    st.lists(
        st.builds(samples.Effect, effect=st.floats(-50, 50), error=st.floats(0.5, 20)),
        min_size=2,
        max_size=20,
    )
)
def test_noisy_effects_are_drawn_together_and_never_beyond(effects: list[samples.Effect]) -> None:
    found = samples.shrink(effects)
    low, high = min(one.effect for one in effects), max(one.effect for one in effects)
    assert all(low - 1e-9 <= one <= high + 1e-9 for one in found)
    if all(one.error == effects[0].error for one in effects):
        assert max(found) - min(found) <= high - low + 1e-9


def test_effects_that_differ_no_more_than_chance_become_one() -> None:
    same = [samples.Effect(effect=one, error=5) for one in (1.0, 2.0, 3.0)]
    assert samples.shrink(same) == pytest.approx([2.0, 2.0, 2.0])
    apart = [samples.Effect(effect=one, error=0.1) for one in (0.0, 50.0)]
    assert samples.shrink(apart) == pytest.approx([0, 50], abs=0.1)
    assert samples.shrink([]) == []
