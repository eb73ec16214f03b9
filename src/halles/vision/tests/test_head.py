"""What a shop learns from its own photos."""

from __future__ import annotations

from uuid import UUID
from zipfile import BadZipFile

import numpy as np
import pytest

from halles.vision.rules.centring import unit
from halles.vision.rules.head import learn, packed, unpacked
from halles.vision.types import Vectors

DIM = 40


def _photos(products: int, each: int, seed: int = 0, noise: float = 3.0) -> tuple[Vectors, list[UUID]]:
    """Products differ in ten numbers; light and angle change thirty others much more."""
    rng = np.random.default_rng(5)
    kinds = rng.normal(0, 1, (products, DIM)) * (np.arange(DIM) < 10)
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(products), each)
    photos = kinds[which] + rng.normal(0, noise, (len(which), DIM)) * (np.arange(DIM) >= 10)
    return unit(np.asarray(photos + 1, np.float32)), [UUID(int=int(i) + 1) for i in which]


def test_it_looks_past_what_changes_from_photo_to_photo() -> None:
    vectors, labels = _photos(6, 12)
    head = learn(vectors, labels)
    assert head is not None
    assert (len(head.products), head.photos) == (6, 72)
    fresh, truth = _photos(6, 20, seed=1)
    thought = [head.look(one).products for one in fresh]
    right = sum(max(one, key=lambda p: one[p]) == it for one, it in zip(thought, truth, strict=True))
    seen, mean = unit(fresh - vectors.mean(axis=0)), unit(vectors - vectors.mean(axis=0))
    nearest = sum(labels[int(i)] == it for i, it in zip((seen @ mean.T).argmax(axis=1), truth, strict=True))
    assert right > nearest
    assert right > 90


@pytest.mark.parametrize("each", [3, 20])
def test_both_forms_of_the_regression_agree(each: int) -> None:
    """Fewer photos than numbers and more of them go different ways to the same answer."""
    vectors, labels = _photos(4, each)
    head = learn(vectors, labels)
    assert head is not None
    x = np.concatenate(
        [unit(vectors - vectors.mean(axis=0)), np.full((len(labels), 1), np.sqrt(0.1))], axis=1
    )
    y = np.array([[one == it for it in head.products] for one in labels], float) - 0.25
    w = np.linalg.solve(x.T @ x + 0.1 * np.eye(x.shape[1]), x.T @ y)
    np.testing.assert_allclose(head.weights, w[:-1], atol=2e-3)


def test_opinions_are_shares_and_another_one_is_possible() -> None:
    vectors, labels = _photos(5, 10)
    head = learn(vectors, labels)
    assert head is not None
    opinion = head.look(vectors[0])
    assert sum(np.exp(list(opinion.products.values()))) + np.exp(opinion.another) == pytest.approx(1)
    nothing_special = head.look(head.mean)
    assert nothing_special.another > max(nothing_special.products.values())


def test_too_little_is_no_head() -> None:
    vectors, labels = _photos(1, 30)
    assert learn(vectors, labels) is None
    vectors, labels = _photos(2, 3)
    assert learn(vectors, labels) is None


def test_it_is_kept_and_comes_back() -> None:
    vectors, labels = _photos(3, 5)
    head = learn(vectors, labels)
    assert head is not None
    again = unpacked(packed(head))
    assert again.products == head.products
    assert again.look(vectors[0]).another == pytest.approx(head.look(vectors[0]).another, abs=0.02)
    for damaged in (b"", b"no head", packed(head)[:-40]):
        with pytest.raises((ValueError, KeyError, OSError, EOFError, BadZipFile)):
            unpacked(damaged)
