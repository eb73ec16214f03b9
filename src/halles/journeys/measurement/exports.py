"""A report as files: a long table for spreadsheets, JSON for programs. No personal data: only what the report says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from halles.journeys.measurement.types import (
    Bar,
    Difference,
    Report,
    SampleEffect,
    Share,
    Why,
)
from halles.journeys.measurement.words import word

_COLUMNS = ("part", "what", "label", "value", "of", "share", "low", "high", "why")
Row = tuple[str, str, str, object, object, object, object, object, str]


def to_json(report: Report) -> bytes:
    """The report as the API answers it."""
    return msgspec.json.encode(report)


def to_csv(report: Report, language: str) -> str:
    """RFC 4180 with a byte order mark, a line a number. A text that a spreadsheet would run is quoted as text."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([word(name, language) for name in _COLUMNS])
    for row in _rows(report):
        part, what, label, *numbers, why = row
        told = [_number(one, language) for one in numbers]
        said = word(str(why), language) if why else ""
        rows.writerow([word(part, language), word(what, language), _safe(label), *told, said])
    return f"\ufeff{out.getvalue()}"


_HIDDEN = object()
"""A count too small to tell, or one that would betray such a count."""


def _number(one: object, language: str) -> object:
    if one is _HIDDEN:
        return word("hidden", language)
    if isinstance(one, float):
        return f"{one:.6g}"
    return "" if one is None else one


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _count(part: str, what: str, label: str, count: int | None) -> Row:
    return (part, what, label, _HIDDEN if count is None else count, None, None, None, None, "")


def _share(part: str, what: str, label: str, one: Share, why: str = "") -> Row:
    if one.of is None:
        return (part, what, label, _HIDDEN, None, None, None, None, why)
    return (part, what, label, one.count, one.of, one.share, one.low, one.high, why)


def _difference(part: str, what: str, label: str, one: Difference | None, why: Why) -> Row:
    if one is None:
        return (part, what, label, None, None, None, None, None, why)
    return (part, what, label, one.effect, None, None, one.low, one.high, why)


def _bars(part: str, what: str, bars: list[Bar]) -> Iterator[Row]:
    for one in bars:
        yield _count(part, what, one.label, one.count)


def _rows(report: Report) -> Iterator[Row]:
    coverage, purchases, customers = report.coverage, report.purchases, report.customers
    yield _count("coverage", "visits", "", coverage.visits)
    yield _share("coverage", "tied", "", coverage.tied)
    yield _share("coverage", "agreed", "", coverage.agreed)
    yield _count("coverage", "people", "", coverage.people)
    yield from _bars("coverage", "devices", coverage.devices)
    yield _share("purchases", "buyers", "", purchases.buyers)
    yield _count("purchases", "running", "", purchases.running)
    yield _count("purchases", "orders", "", purchases.orders)
    yield _share("purchases", "touched", "", purchases.touched)
    yield from _bars("purchases", "delays", purchases.delays)
    yield _count("purchases", "here", "", purchases.here)
    yield _share("customers", "first_visit", "", customers.first_visit)
    yield _count("customers", "existing", "", customers.existing)
    for week in customers.weeks:
        yield _count("customers", "first_visit", week.monday.isoformat(), week.first_visit)
        yield _count("customers", "existing", week.monday.isoformat(), week.existing)
    yield from _lift(report)
    for sample in report.samples:
        yield from _sample(sample)


def _lift(report: Report) -> Iterator[Row]:
    lift = report.lift
    yield _difference("lift", "synthetic", lift.outcome, lift.synthetic, lift.why)
    yield _difference("lift", "differences", lift.outcome, lift.differences, lift.why)
    for what, one in (("extra", lift.extra), ("p", lift.p), ("fit", lift.fit)):
        yield ("lift", what, "", one, None, None, None, None, lift.why)
    for weight in lift.weights:
        yield ("lift", "weight", weight.area, weight.weight, None, None, None, None, "")
    for week in lift.weeks:
        near = _HIDDEN if week.near is None else week.near
        yield ("lift", "week", str(week.week), near, None, None, None, None, "")
        yield ("lift", "synthetic", str(week.week), week.synthetic, None, None, None, None, "")


def _sample(one: SampleEffect) -> Iterator[Row]:
    label = f"{one.code} {one.title}".strip()
    if one.why_seen is Why.MEASURED:
        yield _share("samples", "seen", label, one.seen, one.why_seen)
        yield _share("samples", "unseen", label, one.unseen, one.why_seen)
    yield _difference("samples", "more", label, one.more, one.why_seen)
    yield _difference("samples", "cause", label, one.cause, one.why_cause)
    if one.shrunk is not None:
        yield ("samples", "shrunk", label, one.shrunk, None, None, None, None, "")
