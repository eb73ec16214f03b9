"""Choosing the samples: lazy greedy, then swaps.

Demand covered is monotone and submodular, so the greedy choice under a number of samples alone covers at least 1 − 1/e of the
best (Nemhauser, Wolsey, Fisher 1978); under space, the better of choosing by gain and by gain per width covers half of that
(Leskovec et al., "Cost-effective outbreak detection in networks", KDD 2007). Gains only ever shrink, and only within the family
of what was added, so a gain is computed again only when it might be the next (Minoux 1978). With minima and price shares there
is no such promise: `bound.upper` says for each plan how far from the best it can be at most.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from halles.assortments.rules.bound import upper
from halles.assortments.rules.likeness import Floats, Likeness
from halles.assortments.rules.problem import NEAR, Bools, Problem, State, must_first, unmet
from halles.assortments.types import NoPlanFound

_SWAP_NUMBERS = 300_000_000
"""Numbers that swaps may look at; some seconds on one core."""
_TRIES = 20_000
"""Steps of the search for any choice that meets the minima."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """`chosen`: products, must-haves first, then in the order of their use. `adds`: what each adds to the others. `bound`: no
    choice under the same wishes covers more."""

    chosen: tuple[int, ...]
    value: float
    bound: float
    adds: tuple[float, ...]
    cover: tuple[float, ...]


def solve(problem: Problem, likeness: Likeness) -> Solution:
    """A choice that respects every wish. Raises NoPlanFound. Seconds for 10,000 products; the same input gives the same
    answer."""
    start = must_first(problem, likeness)
    wrong = unmet(start)
    over = [name for name in wrong if not _short(start, name)]
    if over:
        raise NoPlanFound("The must-haves alone are more than the wishes allow.", unmet=over)
    tries = [_filled(start, by_width=False)]
    if problem.space is not None:
        tries.append(_filled(start, by_width=True))
    best = max(tries, key=lambda state: state.value)
    _swap(best)
    _greedy(best, None, by_width=False)
    adds = {product: _adds(best, product) for product in best.chosen}
    musts = set(problem.must)
    order = sorted(best.chosen, key=lambda one: (one not in musts, -adds[one], one))
    return Solution(
        chosen=tuple(order),
        value=best.value,
        bound=max(best.value, upper(best)),
        adds=tuple(adds[one] for one in order),
        cover=tuple(float(one) for one in best.cover),
    )


def _short(state: State, name: str) -> bool:
    """A group that only lacks samples, which may still come."""
    groups = state.problem.groups
    return any(
        group.name == name and state.used[at] < group.least for at, group in enumerate(groups)
    ) and not any(group.name == name and state.used[at] > group.most for at, group in enumerate(groups))


def _filled(start: State, *, by_width: bool) -> State:
    state = start.copy()
    needs = state.needs()
    while needs.any():
        scarce = min(
            (int(group) for group in np.flatnonzero(needs)),
            key=lambda group: (int((state.belongs(group) & state.fitting()).sum() - needs[group]), group),
        )
        before = len(state.chosen)
        _greedy(state, state.belongs(scarce), by_width=by_width, most=1)
        if len(state.chosen) == before:
            state = _any_possible(start)
        needs = state.needs()
    _greedy(state, None, by_width=by_width)
    return state


def _greedy(state: State, among: Bools | None, *, by_width: bool, most: int | None = None) -> None:
    """Add what gains most while anything fits, at most `most`; lazily. `by_width`: what gains most per width."""
    likeness, width = state.likeness, state.problem.width
    candidates = state.fitting() if among is None else state.fitting() & among
    gains = state.all_gains(candidates)
    unit = width if by_width else np.ones_like(width)
    seen = [0] * len(likeness.members)
    heap = [(-gains[one] / unit[one], int(one), 0) for one in np.flatnonzero(candidates)]
    heapq.heapify(heap)
    left = len(state.problem) if most is None else most
    while heap and left and len(state.chosen) < state.problem.samples:
        _, product, version = heapq.heappop(heap)
        if not state.fits(product):
            continue
        family = int(likeness.family_of[product])
        if version != seen[family]:
            gain = state.gains(family, likeness.within[product : product + 1])[0]
            heapq.heappush(heap, (-gain / unit[product], product, seen[family]))
            continue
        state.add(product)
        seen[family] += 1
        left -= 1


def _any_possible(start: State) -> State:
    """Any choice with the must-haves that meets the minima, the narrowest products first: complete within _TRIES steps.

    Products that belong to the same groups replace each other, so each set of memberships is tried through its narrowest alone.
    """
    classes: dict[bytes, list[int]] = {}
    belongs = start.membership()
    for product in np.flatnonzero(start.problem.allowed & ~start.inside):
        classes.setdefault(belongs[:, product].tobytes(), []).append(int(product))
    for products in classes.values():
        products.sort(key=lambda one: (int(start.problem.width[one]), one), reverse=True)
    tries, nearest = [_TRIES], [start.copy()]

    def search(state: State) -> bool:
        needs = state.needs()
        if needs.sum() < nearest[0].needs().sum():
            nearest[0] = state.copy()
        if not needs.any():
            return True
        tries[0] -= 1
        if tries[0] < 0 or len(state.chosen) >= state.problem.samples:
            return False
        group = int(np.argmax(needs))
        serving = [
            (-int((belongs[:, rest[-1]] & (needs > 0)).sum()), int(state.problem.width[rest[-1]]), rest)
            for rest in classes.values()
            if rest and belongs[group, rest[-1]] and state.fits(rest[-1])
        ]
        for _, _, rest in sorted(serving, key=lambda one: (one[0], one[1], one[2][-1])):
            product = rest.pop()
            state.add(product)
            if search(state):
                return True
            state.remove(product)
            rest.append(product)
        return False

    state = start.copy()
    if not search(state):
        raise NoPlanFound(
            "No choice was found that meets every minimum within the samples and the space.",
            unmet=unmet(nearest[0]),
        )
    return state


def _adds(state: State, product: int) -> float:
    """How much less would be covered without a chosen product."""
    family = int(state.likeness.family_of[product])
    members = state.likeness.members[family]
    inside = state.inside[members].copy()
    inside[state.likeness.within[product]] = False
    rest = np.flatnonzero(inside)
    without = state.likeness.rows(family, rest).max(axis=0) if len(rest) else np.zeros(len(members))
    return float((state.cover[members] - without) @ state.problem.demand[members])


def _swap(state: State) -> None:
    """Replace one sample by another while that covers more, the least useful first, within _SWAP_NUMBERS."""
    left, eps = _SWAP_NUMBERS, NEAR * max(1.0, float(state.problem.demand.sum()))
    musts, better = set(state.problem.must), True
    free = state.problem.allowed & ~state.inside
    gains = state.all_gains(free)
    left -= state.likeness.pairs()
    while better and left > 0:
        better = False
        for product in sorted((x for x in state.chosen if x not in musts), key=lambda x: _adds(state, x)):
            if left <= 0:
                return
            left -= _look(state, product, gains, eps)
            if not state.inside[product]:
                better = True


def _look(state: State, product: int, gains: Floats, eps: float) -> int:
    """Try to replace one product by what gains most in its place; keeps `gains` right. Returns the numbers it looked at."""
    likeness = state.likeness
    family, lost = int(likeness.family_of[product]), _adds(state, product)
    members = likeness.members[family]
    state.remove(product)
    fits = state.replacing()
    fits[product] = False
    around = np.flatnonzero(fits[members])
    outside = fits & (likeness.family_of != family)
    best, more = -1, lost + eps
    if len(around):
        inner = state.gains(family, around)
        at = int(np.argmax(inner))
        if inner[at] > more:
            best, more = int(members[around[at]]), float(inner[at])
    if outside.any():
        at = int(np.argmax(np.where(outside, gains, -1.0)))
        if gains[at] > more:
            best = at
    state.add(product if best < 0 else best)
    cost = len(around) * len(members) + len(fits)
    if best >= 0:
        for changed in {family, int(likeness.family_of[best])}:
            theirs = likeness.members[changed]
            at_ = np.flatnonzero(state.problem.allowed[theirs] & ~state.inside[theirs])
            gains[theirs] = -1.0
            gains[theirs[at_]] = state.gains(changed, at_)
            cost += len(theirs) ** 2
    return cost
