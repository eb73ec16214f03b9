"""What demand to expect of each product around a place: empirical Bayes between the area and the country.

A Gamma-Poisson model. In the country, product p has the share q_p of all events; the area, with n events in all, is expected to
bring n·q_p and brings x_p, Poisson around n·q_p·θ_p. The θ_p are Gamma with mean 1 and variance v, which the area's own counts
tell by the method of moments (Marshall, R. J., "Mapping disease and mortality rates using empirical Bayes estimators", Applied
Statistics 40, 1991). The posterior mean (x_p + 1/v) / (n·q_p + 1/v) leans on the area where it has seen much and on the country
where it has not; where the area is no more different from the country than chance makes it, v is 0 and the country speaks alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VIEW_WEIGHT = 0.05
"""Sales that a view is worth: about one view in twenty ends in an order."""
SEARCH_WEIGHT = 0.1
"""Sales that a search which opened a product is worth."""
SPREAD = 0.05
"""Part of the country's events that is spread evenly over all products, so that one never sold is not taken for worthless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`demand`: float64[n], events expected of each product, adding up to the area's own. `times`: float64[n], the smoothed
    demand over the country's share. `trust`: float64[n] in [0, 1], the weight of the area's own count. `variance`: of θ."""

    demand: Floats
    times: Floats
    trust: Floats
    variance: float


def weighed(sales: Floats, views: Floats, searches: Floats) -> Floats:
    """Events in sales' worth; arrays of float64[n] ≥ 0."""
    return sales + VIEW_WEIGHT * views + SEARCH_WEIGHT * searches


def expected(area: Floats, country: Floats) -> Estimate:
    """The smoothed demand of each product. `area`, `country`: float64[n] ≥ 0, weighed events; the country includes the area."""
    many = len(area)
    if not many:
        return Estimate(demand=area.copy(), times=area.copy(), trust=area.copy(), variance=0.0)
    events = float(country.sum())
    share = (1 - SPREAD) * country / events + SPREAD / many if events > 0 else np.full(many, 1.0 / many)
    size = float(area.sum())
    if size <= 0:
        nothing = np.zeros(many)
        return Estimate(demand=share.copy(), times=np.ones(many), trust=nothing, variance=0.0)
    due = size * share
    variance = _variance(area, due)
    if variance <= 0:
        return Estimate(demand=due, times=np.ones(many), trust=np.zeros(many), variance=0.0)
    trust = due / (due + 1 / variance)
    times = trust * (area / due) + (1 - trust)
    demand = due * times
    demand *= size / demand.sum()
    return Estimate(demand=demand, times=times, trust=trust, variance=variance)


def _variance(seen: Floats, due: Floats) -> float:
    """Variance of the ratios seen/due beyond what Poisson counts have by themselves; 0 when there is none."""
    size = float(due.sum())
    ratio = seen / due
    spread = float((due * (ratio - 1) ** 2).sum()) / size
    return max(0.0, spread - len(seen) / size)
