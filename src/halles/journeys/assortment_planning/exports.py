"""A plan as a file: CSV for programs and spreadsheets, A4 for the wall of the stockroom."""

from __future__ import annotations

import csv
import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from halles.assortments.types import Chosen, Plan, Scenario
from halles.journeys.assortment_planning.words import named, summary, why, word
from halles.journeys.labels.fonts import Fonts
from halles.journeys.labels.pen import GREEN, INK, LINE, MUTED, PAPER, Pen
from halles.journeys.labels.words import amount
from halles.kernel.money import Money

_COLUMNS = ("rank", "product", "category", "brand", "price", "width", "stock", "demand", "adds", "why")
_TOP, _STEP, _ROWS = 40.0, 17.0, 14


def to_csv(scenario: Scenario, language: str) -> str:
    """RFC 4180 with a byte order mark. A text that a spreadsheet would run is quoted as text."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["product_id", *(word(name, language) for name in _COLUMNS)])
    for rank, one in enumerate(scenario.plan.chosen, 1):
        rows.writerow([str(one.product_id), *_cells(rank, one, scenario.plan, language)])
    return f"\ufeff{out.getvalue()}"


def _cells(rank: int, one: Chosen, plan: Plan, language: str) -> list[str | int | float]:
    texts: list[str | int | float] = [
        rank,
        named(one.title, language),
        one.category,
        one.brand or "",
        _price(one, plan, language),
        one.width_cm,
        one.stock,
        one.demand,
        one.adds,
        "; ".join(why(reason, language) for reason in one.reasons),
    ]
    return [
        f"'{text}" if isinstance(text, str) and text[:1] in "=+-@\t\r" and text else text for text in texts
    ]


def _price(one: Chosen, plan: Plan, language: str) -> str:
    return "" if one.price_minor is None else amount(Money(one.price_minor, plan.currency), language)


def to_pdf(scenario: Scenario, *, place: str, fonts: Fonts, language: str) -> bytes:
    """A sheet with a box to tick for each sample, fourteen a page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1)
    title = f"{word('sheet', language)}: {place}"
    canvas.setTitle(title)
    canvas.setCreator("Halles")
    pen, plan = Pen(canvas, 297.0), scenario.plan
    pages = range(0, max(1, len(plan.chosen)), _ROWS)
    for number, start in enumerate(pages, 1):
        pen.text(15, 20, title, fonts.strong, pen.fitted(title, fonts.strong, 16, 165), INK)
        pen.text(195, 20, f"{number}/{len(pages)}", fonts.text, 9, MUTED, align="right")
        about = f"{scenario.name}. {summary(plan, language)}"
        pen.text(15, 28, about, fonts.text, pen.fitted(about, fonts.text, 9, 180), MUTED)
        for row, one in enumerate(plan.chosen[start : start + _ROWS]):
            _row(pen, start + row + 1, one, plan, _TOP + row * _STEP, fonts, language)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _row(pen: Pen, rank: int, one: Chosen, plan: Plan, y: float, fonts: Fonts, language: str) -> None:
    pen.box(15, y - 5, 180, _STEP - 1.5, PAPER, radius=1.5, border=LINE)
    pen.box(18, y - 1, 5, 5, PAPER, radius=0.6, border=INK)
    pen.text(33, y + 3, str(rank), fonts.strong, 10, GREEN, align="right")
    name = pen.lines(named(one.title, language), fonts.strong, 10, 108, 1)[0]
    pen.text(36, y + 1, name, fonts.strong, 10, INK)
    pen.text(
        192,
        y + 1,
        f"{_price(one, plan, language)}  ·  {one.width_cm} cm",
        fonts.text,
        8.5,
        INK,
        align="right",
    )
    reasons = "; ".join(why(reason, language) for reason in one.reasons)
    for at, line in enumerate(pen.lines(reasons, fonts.text, 7.5, 154, 2)):
        pen.text(36, y + 5 + at * 3.2, line, fonts.text, 7.5, MUTED)
