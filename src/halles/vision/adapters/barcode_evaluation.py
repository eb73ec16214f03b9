"""Measures how many codes are read in photos whose codes are known."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from halles.vision.adapters.barcodes import read_codes, read_codes_thoroughly
from halles.vision.adapters.photo import open_photo
from halles.vision.rules.gtin import gtin_of
from halles.vision.types import Code, EvaluationInput, Rgb


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Of `n` photos: shares (0 to 1) whose code was read, and that were read as another; CPU a photo, its mean."""

    n: int
    read: float
    wrong: float
    cpu_ms_per_photo: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BarcodeEvaluation:
    """`first`: the look before the first answer; `second`: with the time that a second look has. By symbology."""

    n: int
    wrong: float
    first: dict[str, Reading]
    second: dict[str, Reading]


@dataclass(slots=True)
class _Tally:
    n: int = 0
    read: int = 0
    wrong: int = 0
    cpu_s: float = 0.0

    def reading(self) -> Reading:
        return Reading(
            n=self.n,
            read=round(self.read / self.n, 4),
            wrong=round(self.wrong / self.n, 4),
            cpu_ms_per_photo=round(1000 * self.cpu_s / self.n, 2),
        )


def evaluate(file: Path) -> BarcodeEvaluation:
    """Reads every photo of a CSV (image, symbology, text; paths relative to it) twice. Raises EvaluationInput."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        raise EvaluationInput(f"{file.name} cannot be read: {reason}", file=file.name) from reason
    if not rows or not {"image", "symbology", "text"} <= set(rows[0]):
        raise EvaluationInput(
            f"{file.name} needs a header with image, symbology and text, and a row", file=file.name
        )
    first: dict[str, _Tally] = defaultdict(_Tally)
    second: dict[str, _Tally] = defaultdict(_Tally)
    for row in rows:
        photo = _open(file.parent / row["image"])
        for tallies, read in ((first, read_codes), (second, read_codes_thoroughly)):
            _count(tallies[row["symbology"]], photo, read, row["symbology"], row["text"])
    wrong = sum(tally.wrong for tally in second.values())
    return BarcodeEvaluation(
        n=len(rows),
        wrong=round(wrong / len(rows), 4),
        first={name: tally.reading() for name, tally in sorted(first.items())},
        second={name: tally.reading() for name, tally in sorted(second.items())},
    )


def _count(
    tally: _Tally, photo: Rgb, read: Callable[[Rgb], tuple[Code, ...]], symbology: str, text: str
) -> None:
    started = time.thread_time()
    codes = read(photo)
    tally.cpu_s += time.thread_time() - started
    right = any(_same(code, symbology, text) for code in codes)
    tally.n += 1
    tally.read += right
    tally.wrong += bool(codes) and not right


def _same(code: Code, symbology: str, text: str) -> bool:
    """Equal but for how lines end, or the same GTIN: a UPC-A is an EAN-13 with a zero before it."""
    gtin = gtin_of("upc-e" if symbology == "upce" else symbology, text)
    return " ".join(code.text.split()) == " ".join(text.split()) or (gtin is not None and gtin == code.gtin14)


def _open(path: Path) -> Rgb:
    try:
        return open_photo(path.read_bytes())
    except OSError as reason:
        raise EvaluationInput(f"{path.name} cannot be read: {reason.strerror}", file=path.name) from reason
