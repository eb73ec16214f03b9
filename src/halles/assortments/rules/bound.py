"""How good a plan could be at most: a Lagrangian upper bound on the demand that any choice under the same wishes covers.

Write the cover of product p by chosen s as y_ps, at most one in all for each p. Give each p a price λ_p for exceeding that:
whatever the λ ≥ 0, no choice T covers more than Σ λ_p + max over T of Σ_{s in T} ρ_s, where ρ_s = Σ_p max(0, d_p·like(p, s) −
λ_p). The inner maximum is over a modular function, and is taken over a larger set of choices than the wishes allow (one kind of
limits at a time), so the sum stays an upper bound. Prices start near where the plan stands (λ_p = d_p·cover_p alone is Minoux's
bound) and are then moved along subgradients, each by a step in proportion to its demand (Cornuéjols, Fisher, Nemhauser,
"Location of bank accounts to optimize float", Management Science 23, 1977).
"""

from __future__ import annotations

import numpy as np

from halles.assortments.rules.likeness import Floats, Ints
from halles.assortments.rules.problem import Group, Problem, State

_NUMBERS = 400_000_000
_STEPS = 40
_HALVINGS = 16
_START = 0.6
"""Where prices start, as a part of what the plan covers: near the end of most searches."""
_CLOSE = 1e-4
"""A gap below which no step is worth its time."""


def upper(state: State) -> float:
    """An upper bound on what any choice that respects the wishes covers, `state` among them."""
    problem, likeness = state.problem, state.likeness
    value, demand = state.value, problem.demand
    prices = _START * demand * state.cover
    best, since, scale = float(demand.sum()), 0, 1.0
    steps = max(3, min(_STEPS, _NUMBERS // max(1, likeness.pairs())))
    for _ in range(steps):
        worth = _worth(state, prices)
        inner, taken = relaxed(problem, worth)
        bound = float(prices.sum()) + inner
        since = 0 if bound < best - _CLOSE * value else since + 1
        best = min(best, bound)
        if best - value <= _CLOSE * max(value, 1e-12):
            break
        if since >= 3:
            scale, since = scale / 2, 0
        slope = 1.0 - _covered_by(state, prices, taken)
        slope[((prices <= 0) & (slope > 0)) | ((prices >= demand) & (slope < 0))] = 0.0
        norm = float(demand @ slope**2)
        if norm <= 0:
            break
        prices = np.clip(prices - scale * (bound - value) / norm * demand * slope, 0.0, demand)
    return best


def _worth(state: State, prices: Floats) -> Floats:
    """ρ: float64[n], −1 for what may not be chosen."""
    problem, likeness = state.problem, state.likeness
    may = problem.allowed.copy()
    may[list(problem.must)] = True
    found = np.full(len(problem), -1.0)
    for family, members in enumerate(likeness.members):
        at = np.flatnonzero(may[members])
        step = max(1, 2_000_000 // len(members))
        for start in range(0, len(at), step):
            part = at[start : start + step]
            over = likeness.rows(family, part) * problem.demand[members] - prices[members]
            found[members[part]] = np.maximum(over, 0.0).sum(axis=1)
    return found


def _covered_by(state: State, prices: Floats, taken: Floats) -> Floats:
    """How often each product is covered beyond its price by what the relaxed choice takes (parts of products count as parts)."""
    likeness, demand = state.likeness, state.problem.demand
    times = np.zeros(len(demand))
    for family, members in enumerate(likeness.members):
        at = np.flatnonzero(taken[members] > 0)
        step = max(1, 2_000_000 // len(members))
        for start in range(0, len(at), step):
            part = at[start : start + step]
            over = likeness.rows(family, part) * demand[members] > prices[members]
            times[members] += taken[members[part]] @ over
    return times


def relaxed(problem: Problem, worth: Floats) -> tuple[float, Floats]:
    """The least of several maxima of Σ worth, each over more choices than the wishes allow; and the choice that reaches it,
    float64[n].

    The must-haves are in every one of them. `worth` is −1 where nothing may be chosen.
    """
    musts = np.array(problem.must, dtype=np.int64)
    base = float(worth[musts].sum()) if len(musts) else 0.0
    free = worth.copy()
    free[musts] = -1.0
    order = np.argsort(-free, kind="stable")
    order = order[free[order] >= 0]
    left = problem.samples - len(musts)
    space = None if problem.space is None else problem.space - int(problem.width[musts].sum())
    found = [
        _in_space(problem, free, order, musts, left, groups, space) for groups in _partitions(problem.groups)
    ]
    value, taken = min(found, key=lambda one: one[0])
    taken[musts] = 1.0
    return base + value, taken


def _partitions(groups: tuple[Group, ...]) -> list[list[Group]]:
    """Groups of one kind that share no product; the empty list, which leaves only the number of samples, always."""
    found: list[list[Group]] = [[]]
    for kind in dict.fromkeys(group.kind for group in groups):
        mine = [group for group in groups if group.kind == kind]
        if np.sum([group.members for group in mine], axis=0).max(initial=0) <= 1:
            found.append(mine)
    return found


def _in_space(
    problem: Problem,
    worth: Floats,
    order: Ints,
    musts: Ints,
    left: int,
    groups: list[Group],
    space: int | None,
) -> tuple[float, Floats]:
    """The best under disjoint limits, the space priced: for each price μ ≥ 0 of a centimetre, μ·space + max Σ (worth − μ·width)
    is no less than what fits the space. The price is found by halving."""
    free = _within(worth, order, musts, left, groups)
    if space is None or float(problem.width @ free[1]) <= space:
        return free
    width = problem.width.astype(np.float64)
    low, high = 0.0, float((worth[order] / width[order]).max(initial=0.0))
    best = free
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        rest = worth - price * width
        ranked = order[np.argsort(-rest[order], kind="stable")]
        value, taken = _within(rest, ranked, musts, left, groups)
        if value + price * space < best[0]:
            best = value + price * space, taken
        if float(width @ taken) > space:
            low = price
        else:
            high = price
    return best


def _within(worth: Floats, order: Ints, musts: Ints, left: int, groups: list[Group]) -> tuple[float, Floats]:
    """The best of at most `left` products under disjoint limits: the minima by their best, then the best of the rest that is
    worth anything. `order`: by falling worth."""
    taken = np.zeros(len(worth))
    blocked = np.zeros(len(worth), dtype=np.bool_)
    for group in groups:
        mine = order[group.members[order]]
        had = int(group.members[musts].sum())
        taken[mine[: max(0, group.least - had)]] = 1.0
        blocked[mine[max(0, group.most - had) :]] = True
    rest = order[~blocked[order] & (taken[order] == 0) & (worth[order] > 0)]
    taken[rest[: max(0, left - int(taken.sum()))]] = 1.0
    return float(worth @ taken), taken
