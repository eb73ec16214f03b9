"""A delivery history as a file: CSV with a line of names. docs/algorithms/promise.md describes the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from halles.promises.types import BadHistory, LegKind, Scan, TrackingCode

REQUIRED = ("placed_at", "origin", "country", "delivered_at")
STEPS: Mapping[str, TrackingCode] = {
    "handed_over_at": TrackingCode.HANDED_OVER,
    "arrived_at": TrackingCode.ARRIVED,
    "customs_released_at": TrackingCode.CUSTOMS_RELEASED,
    "left_hub_at": TrackingCode.LEFT_HUB,
    "delivered_at": TrackingCode.DELIVERED,
}
ENDED_BY: Mapping[LegKind, str] = {
    LegKind.PICK_PACK: "handed_over_at",
    LegKind.LINE_HAUL: "arrived_at",
    LegKind.CUSTOMS: "customs_released_at",
    LegKind.HUB: "left_hub_at",
    LegKind.LAST_MILE: "delivered_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An order that was delivered. `scans`: what was seen of it, its delivery among them. `promised_by`: the latest day that was
    promised then, None when nobody wrote it down."""

    line: int
    order_id: str
    placed_at: datetime
    origin: str
    country: str
    delivered_at: datetime
    scans: tuple[Scan, ...]
    promised_by: date | None = None


def read_history(lines: Iterable[str]) -> Iterator[Past]:
    """The orders of a CSV file, in its order. Moments are ISO 8601 with an offset. Raises BadHistory with the line."""
    reader = csv.DictReader(lines)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadHistory(f"The first line lacks {', '.join(missing)}.", line=1)
    for row in reader:
        try:
            yield _past(reader.line_num, row)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadHistory(f"Line {reader.line_num}: {error}", line=reader.line_num) from error


def _past(line: int, row: Mapping[str, str | None]) -> Past:
    text = {name: (value or "").strip() for name, value in row.items() if name}
    placed = _moment(text["placed_at"])
    scans = tuple(Scan(code=code, at=_moment(text[name])) for name, code in STEPS.items() if text.get(name))
    delivered = _moment(text["delivered_at"])
    if any(scan.at < placed for scan in scans):
        raise ValueError("something happened before the order was placed")
    if not text["origin"] or not text["country"]:
        raise ValueError("origin and country name the lane")
    return Past(
        line=line,
        order_id=text.get("order_id") or f"line-{line}",
        placed_at=placed,
        origin=text["origin"],
        country=text["country"].upper(),
        delivered_at=delivered,
        scans=scans,
        promised_by=date.fromisoformat(text["promised_by"]) if text.get("promised_by") else None,
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no offset (write 2026-11-21T10:00:00+01:00)")
    return found
