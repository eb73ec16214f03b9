"""The index in memory against a search written out, and the stages over it."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine, packed
from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.picture_index import picture_key
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.rules.centring import PhotoMean, assumed_mean, centred, joined, no_photos, unit
from halles.vision.tests.pictures import BLUE, GREEN, GREY, RED, plain
from halles.vision.types import IndexChange, IndexState, Outcome, PictureKind, PictureRow

DIM = 6
NOTHING = np.empty((0, DIM), np.float32)


def _vector(seed: int) -> np.ndarray:
    """A unit vector as the store keeps it: rounded to 16 bits."""
    vector = unit(np.random.default_rng(seed).normal(0, 1, DIM).astype(np.float32))
    return vector.astype(np.float16).astype(np.float32)


def _picture(product: int, media: int, kind: PictureKind = PictureKind.CATALOGUE) -> IndexedPicture:
    return IndexedPicture(
        product_id=UUID(int=product), variant_id=media, media=str(media), kind=kind, vector=_vector(media)
    )


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 40), st.sampled_from(PictureKind)),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 1000),
)
def test_photos_of_a_product_with_a_picture_do_not_count_where_pictures_do(
    pictures: list[tuple[int, int, PictureKind]], photo_seed: int
) -> None:
    rows = list({(p, m): _picture(p, m, kind) for p, m, kind in pictures}.values())
    pictured = {one.product_id for one in rows if one.kind is PictureKind.CATALOGUE}
    counted = [one for one in rows if one.kind is PictureKind.CATALOGUE or one.product_id not in pictured]
    index, photo, known = ExactIndex(DIM), _vector(photo_seed), PhotoMean(photos=7, mean=_vector(9999))
    index.put(rows)
    before = index.search(photo, known, NOTHING)
    mean = assumed_mean(joined(index.shop, known), index.catalogue_mean)
    expected: dict[UUID, float] = {}
    for one in counted:
        own = mean if one.kind is PictureKind.SHOP else index.catalogue_mean
        score = float(centred(one.vector, own) @ centred(photo, mean))
        expected[one.product_id] = max(score, expected.get(one.product_id, -2.0))
    found = index.like_pictures(photo, known)
    assert found.keys() == expected.keys()
    assert all(abs(found[one] - expected[one]) < 0.03 for one in found)
    assert index.search(photo, known, NOTHING) == before


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 40), st.sampled_from(PictureKind)),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 1000),
    st.integers(0, 50),
)
def test_search_is_the_best_picture_of_each_product(
    pictures: list[tuple[int, int, PictureKind]], photo_seed: int, photos: int
) -> None:
    rows = list({(p, m): _picture(p, m, kind) for p, m, kind in pictures}.values())
    index, photo = ExactIndex(DIM), _vector(photo_seed)
    index.put(rows)
    seen = PhotoMean(photos=photos, mean=_vector(9999) * np.float32(0.3))
    found = index.search(photo, seen, NOTHING)

    shop = [one.vector for one in rows if one.kind is PictureKind.SHOP]
    pictured = [one for one in rows if one.kind is PictureKind.CATALOGUE]
    products = len({one.product_id for one in pictured})
    own = np.mean([one.vector for one in pictured], axis=0) * products / (products + 10) if pictured else None
    start = np.mean(shop, axis=0) if own is None else own
    total = photos + len(shop)
    mean = (seen.mean * photos + np.sum(shop, axis=0)) / total if total else seen.mean
    mean = assumed_mean(
        PhotoMean(photos=total, mean=np.asarray(mean, np.float32)), np.asarray(start, np.float32)
    )
    best: dict[UUID, float] = {}
    for one in rows:
        own = mean if one.kind is PictureKind.SHOP else np.asarray(start, np.float32)
        score = float(centred(one.vector, own) @ centred(photo, mean))
        best[one.product_id] = max(best.get(one.product_id, -2.0), score)
    assert [one.score for one in found.ranked] == sorted((one.score for one in found.ranked), reverse=True)
    for one in found.ranked:
        assert abs(one.score - best[one.product_id]) < 1e-4
    assert abs(found.ranked[0].score - max(best.values())) < 1e-4


def test_a_picture_put_again_replaces_the_first() -> None:
    index = ExactIndex(DIM)
    index.put([_picture(1, 1), _picture(2, 2)])
    index.put([_picture(1, 1)])
    assert len(index) == 2
    index.clear()
    assert index.search(_vector(1), no_photos(DIM), NOTHING).ranked == ()


def test_a_photo_of_nothing_is_near_nothing() -> None:
    index = ExactIndex(DIM)
    index.put([_picture(1, 1), _picture(2, 2)])
    wall = np.stack([_vector(50), _vector(51)])
    assert index.search(_vector(51), no_photos(DIM), wall).nothing > 0.999
    assert index.search(_vector(1), no_photos(DIM), wall).nothing < 0.999
    assert index.search(_vector(1), no_photos(DIM), NOTHING).nothing == -1


def test_the_variant_of_the_best_picture_is_named() -> None:
    index = ExactIndex(DIM)
    index.put([_picture(1, 10), _picture(1, 11), _picture(2, 20)])
    assert index.search(_vector(11), no_photos(DIM), NOTHING).ranked[0].variant_id == 11


def test_shop_photos_follow_the_mean_when_it_moves() -> None:
    index = ExactIndex(DIM)
    index.put([_picture(p, p, PictureKind.SHOP) for p in range(1, 5)])
    before = index.search(_vector(1), no_photos(DIM), NOTHING).ranked[1].score
    far = PhotoMean(photos=10_000, mean=_vector(77) * np.float32(0.5))
    assert abs(index.search(_vector(1), far, NOTHING).ranked[1].score - before) > 0.01
    assert abs(index.search(_vector(1), no_photos(DIM), NOTHING).ranked[1].score - before) < 1e-6


def _engine() -> LocalEngine:
    return LocalEngine(Pipeline(ColourEmbedder()))


def _row(engine: LocalEngine, product: int, colour: tuple[int, int, int]) -> PictureRow:
    return PictureRow(
        product_id=UUID(int=product),
        variant_id=None,
        media=str(product),
        kind=PictureKind.CATALOGUE,
        vector=engine.embed(plain(colour), PictureKind.CATALOGUE).vector,
    )


def _change(rows: list[PictureRow], version: int, *, anew: bool = False) -> IndexChange:
    return IndexChange(
        seller_id=7, state=IndexState(version=version, rebuilt=0), rows=rows, anew=anew, photos=None
    )


def test_the_engine_recognises_what_it_was_given_and_forgets_what_it_lost() -> None:
    engine = _engine()
    assert engine.recognise(plain(RED), 7).outcome is Outcome.UNKNOWN
    engine.apply(_change([_row(engine, i, c) for i, c in enumerate((RED, GREEN, BLUE), 1)], 1))
    found = engine.recognise(plain(RED, (300, 200)), 7)
    assert found.candidates[0].product_id == UUID(int=1)
    assert set(found.stages_ms) == {"open", "codes", "embed", "search"}
    engine.apply(_change([_row(engine, 4, GREY)], 2, anew=True))
    assert engine.recognise(plain(RED), 7).candidates[0].product_id == UUID(int=4)
    assert engine.recognise(plain(RED), 8).outcome is Outcome.UNKNOWN


def test_the_mean_of_photos_leaves_the_engine_only_when_it_is_of_many() -> None:
    engine = _engine()
    engine.apply(_change([_row(engine, i, c) for i, c in enumerate((RED, GREEN, BLUE), 1)], 1))
    for _ in range(19):
        engine.recognise(plain(RED), 7)
    assert engine.take_fresh_photos() == {}
    engine.recognise(plain(RED), 7)
    assert engine.take_fresh_photos()[7].photos == 20
    assert engine.take_fresh_photos() == {}


def test_vectors_lose_little_in_the_store() -> None:
    vector = unit(np.random.default_rng(5).random(1280).astype(np.float32))
    back = np.frombuffer(packed(vector), "<f2").astype(np.float32)
    assert float(unit(back) @ vector) > 0.999999


def test_among_many_the_best_are_those_of_a_search_in_full() -> None:
    """Of 1,500 pictures that lie close together only the nearest by 8 bits are compared exactly; all came anew, a third went."""
    rng, dim = np.random.default_rng(31), 256
    kinds = rng.random((30, dim))
    vectors = unit(np.asarray(np.repeat(kinds, 50, axis=0) + 0.2 * rng.random((1500, dim)), np.float32))
    vectors = vectors.astype(np.float16).astype(np.float32)

    def pictures(numbers: range, shift: int = 0) -> list[IndexedPicture]:
        return [
            IndexedPicture(
                product_id=UUID(int=i + 1), variant_id=None, media="one", kind=PictureKind.CATALOGUE,
                vector=vectors[(i + shift) % 1500],
            )
            for i in numbers
        ]  # fmt: skip

    index = ExactIndex(dim)
    index.put(pictures(range(1500), shift=7))
    index.put(pictures(range(1500)))
    for i in range(0, 1500, 3):
        index.discard(picture_key(UUID(int=i + 1), "one"))
    left = np.array([i for i in range(1500) if i % 3])
    mean = vectors[left].mean(axis=0) * len(left) / (len(left) + 10)
    for seed in range(5):
        photo = unit(np.asarray(kinds[seed] + 0.3 * np.random.default_rng(seed).random(dim), np.float32))
        scores = centred(vectors[left], mean) @ centred(photo, mean)
        best = left[np.argsort(-scores)[:30]]
        found = index.search(photo, no_photos(dim), np.empty((0, dim), np.float32)).ranked
        assert [one.product_id.int - 1 for one in found] == best.tolist()
        np.testing.assert_allclose([one.score for one in found], np.sort(scores)[::-1][:30], atol=2e-5)
