"""How much of a product's demand another one recovers when it is shown in its stead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halles.assortments.types import Rates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNKNOWN_PRICE = 0.5
"""Stands for the ratio of two prices of which one is not known."""
MOST_MEMBERS = 1_500
"""Products that are all compared with each other."""
_KEPT = 16_000_000
"""Numbers of all kept blocks together (128 MB); beyond, blocks are computed when they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What likeness looks at, each of n: family, category, brand as numbers (brand −1: none), price in minor units or NaN."""

    family: Ints
    category: Ints
    brand: Ints
    price: Floats


class Likeness:
    """Recovered shares in [0, 1], symmetric, 1 between a product and itself, 0 across families.

    By what two products have in common (see `Rates`), times the cheaper price over the dearer. A family of more than
    MOST_MEMBERS is looked at category by category, and a category of more in runs by price; nothing is recovered across these.
    """

    def __init__(self, traits: Traits, rates: Rates) -> None:
        self._traits = traits
        self._table = (
            np.array(
                [rates.family_pct, rates.family_brand_pct, rates.category_pct, rates.category_brand_pct],
                dtype=np.float64,
            )
            / 100
        )
        self.members: list[Ints] = _parts(traits)
        """Products by family, or by part of a family that is large."""
        many = len(traits.family)
        self.family_of = np.empty(many, dtype=np.int64)
        self.within = np.empty(many, dtype=np.int64)
        """Family, and the place in it, of each product."""
        for number, part in enumerate(self.members):
            self.family_of[part] = number
            self.within[part] = np.arange(len(part))
        self._kept: dict[int, Floats] = {}
        self._room = _KEPT

    def pairs(self) -> int:
        """Numbers that one look at every pair takes."""
        return sum(len(part) ** 2 for part in self.members)

    def rows(self, family: int, at: Ints) -> Floats:
        """float64[k, m]: how much each of k members (by their place in the family) recovers of each of its m members."""
        block = self._kept.get(family)
        many = len(self.members[family])
        if block is None and many**2 <= self._room:
            block = self._kept[family] = self._rows(family, np.arange(many))
            self._room -= many**2
        return self._rows(family, at) if block is None else block[at]

    def row(self, product: int) -> Floats:
        """float64[m]: what a product recovers of each of its family."""
        return self.rows(int(self.family_of[product]), self.within[product : product + 1])[0]

    def _rows(self, family: int, at: Ints) -> Floats:
        members, traits = self.members[family], self._traits
        mine = members[at]
        category = traits.category[mine][:, None] == traits.category[members][None]
        brand = traits.brand[mine][:, None]
        same_brand = (brand == traits.brand[members][None]) & (brand >= 0)
        found = self._table[category * 2 + same_brand]
        price, other = traits.price[mine][:, None], traits.price[members][None]
        low, high = np.minimum(price, other), np.maximum(price, other)
        found *= np.where(np.isnan(low), UNKNOWN_PRICE, low / np.where(high > 0, high, 1.0))
        found[np.arange(len(at)), at] = 1.0
        return found


def _parts(traits: Traits) -> list[Ints]:
    found: list[Ints] = []
    for family in _split(np.arange(len(traits.family)), traits.family):
        if len(family) <= MOST_MEMBERS:
            found.append(family)
            continue
        for category in _split(family, traits.category):
            runs = -(-len(category) // MOST_MEMBERS)
            by_price = category[np.argsort(traits.price[category], kind="stable")]
            found += [np.sort(run) for run in np.array_split(by_price, runs)]
    return found


def _split(products: Ints, by: Ints) -> list[Ints]:
    """Products in parts that share a number, in the order of the numbers."""
    order = products[np.argsort(by[products], kind="stable")]
    starts = np.flatnonzero(np.diff(by[order])) + 1
    return [part for part in np.split(order, starts) if len(part)]
