"""Barcodes in pixels: made ones, disturbed ones, and the retries' budget."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from halles.vision.adapters import barcodes
from halles.vision.adapters.barcodes import may_hold_bars, read_codes
from halles.vision.adapters.colour_embedder import ColourEmbedder
from halles.vision.adapters.exact_index import ExactIndex, IndexedPicture
from halles.vision.adapters.pipeline import Pipeline, Shop
from halles.vision.rules.centring import no_photos
from halles.vision.tests.pictures import BLUE, RED, plain
from halles.vision.types import Code, Outcome, PictureKind, Rgb


def _bars(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Image.Image:
    code = zxingcpp.create_barcode(text, kind)  # pyright: ignore[reportUnknownMemberType]
    bars = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale), np.uint8))
    ground = Image.new("L", (640, 480), 190)
    ground.paste(bars.resize((bars.width, max(bars.height, 120))), (60, 100))
    return ground.convert("RGB")


def _grey(image: Image.Image) -> barcodes.Grey:
    return np.asarray(image.convert("L"), np.uint8)


def _pixels(image: Image.Image) -> Rgb:
    return np.asarray(image.convert("RGB"), np.uint8)


@pytest.mark.parametrize(
    ("kind", "text", "gtin"),
    [
        (zxingcpp.BarcodeFormat.EAN13, "4006381333931", "04006381333931"),
        (zxingcpp.BarcodeFormat.EAN8, "96385074", "00000096385074"),
        (zxingcpp.BarcodeFormat.UPCA, "036000291452", "00036000291452"),
        (zxingcpp.BarcodeFormat.UPCE, "01234565", "00012345000065"),
        (zxingcpp.BarcodeFormat.ITF14, "10614141000415", "10614141000415"),
        (zxingcpp.BarcodeFormat.Code128, "SHELF-7", None),
    ],
)
@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_clean_code_is_read_in_any_direction(
    kind: zxingcpp.BarcodeFormat, text: str, gtin: str | None, turn: int
) -> None:
    codes = read_codes(_pixels(_bars(text, kind).rotate(turn, expand=True)))
    assert [code.gtin14 for code in codes] == [gtin]


@pytest.mark.parametrize("text", ["https://id.gs1.org/01/09506000134352/10/A", "(01)09506000134352"])
def test_a_qr_code_names_a_product(text: str) -> None:
    modules = np.array(list(segno.make(text, micro=False).matrix), np.uint8)
    code = Image.fromarray((255 * (1 - modules)).astype(np.uint8)).resize(
        (200, 200), Image.Resampling.NEAREST
    )
    ground = Image.new("L", (400, 400), 255)
    ground.paste(code, (100, 100))
    codes = read_codes(_pixels(ground))
    assert [code.gtin14 for code in codes] == ["09506000134352"]


def test_two_codes_in_one_photo() -> None:
    one = _bars("4006381333931", zxingcpp.BarcodeFormat.EAN13)
    two = _bars("96385074", zxingcpp.BarcodeFormat.EAN8)
    both = Image.new("RGB", (640, 960))
    both.paste(one, (0, 0))
    both.paste(two, (0, 480))
    assert {code.gtin14 for code in read_codes(_pixels(both))} == {"04006381333931", "00000096385074"}


@pytest.mark.parametrize("turn", [0, 8, 20])
def test_a_blurred_code_is_worth_a_retry(turn: int) -> None:
    near = _bars("4006381333931", zxingcpp.BarcodeFormat.EAN13).crop((30, 80, 460, 240))
    turned = near.rotate(turn, expand=True, fillcolor=(190, 190, 190))
    blurred = turned.filter(ImageFilter.GaussianBlur(2))
    assert read_codes(_pixels(blurred), budget_ms=0) == ()
    assert [code.gtin14 for code in read_codes(_pixels(blurred), budget_ms=2000)] == ["04006381333931"]


def test_other_looks_end_with_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []

    def first(_: object) -> tuple[()]:
        return ()

    def again(look: object, _: object) -> list[Code]:
        looks.append(look)
        return []

    def always(_: object) -> bool:
        return True

    ticks = iter(range(1000))
    monkeypatch.setattr(barcodes, "_read", first)
    monkeypatch.setattr(barcodes, "_read_again", again)
    monkeypatch.setattr(barcodes, "may_hold_bars", always)
    read_codes(np.zeros((100, 100, 3), np.uint8), budget_ms=0, cpu_clock_s=lambda: next(ticks) / 1000)
    assert looks == []
    read_codes(np.zeros((300, 300, 3), np.uint8), budget_ms=3, cpu_clock_s=lambda: next(ticks) / 1000)
    assert len(looks) == 2


def _barred(_: object) -> bool:
    return True


def test_what_only_a_sharpened_copy_shows_needs_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    one = Code(symbology="ean-13", text="4006381333931", gtin14="04006381333931")
    other = Code(symbology="ean-13", text="5077540619592", gtin14="05077540619592")
    answers: list[list[Code]] = []

    def first(_: object) -> tuple[()]:
        return ()

    def codes(_: object, formats: object, *__: object, **___: object) -> list[Code]:
        return answers.pop(0) if answers else []

    def sharpened(look: barcodes.Look) -> bool:
        return bool(look.sharpen) and not look.zbar

    monkeypatch.setattr(barcodes, "_read", first)
    monkeypatch.setattr(barcodes, "_codes", codes)
    monkeypatch.setattr(barcodes, "may_hold_bars", _barred)
    monkeypatch.setattr(barcodes, "_LOOKS", tuple(filter(sharpened, barcodes._LOOKS)))  # pyright: ignore[reportPrivateUsage]
    answers[:] = [[one], [other]]
    assert read_codes(photo, budget_ms=1000) == ()
    answers[:] = [[other], [one], [one]]
    assert read_codes(photo, budget_ms=1000) == (one,)
    answers[:] = [[Code(symbology="qr-code", text="x", gtin14=None)]]
    assert [code.text for code in read_codes(photo, budget_ms=1000)] == ["x"]


def test_bars_are_told_from_a_wall_and_a_shelf_edge() -> None:
    assert may_hold_bars(_grey(_bars("4006381333931", zxingcpp.BarcodeFormat.EAN13)))
    assert not may_hold_bars(_grey(Image.new("L", (640, 480), 200)))
    noise = np.random.default_rng(3).integers(0, 255, (480, 640), np.uint8)
    assert not may_hold_bars(noise)
    edge = np.full((480, 640), 40, np.uint8)
    edge[240:] = 220
    assert not may_hold_bars(edge)


@pytest.mark.parametrize("shape", [(16, 16), (16, 2000), (700, 20)])
def test_odd_sizes_are_no_trouble(shape: tuple[int, int]) -> None:
    assert read_codes(np.full((*shape, 3), 128, np.uint8)) == ()


LABEL = Code(symbology="EAN13", text="4006381333931", gtin14="04006381333931")


@pytest.mark.parametrize(
    ("code", "learns"),
    [((), True), ((LABEL,), False)],
)
def test_a_photo_of_a_label_teaches_nothing_about_photos(code: tuple[Code, ...], learns: bool) -> None:
    """Whatever it looks like: a label fills a photo with nothing of the goods."""
    pipeline = Pipeline(ColourEmbedder(), read=lambda _: code)
    index = ExactIndex(pipeline.card.dim)
    index.put(
        IndexedPicture(
            product_id=UUID(int=number),
            variant_id=number,
            media=str(number),
            kind=PictureKind.CATALOGUE,
            vector=pipeline.embed_picture(plain(colour)),
        )
        for number, colour in enumerate((RED, BLUE), 1)
    )
    found, taught = pipeline.recognise(plain(RED), Shop(index), no_photos(pipeline.card.dim))
    assert found.outcome is not Outcome.UNKNOWN
    assert (taught is not None) is learns
