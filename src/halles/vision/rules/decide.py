"""From scores to an answer: one product, a few candidates, or an honest "not recognised"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from halles.vision.types import MAX_CANDIDATES, Candidate, Outcome

SHARE_OVER = 30
"""How many products a search answers: enough for the text on a package to lift the right one."""

_SHARED = 10
"""Shares are taken over the ten best products, so that they do not shrink as the catalogue grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Where a model draws its lines; belongs to the model, since another one scores on another scale.

    `sharpness`: scores × sharpness are the logits of the shares. `clear_share`, `clear_score`: the share (0–1) and the
    score from which one product is the answer. `belonging_cold`, `belonging_warm`: the least belonging of a photo that
    is answered at all, while nothing and when enough is known of the seller's photos. `lead_over_nothing`: by how much
    the best product's score must exceed that of the best picture of nothing, a wall or a floor. The defaults fit
    EfficientNet-Lite2 and were measured on the Grocery Store Dataset against walls, clothes and people
    (docs/algorithms/recognition.md).
    """

    sharpness: float = 20.0
    clear_share: float = 0.9
    clear_score: float = 0.45
    belonging_cold: float = 0.75
    belonging_warm: float = 0.88
    lead_over_nothing: float = 0.06
    text_weight: float = 6.0
    head_weight: float = 1.0
    push_weight: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best products of a search, best first; `score` of each is the centred cosine.

    `belonging` = best score + cosine of the photo to the mean photo, −2 to 2: a wall is far from both.
    `warmth` (0–1): how well that mean is known. `nothing`: the centred cosine to the nearest picture of nothing.
    """

    ranked: Sequence[Candidate]
    belonging: float
    warmth: float
    nothing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`candidates` carry their share (0–1) as score: one for `product`, up to five for `candidates`, else none."""

    outcome: Outcome
    candidates: tuple[Candidate, ...]


def decide(found: Found, calibration: Calibration) -> Decision:
    """What to answer. Ranks stay as they were found; nothing is guessed for a photo that belongs to nothing known."""
    floor = calibration.belonging_cold + found.warmth * (
        calibration.belonging_warm - calibration.belonging_cold
    )
    if not found.ranked or found.belonging < floor or _like_nothing(found, calibration):
        return Decision(outcome=Outcome.UNKNOWN, candidates=())
    shared = shares(found.ranked, calibration.sharpness)
    if shared[0].score >= calibration.clear_share and found.ranked[0].score >= calibration.clear_score:
        return Decision(outcome=Outcome.PRODUCT, candidates=(shared[0],))
    return Decision(outcome=Outcome.CANDIDATES, candidates=tuple(shared[:MAX_CANDIDATES]))


def _like_nothing(found: Found, calibration: Calibration) -> bool:
    return found.ranked[0].score < found.nothing + calibration.lead_over_nothing


def shares(ranked: Sequence[Candidate], sharpness: float) -> list[Candidate]:
    """The same candidates with the share of each among the ten best as score: a softmax."""
    best = ranked[0].score
    weights = [math.exp(sharpness * (one.score - best)) for one in ranked[:_SHARED]]
    total = sum(weights)
    return [
        Candidate(product_id=one.product_id, variant_id=one.variant_id, score=weight / total)
        for one, weight in zip(ranked, weights, strict=False)
    ]
