"""How a mail of the house looks: one narrow card on paper, in fonts that every reader has, with its links to touch."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_TEXT = "margin:0 0 16px;font-size:16px;line-height:1.5"
_LARGE = (
    "margin:0 0 16px;padding:14px 20px;border-radius:8px;background:#2b2f2e;color:#f3f1e8;"
    "font-family:Georgia,serif;font-size:32px;font-weight:700;letter-spacing:.08em;white-space:nowrap"
)


Rows = Sequence[tuple[str, str]]
"""What stands on the left and on the right of a line of a bill."""


def letter(language: str, paragraphs: Sequence[str | Rows], *, large: str | None = None) -> str:
    """The mail as a page: plain paragraphs and bills, escaped here; line breaks stay, addresses of the web become links.
    `large` stands on its own after the first paragraph: a code to copy."""
    parts = [
        f'<p style="{_TEXT}">{_linked(one)}</p>' if isinstance(one, str) else _bill(one) for one in paragraphs
    ]
    if large is not None:
        parts.insert(1, f'<p style="{_LARGE}">{html.escape(large)}</p>')
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"></head>'
        '<body style="margin:0;padding:24px 12px;background:#fbf7ef;color:#1c1b17;'
        'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">'
        '<div style="max-width:544px;margin:0 auto">'
        '<p style="margin:0 0 16px;color:#12442f;font-family:Georgia,serif;font-size:24px;font-weight:700">Halles</p>'
        '<div style="padding:24px 24px 8px;border:1px solid #e4dccb;border-radius:14px;background:#ffffff">'
        f"{''.join(parts)}</div></div></body></html>"
    )


def plain(paragraphs: Sequence[str | Rows]) -> str:
    """The same mail for readers of text."""
    told = [one if isinstance(one, str) else "\n".join(map(_row, one)) for one in paragraphs]
    return "\n\n".join(told) + "\n"


def _row(row: tuple[str, str]) -> str:
    """`left: right`, and what else the left says below."""
    first, *more = row[0].split("\n")
    return "\n".join([f"{first}: {row[1]}", *(f"  {line}" for line in more)])


def _bill(rows: Rows) -> str:
    cell = "padding:8px 0;border-top:1px solid #e4dccb;font-size:16px;line-height:1.4;vertical-align:top"
    lines = "".join(
        f'<tr><td style="{cell};overflow-wrap:anywhere">{_linked(left)}</td>'
        f'<td style="{cell};padding-left:16px;text-align:right;white-space:nowrap">{_linked(right)}</td></tr>'
        for left, right in rows
    )
    style = "width:100%;margin:0 0 16px;border-collapse:collapse;border-bottom:1px solid #e4dccb"
    return f'<table role="presentation" style="{style}"><tbody>{lines}</tbody></table>'


def _linked(text: str) -> str:
    shown: list[str] = []
    at = 0
    for found in _URL.finditer(text):
        url = html.escape(found.group())
        shown += [
            html.escape(text[at : found.start()]),
            f'<a href="{url}" style="color:#1f4e79;overflow-wrap:anywhere">{url}</a>',
        ]
        at = found.end()
    return "".join([*shown, html.escape(text[at:])]).replace("\n", "<br>")
