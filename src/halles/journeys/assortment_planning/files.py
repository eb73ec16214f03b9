"""Demand of an earlier system, and where postcodes are, as files: CSV with a line of names. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from halles.assortments.types import BadHistory, PostcodePoint

REQUIRED = ("country", "postcode", "sku", "day", "shoppers")
_COUNTRY = re.compile("[A-Z]{2}")
_MOST = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """A line of demand as the file says it."""

    line: int
    country: str
    postcode: str
    sku: str
    day: date
    sales: int
    views: int
    searches: int
    shoppers: int


def postcode_of(text: str) -> str:
    """A postcode as it is compared: without blanks, in capitals."""
    return "".join(text.split()).upper()


def read_history(lines: Iterable[str]) -> list[HistoryLine]:
    """The lines of a file of demand. Raises BadHistory with the line."""
    found: list[HistoryLine] = []
    for line, text in _rows(lines, REQUIRED):
        try:
            row = HistoryLine(
                line=line,
                country=_country(text["country"]),
                postcode=postcode_of(text["postcode"]),
                sku=text["sku"],
                day=date.fromisoformat(text["day"]),
                sales=_count(text.get("sales", "")),
                views=_count(text.get("views", "")),
                searches=_count(text.get("searches", "")),
                shoppers=_count(text["shoppers"]),
            )
            if not row.postcode or not row.sku:
                raise ValueError("postcode and sku are needed")
            if row.sales and not row.shoppers:
                raise ValueError("sales need shoppers: say how many people were behind them")
        except ValueError as error:
            raise BadHistory(f"Line {line}: {error}", line=line) from error
        found.append(row)
    return found


def read_postcodes(lines: Iterable[str]) -> list[PostcodePoint]:
    """Where postcodes are: country, postcode, latitude, longitude. The last line of a postcode holds. Raises BadHistory."""
    found: dict[tuple[str, str], PostcodePoint] = {}
    for line, text in _rows(lines, ("country", "postcode", "latitude", "longitude")):
        try:
            point = PostcodePoint(
                country=_country(text["country"]),
                postcode=postcode_of(text["postcode"]),
                latitude=float(text["latitude"]),
                longitude=float(text["longitude"]),
            )
            if not (point.postcode and abs(point.latitude) <= 90 and abs(point.longitude) <= 180):
                raise ValueError("a postcode, a latitude to ±90 and a longitude to ±180 are needed")
        except ValueError as error:
            raise BadHistory(f"Line {line}: {error}", line=line) from error
        found[point.country, point.postcode] = point
    return list(found.values())


def _rows(lines: Iterable[str], required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines)
    missing = [name for name in required if name not in (reader.fieldnames or ())]
    if missing:
        raise BadHistory(f"The first line lacks {', '.join(missing)}.", line=1)
    try:
        for row in reader:
            yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if name}
    except csv.Error as error:
        raise BadHistory(f"Line {reader.line_num}: {error}", line=reader.line_num) from error


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text.upper()):
        raise ValueError(f"{text!r} is not a country of two letters")
    return text.upper()


def _count(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
        raise ValueError(f"{text!r} is not a count")
    return int(text)
