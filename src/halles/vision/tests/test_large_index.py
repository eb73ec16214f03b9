"""The index on disk: near enough to the exact one, whole or refused, and rebuilt beside the one that answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from halles.kernel.db import Database
from halles.vision import api
from halles.vision.adapters import index_files
from halles.vision.adapters.exact_index import ExactIndex
from halles.vision.adapters.index_builder import IndexBuilder, can_merge, merge
from halles.vision.adapters.index_files import check, generations, new_generation
from halles.vision.adapters.large_index import Base, LargeIndex
from halles.vision.adapters.picture_index import IndexedPicture, PictureIndex, picture_key
from halles.vision.rules.centring import PhotoMean, no_photos, unit
from halles.vision.types import (
    CataloguePicture,
    Embedding,
    IndexBuilding,
    IndexDamaged,
    IndexState,
    PictureKind,
    Recognition,
)

DIM = 48
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = IndexState(version=3, rebuilt=1)
NOTHING = np.empty((0, DIM), np.float32)
SELLER, MODEL = 7, "drawn"


def _vectors(seed: int, count: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(0.2, 1, (count, DIM)).astype(np.float32)
    return unit(drawn).astype(np.float16).astype(np.float32)


def _pictures(seed: int, numbers: Sequence[int]) -> list[IndexedPicture]:
    vectors = _vectors(seed, len(numbers))
    return [
        IndexedPicture(
            product_id=UUID(int=number // 2 + 1),
            variant_id=number if number % 3 else None,
            media=f"m{number}",
            kind=PictureKind.SHOP if number % 40 == 0 else PictureKind.CATALOGUE,
            vector=vector,
        )
        for number, vector in zip(numbers, vectors, strict=True)
    ]


FIRST = _pictures(1, range(1200))
LATER = _pictures(2, range(1150, 1250))
"""Fifty that replace and fifty that are new."""


def _built(folder: Path, pictures: Sequence[IndexedPicture] = FIRST) -> Path:
    with new_generation(folder) as work:
        builder = IndexBuilder(work, DIM)
        for start in range(0, len(pictures), 500):
            builder.take(pictures[start : start + 500])
        return builder.finish(seller_id=SELLER, model_id=MODEL, state=STATE, now=NOW)


def _opened(folder: Path) -> LargeIndex:
    return LargeIndex(Base(check(generations(folder)[0])))


def _exact(pictures: Sequence[IndexedPicture] = FIRST) -> ExactIndex:
    index = ExactIndex(DIM)
    index.put(pictures)
    return index


def _agreement(one: PictureIndex, other: PictureIndex) -> float:
    """The share of the ten best products that both find, over sixty photos; scores must agree where products do."""
    photos = PhotoMean(photos=30, mean=_vectors(5, 1)[0] * np.float32(0.3))
    shared: list[float] = []
    for near, noise in zip(_vectors(1, 60), _vectors(6, 60), strict=True):
        photo = unit(near + np.float32(0.4) * noise)
        mine = {c.product_id: c for c in one.search(photo, photos, NOTHING).ranked[:10]}
        theirs = {c.product_id: c for c in other.search(photo, photos, NOTHING).ranked[:10]}
        shared.append(len(mine.keys() & theirs.keys()) / 10)
        for product in mine.keys() & theirs.keys():
            assert abs(mine[product].score - theirs[product].score) < 0.02
            assert mine[product].variant_id == theirs[product].variant_id
    return float(np.mean(shared))


def test_it_finds_what_an_exact_search_finds(tmp_path: Path) -> None:
    _built(tmp_path)
    index = _opened(tmp_path)
    assert len(index) == len(FIRST)
    assert _agreement(index, _exact()) >= 0.97


def test_beside_a_head_pictures_alone_are_compared(tmp_path: Path) -> None:
    _built(tmp_path)
    large, exact = _opened(tmp_path), _exact()
    photos = PhotoMean(photos=30, mean=_vectors(5, 1)[0] * np.float32(0.3))
    for near, noise in zip(_vectors(1, 20), _vectors(6, 20), strict=True):
        photo = unit(near + np.float32(0.4) * noise)
        ours, theirs = large.like_pictures(photo, photos), exact.like_pictures(photo, photos)
        best = max(theirs, key=lambda product: theirs[product])
        assert max(ours, key=lambda product: ours[product]) == best
        both = ours.keys() & theirs.keys()
        assert len(both) >= 0.8 * len(theirs)
        assert all(abs(ours[one] - theirs[one]) < 0.02 for one in both)


def test_added_replaced_and_forgotten_pictures_are_seen_at_once(tmp_path: Path) -> None:
    _built(tmp_path)
    large, exact = _opened(tmp_path), _exact()
    kept = np.array([picture_key(p.product_id, p.media) for p in [*FIRST, *LATER][::2]], np.int64)
    for index in (large, exact):
        index.put(LATER)
    assert len(large) == len(exact) == 1250
    assert _agreement(large, exact) >= 0.97
    assert large.keep(kept) == exact.keep(kept)
    assert len(large) == len(exact)
    assert _agreement(large, exact) >= 0.97
    large.clear()
    assert len(large) == 0
    assert large.search(FIRST[0].vector, no_photos(DIM), NOTHING).ranked == ()


def test_merging_keeps_what_was_there_and_what_came(tmp_path: Path) -> None:
    _built(tmp_path)
    large, exact = _opened(tmp_path), _exact()
    for index in (large, exact):
        index.put(LATER)
    assert can_merge(large)
    with new_generation(tmp_path) as work:
        merge(large, work, state=IndexState(version=9, rebuilt=1), now=NOW)
    merged = _opened(tmp_path)
    assert (len(merged), merged.fresh_pictures) == (1250, 0)
    assert merged.base.manifest.version == 9
    assert _agreement(merged, exact) >= 0.97
    again = _pictures(3, range(1240, 1250))
    for index in (merged, exact):
        index.put(again)
    assert len(merged) == 1250
    assert _agreement(merged, exact) >= 0.97


def test_an_index_that_changed_much_is_not_merged(tmp_path: Path) -> None:
    _built(tmp_path)
    index = _opened(tmp_path)
    index.put(_pictures(4, range(5000, 5400)))
    assert not can_merge(index)


def test_an_empty_catalogue_has_an_index_too(tmp_path: Path) -> None:
    _built(tmp_path, [])
    index = _opened(tmp_path)
    assert index.search(FIRST[0].vector, no_photos(DIM), NOTHING).ranked == ()
    index.put(FIRST[1:9])
    assert index.search(FIRST[3].vector, no_photos(DIM), NOTHING).ranked[0].product_id == FIRST[3].product_id


@pytest.mark.parametrize("name", ["graph.usearch", "vectors.f16", "rows.npz", "shop.npz", "index.json"])
@pytest.mark.parametrize("harm", ["cut short", "one bit", "gone"])
def test_a_damaged_file_is_named_and_refused(tmp_path: Path, name: str, harm: str) -> None:
    file = _built(tmp_path) / name
    data = bytearray(file.read_bytes())
    if harm == "gone":
        file.unlink()
    else:
        data[len(data) // 2] ^= 1
        file.write_bytes(data[:-7] if harm == "cut short" else data)
    with pytest.raises(IndexDamaged) as caught:
        check(generations(tmp_path)[0])
    assert caught.value.fields["file"] == f"g-00000001/{name}"


def test_what_a_dead_writer_left_is_swept_and_never_read(tmp_path: Path) -> None:
    left = tmp_path / "writing-1"
    left.mkdir()
    (left / "graph.usearch").write_bytes(b"half")
    assert generations(tmp_path) == []
    _built(tmp_path)
    assert not left.exists()
    for _ in range(3):
        _built(tmp_path, FIRST[:50])
    assert [one.name for one in generations(tmp_path)] == ["g-00000004", "g-00000003"]


class Drawn:
    """A Recogniser whose vectors are drawn from the picture's bytes."""

    async def model_id(self) -> str:
        return MODEL

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> Recognition:
        raise NotImplementedError

    async def embed(self, picture: bytes, kind: PictureKind) -> Embedding:
        vector = _vectors(int(picture), 1)[0].astype("<f2").tobytes()
        return Embedding(model_id=MODEL, vector=vector, cpu_ms=0.0)


def _load(name: str) -> bytes:
    return name.removeprefix("m").encode()


def _catalogue(numbers: Sequence[int]) -> list[CataloguePicture]:
    return [CataloguePicture(product_id=UUID(int=n + 1), variant_id=None, media=f"m{n}") for n in numbers]


async def _opened_from_store(db: Database, data: Path) -> tuple[LargeIndex, str]:
    opened = await api.open_index(db, data, SELLER, model_id=MODEL)
    assert opened is not None
    assert isinstance(opened.index, LargeIndex)
    async with db.reading() as tx:
        assert opened.state == await api.index_state(tx, SELLER)
    return opened.index, opened.generation


def _best(index: LargeIndex, number: int) -> int:
    return index.search(_vectors(number, 1)[0], no_photos(DIM), NOTHING).ranked[0].product_id.int - 1


async def test_files_are_built_from_the_store_and_follow_it(db: Database, tmp_path: Path) -> None:
    async def build() -> str:
        return await api.build_index(db, tmp_path, SELLER, model_id=MODEL, dim=DIM, now=NOW)

    assert await api.open_index(db, tmp_path, SELLER, model_id=MODEL) is None
    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(100)))
    assert await build() == "g-00000001"
    index, _ = await _opened_from_store(db, tmp_path)
    assert (len(index), index.fresh_pictures, _best(index, 42)) == (100, 0, 42)

    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(100, 110)))
    async with db.transaction() as tx:
        assert await api.forget_pictures(tx, SELLER, [UUID(int=43), UUID(int=105)]) == 2
    index, _ = await _opened_from_store(db, tmp_path)
    assert (len(index), index.fresh_pictures, _best(index, 107)) == (108, 9, 107)
    assert _best(index, 42) != 42

    assert await build() == "g-00000002"
    index, _ = await _opened_from_store(db, tmp_path)
    assert (len(index), index.fresh_pictures, _best(index, 107), _best(index, 3)) == (108, 0, 107, 3)
    told = (await api.index_files_of(db, tmp_path, MODEL))[0]
    assert (told.pictures, told.generation, told.damaged) == (108, "g-00000002", None)
    assert told.file_version == told.version


async def test_of_damaged_files_the_ones_before_are_used(db: Database, tmp_path: Path) -> None:
    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(60)))
    for _ in range(2):
        await api.build_index(db, tmp_path, SELLER, model_id=MODEL, dim=DIM, now=NOW)
    folder = index_files.index_folder(tmp_path, SELLER, MODEL)
    (generations(folder)[0] / "vectors.f16").write_bytes(b"")
    index, generation = await _opened_from_store(db, tmp_path)
    assert (generation, len(index)) == ("g-00000001", 60)


async def test_two_do_not_build_the_same(db: Database, tmp_path: Path) -> None:
    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(5)))
    from halles.vision.api.large import _sole_builder  # pyright: ignore[reportPrivateUsage]

    with _sole_builder(index_files.index_folder(tmp_path, SELLER, MODEL)), pytest.raises(IndexBuilding):
        await api.build_index(db, tmp_path, SELLER, model_id=MODEL, dim=DIM, now=NOW)


async def test_much_that_is_lacking_comes_in_steps(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.vision.api.index.CHANGE_ROWS", 10)
    monkeypatch.setattr("halles.vision.api.index.INDEX_BATCH", 7)
    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(50)))
    have, rows, steps = None, 0, 0
    while True:
        async with db.snapshot() as tx:
            changes = await api.index_changes(tx, MODEL, {SELLER: have})
        if not changes:
            break
        assert changes[0].anew == (have is None)
        have, rows, steps = changes[0].state, rows + len(changes[0].rows), steps + 1
    assert (rows, steps > 3) == (50, True)
    async with db.reading() as tx:
        assert have == await api.index_state(tx, SELLER)


async def test_the_store_and_the_index_name_pictures_alike(db: Database) -> None:
    await api.index_pictures(db, Drawn(), _load, SELLER, _catalogue(range(3)))
    async with db.snapshot() as tx:
        before = await api.index_state(tx, SELLER)
    async with db.transaction() as tx:
        await api.forget_pictures(tx, SELLER, [UUID(int=2)])
    async with db.snapshot() as tx:
        (change,) = await api.index_changes(tx, MODEL, {SELLER: before})
    assert change.keys is not None
    assert set(change.keys) == {picture_key(UUID(int=1), "m0"), picture_key(UUID(int=3), "m2")}
