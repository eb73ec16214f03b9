"""ZBar in its sandbox: what it reads, and that nothing a file or a picture does stops the photo."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wasmtime
import zxingcpp
from PIL import Image, ImageFilter

from halles.vision.adapters import barcodes, zbar
from halles.vision.adapters.barcodes import read_codes
from halles.vision.adapters.straightened import direction, straightened
from halles.vision.types import Code

built = pytest.mark.skipif(not zbar.FILE.is_file(), reason="the pages are not built")


def _bars(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 2) -> Image.Image:
    code = zxingcpp.create_barcode(text, kind)  # pyright: ignore[reportUnknownMemberType]
    bars = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale), np.uint8))
    ground = Image.new("L", (400, 260), 215)
    ground.paste(bars.resize((bars.width, 120)), (60, 60))
    return ground


def _grey(image: Image.Image) -> barcodes.Grey:
    return np.asarray(image, np.uint8)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No instance of another test: they are a thread's own, and the compiled file the process's."""
    monkeypatch.setattr(zbar, "_here", zbar.threading.local())


@built
@pytest.mark.parametrize(
    ("kind", "text", "gtin"),
    [
        (zxingcpp.BarcodeFormat.EAN13, "4006381333931", "04006381333931"),
        (zxingcpp.BarcodeFormat.EAN8, "96385074", "00000096385074"),
        (zxingcpp.BarcodeFormat.UPCA, "036000291452", "00036000291452"),
        (zxingcpp.BarcodeFormat.UPCE, "01234565", "00012345000065"),
    ],
)
@pytest.mark.parametrize("turn", [0, 90, 180])
@pytest.mark.parametrize("step", [1, 2])
def test_the_four_kinds_of_bars(
    kind: zxingcpp.BarcodeFormat, text: str, gtin: str, turn: int, step: int
) -> None:
    found = zbar.read(_grey(_bars(text, kind).rotate(turn, expand=True)), step)
    assert [barcodes.gtin_of(symbology, digits) for symbology, digits, _ in found] == [gtin]
    assert found[0][2] > barcodes._ENOUGH_LINES  # pyright: ignore[reportPrivateUsage]


@built
@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (16, 2000), (2000, 2000), (2001, 2000)])
def test_odd_sizes_and_large_ones(shape: tuple[int, int]) -> None:
    assert zbar.read(np.full(shape, 128, np.uint8)) == []


@built
def test_memory_does_not_grow_with_the_photos() -> None:
    reader = zbar.Reader(*zbar._module(zbar.FILE) or ())  # pyright: ignore[reportPrivateUsage]
    noise = np.random.default_rng(5).integers(0, 255, (700, 900), np.uint8)
    reader.read(noise)
    size: int = reader._memory.data_len(reader._store)  # pyright: ignore[reportPrivateUsage]
    for _ in range(30):
        reader.read(noise, 3)
    assert reader._memory.data_len(reader._store) == size  # pyright: ignore[reportPrivateUsage]


@built
def test_each_thread_reads_with_its_own() -> None:
    texts = ["4006381333931", "9780441014989", "5901234123457", "8413000065504"]
    photos = [_grey(_bars(text, zxingcpp.BarcodeFormat.EAN13)) for text in texts] * 6
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        found = [[digits for _, digits, _ in codes] for codes in threads.map(zbar.read, photos)]
    assert found == [[text] for text in texts] * 6


@built
def test_work_without_end_is_one_reading_less(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = _grey(_bars("4006381333931", zxingcpp.BarcodeFormat.EAN13))
    with monkeypatch.context() as patch:
        patch.setattr(zbar, "_WORK_PER_PX", 1)
        patch.setattr(zbar, "_WORK_AT_LEAST", 200_000)
        assert zbar.read(photo) == []
    assert [digits for _, digits, _ in zbar.read(photo)] == ["4006381333931"]


@built
def test_more_memory_than_is_given_is_one_reading_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zbar, "_MEMORY_BYTES", 16 * 2**20)
    large = np.full((2000, 2000), 200, np.uint8)
    for _ in range(3):
        assert zbar.read(np.tile(large, 1)[:1999]) == []
    assert zbar.read(_grey(_bars("4006381333931", zxingcpp.BarcodeFormat.EAN13)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0asm",
        b"<html>",
        wasmtime.wat2wasm("(module)"),
        wasmtime.wat2wasm('(module (memory (export "g") 1))'),
    ],
)
def test_another_file_is_refused(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "zbar.wasm"
    file.write_bytes(content)
    monkeypatch.setattr(zbar, "FILE", file)
    assert not zbar.ready()
    assert zbar.read(np.full((50, 50), 200, np.uint8)) == []


def test_a_library_that_traps_is_one_reading_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right names, and every call ends in a trap."""
    file = tmp_path / "zbar.wasm"
    functions = "".join(
        f'(func (export "{letter}") {"(param i32)" * count} {"(result i32)" * returns} unreachable)'
        for letter, (_, count, returns) in zbar._EXPORTS.items()  # pyright: ignore[reportPrivateUsage]
    )
    file.write_bytes(wasmtime.wat2wasm(f'(module (memory (export "g") 1) {functions})'))
    monkeypatch.setattr(zbar, "FILE", file)
    assert zbar.ready()
    for _ in range(2):
        assert zbar.read(np.full((50, 50), 200, np.uint8)) == []


def test_without_the_file_zxing_reads_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zbar, "FILE", tmp_path / "zbar.wasm")
    blurred = _bars("4006381333931", zxingcpp.BarcodeFormat.EAN13, 3).filter(ImageFilter.GaussianBlur(2))
    pixels = np.asarray(blurred.convert("RGB"), np.uint8)
    assert [code.gtin14 for code in read_codes(pixels, budget_ms=2000)] == ["04006381333931"]


def _barred(_: object) -> bool:
    return True


def test_few_lines_of_zbar_need_a_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    answers: list[list[tuple[str, str, int]]] = []

    def first(_: object) -> tuple[()]:
        return ()

    def nothing(*_: Any, **__: Any) -> list[Code]:
        return []

    def read(*_: object) -> list[tuple[str, str, int]]:
        return answers.pop(0) if answers else []

    monkeypatch.setattr(barcodes, "_read", first)
    monkeypatch.setattr(barcodes, "_codes", nothing)
    monkeypatch.setattr(zbar, "read", read)
    monkeypatch.setattr(zbar, "ready", lambda: True)
    monkeypatch.setattr(barcodes, "may_hold_bars", _barred)
    for given, wanted in [
        ([[("ean-13", "4006381333931", 40)]], ["04006381333931"]),
        ([[("ean-13", "4006381333931", 3)]], []),
        ([[("ean-13", "4006381333931", 3), ("ean-13", "4006381333931", 3)]], []),
        ([[("ean-13", "4006381333931", 3)], [("ean-13", "9780441014989", 200)]], []),
        ([[("ean-13", "0036000291452", 3)], [("upc-a", "036000291452", 2)]], ["00036000291452"]),
    ]:
        answers[:] = given
        assert [code.gtin14 for code in read_codes(photo, budget_ms=2000)] == wanted


@pytest.mark.parametrize("turn", [0, 7, -20, 60, 90])
def test_bars_are_set_upright(turn: int) -> None:
    turned = _bars("4006381333931", zxingcpp.BarcodeFormat.EAN13).rotate(turn, expand=True, fillcolor=215)
    assert abs((direction(_grey(turned)) + turn + 90) % 180 - 90) < 1.5


def test_averaging_along_the_bars_takes_noise_away() -> None:
    clean = _bars("4006381333931", zxingcpp.BarcodeFormat.EAN13).rotate(12, expand=True, fillcolor=215)
    noise = np.random.default_rng(7).normal(0, 70, (clean.height, clean.width))
    noisy = np.clip(_grey(clean) + noise, 0, 255).astype(np.uint8)
    copy = straightened(noisy)
    assert [code.text for code in barcodes._codes(copy, barcodes._BARS, barcodes._GLOBAL, False)] == [  # pyright: ignore[reportPrivateUsage]
        "4006381333931"
    ]
    assert straightened(np.full((40, 60), 128, np.uint8), blur=1.5, even=True).std() == 0
