"""The choice of samples against every possible choice, on small cases; and what it promises on larger ones."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.assortments.rules.likeness import MOST_MEMBERS, Likeness, Traits
from halles.assortments.rules.problem import Group, Problem, State
from halles.assortments.rules.solver import Solution, solve
from halles.assortments.types import NoPlanFound, Rates


def traits_of(rows: list[tuple[int, int, int, int]]) -> Traits:
    """(family, category, brand, price) rows."""
    cells = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Traits(
        family=cells[:, 0],
        category=cells[:, 0] * 10 + cells[:, 1],
        brand=cells[:, 2],
        price=cells[:, 3].astype(float),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Problem, Likeness]:
    many = draw(st.integers(1, 7))
    rows = [
        (
            draw(st.integers(0, 1)),
            draw(st.integers(0, 1)),
            draw(st.integers(-1, 1)),
            draw(st.integers(1, 4)) * 1000,
        )
        for _ in range(many)
    ]
    mask = st.lists(st.booleans(), min_size=many, max_size=many).map(
        lambda bits: np.array(bits, dtype=np.bool_)
    )
    groups: list[Group] = []
    for number in range(draw(st.integers(0, 3))):
        least = draw(st.integers(0, 2))
        groups.append(
            Group(
                name=f"group {number}",
                kind=draw(st.sampled_from(["one", "two"])),
                members=draw(mask),
                least=least,
                most=least + draw(st.integers(0, 3)),
            )
        )
    must = tuple(sorted(draw(st.sets(st.integers(0, many - 1), max_size=2))))
    problem = Problem(
        demand=np.array([draw(st.integers(0, 20)) / 2 for _ in range(many)]),
        width=np.array([draw(st.integers(1, 4)) for _ in range(many)], dtype=np.int64),
        allowed=draw(mask),
        must=must,
        groups=tuple(groups),
        samples=draw(st.integers(1, many)),
        space=draw(st.one_of(st.none(), st.integers(1, 12))),
    )
    return problem, Likeness(traits_of(rows), Rates())


def state_of(problem: Problem, likeness: Likeness, chosen: tuple[int, ...]) -> State:
    state = State(problem, likeness)
    for one in chosen:
        state.add(one)
    return state


def best_of_all(problem: Problem, likeness: Likeness) -> float | None:
    """What the best of all choices covers; None when there is none."""
    may = [one for one in range(len(problem)) if problem.allowed[one] and one not in problem.must]
    found: float | None = None
    for size in range(len(may) + 1):
        for others in combinations(may, size):
            state = state_of(problem, likeness, (*problem.must, *others))
            if state.possible() and (found is None or state.value > found):
                found = state.value
    return found


@settings(max_examples=150, deadline=None)
@given(cases())
def test_against_every_choice(case: tuple[Problem, Likeness]) -> None:
    problem, likeness = case
    best = best_of_all(problem, likeness)
    if best is None:
        with pytest.raises(NoPlanFound):
            solve(problem, likeness)
        return
    found = solve(problem, likeness)
    state = state_of(problem, likeness, found.chosen)
    assert state.possible()
    assert set(problem.must) <= set(found.chosen)
    assert all(problem.allowed[one] or one in problem.must for one in found.chosen)
    assert found.value == pytest.approx(state.value)
    assert found.value <= best + 1e-9 <= found.bound + 1e-6
    if not problem.groups and problem.space is None and not problem.must:
        assert found.value >= (1 - 1 / np.e) * best - 1e-9


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_covering_has_diminishing_returns(case: tuple[Problem, Likeness], data: st.DataObject) -> None:
    problem, likeness = case
    everything = st.sets(st.integers(0, len(problem) - 1))
    small = data.draw(everything)
    large = small | data.draw(everything)
    one = data.draw(st.integers(0, len(problem) - 1))

    def value(chosen: set[int]) -> float:
        return state_of(problem, likeness, tuple(chosen)).value

    assert value(small) <= value(large) + 1e-9
    if one not in large:
        assert value(small | {one}) - value(small) >= value(large | {one}) - value(large) - 1e-9


def large(many: int, families: int) -> tuple[Problem, Likeness]:
    rng = np.random.default_rng(7)
    rows = np.stack(
        [
            rng.integers(0, families, many),
            rng.integers(0, 5, many),
            rng.integers(-1, 20, many),
            (1000 * rng.lognormal(1, 0.6, many)).astype(np.int64) + 1,
        ],
        axis=1,
    )
    price = rows[:, 3]
    cheap = price < np.quantile(price, 0.5)
    problem = Problem(
        demand=rng.gamma(0.4, 5.0, many),
        width=rng.integers(10, 60, many),
        allowed=rng.random(many) < 0.9,
        must=(3, 5),
        groups=(
            Group(name="cheap", kind="band", members=cheap, least=50, most=90),
            Group(name="dear", kind="band", members=~cheap, least=30, most=200),
            Group(name="family 0", kind="family", members=rows[:, 0] == 0, least=12, most=20),
        ),
        samples=200,
        space=6000,
    )
    return problem, Likeness(traits_of([tuple(row) for row in rows.tolist()]), Rates())


def test_a_large_catalogue() -> None:
    problem, likeness = large(1500, 12)
    found = solve(problem, likeness)
    state = state_of(problem, likeness, found.chosen)
    assert state.possible()
    assert found.value <= found.bound
    assert found.value >= 0.9 * found.bound
    assert solve(problem, Likeness(likeness._traits, Rates())) == found  # pyright: ignore[reportPrivateUsage]


def test_a_large_family_is_looked_at_in_parts() -> None:
    rows = [(0, number % 2, -1, 1000 + number) for number in range(4000)]
    likeness = Likeness(traits_of(rows), Rates())
    assert sorted(int(one) for part in likeness.members for one in part) == list(range(4000))
    assert max(len(part) for part in likeness.members) <= MOST_MEMBERS
    assert likeness.pairs() <= 4000 * MOST_MEMBERS


def test_a_must_that_breaks_a_limit_is_told_by_name() -> None:
    likeness = Likeness(traits_of([(0, 0, -1, 1000), (0, 0, -1, 1000)]), Rates())
    everything = np.ones(2, dtype=np.bool_)
    problem = Problem(
        demand=np.ones(2),
        width=np.array([5, 5]),
        allowed=everything,
        must=(0, 1),
        groups=(Group(name="lamps", kind="category", members=everything, least=0, most=1),),
        samples=1,
        space=8,
    )
    with pytest.raises(NoPlanFound) as refused:
        solve(problem, likeness)
    assert refused.value.fields["unmet"] == ["samples", "space", "lamps"]


def test_a_similar_sample_is_worth_less_than_another_kind() -> None:
    likeness = Likeness(traits_of([(0, 0, 1, 1000), (0, 0, 1, 1000), (1, 0, 1, 1000)]), Rates())
    problem = Problem(
        demand=np.array([10.0, 9.0, 6.0]),
        width=np.ones(3, dtype=np.int64),
        allowed=np.ones(3, dtype=np.bool_),
        must=(),
        groups=(),
        samples=2,
        space=None,
    )
    found: Solution = solve(problem, likeness)
    assert set(found.chosen) == {0, 2}
    assert found.value == pytest.approx(10 + 0.5 * 9 + 6)
