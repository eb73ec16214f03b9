"""The choice of samples as numbers: what is to be covered, what it takes, what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halles.assortments.rules.likeness import Floats, Ints, Likeness

Bools = NDArray[np.bool_]
NEAR = 1e-9
"""Demand below which two values count as equal, relative to all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """At least `least` and at most `most` of the products of a mask bool[n]. `kind`: groups of one kind may be disjoint."""

    name: str
    kind: str
    members: Bools
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`demand`: float64[n] ≥ 0. `width`: int64[n] > 0. `allowed`: bool[n], what may be chosen freely; `must` is chosen whatever.

    `space` None: no limit. `samples`: at most so many.
    """

    demand: Floats
    width: Ints
    allowed: Bools
    must: tuple[int, ...]
    groups: tuple[Group, ...]
    samples: int
    space: int | None

    def __len__(self) -> int:
        return len(self.demand)


class State:
    """A choice in the making: what is in it, what it covers, what it takes. `cover`: float64[n], by product, the best
    recovery."""

    def __init__(self, problem: Problem, likeness: Likeness) -> None:
        self.problem, self.likeness = problem, likeness
        self.chosen: list[int] = []
        self.inside = np.zeros(len(problem), dtype=np.bool_)
        self.cover = np.zeros(len(problem))
        self.width = 0
        self.used = np.zeros(len(problem.groups), dtype=np.int64)
        self._belongs = (
            np.stack([group.members for group in problem.groups])
            if problem.groups
            else np.zeros((0, len(problem)), dtype=np.bool_)
        )
        self._least = np.array([group.least for group in problem.groups], dtype=np.int64)
        self._most = np.array([group.most for group in problem.groups], dtype=np.int64)

    def copy(self) -> State:
        other = State(self.problem, self.likeness)
        for product in self.chosen:
            other.add(product)
        return other

    @property
    def value(self) -> float:
        """Demand covered: Σ demand × best recovery. Monotone and submodular in the choice (facility location)."""
        return float(self.problem.demand @ self.cover)

    def add(self, product: int) -> None:
        members = self.likeness.members[int(self.likeness.family_of[product])]
        self.cover[members] = np.maximum(self.cover[members], self.likeness.row(product))
        self.chosen.append(product)
        self.inside[product] = True
        self.width += int(self.problem.width[product])
        self.used += self._belongs[:, product]

    def remove(self, product: int) -> None:
        self.chosen.remove(product)
        self.inside[product] = False
        self.width -= int(self.problem.width[product])
        self.used -= self._belongs[:, product]
        family = int(self.likeness.family_of[product])
        members = self.likeness.members[family]
        rest = np.flatnonzero(self.inside[members])
        self.cover[members] = self.likeness.rows(family, rest).max(axis=0) if len(rest) else 0.0

    def fitting(self) -> Bools:
        """bool[n]: what could be added and leave every upper limit respected."""
        fits = self.problem.allowed & ~self.inside
        if len(self.chosen) >= self.problem.samples:
            return np.zeros_like(fits)
        if self.problem.space is not None:
            fits &= self.problem.width <= self.problem.space - self.width
        full = self.used >= self._most
        if full.any():
            fits &= ~self._belongs[full].any(axis=0)
        return fits

    def fits(self, product: int) -> bool:
        space = self.problem.space
        return (
            not self.inside[product]
            and len(self.chosen) < self.problem.samples
            and (space is None or self.width + int(self.problem.width[product]) <= space)
            and not (self._belongs[:, product] & (self.used >= self._most)).any()
        )

    def needs(self) -> Ints:
        """int64[groups]: how many samples each group still lacks."""
        return np.maximum(0, self._least - self.used)

    def replacing(self) -> Bools:
        """bool[n]: as `fitting`, and no group is left short."""
        fits = self.fitting()
        short = self.used < self._least
        return fits & self._belongs[short].all(axis=0) if short.any() else fits

    def belongs(self, group: int) -> Bools:
        return self._belongs[group]

    def membership(self) -> Bools:
        return self._belongs

    def possible(self) -> bool:
        """Whether every wish is respected."""
        problem = self.problem
        return (
            len(self.chosen) <= problem.samples
            and (problem.space is None or self.width <= problem.space)
            and bool((self.used <= self._most).all())
            and bool((self.used >= self._least).all())
        )

    def gains(self, family: int, at: Ints) -> Floats:
        """float64[k]: how much more would be covered with each of k members of a family."""
        members = self.likeness.members[family]
        more = np.empty(len(at))
        step = max(1, 2_000_000 // max(1, len(members)))
        for start in range(0, len(at), step):
            part = at[start : start + step]
            over = self.likeness.rows(family, part) - self.cover[members]
            more[start : start + step] = np.maximum(over, 0.0) @ self.problem.demand[members]
        return more

    def all_gains(self, which: Bools) -> Floats:
        """float64[n]: the gain of each product of a mask, −1 for the others."""
        found = np.full(len(self.problem), -1.0)
        for family, members in enumerate(self.likeness.members):
            at = np.flatnonzero(which[members])
            if len(at):
                found[members[at]] = self.gains(family, at)
        return found


def must_first(problem: Problem, likeness: Likeness) -> State:
    """A state with the must-haves alone, respected limits or not."""
    state = State(problem, likeness)
    for product in problem.must:
        state.add(product)
    return state


def unmet(state: State, names: Sequence[str] = ()) -> list[str]:
    """What a state violates, by name."""
    problem, wrong = state.problem, list(names)
    if len(state.chosen) > problem.samples:
        wrong.append("samples")
    if problem.space is not None and state.width > problem.space:
        wrong.append("space")
    used = state.used
    for at, group in enumerate(problem.groups):
        if not group.least <= used[at] <= group.most:
            wrong.append(group.name)
    return list(dict.fromkeys(wrong))
