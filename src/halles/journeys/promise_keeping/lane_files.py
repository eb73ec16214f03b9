"""Lanes as a file: CSV with a line of names, a line a leg. docs/howto/lanes-and-carriers.md describes the columns. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from halles.promises.types import BadLane, LaneDraft, LaneKind, LegDraft, LegKind

REQUIRED = ("lane", "origin", "origin_country", "country", "leg", "earliest", "likely", "latest")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLane:
    """A lane of a file. `location`: the name of the stock location it starts from, empty without one."""

    draft: LaneDraft
    location: str


def read_lanes(lines: Iterable[str]) -> list[FileLane]:
    """The lanes of a file, one for each country that a line names (several are divided by spaces). Raises BadLane with the
    line."""
    reader = csv.DictReader(lines)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise BadLane(f"The first line lacks {', '.join(missing)}.", line=1)
    rows: dict[tuple[str, str, str], list[tuple[dict[str, str], LegDraft]]] = {}
    for row in reader:
        text = {name: (value or "").strip() for name, value in row.items() if name}
        try:
            leg = _leg(text)
        except ValueError as error:
            raise BadLane(f"Line {reader.line_num}: {error}", line=reader.line_num) from error
        for country in text["country"].upper().split():
            rows.setdefault((text["lane"], text["origin"], country), []).append((text, leg))
    return [_lane(key, own) for key, own in rows.items()]


def _lane(key: tuple[str, str, str], rows: list[tuple[dict[str, str], LegDraft]]) -> FileLane:
    lane, origin, country = key
    first = rows[0][0]
    try:
        draft = LaneDraft(
            lane=LaneKind(lane),
            origin=origin,
            origin_country=first["origin_country"].upper(),
            country=country,
            legs=tuple(leg for _, leg in rows),
            quantile=float(first.get("quantile") or 0.9),
        )
    except ValueError as error:
        raise BadLane(f"The lane from {origin} to {country}: {error}") from error
    return FileLane(draft=draft, location=first.get("location", ""))


def _leg(text: Mapping[str, str]) -> LegDraft:
    cutoff, weekdays = text.get("cutoff"), text.get("weekdays")
    return LegDraft(
        kind=LegKind(text["leg"]),
        earliest_days=int(text["earliest"]),
        likely_days=int(text["likely"]),
        latest_days=int(text["latest"]),
        carrier=text.get("carrier", ""),
        hub=text.get("hub", ""),
        timezone=text.get("timezone", ""),
        cutoff=time.fromisoformat(cutoff) if cutoff else None,
        weekdays=sum(1 << _WEEK.index(day) for day in weekdays.lower().split()) if weekdays else None,
    )
