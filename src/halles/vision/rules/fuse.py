"""Several witnesses, one ranking: the look, the shop's head, the text on the package, and which products push in.

Each witness speaks in nats (logarithms of odds), so they add up: the look's cosine times the calibration's sharpness, the
head's log share, the text's share of what was read. What comes out is again on the scale of cosines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from halles.vision.rules.decide import SHARE_OVER, Calibration, Found
from halles.vision.rules.head import Opinion
from halles.vision.types import Candidate

HEAD_FLOOR = -8.0
"""Nats below which the head's word for "surely not" counts no further."""

LOOK_BESIDE_HEAD = 0.6
"""The look's weight where the head speaks. It then compares with catalogue pictures alone: what the shop's photos say the
head says better, but of the pictures it knows nothing, and they do not change with the shop's light."""

_LEAST_MASS = 1.0
_MOST_PUSH = 1.8
"""Nats: a product named six times as often as the mean is held back no further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What else speaks of a photo; all empty: the look alone.

    `head`: what the shop's head thinks. `text`: product → 0 to 1 (WordIndex.match). `pushes`: product → nats that it is
    held back by (Named.pushes). `pictures`: the look's scores by catalogue pictures alone, taken instead of the search's
    where the head speaks; a product that is not among them has the least of them.
    """

    head: Opinion | None
    text: Mapping[UUID, float]
    pushes: Mapping[UUID, float]
    pictures: Mapping[UUID, float] = field(default_factory=dict[UUID, float])


NO_WITNESSES = Witnesses(head=None, text={}, pushes={})


def fused(found: Found, witnesses: Witnesses, calibration: Calibration) -> Found:
    """The search's outcome, ranked by all witnesses together; scores stay on the scale of centred cosines.

    A product that the text or the head names and the look did not find among its best joins with the look's worst score.
    The winner's score is its look's, and what text adds; the others keep their distance in nats.
    """
    if not found.ranked:
        return found
    last = found.ranked[-1].score
    looks = {one.product_id: one for one in found.ranked}
    for product_id in [*witnesses.text, *_likely(witnesses.head)]:
        if product_id not in looks:
            looks[product_id] = Candidate(product_id=product_id, variant_id=None, score=last)
    nats = {one.product_id: _nats(one, witnesses, calibration) for one in looks.values()}
    order = sorted(looks, key=lambda product_id: (-nats[product_id], product_id.int))
    best = order[0]
    top = looks[best].score + calibration.text_weight * witnesses.text.get(best, 0.0) / calibration.sharpness
    ranked = [
        Candidate(
            product_id=one,
            variant_id=looks[one].variant_id,
            score=top + (nats[one] - nats[best]) / calibration.sharpness,
        )
        for one in order[:SHARE_OVER]
    ]
    gained = max(top - found.ranked[0].score, 0.0)
    return replace(found, ranked=tuple(ranked), belonging=found.belonging + gained)


def _nats(one: Candidate, witnesses: Witnesses, calibration: Calibration) -> float:
    nats = calibration.sharpness * one.score
    nats -= calibration.push_weight * witnesses.pushes.get(one.product_id, 0.0)
    if witnesses.head:
        if witnesses.pictures:
            seen = witnesses.pictures.get(one.product_id)
            nats = calibration.sharpness * (min(witnesses.pictures.values()) if seen is None else seen)
        thought = witnesses.head.products.get(one.product_id, witnesses.head.another)
        nats = LOOK_BESIDE_HEAD * nats + calibration.head_weight * max(thought, HEAD_FLOOR)
    return nats + calibration.text_weight * witnesses.text.get(one.product_id, 0.0)


def _likely(head: Opinion | None) -> list[UUID]:
    return [one for one, nats in head.products.items() if nats > HEAD_FLOOR / 2] if head else []


class Named:
    """How much of each photo went to which product: some pictures are near to everything and push in everywhere.

    Counting their share of all photos and taking its logarithm away is the dynamic form of an inverted softmax (Smith et
    al., "Offline bilingual word vectors, orthogonal transformations and the inverted softmax", ICLR 2017). Not stored: a
    shop's counts come back within a hundred photos.
    """

    def __init__(self, memory: float = 5_000.0) -> None:
        self._mass: dict[UUID, float] = {}
        self._total = 0.0
        self._memory = memory

    def add(self, shares: Mapping[UUID, float]) -> None:
        """A photo's shares, which sum to 1; beyond `memory` photos the oldest fade."""
        if self._total >= self._memory:
            self._mass = {one: mass / 2 for one, mass in self._mass.items() if mass > 0.05}
            self._total = sum(self._mass.values())
        for product_id, share in shares.items():
            if share > 0.005:
                self._mass[product_id] = self._mass.get(product_id, 0.0) + share
        self._total += 1.0

    def pushes(self, products: list[UUID], of: int) -> dict[UUID, float]:
        """Nats by which each of these is named oftener than the mean of `of` products, −1.8 to 1.8."""
        mean = self._total / max(of, 1)
        return {
            one: max(
                -_MOST_PUSH,
                min(
                    _MOST_PUSH,
                    math.log((self._mass.get(one, 0.0) + _LEAST_MASS) / (mean + _LEAST_MASS)),
                ),
            )
            for one in products
        }
