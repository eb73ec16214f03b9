"""What may be crossed out beside a reduced price. Pure: the prices that were charged in, one amount out.

Directive 98/6/EC, article 6a, and in France code de la consommation, article L112-1-1: a reduction is announced against the
lowest price charged in the thirty days before it. Of reductions that follow one another, each lower than the last, the days
before the first count. Goods that spoil soon are left out of the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from halles.pricing.types import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionLaw:
    """What a country made of article 6a.

    `window_days`: how far back the lowest price is looked for. `successive`: the days before the first of several falling
    reductions count for all of them (6a, paragraph 5). `perishable_free`: goods that spoil soon are announced from the price
    before (paragraph 3). `young_days`: goods must have been on sale so long before a reduction of them is announced (paragraph
    4 lets states say); 0: the lowest price since they came counts.
    """

    window_days: int = 30
    successive: bool = False
    perishable_free: bool = False
    young_days: int = 0


STRICT = ReductionLaw(young_days=30)
"""The directive with none of its exceptions: for countries that nobody has looked up."""
LAWS: Mapping[str, ReductionLaw] = {"FR": ReductionLaw(successive=True, perishable_free=True)}


def law_of(country: str) -> ReductionLaw:
    """The law of a country (ISO 3166)."""
    return LAWS.get(country, STRICT)


def crossed_out(steps: Sequence[Step], law: ReductionLaw, *, perishable: bool = False) -> int | None:
    """The minor units to cross out beside the last step's price, or None when no reduction may be announced.

    `steps`: what was charged, oldest first, the price in force last; each holds until the next begins. None also where the
    seller announces nothing, nothing was charged before, or nothing higher.
    """
    if not steps or not steps[-1].announced:
        return None
    here = steps[-1]
    if perishable and law.perishable_free:
        before = steps[-2].minor if len(steps) > 1 else None
        return before if before is not None and before > here.minor else None
    first = _first_of_series(steps) if law.successive else len(steps) - 1
    began = steps[first].since
    charged = _charged_within(steps[:first], began - timedelta(days=law.window_days))
    if not charged or began - steps[0].since < timedelta(days=law.young_days):
        return None
    lowest = min(charged)
    return lowest if lowest > here.minor else None


def _first_of_series(steps: Sequence[Step]) -> int:
    """Where the falling announced reductions began that the last step belongs to."""
    at = len(steps) - 1
    while at > 0 and steps[at - 1].announced and steps[at - 1].minor > steps[at].minor:
        at -= 1
    return at


def _charged_within(steps: Sequence[Step], since: datetime) -> list[int]:
    """Every price in force at `since` or later."""
    ends = [step.since for step in steps[1:]]
    return [step.minor for step, end in zip_longest(steps, ends) if end is None or end > since]
