"""Which postcodes lie around a place, which are controls, and their outcomes by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from halles.journeys.measurement.rules.synthetic import Array, Did, Synthetic, did, synthetic
from halles.journeys.measurement.types import LEAST, Difference, Lift, LiftWeek, Question, Weight, Why

WEEKS_BEFORE, WEEKS_AFTER, CONTROLS = 8, 2, 10
"""The fewest that a lift can be told from."""
MOST_BEFORE, MOST_AFTER, MOST_CONTROLS = 52, 26, 150
WORST_FIT = 0.3
"""The root mean squared error before the opening that is still a fit, as a share of the level there."""
NEAR = 0
"""The unit of the postcodes around the place; controls are numbered from 1."""

Spot = tuple[str, str]
"""Country and postcode."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a postcode ordered in a week counted from the opening; `value` in the outcome's unit, `pieces` to judge how few
    it is."""

    spot: Spot
    week: int
    value: float
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Postcodes by unit. `names`: of the controls, by number − 1. `shoppers`: by unit, NEAR first."""

    of: dict[Spot, int]
    names: list[str]
    shoppers: list[int]
    left_out: int


def units(
    distance_km: Mapping[Spot, tuple[float | None, float | None]],
    shoppers: Mapping[Spot, int],
    regions: Mapping[Spot, str],
    radius_km: float,
    least: int,
) -> Units:
    """Postcodes within the radius are one unit, whatever their region. Those further than twice the radius from every place of
    the seller are controls, region by region; between lies nobody's land, where people may have heard of the place.

    `distance_km`: to this place, and to the nearest of all. Regions with fewer than `least` shoppers are left out, and beyond
    MOST_CONTROLS the smallest.
    """
    near = [spot for spot, (here, _) in distance_km.items() if here is not None and here <= radius_km]
    far: dict[str, list[Spot]] = defaultdict(list)
    for spot, (_, any_) in sorted(distance_km.items()):
        if any_ is not None and any_ > 2 * radius_km:
            far[regions[spot]].append(spot)
    people = {region: sum(shoppers.get(spot, 0) for spot in spots) for region, spots in far.items()}
    chosen = sorted((one for one in far if people[one] >= least), key=lambda one: (-people[one], one))
    chosen = sorted(chosen[:MOST_CONTROLS])
    of = {spot: number for number, region in enumerate(chosen, 1) for spot in far[region]}
    of |= dict.fromkeys(near, NEAR)
    around = sum(shoppers.get(spot, 0) for spot in near)
    left_out = len({regions[spot] for spot in distance_km if spot not in of and shoppers.get(spot)})
    return Units(of=of, names=chosen, shoppers=[around, *(people[one] for one in chosen)], left_out=left_out)


def panel(cells: Iterable[Cell], found: Units, first_week: int, last_week: int) -> tuple[Array, Array]:
    """Outcomes per 1,000 shoppers and pieces, each float64[units, weeks], from `first_week` to before `last_week`."""
    shape = (len(found.shoppers), last_week - first_week)
    values, pieces = np.zeros(shape), np.zeros(shape)
    for cell in cells:
        unit = found.of.get(cell.spot)
        if unit is not None and first_week <= cell.week < last_week:
            values[unit, cell.week - first_week] += cell.value
            pieces[unit, cell.week - first_week] += cell.pieces
    heads = np.maximum(np.array(found.shoppers, float), 1.0)[:, None] / 1000.0
    return values / heads, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a lift is told with, however it turns out. `least`: shoppers that an area must have."""

    question: Question
    currency: str
    first_week: int
    last_week: int
    least: int


def lift(cells: Iterable[Cell], found: Units, asked: Asked) -> Lift:
    """The effect since the opening, or why it cannot be told."""
    before, after = -asked.first_week, asked.last_week
    about = _About(found, asked, max(0, before), max(0, after))
    if before < WEEKS_BEFORE:
        return about.not_told(Why.WEEKS_BEFORE)
    if after < WEEKS_AFTER:
        return about.not_told(Why.WEEKS_AFTER)
    if found.shoppers[NEAR] < asked.least:
        return about.not_told(Why.FEW_SHOPPERS)
    if len(found.names) < CONTROLS:
        return about.not_told(Why.FEW_CONTROLS)
    values, pieces = panel(cells, found, asked.first_week, asked.last_week)
    if pieces[NEAR].mean() < LEAST or pieces[NEAR, :before].mean() < LEAST:
        return about.not_told(Why.FEW_SALES)
    made = synthetic(values[NEAR], values[1:], before)
    fit = made.near.fit / float(values[NEAR, :before].mean())
    if fit > WORST_FIT:
        return about.not_told(Why.BAD_FIT, fit)
    return about.told(values, pieces, made, did(values[NEAR], values[1:], before), fit)


@dataclass(frozen=True, slots=True)
class _About:
    found: Units
    asked: Asked
    before: int
    after: int

    def not_told(self, why: Why, fit: float | None = None) -> Lift:
        question, many = self.asked.question, self.found.shoppers[NEAR]
        return Lift(
            why=why,
            outcome=question.outcome,
            currency=self.asked.currency,
            radius_km=question.radius_km,
            opened=question.opened,
            weeks_before=self.before,
            weeks_after=self.after,
            shoppers=many if many >= self.asked.least else None,
            controls=len(self.found.names),
            left_out=self.found.left_out,
            fit=fit,
            weights=[],
            weeks=[],
        )

    def told(self, values: Array, pieces: Array, made: Synthetic, plain: Did, fit: float) -> Lift:
        base, question = self.not_told(Why.MEASURED, fit), self.asked.question
        level = max(float(made.near.path[self.before :].mean()), 1e-9)
        without = max(float(values[NEAR, self.before :].mean()) - plain.effect, 1e-9)
        heavy = sorted(zip(made.near.weights, self.found.names, strict=True), reverse=True)
        return Lift(
            why=Why.MEASURED,
            outcome=question.outcome,
            currency=base.currency,
            radius_km=base.radius_km,
            opened=base.opened,
            weeks_before=base.weeks_before,
            weeks_after=base.weeks_after,
            shoppers=base.shoppers,
            controls=base.controls,
            left_out=base.left_out,
            fit=fit,
            synthetic=_share(made.near.effect, made.low, made.high, level),
            differences=_share(plain.effect, plain.low, plain.high, without),
            extra=made.near.effect * self.after * self.found.shoppers[NEAR] / 1000.0,
            p=made.p,
            weights=[Weight(area=name, weight=float(one)) for one, name in heavy if one > 0.005][:12],
            weeks=[
                LiftWeek(
                    week=self.asked.first_week + at,
                    near=None if 0 < pieces[NEAR, at] < LEAST else float(values[NEAR, at]),
                    synthetic=float(made.near.path[at]),
                    mean=float(values[1:, at].mean()),
                )
                for at in range(values.shape[1])
            ],
        )


def _share(effect: float, low: float, high: float, level: float) -> Difference:
    return Difference(effect=effect / level, low=low / level, high=high / level)
