"""The fonts of the PDFs, always embedded: the house's own when their files lie in the data folder, else reportlab's Vera.

The web's Fraunces and Instrument Sans come as WOFF2, which a PDF cannot hold. An operator who wants them on paper puts
`Fraunces-SemiBold.ttf`, `InstrumentSans-Regular.ttf` and `InstrumentSans-SemiBold.ttf` into `fonts/` of the data folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont


@dataclass(frozen=True, slots=True)
class Fonts:
    """Names registered with reportlab: for prices and names, for text, for strong text."""

    price: str
    text: str
    strong: str


@lru_cache(maxsize=8)
def fonts_in(folder: Path) -> Fonts:
    """The fonts to use, registered once."""
    return Fonts(
        price=_first(folder, "Fraunces-SemiBold.ttf", "VeraBd.ttf"),
        text=_first(folder, "InstrumentSans-Regular.ttf", "Vera.ttf"),
        strong=_first(folder, "InstrumentSans-SemiBold.ttf", "VeraBd.ttf"),
    )


def writable(font: str, text: str) -> str:
    """The text with characters that the font lacks left out, so that no label shows an empty box."""
    known: dict[int, int] = cast("Any", pdfmetrics).getFont(font).face.charToGlyph
    return "".join(letter for letter in text if ord(letter) in known)


def _first(folder: Path, own: str, bundled: str) -> str:
    for name, path in ((own, str(folder / own)), (bundled, bundled)):
        if path == bundled or Path(path).is_file():
            try:
                cast("Any", pdfmetrics).registerFont(TTFont(name, path))
            except (TTFError, OSError):
                continue
            return name
    raise AssertionError("reportlab brings Vera")
