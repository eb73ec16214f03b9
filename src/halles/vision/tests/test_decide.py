"""From scores to an answer, and the arithmetic under it."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halles.vision.rules.centring import (
    PhotoMean,
    assumed_mean,
    centred,
    joined,
    mean_of,
    no_photos,
    powered,
    statistics_of,
    unit,
    warmth,
)
from halles.vision.rules.decide import SHARE_OVER, Calibration, Found, decide, shares
from halles.vision.types import MAX_CANDIDATES, Candidate, Outcome

_scores = st.lists(st.floats(-1, 1), min_size=1, max_size=SHARE_OVER).map(lambda s: sorted(s, reverse=True))
_vectors = npst.arrays(np.float32, 8, elements=st.floats(-4, 4, width=32))


def _found(scores: list[float], belonging: float = 2.0, warmth: float = 1.0, nothing: float = -1.0) -> Found:
    ranked = [Candidate(product_id=UUID(int=i + 1), variant_id=None, score=s) for i, s in enumerate(scores)]
    return Found(ranked=ranked, belonging=belonging, warmth=warmth, nothing=nothing)


def test_a_clear_first_is_the_product() -> None:
    decision = decide(_found([0.8, 0.3, 0.2]), Calibration())
    assert decision.outcome is Outcome.PRODUCT
    assert [one.product_id.int for one in decision.candidates] == [1]


def test_a_first_that_is_clear_but_not_near_is_a_candidate() -> None:
    assert decide(_found([0.44, 0.1]), Calibration()).outcome is Outcome.CANDIDATES


def test_two_of_a_kind_are_candidates() -> None:
    decision = decide(_found([0.61, 0.6, 0.1]), Calibration())
    assert decision.outcome is Outcome.CANDIDATES
    assert [one.product_id.int for one in decision.candidates] == [1, 2, 3]


def test_a_photo_that_belongs_to_nothing_is_not_recognised() -> None:
    decision = decide(_found([0.8, 0.3], belonging=0.8), Calibration())
    assert (decision.outcome, decision.candidates) == (Outcome.UNKNOWN, ())


def test_a_photo_that_is_more_like_a_wall_is_not_recognised() -> None:
    assert decide(_found([0.3, 0.1], nothing=0.29), Calibration()).outcome is Outcome.UNKNOWN
    assert decide(_found([0.3, 0.1], nothing=0.2), Calibration()).outcome is not Outcome.UNKNOWN


def test_the_line_is_lower_while_little_is_known() -> None:
    assert decide(_found([0.8], belonging=0.8, warmth=0.0), Calibration()).outcome is Outcome.PRODUCT
    assert decide(_found([0.8], belonging=0.8, warmth=1.0), Calibration()).outcome is Outcome.UNKNOWN


def test_without_products_nothing_is_recognised() -> None:
    assert (
        decide(Found(ranked=(), belonging=2.0, warmth=0.0, nothing=-1.0), Calibration()).outcome
        is Outcome.UNKNOWN
    )


@given(_scores, st.floats(-2, 2), st.floats(0, 1), st.floats(-1, 1))
def test_an_answer_keeps_its_promises(
    scores: list[float], belonging: float, warm: float, nothing: float
) -> None:
    found = _found(scores, belonging, warm, nothing)
    decision = decide(found, Calibration())
    allowed = {
        Outcome.UNKNOWN: range(1),
        Outcome.PRODUCT: range(1, 2),
        Outcome.CANDIDATES: range(1, MAX_CANDIDATES + 1),
    }
    assert len(decision.candidates) in allowed[decision.outcome]
    assert [one.product_id for one in decision.candidates] == [
        one.product_id for one in found.ranked[: len(decision.candidates)]
    ]
    assert all(0 <= one.score <= 1 for one in decision.candidates)


@given(_scores, st.floats(0.1, 50))
def test_shares_add_up_and_keep_the_order(scores: list[float], sharpness: float) -> None:
    given_shares = [one.score for one in shares(_found(scores).ranked, sharpness)]
    assert abs(sum(given_shares) - 1) < 1e-9
    assert given_shares == sorted(given_shares, reverse=True)


@given(_vectors)
def test_unit_vectors_have_length_one_or_zero(vector: np.ndarray) -> None:
    length = float(np.linalg.norm(unit(vector)))
    assert abs(length - 1) < 1e-5 or length <= 1e-3 or float(np.linalg.norm(vector)) < 1e-10


def test_power_keeps_signs_and_one_keeps_directions() -> None:
    vector = np.array([4.0, -9.0, 0.0], np.float32)
    np.testing.assert_allclose(powered(vector, 0.5), unit(np.array([2.0, -3.0, 0.0], np.float32)), rtol=1e-6)
    np.testing.assert_allclose(powered(vector, 1.0), unit(vector))


@given(_vectors, _vectors, st.integers(0, 500), st.integers(0, 500))
def test_joining_means_is_counting_all_photos(a: np.ndarray, b: np.ndarray, n: int, m: int) -> None:
    both = joined(PhotoMean(photos=n, mean=a), PhotoMean(photos=m, mean=b))
    assert both.photos == n + m
    if n + m:
        np.testing.assert_allclose(both.mean, (a * n + b * m) / (n + m), atol=1e-4)


def test_the_mean_forgets_beyond_its_memory() -> None:
    old = PhotoMean(photos=100, mean=np.zeros(2, np.float32))
    for _ in range(300):
        old = joined(old, PhotoMean(photos=1, mean=np.ones(2, np.float32)), memory=100)
    assert old.photos == 100
    assert old.mean[0] > 0.9


def test_the_start_value_gives_way_to_what_is_known() -> None:
    start, seen = np.zeros(2, np.float32), np.ones(2, np.float32)
    assert assumed_mean(no_photos(2), start)[0] == 0
    assert assumed_mean(PhotoMean(photos=10, mean=seen), start)[0] == 0.5
    assert assumed_mean(PhotoMean(photos=990, mean=seen), start)[0] > 0.98
    assert warmth(0) == 0
    assert warmth(10) == 0.5


def test_what_all_share_is_taken_away() -> None:
    shared = np.array([5.0, 0, 0], np.float32)
    ones = np.stack([unit(shared + np.eye(3, dtype=np.float32)[i]) for i in (1, 2)])
    apart = centred(ones, ones.mean(axis=0))
    assert float(ones[0] @ ones[1]) > 0.9
    assert float(apart[0] @ apart[1]) < -0.9


@given(_vectors, st.integers(0, 10_000))
def test_statistics_survive_the_store(mean: np.ndarray, photos: int) -> None:
    back = mean_of(statistics_of(PhotoMean(photos=photos, mean=mean)))
    assert back.photos == photos
    np.testing.assert_array_equal(back.mean, mean)
