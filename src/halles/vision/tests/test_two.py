"""Two products in one photo: which halves count, and what stays of the whole photo's answer."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.vision.rules import two
from halles.vision.rules.decide import Calibration, Decision, Found
from halles.vision.types import MAX_CANDIDATES, Candidate, Outcome

IDS = [UUID(int=n + 1) for n in range(8)]
SIDES = two.PAIRS[0]


def one(product: UUID, score: float) -> Candidate:
    return Candidate(product_id=product, variant_id=None, score=score)


def half(*scores: float, belonging: float = 1.5) -> Found:
    ranked = [one(product, score) for product, score in zip(IDS, scores, strict=False)]
    return Found(ranked=ranked, belonging=belonging, warmth=1, nothing=0)


def test_a_half_is_clear_by_share_and_score_and_belonging() -> None:
    calibration = Calibration()
    assert two.clear(half(0.6, 0.2), calibration) is not None
    assert two.clear(half(0.6, 0.58), calibration) is None, "two look alike"
    assert two.clear(half(0.3, 0.0), calibration) is None, "like nothing much"
    assert two.clear(half(0.6, 0.2, belonging=0.1), calibration) is None, "a wall"
    assert two.clear(half(), calibration) is None


def test_the_halves_are_looked_at_only_where_a_second_product_pushes_in() -> None:
    shown = tuple(one(product, score) for product, score in zip(IDS, (0.6, 0.2), strict=False))
    assert two.may_be_two(Decision(outcome=Outcome.CANDIDATES, candidates=shown))
    assert not two.may_be_two(Decision(outcome=Outcome.PRODUCT, candidates=shown[:1]))
    assert not two.may_be_two(Decision(outcome=Outcome.CANDIDATES, candidates=(shown[0], one(IDS[2], 0.05))))


@given(
    st.lists(st.sampled_from(IDS), min_size=1, max_size=MAX_CANDIDATES, unique=True),
    st.sampled_from(IDS),
    st.sampled_from(IDS),
)
def test_ranks_stay_and_both_are_among_the_candidates(whole: list[UUID], left: UUID, right: UUID) -> None:
    candidates = [one(product, 1 / (n + 2)) for n, product in enumerate(whole)]
    found = two.apart(candidates, SIDES, (one(left, 0.9), one(right, 0.8)))
    if left == right:
        assert found is None
        return
    assert found is not None
    assert len(found) <= MAX_CANDIDATES
    assert {c.product_id: c.part.box for c in found if c.part} == {left: SIDES[0], right: SIDES[1]}
    ids = [c.product_id for c in found]
    assert len(set(ids)) == len(ids)
    stayed = [product for product in ids if product in whole]
    assert stayed == [product for product in whole if product in stayed]
    assert ids[0] == whole[0] or {left, right} >= {ids[0]}
