"""Reading exchange rates: the European Central Bank's own files (CSV or XML), or three columns. Pure: text in, rates out."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from halles.pricing.types import HOME, BadRates, Rate

_DAYS = ("%Y-%m-%d", "%d %B %Y", "%d/%m/%Y")
_MISSING = {"", "N/A", "-"}


def read_rates(text: str) -> list[Rate]:
    """Rates of one euro from `Date,USD,JPY,…` rows (eurofxref.csv, eurofxref-hist.csv), `date,currency,rate` rows, or the Bank's
    XML (eurofxref-daily.xml, eurofxref-hist.xml).

    Raises BadRates naming the line: all of a file is read or nothing of it.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _from_xml(text.removeprefix("\ufeff").lstrip())
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")))]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or rows[0][0].lower() != "date":
        raise BadRates("A rates file begins with a line `Date,USD,JPY,…` or `date,currency,rate`.")
    header = [cell.upper() for cell in rows[0]]
    if header[1:3] == ["CURRENCY", "RATE"]:
        return [
            _rate(row[1].upper(), _day(row[0], n), row[2], n)
            for n, row in enumerate(rows[1:], 2)
            if _wide_enough(row, 3, n)
        ]
    found: list[Rate] = []
    for n, row in enumerate(rows[1:], 2):
        day = _day(row[0], n)
        pairs = zip(header[1:], row[1:], strict=False)
        found.extend(
            _rate(currency, day, cell, n) for currency, cell in pairs if currency and cell not in _MISSING
        )
    return found


def _wide_enough(row: list[str], width: int, line: int) -> bool:
    if len(row) < width:
        raise BadRates(f"Line {line} has fewer than {width} columns.", line=line)
    return True


def _day(text: str, line: int) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no timezone
        except ValueError:
            continue
    raise BadRates(f"Line {line}: {text!r} is not a date.", line=line)


def _rate(currency: str, day: date, text: str, line: int) -> Rate:
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise BadRates(f"Line {line}: {text!r} is not a rate.", line=line) from error
    if (
        not rate.is_finite()
        or rate <= 0
        or not (len(currency) == 3 and currency.isalpha() and currency.isascii())
        or currency == HOME
    ):
        raise BadRates(f"Line {line}: {text!r} is not a rate of one euro in {currency!r}.", line=line)
    return Rate(currency=currency, day=day, rate=rate)


def _from_xml(text: str) -> list[Rate]:
    """`<Cube time="2026-11-20"><Cube currency="USD" rate="1.1582"/>…`, in any namespace. A line here is an element's place."""
    try:
        root = fromstring(text.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRates(f"This is not XML that can be read: {error}") from error
    found: list[Rate] = []
    for n, element in enumerate(root.iter(), 1):
        time = element.get("time")
        if time is None:
            continue
        day = _day(time, n)
        for cube in element:
            currency, rate = cube.get("currency"), cube.get("rate")
            if currency is None or rate is None:
                raise BadRates(f"A rate of {time} lacks its currency or its figure.", line=n)
            found.append(_rate(currency.upper(), day, rate, n))
    if not found:
        raise BadRates("This XML holds no rates: there is no element with a `time` and rates in it.")
    return found
