"""Barcodes in pixels: made ones, disturbed ones, and the retries' budget."""

from __future__ import annotations

import numpy as np
import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from halles.vision.adapters import barcodes
from halles.vision.adapters.barcodes import may_hold_bars, read_codes
from halles.vision.types import Rgb


def _bars(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Image.Image:
    code = zxingcpp.create_barcode(text, kind)  # pyright: ignore[reportUnknownMemberType]
    bars = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale), np.uint8))
    ground = Image.new("L", (640, 480), 190)
    ground.paste(bars.resize((bars.width, max(bars.height, 120))), (60, 100))
    return ground.convert("RGB")


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


def test_retries_end_with_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[int, int]] = []

    def nothing(grey: Image.Image) -> tuple[()]:
        looks.append(grey.size)
        return ()

    def always(_: Image.Image) -> bool:
        return True

    ticks = iter(range(1000))
    monkeypatch.setattr(barcodes, "_read", nothing)
    monkeypatch.setattr(barcodes, "may_hold_bars", always)
    read_codes(np.zeros((100, 100, 3), np.uint8), budget_ms=0, cpu_clock_s=lambda: next(ticks) / 1000)
    assert looks == [(100, 100)]
    read_codes(np.zeros((100, 100, 3), np.uint8), budget_ms=4, cpu_clock_s=lambda: next(ticks) / 1000)
    assert looks[1:] == [(100, 100), (100, 100)]


def test_bars_are_told_from_a_wall_and_a_shelf_edge() -> None:
    assert may_hold_bars(_bars("4006381333931", zxingcpp.BarcodeFormat.EAN13).convert("L"))
    assert not may_hold_bars(Image.new("L", (640, 480), 200))
    noise = np.random.default_rng(3).integers(0, 255, (480, 640), np.uint8)
    assert not may_hold_bars(Image.fromarray(noise))
    edge = np.full((480, 640), 40, np.uint8)
    edge[240:] = 220
    assert not may_hold_bars(Image.fromarray(edge))


@pytest.mark.parametrize("shape", [(16, 16), (16, 2000), (700, 20)])
def test_odd_sizes_are_no_trouble(shape: tuple[int, int]) -> None:
    assert read_codes(np.full((*shape, 3), 128, np.uint8)) == ()
