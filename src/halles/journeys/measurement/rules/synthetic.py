"""Lift: a synthetic control, difference in differences, and placebos in space.

Abadie, Diamond and Hainmueller, "Synthetic Control Methods for Comparative Case Studies", JASA 105 (2010), 493–505. Arrays hold a
row an area and a column a week, outcomes per head of shoppers; the first `before` columns lie before the opening.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_STEPS = 400
_QUIET = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`path`: float64[weeks] of the synthetic control. `effect`: mean gap after the opening; `fit`, `drift`: root mean squared
    gap before and after."""

    weights: Array
    path: Array
    effect: float
    fit: float
    drift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """`low`, `high`: the effect less the placebos' 95th and 5th percentile, these scaled by how well each was fitted. `p`: rank
    of the ratio of drift to fit among all areas, between 1/(n + 1) and 1."""

    near: Fitted
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """Difference in differences per head and week, with its placebo interval at 90 %."""

    effect: float
    low: float
    high: float


def on_simplex(rows: Array) -> Array:
    """The nearest point of the simplex to each row (Held, Wolfe and Crowder 1974; Duchi et al. 2008)."""
    n = rows.shape[1]
    sorted_: Array = -np.sort(-rows, axis=1)
    totals: Array = np.cumsum(sorted_, axis=1) - 1.0
    over: Array = sorted_ * np.linspace(1.0, n, n) - totals  # pyright: ignore[reportUnknownVariableType]
    last = n - 1 - np.argmax(np.asarray(over > 0, bool)[:, ::-1], axis=1)
    shift = totals[np.arange(len(rows)), last] / (last + 1)
    return np.maximum(rows - shift[:, None], 0.0)


def weights(targets: Array, donors: Array, barred: npt.NDArray[np.bool_]) -> Array:
    """For each target (float64[m, t]) the weights over donors (float64[n, t]) that come nearest in least squares: none negative,
    each row of sum one, none where `barred` (bool[m, n]) is set.

    Accelerated projected gradient (Beck and Teboulle 2009) over all targets at once: O(steps · m · n · (n + log n)).
    """
    common = donors.mean(
        axis=0
    )  # since weights sum to one, what all share changes nothing but how fast they are found
    scale = max(float(np.abs(donors - common).max(initial=0.0)), _QUIET)
    x, y = (donors - common) / scale, (targets - common) / scale
    gram, wanted = x @ x.T, y @ x.T
    rate = 1.0 / max(float(np.linalg.eigvalsh(gram)[-1]), _QUIET)
    found = on_simplex(np.where(barred, -1e6, 0.0))
    ahead, momentum = found, 1.0
    for _ in range(_STEPS):
        moved = ahead - rate * (ahead @ gram - wanted)
        after = on_simplex(np.where(barred, -1e6, moved))
        step = (1.0 + np.sqrt(1.0 + 4.0 * momentum * momentum)) / 2.0
        ahead = after + (momentum - 1.0) / step * (after - found)
        if float(np.abs(after - found).max(initial=0.0)) < _QUIET:
            return after
        found, momentum = after, step
    return found


def _fitted(one: Array, weight: Array, donors: Array, before: int) -> Fitted:
    path = weight @ donors
    gap = one - path
    return Fitted(
        weights=weight,
        path=path,
        effect=float(gap[before:].mean()),
        fit=float(np.sqrt((gap[:before] ** 2).mean())),
        drift=float(np.sqrt((gap[before:] ** 2).mean())),
    )


def synthetic(near: Array, controls: Array, before: int) -> Synthetic:
    """The effect on `near` (float64[t]) against a mix of `controls` (float64[n, t]), and what the same calculation says of each
    control, where nothing opened; a placebo's donors are the other controls."""
    n = len(controls)
    barred = np.vstack([np.zeros((1, n), bool), np.eye(n, dtype=bool)])
    every = np.vstack([near[None, :], controls])
    mixed = weights(every[:, :before], controls[:, :before], barred)
    fits = [_fitted(one, weight, controls, before) for one, weight in zip(every, mixed, strict=True)]
    level = float(np.abs(every).mean()) or 1.0
    least = 1e-6 * level
    ratios = [one.drift / max(one.fit, least) for one in fits]
    rank = sum(one >= ratios[0] for one in ratios)
    noise = [one.effect * max(fits[0].fit, least) / max(one.fit, least) for one in fits[1:]]
    below, above = np.quantile(noise, (0.05, 0.95))
    return Synthetic(
        near=fits[0],
        low=fits[0].effect - float(above),
        high=fits[0].effect - float(below),
        p=rank / (n + 1),
    )


def did(near: Array, controls: Array, before: int) -> Did:
    """How much more `near` rose than the mean of the controls; the interval is what each control rose against the others."""
    rose = controls[:, before:].mean(axis=1) - controls[:, :before].mean(axis=1)
    effect = float(near[before:].mean() - near[:before].mean() - rose.mean())
    n = len(rose)
    placebos = rose - (rose.sum() - rose) / (n - 1)
    below, above = np.quantile(placebos, (0.05, 0.95))
    return Did(effect=effect, low=effect - float(above), high=effect - float(below))
