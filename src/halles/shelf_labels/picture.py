"""What an electronic label shows, as a picture: black, white and red, 296 × 128 points, as a 2.9-inch screen has them."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

from halles.shelf_labels.types import Content

WIDTH, HEIGHT = 296, 128
_WHITE, _BLACK, _RED = 0, 1, 2
_PALETTE = [255, 255, 255, 0, 0, 0, 190, 20, 30]
_FOLDER = Path(reportlab.__file__).parent / "fonts"


@lru_cache(maxsize=32)
def _font(bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FOLDER / ("VeraBd.ttf" if bold else "Vera.ttf"), size)


def drawn(content: Content) -> bytes:
    """A content as PNG of three colours. A reduced price is red; without a price only the name is shown."""
    picture = Image.new("P", (WIDTH, HEIGHT), _WHITE)
    picture.putpalette(_PALETTE)
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"  # no greys: the screen has none
    pen.rectangle((0, 0, WIDTH, 20), fill=_BLACK)
    _line(pen, 6, 3, _text(content, "brand").upper() or _text(content, "name"), 11, _WHITE, bold=True)
    _line(pen, 6, 25, _text(content, "name"), 14, _BLACK, bold=True)
    _line(pen, 6, 43, _text(content, "options"), 10, _BLACK)
    if content.get("price"):
        _price(pen, content)
    _line(pen, 6, HEIGHT - 15, _text(content, "vat"), 9, _BLACK)
    _line(pen, WIDTH - 6, 3, _text(content, "position"), 11, _WHITE, right=True)
    file = io.BytesIO()
    picture.save(file, "PNG", bits=2)
    return file.getvalue()


def _price(pen: ImageDraw.ImageDraw, content: Content) -> None:
    was = _text(content, "was")
    ink = _RED if was else _BLACK
    _line(pen, 6, 56, _text(content, "price"), 32, ink, bold=True, width=170)
    side = 58
    if was:
        end = _line(pen, WIDTH - 6, side, was, 12, _BLACK, right=True)
        pen.line((WIDTH - 6 - end, side + 8, WIDTH - 6, side + 8), fill=_BLACK, width=1)
        _line(pen, WIDTH - 6, side + 14, _text(content, "was_text"), 8, _BLACK, right=True, width=120)
        side += 26
    _line(pen, WIDTH - 6, side, _text(content, "unit"), 11, _BLACK, right=True, width=120)
    _line(pen, 6, 96, _text(content, "beside"), 10, _BLACK, width=200)
    _line(pen, WIDTH - 6, HEIGHT - 32, _text(content, "promise"), 9, _BLACK, right=True, width=140)


def _text(content: Content, name: str) -> str:
    return str(content.get(name) or "")


def _line(
    pen: ImageDraw.ImageDraw,
    x: int,
    y: int,
    words: str,
    size: int,
    ink: int,
    *,
    bold: bool = False,
    right: bool = False,
    width: int = WIDTH - 12,
) -> int:
    """One line, smaller where it would be too long, then cut; its width in points."""
    while size > 8 and pen.textlength(words, font=_font(bold, size)) > width:
        size -= 1
    while words and pen.textlength(words, font=_font(bold, size)) > width:
        words = words[:-1]
    length = int(pen.textlength(words, font=_font(bold, size)))
    pen.text((x - length if right else x, y), words, font=_font(bold, size), fill=ink)
    return length
