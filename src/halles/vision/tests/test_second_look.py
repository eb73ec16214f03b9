"""Reading packages, the texts of products in a real PostgreSQL, and answers that get better."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, numpy_helper
from PIL import Image, ImageDraw, ImageFont

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.vision import api
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.ocr import TextReader, without_dust
from halles.vision.adapters.pipeline import Pipeline, Shop
from halles.vision.api import refining, words
from halles.vision.rules.centring import no_photos
from halles.vision.rules.words import ProductWords
from halles.vision.tests.pictures import encoded
from halles.vision.types import (
    Candidate,
    FoundBy,
    MatchId,
    MatchNotFound,
    ModelDamaged,
    ModelMissing,
    NotAPhoto,
    Outcome,
    PhotoMatch,
    PictureKind,
    ProductText,
    Recognition,
)

SELLER = 12
P1, P2 = UUID(int=1), UUID(int=2)


def _package(*lines: str) -> Image.Image:
    """A grey box with black letters, as on a shelf."""
    canvas = Image.new("RGB", (480, 480), (190, 190, 185))
    draw = ImageDraw.Draw(canvas)
    for i, line in enumerate(lines):
        draw.text((60, 90 + 120 * i), line, fill=(20, 20, 20), font=ImageFont.load_default(60))
    return canvas


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader().checked()


def test_it_reads_what_is_printed(reader: TextReader) -> None:
    lines = reader.read(np.asarray(_package("APFELSAFT", "Bio 1.5 %")))
    text = " ".join(line.text for line in lines).upper()
    assert "APFELSAFT" in text
    assert "BIO" in text
    assert all(0 < line.share < 1 for line in lines)


def test_a_wall_has_no_text(reader: TextReader) -> None:
    assert reader.read(np.full((300, 400, 3), 180, np.uint8)) == ()


def test_damaged_reading_networks_are_recognised(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        TextReader(tmp_path).checked()
    for name in ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"):
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(ModelDamaged, match="published"):
        TextReader(tmp_path).checked()


def test_weights_that_are_dust_are_gone_and_nothing_is_read_otherwise() -> None:
    spec = importlib.util.find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    published = (Path(spec.origin).parent / "models" / "PP-OCRv6_det_small.onnx").read_bytes()
    clean = without_dust(published)
    least = [np.abs(one[one != 0]).min(initial=1.0) for one in map(numpy_helper.to_array, _weights(clean))]
    assert min(least) >= 1e-20
    assert clean != published
    photo = np.asarray(_package("APFELSAFT"), np.float32)[100:196, 60:188] / 127.5 - 1
    before, after = (_likely(one, photo) for one in (published, clean))
    assert before.max() > 0.5
    np.testing.assert_allclose(after, before, atol=1e-6)


def _weights(model: bytes) -> list[TensorProto]:
    everything = onnx.load_model_from_string(model).graph.initializer
    return [one for one in everything if one.data_type == TensorProto.FLOAT]


def _likely(model: bytes, photo: np.ndarray) -> np.ndarray:
    options = cast("Any", ort.SessionOptions())  # pyright: ignore[reportUnknownMemberType]
    options.intra_op_num_threads = 1
    session: Any = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    batch = np.ascontiguousarray(photo.transpose(2, 0, 1)[None])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0], np.float32)


def test_text_decides_between_two_that_look_the_same(reader: TextReader) -> None:
    pipeline = Pipeline(ColourEmbedder(), reader=reader)
    plain = encoded(Image.new("RGB", (480, 480), (190, 190, 185)))
    shop = Shop(ExactIndex(pipeline.card.dim))
    shop.index.put(
        IndexedPicture(
            product_id=one,
            variant_id=None,
            media="m",
            kind=PictureKind.CATALOGUE,
            vector=pipeline.embed_picture(plain),
        )
        for one in (P1, P2)
    )
    shop.words.put(P1, ProductWords(name="Orangensaft"))
    shop.words.put(P2, ProductWords(name="Apfelsaft"))
    photo, known = encoded(_package("APFELSAFT")), no_photos(pipeline.card.dim)
    first, _ = pipeline.recognise(photo, shop, known)
    assert first.more
    again, _ = pipeline.recognise(photo, shop, known, reads=True, learns=False)
    assert again.candidates[0].product_id == P2
    assert not again.more
    assert "read" in again.stages_ms


class _Reader:
    """Reads what it is told, and counts."""

    def __init__(self) -> None:
        self.read_pictures: list[bytes] = []

    async def look_again(self, photo: bytes, *, seller_id: int) -> Recognition:
        raise NotImplementedError

    async def read(self, picture: bytes) -> str:
        if picture == b"broken":
            raise NotAPhoto("no")
        self.read_pictures.append(picture)
        return picture.decode().upper()


def _text(product: UUID, name: str, *media: str) -> ProductText:
    return ProductText(product_id=product, name=name, description="", package="", media=media)


async def test_pictures_are_read_once_and_texts_reach_the_engine(db: Database, clock: FixedClock) -> None:
    reader, pictures = _Reader(), {"a": b"milk", "b": b"broken", "c": b"oat"}
    wanted = [_text(P1, "Milk", "a", "b"), _text(P2, "Oat", "c")]
    assert await words.index_words(db, reader, pictures.__getitem__, SELLER, wanted) == 2
    assert await words.index_words(db, reader, pictures.__getitem__, SELLER, wanted) == 0
    assert reader.read_pictures == [b"milk", b"oat"]
    renamed = [_text(P1, "Whole milk", "a", "b")]
    assert await words.index_words(db, reader, pictures.__getitem__, SELLER, renamed) == 1
    assert len(reader.read_pictures) == 2, "another name is no reason to read again"
    async with db.reading() as tx:
        [(seller, reached, texts)] = await words.word_changes(tx, {SELLER: None, 99: None}, clock())
        assert seller == SELLER
        assert {one.product_id: (one.name, one.package) for one in texts} == {
            P1: ("Whole milk", "MILK"),
            P2: ("Oat", "OAT"),
        }
        later = reached.replace(year=reached.year + 1)
        assert await words.word_changes(tx, {SELLER: reached}, later) == []
        assert len(await words.word_changes(tx, {SELLER: reached}, reached)) == 1


def _match(clock: FixedClock) -> PhotoMatch:
    return PhotoMatch(
        match_id=MatchId(uuid7()),
        seller_id=SELLER,
        place_id=None,
        touchpoint_id=3,
        visitor=None,
        model_id="m",
        outcome=Outcome.CANDIDATES,
        found_by=FoundBy.PICTURE,
        gtin=None,
        candidates=(
            Candidate(product_id=P1, variant_id=7, score=0.5),
            Candidate(product_id=P2, variant_id=None, score=0.4),
        ),
        cpu_ms=20.0,
        taken_at=clock(),
    )


async def test_a_second_look_replaces_the_first_answer(db: Database, clock: FixedClock) -> None:
    match = _match(clock)
    better = replace(match, outcome=Outcome.PRODUCT, candidates=match.candidates[1:])
    async with db.transaction() as tx:
        await api.record_match(tx, match)
        assert not (await refining.present_answer(tx, match.match_id)).refines
        await refining.begin_second_look(tx, match)
        before = await refining.present_answer(tx, match.match_id)
        assert (before.refines, before.candidates) == (True, match.candidates)
        assert await refining.end_second_look(tx, match, better)
        after = await refining.present_answer(tx, match.match_id)
        assert (after.refines, after.outcome, after.candidates) == (False, Outcome.PRODUCT, better.candidates)
        assert not await refining.end_second_look(tx, match, match), "over is over"
        with pytest.raises(MatchNotFound):
            await refining.present_answer(tx, uuid7())


async def test_an_answer_that_was_tapped_stays(db: Database, clock: FixedClock) -> None:
    match = _match(clock)
    async with db.transaction() as tx:
        await api.record_match(tx, match)
        await refining.begin_second_look(tx, match)
        await api.record_choice(tx, match.match_id, 7)
        assert not await refining.end_second_look(tx, match, replace(match, candidates=match.candidates[1:]))
        now = await refining.present_answer(tx, match.match_id)
        assert (now.refines, now.candidates) == (False, match.candidates)
