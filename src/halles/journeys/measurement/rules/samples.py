"""What each sample did, from few counts: placebos say how much chance does, and noisy effects are drawn together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from halles.journeys.measurement.rules.areas import CONTROLS, NEAR
from halles.journeys.measurement.rules.journeys import Arms
from halles.journeys.measurement.rules.shares import HIDDEN, newcombe, share
from halles.journeys.measurement.types import LEAST, Difference, Share, Why

WEEKS = 8
"""Weeks looked at before and after a sample's day, as far as there are."""
FEWEST_WEEKS = 4
FEWEST_PIECES = 20
"""Of the product around the place, before and after together."""
FEWEST_PEOPLE = 10
"""In each arm, who looked and who did not."""
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Pieces a week around the place, more (or, after a removal, fewer) than elsewhere; `error`: its standard error."""

    effect: float
    error: float


def seen(arms: Arms) -> tuple[Why, Share, Share, Difference | None]:
    """Buying among who looked and who did not. Told whole or not at all: each count stands for people."""
    looked, came = share(arms.bought, arms.looked), share(arms.bought_too, arms.came)
    enough = min(arms.looked, arms.came) >= FEWEST_PEOPLE
    if not enough or looked.count is None or came.count is None:
        return Why.NOT_ENOUGH, HIDDEN, HIDDEN, None
    more = newcombe(arms.bought, arms.looked, arms.bought_too, arms.came)
    return Why.MEASURED, looked, came, more


def effect(
    pieces: Mapping[int, tuple[int, int]], shoppers: Sequence[int], before: int, after: int
) -> Effect | Why:
    """Difference in differences of a product, per head and week, times the shoppers around the place.

    `pieces`: by unit, before and after. The error is that of the controls, each against the others: chance in a smaller area is
    larger by the root of its shoppers, so each is scaled to those around the place. It is at least what a count of this size
    varies by itself (Poisson).
    """
    if min(before, after) < FEWEST_WEEKS:
        return Why.WEEKS_BEFORE if before < after else Why.WEEKS_AFTER
    if len(shoppers) - 1 < CONTROLS:
        return Why.FEW_CONTROLS
    here = pieces.get(NEAR, (0, 0))
    if sum(here) < FEWEST_PIECES or 0 < here[0] < LEAST or 0 < here[1] < LEAST:
        return Why.NOT_ENOUGH
    rose = [
        (pieces.get(unit, (0, 0))[1] / after - pieces.get(unit, (0, 0))[0] / before) / max(1, shoppers[unit])
        for unit in range(len(shoppers))
    ]
    n, others = len(rose) - 1, sum(rose[1:])
    mean = others / n
    spread = [
        (one - (others - one) / (n - 1)) * sqrt(shoppers[unit] / max(1, shoppers[NEAR]))
        for unit, one in enumerate(rose)
        if unit != NEAR
    ]
    heads = max(1, shoppers[NEAR])
    placebo = sqrt(sum(one * one for one in spread) / n) * heads
    chance = sqrt(here[0] / before**2 + here[1] / after**2)
    return Effect(effect=(rose[NEAR] - mean) * heads, error=max(placebo, chance))


def interval(one: Effect) -> Difference:
    """At 90 %."""
    return Difference(
        effect=one.effect, low=one.effect - _Z90 * one.error, high=one.effect + _Z90 * one.error
    )


def shrink(effects: Sequence[Effect]) -> list[float]:
    """Each effect drawn towards the mean of all, the more the noisier it is: the normal model of Efron and Morris (1975), the
    variance between samples by the method of moments (DerSimonian and Laird 1986), never below zero."""
    if not effects:
        return []
    weigh = [1.0 / max(one.error**2, 1e-12) for one in effects]
    total = sum(weigh)
    fixed = sum(w * one.effect for w, one in zip(weigh, effects, strict=True)) / total
    q = sum(w * (one.effect - fixed) ** 2 for w, one in zip(weigh, effects, strict=True))
    spare = total - sum(w * w for w in weigh) / total
    between = max(0.0, (q - (len(effects) - 1)) / spare) if spare > 0 else 0.0
    again = [1.0 / (between + one.error**2) if between + one.error**2 > 0 else 0.0 for one in effects]
    mean = sum(w * one.effect for w, one in zip(again, effects, strict=True)) / max(sum(again), 1e-12)
    return [mean + (one.effect - mean) * between / max(between + one.error**2, 1e-12) for one in effects]
