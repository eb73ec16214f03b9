"""Labels and QR codes laid out on A4, at real size."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from halles.journeys.labels.content import Label
from halles.journeys.labels.fonts import Fonts
from halles.journeys.labels.pen import CARD, CHALK, FAINT, GREEN, INK, LINE, MUTED, SLATE, Pen
from halles.journeys.labels.words import amount, day, per, rate_of, word

_PAGE_W, _PAGE_H = 210.0, 297.0
LABEL_W, LABEL_H = 90.0, 54.0
_LABEL_COLUMNS, _LABEL_ROWS = 2, 5
TILE_W, TILE_H = 60.0, 66.0
_TILE_COLUMNS, _TILE_ROWS = 3, 4
_PANEL_W = 35.0
"""The light panel of a label, for what machines read."""


def price_labels(labels: Sequence[Label], *, fonts: Fonts, language: str, title: str) -> bytes:
    """Labels of 90 × 54 mm, ten a page, with cut marks."""

    def draw(pen: Pen, label: Label, x: float, y: float) -> None:
        pen.cut_marks(x, y, LABEL_W, LABEL_H)
        _slate(pen, label, x, y, fonts, language)
        _panel(pen, label, x + LABEL_W - _PANEL_W, y, fonts, language)

    gap = 5.0
    return _sheet(
        labels, draw, (LABEL_W + gap, LABEL_H + 1.0), (LABEL_W, LABEL_H), _LABEL_COLUMNS, _LABEL_ROWS, title
    )


def qr_sheet(labels: Sequence[Label], *, fonts: Fonts, language: str, title: str) -> bytes:
    """QR tiles of 60 × 66 mm, twelve a page, with cut marks."""

    def draw(pen: Pen, label: Label, x: float, y: float) -> None:
        pen.cut_marks(x, y, TILE_W, TILE_H)
        _tile(pen, label, x, y, fonts, language)

    return _sheet(
        labels, draw, (TILE_W + 4.0, TILE_H + 4.0), (TILE_W, TILE_H), _TILE_COLUMNS, _TILE_ROWS, title
    )


def _sheet(
    labels: Sequence[Label],
    draw: Callable[[Pen, Label, float, float], None],
    step: tuple[float, float],
    size: tuple[float, float],
    columns: int,
    rows: int,
    title: str,
) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Halles")
    pen = Pen(canvas, _PAGE_H)
    left = (_PAGE_W - (step[0] * (columns - 1) + size[0])) / 2
    top = (_PAGE_H - (step[1] * (rows - 1) + size[1])) / 2
    for i, label in enumerate(labels):
        at = i % (columns * rows)
        if i and at == 0:
            canvas.showPage()
        draw(pen, label, left + step[0] * (at % columns), top + step[1] * (at // columns))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _slate(pen: Pen, label: Label, x: float, y: float, fonts: Fonts, language: str) -> None:
    """The dark plate: who, what, how much."""
    pen.box(x, y, LABEL_W, LABEL_H, SLATE, radius=3.0)
    left, width = x + 5.0, LABEL_W - _PANEL_W - 9.0
    pen.text(
        left,
        y + 7.4,
        (label.brand or "").upper(),
        fonts.text,
        pen.fitted((label.brand or "").upper(), fonts.text, 6.5, width),
        FAINT,
    )
    lines = pen.lines(label.title, fonts.strong, 10.5, width, 2)
    for i, line in enumerate(lines):
        pen.text(left, y + 12.6 + i * 4.5, line, fonts.strong, 10.5, CHALK)
    for i, line in enumerate(pen.lines(label.options, fonts.text, 7, width, 1)):
        pen.text(left, y + 12.6 + len(lines) * 4.5 + i * 3.2, line, fonts.text, 7, FAINT)
    _price(pen, label, left, y, width, fonts, language)


def _price(pen: Pen, label: Label, left: float, y: float, width: float, fonts: Fonts, language: str) -> None:
    if label.price is None:
        pen.text(left, y + 40, word("no_price", language), fonts.strong, 11, CHALK)
        return
    price = amount(label.price, language)
    before = 0.0
    if label.several:
        before = pen.text(left, y + 37.2, word("from", language), fonts.text, 8, FAINT) + 1.5
    size = pen.fitted(price, fonts.price, 25, width - before, smallest=12)
    pen.text(left + before, y + 37.2, price, fonts.price, size, CHALK)
    if label.was is not None:
        was = amount(label.was, language)
        struck = pen.text(left, y + 27.6, was, fonts.text, 8, FAINT)
        pen.strike(left, y + 27.6, struck, CHALK)
        pen.text(left + struck + 1.5, y + 27.6, word("lowest", language), fonts.text, 5.5, FAINT)
    small: list[str] = []
    if label.unit is not None:
        small.append(f"{amount(label.unit.money, language)} {per(label.unit.per, language)}")
    if label.beside is not None:
        dated = (
            ""
            if label.rate_date is None
            else f" ({word('rate', language, day=day(label.rate_date, language))})"
        )
        small.append(f"{'' if label.rate_date is None else '≈ '}{amount(label.beside, language)}{dated}")
    for i, line in enumerate(small):
        pen.text(left, y + 42.0 + i * 3.6, line, fonts.text, pen.fitted(line, fonts.text, 8, width), CHALK)
    if label.tax is not None:
        vat = word("vat", language, rate=rate_of(label.tax_bp, language), amount=amount(label.tax, language))
        pen.text(
            left, y + LABEL_H - 3.8, vat, fonts.text, pen.fitted(vat, fonts.text, 6, width, smallest=5), FAINT
        )


def _panel(pen: Pen, label: Label, x: float, y: float, fonts: Fonts, language: str) -> None:
    """The light panel: what a phone and a till read, and where the sample stands."""
    pen.box(x, y + 2.0, _PANEL_W - 2.0, LABEL_H - 4.0, CHALK, radius=2.0)
    centre = x + (_PANEL_W - 2.0) / 2
    coded = label.gtin14 is not None and label.gtin14[0] == "0"
    size, scan = (24.0, 32.2) if coded else (28.0, 37.6)
    pen.qr(centre - size / 2, y + (5.0 if coded else 6.0), size, label.link, SLATE)
    pen.text(centre, y + scan, word("scan", language), fonts.text, 5.5, MUTED, align="centre")
    if not coded or label.gtin14 is None:
        pen.text(centre, y + 45.0, label.code, fonts.strong, 13, SLATE, align="centre")
        pen.text(centre, y + LABEL_H - 3.8, label.position, fonts.strong, 5.5, MUTED, align="centre")
        return
    pen.ean(centre, y + 33.6, label.gtin14, fonts.text, height=13.0)
    pen.text(x + 2.6, y + LABEL_H - 3.8, label.position, fonts.strong, 5.5, MUTED)
    pen.text(x + _PANEL_W - 4.6, y + LABEL_H - 3.8, label.code, fonts.strong, 5.5, MUTED, align="right")


def _tile(pen: Pen, label: Label, x: float, y: float, fonts: Fonts, language: str) -> None:
    """A QR code with the name under a green band; no price, so that it stays right when prices change."""
    pen.box(x, y, TILE_W, TILE_H, CARD, radius=3.0, border=LINE)
    pen.text(x + 5, y + 7.0, word("photo", language), fonts.strong, 7.5, GREEN)
    pen.text(x + TILE_W - 5, y + 7.0, label.position, fonts.text, 7.5, MUTED, align="right")
    pen.qr(x + 11, y + 11, 38, label.link)
    pen.text(x + TILE_W / 2, y + 54.0, label.code, fonts.strong, 8, INK, align="centre")
    for i, line in enumerate(pen.lines(label.title, fonts.text, 8, TILE_W - 10, 2)):
        pen.text(x + TILE_W / 2, y + 58.6 + i * 3.6, line, fonts.text, 8, MUTED, align="centre")
