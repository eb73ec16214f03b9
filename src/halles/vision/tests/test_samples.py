"""What staff teach: the rules, and the door against a real PostgreSQL."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.vision import api as vision
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.engine import LocalEngine, packed
from halles.vision.adapters.inspection import kept, quality_of
from halles.vision.adapters.pipeline import Pipeline
from halles.vision.api import samples as api
from halles.vision.rules.centring import PhotoMean, statistics_of, unit
from halles.vision.rules.confusion import confusions
from halles.vision.rules.samples import (
    PhotoBlurred,
    PhotoDark,
    PhotoPlain,
    PhotoQuality,
    SampleClosed,
    SampleDoubtful,
    SampleIncomplete,
    SampleNotFound,
    SampleState,
    Side,
    StoredHead,
    TaughtPhoto,
    TaughtSample,
    check_quality,
    doubt,
    missing,
)
from halles.vision.tests.pictures import GREEN, RED, speckled
from halles.vision.types import PictureKind, PictureRow, SampleTaught, Vector

SELLER, PLACE, SAM = 11, 3, 1004
P1, P2, P3 = UUID(int=1), UUID(int=2), UUID(int=3)
MODEL = "colours"


def _engine() -> LocalEngine:
    return LocalEngine(Pipeline(ColourEmbedder()))


def _photo(side: Side, vector: np.ndarray, clock: FixedClock, **more: object) -> TaughtPhoto:
    made = TaughtPhoto(
        side=side, media=f"{uuid7().hex:0>40}.webp", model_id=MODEL, vector=packed(vector), sharpness=0.6,
        brightness=0.5, seen_product_id=None, seen_share=None, taken_at=clock(),
    )  # fmt: skip
    return replace(made, **more)


def _near(base: Vector, by: float, rng: np.random.Generator) -> Vector:
    return unit(np.asarray(base + by * rng.normal(size=len(base)), np.float32))


def _five(clock: FixedClock, seed: int, **more: object) -> list[TaughtPhoto]:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=48).astype(np.float32)
    return [_photo(side, _near(base, 0.2, rng), clock, **more) for side in Side]


async def _opened(db: Database, clock: FixedClock, product_id: UUID, photos: list[TaughtPhoto]) -> UUID:
    sample_id = uuid7()
    async with db.transaction() as tx:
        await api.open_sample(
            tx,
            TaughtSample(
                seller_id=SELLER, sample_id=sample_id, place_id=PLACE, product_id=product_id, variant_id=None,
                state=SampleState.OPEN, opened_by=SAM, opened_at=clock(),
            ),
        )  # fmt: skip
        for one in photos:
            await api.take_photo(tx, SELLER, sample_id, one)
    return sample_id


async def _taught(db: Database, clock: FixedClock, product_id: UUID, photos: list[TaughtPhoto]) -> UUID:
    sample_id = await _opened(db, clock, product_id, photos)
    async with db.transaction() as tx:
        await api.teach_sample(tx, SELLER, sample_id, sure=True, by=SAM, now=clock())
    return sample_id


async def _refresh(db: Database, engine: LocalEngine) -> None:
    """What the inference process does every second."""
    async with db.snapshot() as tx:
        have = {SELLER: engine.states().get(SELLER)}
        for change in await vision.index_changes(tx, MODEL, have):
            engine.apply(change)
        for head in await api.head_changes(tx, MODEL, {SELLER: 0}):
            engine.teach(head.seller_id, head.body)


# --- rules ------------------------------------------------------------------------------------------------------------


def test_a_sharp_photo_passes_and_a_blurred_dark_or_empty_one_does_not() -> None:
    sharp = speckled((230, 200, 120))
    check_quality(quality_of(np.asarray(sharp)))
    with pytest.raises(PhotoBlurred):
        check_quality(quality_of(np.asarray(sharp.filter(ImageFilter.GaussianBlur(6)))))
    with pytest.raises(PhotoDark):
        check_quality(quality_of(np.asarray(np.asarray(sharp) // 12, np.uint8)))
    with pytest.raises(PhotoPlain):
        check_quality(quality_of(np.full((480, 640, 3), 180, np.uint8)))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_better_photo_is_never_refused_where_a_worse_one_is_not(
    sharp: float, bright: float, contrast: float
) -> None:
    def refused(quality: PhotoQuality) -> bool:
        try:
            check_quality(quality)
        except (PhotoBlurred, PhotoDark, PhotoPlain):
            return True
        return False

    worse = PhotoQuality(sharpness=sharp, brightness=bright, contrast=contrast)
    better = PhotoQuality(
        sharpness=min(1.0, sharp + 0.1), brightness=min(1.0, bright + 0.1), contrast=min(1.0, contrast + 0.1)
    )
    assert not (refused(better) and not refused(worse))


@given(st.integers(16, 40), st.integers(16, 40))
def test_any_size_can_be_judged(width: int, height: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    quality = quality_of(pixels)
    assert 0 <= quality.sharpness <= 1
    assert 0 <= quality.brightness <= 1


def test_what_is_kept_has_no_metadata_and_is_the_same_again() -> None:
    picture, thumbnail = kept(np.asarray(speckled(GREEN, (1600, 1200))))
    opened = Image.open(io.BytesIO(picture))
    assert (opened.format, max(opened.size), dict(opened.getexif())) == ("WEBP", 1280, {})
    assert not {"exif", "xmp", "icc_profile"} & opened.info.keys()
    assert max(Image.open(io.BytesIO(thumbnail)).size) == 320
    assert kept(np.asarray(speckled(GREEN, (1600, 1200))))[0] == picture


def test_five_photos_of_another_product_are_told(clock: FixedClock) -> None:
    photos = _five(clock, 1, seen_product_id=P2, seen_share=0.9)
    found = doubt(P1, photos, None)
    assert found is not None
    assert (found.product_id, found.sides) == (P2, tuple(Side))
    assert doubt(P2, photos, None) is None
    once = [photos[0], *_five(clock, 1)[1:]]
    assert doubt(P1, once, None) is None, "one photo that looks like another product is no doubt yet"
    unsure = _five(clock, 1, seen_product_id=P2, seen_share=0.3)
    assert doubt(P1, unsure, None) is None


def test_a_photo_that_is_like_none_of_the_others_is_told(clock: FixedClock) -> None:
    photos = _five(clock, 1)
    stranger = -np.frombuffer(photos[0].vector, "<f2").astype(np.float32)
    mixed = [*photos[:4], replace(photos[4], vector=packed(stranger))]
    known = statistics_of(PhotoMean(photos=30, mean=np.zeros(48, np.float32)))
    found = doubt(P1, mixed, known)
    assert found is not None
    assert (found.product_id, found.sides) == (None, (Side.SHELF,))
    assert doubt(P1, photos, known) is None
    assert [side for side in Side if side in missing(photos[:3])] == [Side.RIGHT, Side.SHELF]


def _rows(product: UUID, base: np.ndarray, seed: int, count: int = 5) -> list[PictureRow]:
    rng = np.random.default_rng(seed)
    return [
        PictureRow(
            product_id=product,
            variant_id=None,
            media=f"{product.int}-{i}",
            kind=PictureKind.SHOP,
            vector=packed(_near(base, 0.3, rng)),
        )
        for i in range(count)
    ]


def test_twins_are_confused_and_strangers_are_not() -> None:
    rng = np.random.default_rng(7)
    twin, other = rng.normal(size=48).astype(np.float32), rng.normal(size=48).astype(np.float32)
    found = confusions([*_rows(P1, twin, 1), *_rows(P2, twin, 2), *_rows(P3, other, 3)])
    assert found
    assert {frozenset((one.product_id, one.other_id)) for one in found} == {frozenset((P1, P2))}
    worst = found[0]
    assert worst.photos == 5
    assert worst.media.startswith(f"{worst.product_id.int}-")
    assert worst.other_media.startswith(f"{worst.other_id.int}-")


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2**16))
def test_confusions_count_each_photo_once_at_most(mine: int, theirs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [*_rows(P1, rng.normal(size=48).astype(np.float32), 1, mine),
            *_rows(P2, rng.normal(size=48).astype(np.float32), 2, theirs)]  # fmt: skip
    found = confusions(rows)
    for product, count in ((P1, mine), (P2, theirs)):
        assert sum(one.times for one in found if one.product_id == product) <= count
    assert confusions(rows) == found
    assert all(one.product_id != one.other_id for one in found)


# --- the door ---------------------------------------------------------------------------------------------------------


async def test_what_is_taught_is_found_and_learned_without_a_restart(db: Database, clock: FixedClock) -> None:
    """Two readers, as two inference processes: both know the samples and the head, and the head goes when they go."""
    engines = [_engine(), _engine()]
    photos = {p: [_embedded(engines[0], colour, i, clock, side) for i, side in enumerate(Side)]
              for p, colour in ((P1, RED), (P2, GREEN))}  # fmt: skip
    for one in engines:
        await _refresh(db, one)
    ids = [await _taught(db, clock, product, mine) for product, mine in photos.items()]
    assert await api.learn_samples(db, SELLER, MODEL, clock()) == 10
    for one in engines:
        await _refresh(db, one)
        answer = one.recognise(_png(speckled(RED, seed=99)), SELLER)
        assert answer.candidates[0].product_id == P1
        assert one.pictures(SELLER) == 10
    async with db.reading() as tx:
        assert (await api.find_sample(tx, SELLER, ids[0])).learnt_at == clock()
        assert await api.taught_counts(tx, SELLER) == (2, 10)
    async with db.transaction() as tx:
        gone, unused = await api.retire_sample(tx, SELLER, ids[0], by=SAM, now=clock())
        assert (gone.state, len(unused)) == (SampleState.RETIRED, 5)
        assert (await api.retire_sample(tx, SELLER, ids[0], by=SAM, now=clock()))[1] == []
    assert await api.learn_samples(db, SELLER, MODEL, clock()) == 0
    await _refresh(db, engines[0])
    assert engines[0].pictures(SELLER) == 5
    assert all(c.product_id == P2 for c in engines[0].recognise(_png(speckled(RED)), SELLER).candidates)


async def test_a_damaged_head_leaves_the_old_one(db: Database, clock: FixedClock) -> None:
    engine = _engine()
    for seed, product in ((1, P1), (2, P2)):
        await _taught(db, clock, product, _five(clock, seed))
    await api.learn_samples(db, SELLER, MODEL, clock())
    async with db.reading() as tx:
        (head,) = await api.head_changes(tx, MODEL, {SELLER: 0})
        assert await api.head_changes(tx, MODEL, {SELLER: head.version}) == []
    engine.teach(SELLER, head.body)
    before = engine.head_of(SELLER)
    assert before is not None
    for broken in (b"x", head.body[: len(head.body) // 2], b"PK\x03\x04" + bytes(40)):
        engine.teach(SELLER, broken)
        assert engine.head_of(SELLER) is before
    engine.teach(SELLER, b"")
    assert engine.head_of(SELLER) is None


async def test_a_learning_from_an_older_state_changes_nothing(db: Database, clock: FixedClock) -> None:
    from halles.vision.store import samples as store

    async with db.transaction() as tx:
        for version, taken in ((5, True), (4, False), (5, True), (6, True)):
            head = StoredHead(seller_id=SELLER, version=version, body=bytes([version]))
            done = await store.save_head(tx, head, model_id=MODEL, products=2, photos=4, at=clock())
            assert done is taken
        stored = await store.head(tx, SELLER, MODEL)
    assert stored is not None
    assert stored.body == bytes([6])


async def test_what_is_refused(db: Database, clock: FixedClock) -> None:
    doubtful = _five(clock, 1, seen_product_id=P2, seen_share=0.9)
    sample_id = await _opened(db, clock, P1, doubtful[:4])
    async with db.transaction() as tx:
        with pytest.raises(SampleNotFound):
            await api.find_sample(tx, SELLER + 1, sample_id)
        with pytest.raises(SampleIncomplete) as lacking:
            await api.teach_sample(tx, SELLER, sample_id, sure=True, by=SAM, now=clock())
        assert lacking.value.fields == {"missing": ["shelf"]}
        await api.take_photo(tx, SELLER, sample_id, doubtful[4])
        with pytest.raises(SampleDoubtful) as looks:
            await api.teach_sample(tx, SELLER, sample_id, sure=False, by=SAM, now=clock())
        assert looks.value.fields["product_id"] == str(P2)
        first = await api.teach_sample(tx, SELLER, sample_id, sure=True, by=SAM, now=clock())
        again = await api.teach_sample(tx, SELLER, sample_id, sure=False, by=9, now=clock())
        assert (first.taught_by, again.taught_by) == (SAM, SAM)
        with pytest.raises(SampleClosed):
            await api.take_photo(tx, SELLER, sample_id, doubtful[0])


def test_the_event_is_ordered_by_seller() -> None:
    assert SampleTaught(seller_id=SELLER, product_id=P1, sample_id=P2).key() == f"seller:{SELLER}"


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _embedded(
    engine: LocalEngine, colour: tuple[int, int, int], seed: int, clock: FixedClock, side: Side
) -> TaughtPhoto:
    seen = engine.inspect(_png(speckled(colour, seed=seed)))
    check_quality(seen.quality)
    return replace(_photo(side, np.zeros(48, np.float32), clock), vector=seen.vector)
