"""Drawing on a PDF page in millimetres from the top left: text that fits, QR codes, bar codes, the slate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import segno
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.eanbc import Ean8BarcodeWidget, Ean13BarcodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from halles.catalog import api as catalog
from halles.journeys.labels.fonts import writable

SLATE, CHALK, PAPER, CARD, INK, MUTED, GREEN, LINE = (
    HexColor(code)
    for code in ("#2B2F2E", "#F3F1E8", "#FBF7EF", "#FFFFFF", "#1C1B17", "#5E5A50", "#12442F", "#E4DCCB")
)
FAINT = HexColor("#B9BAB0")
"""Chalk that was half wiped off: secondary words on the slate (7:1)."""
_X = 0.264
"""The bar of an EAN at 80 % of its nominal size, in mm: the smallest that GS1 allows."""


class Pen:
    """A canvas of `height` mm whose origin is the top left of the page."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas, self._height = canvas, height

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        color: Any,
        *,
        radius: float = 0.0,
        border: Any = None,
    ) -> None:
        """A filled rectangle, its corners rounded."""
        self.canvas.setFillColor(color)
        self.canvas.setLineWidth(0.2 * mm)
        if border is not None:
            self.canvas.setStrokeColor(border)
        self.canvas.roundRect(
            x * mm,
            self._y(y + height),
            width * mm,
            height * mm,
            radius * mm,
            stroke=int(border is not None),
            fill=1,
        )

    def text(
        self, x: float, y: float, words: str, font: str, size: float, color: Any, *, align: str = "left"
    ) -> float:
        """One line with its baseline at `y`; `size` in points. Returns its width in mm."""
        words = writable(font, words)
        width = stringWidth(words, font, size) / mm
        self.canvas.setFillColor(color)
        self.canvas.setFont(font, size)
        left = x - (width if align == "right" else width / 2 if align == "centre" else 0)
        self.canvas.drawString(left * mm, self._y(y), words)
        return width

    def fitted(self, words: str, font: str, size: float, width: float, *, smallest: float = 6.0) -> float:
        """The size, at most `size`, at which the words are no wider than `width` mm."""
        while size > smallest and stringWidth(writable(font, words), font, size) > width * mm:
            size -= 0.5
        return size

    def lines(self, words: str, font: str, size: float, width: float, most: int) -> list[str]:
        """The words broken to `width` mm in at most `most` lines; what does not fit ends in an ellipsis."""
        made: list[str] = []
        line = ""
        for word in writable(font, words).split():
            longer = f"{line} {word}".strip()
            if line and stringWidth(longer, font, size) > width * mm:
                made.append(line)
                line = word
            else:
                line = longer
        made.append(line)
        if len(made) > most:
            made = [*made[: most - 1], made[most - 1] + "…"]
        return [_cut(text, font, size, width) for text in made]

    def strike(self, x: float, y: float, width: float, color: Any) -> None:
        """A line through words of `width` mm whose baseline is at `y`."""
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(0.3 * mm)
        self.canvas.line(x * mm, self._y(y - 1.1), (x + width) * mm, self._y(y - 1.1))

    def qr(self, x: float, y: float, size: float, words: str, color: Any = INK) -> None:
        """A QR code (level M) of `size` mm without its quiet zone: leave four modules of light around it."""
        rows: Sequence[bytearray] = segno.make(words, error="m", micro=False).matrix
        module = size / len(rows)
        self.canvas.setFillColor(color)
        path: Any = self.canvas.beginPath()
        for i, row in enumerate(rows):
            for j, dark in enumerate(row):
                if dark:
                    path.rect(
                        (x + j * module) * mm,
                        self._y(y + (i + 1) * module),
                        module * mm * 1.01,
                        module * mm * 1.01,
                    )
        cast("Any", self.canvas).drawPath(path, stroke=0, fill=1)

    def ean(self, centre: float, y: float, gtin14: str, font: str, *, height: float) -> None:
        """An EAN-13 or EAN-8 with its digits, for a GTIN that begins with 0 (a GTIN-12 is written as EAN-13)."""
        digits = catalog.short_form(gtin14)
        kind = Ean8BarcodeWidget if len(digits) == 8 else Ean13BarcodeWidget
        made: Any = kind(digits)
        made.barWidth, made.barHeight, made.fontName, made.fontSize = _X * mm, height * mm, font, 6.5
        made.barFillColor = made.textColor = INK
        left, bottom, right, top = made.getBounds()
        drawing = Drawing(right - left, top - bottom)
        drawing.add(made)
        renderPDF.draw(drawing, self.canvas, centre * mm - (left + right) / 2, self._y(y + height))

    def cut_marks(self, x: float, y: float, width: float, height: float) -> None:
        """Hairlines at the corners, outside the label, for the knife."""
        self.canvas.setStrokeColor(FAINT)
        self.canvas.setLineWidth(0.1 * mm)
        for cx, dx in ((x, -1), (x + width, 1)):
            for cy, dy in ((y, -1), (y + height, 1)):
                self.canvas.line((cx + dx * 0.8) * mm, self._y(cy), (cx + dx * 2.6) * mm, self._y(cy))
                self.canvas.line(cx * mm, self._y(cy + dy * 0.8), cx * mm, self._y(cy + dy * 2.6))

    def _y(self, y: float) -> float:
        return float((self._height - y) * mm)


def _cut(text: str, font: str, size: float, width: float) -> str:
    if stringWidth(text, font, size) <= width * mm:
        return text
    while text and stringWidth(f"{text}…", font, size) > width * mm:
        text = text[:-1].rstrip(" …")
    return f"{text}…"
