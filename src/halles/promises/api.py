"""Promises' door. Reading lanes and calendar is two statements; quoting is pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from halles.kernel.db import Tx
from halles.promises import store
from halles.promises.rules import holidays_of, judge, keeps, quote, quote_line
from halles.promises.store import HOLIDAYS_SQL, LANES_SQL
from halles.promises.types import Calendar, Lane, LaneKind, Line, Promise

__all__ = [
    "HOLIDAYS_SQL",
    "LANES_SQL",
    "Ways",
    "calendar_of",
    "judge",
    "keeps",
    "load_ways",
    "quote",
    "quote_for",
    "quote_line",
    "save_holidays",
    "save_lane",
    "ways_params",
]

_HORIZON = timedelta(days=120)
"""How far ahead holidays are read; the longest lane stays well below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Everything a quote needs besides lines and moment: the sellers' lanes and the calendar."""

    lanes: tuple[Lane, ...]
    calendar: Calendar

    def to(self, seller_id: int, country: str) -> list[Lane]:
        """A seller's lanes to a country."""
        return [lane for lane in self.lanes if lane.seller_id == seller_id and lane.country == country]


def ways_params(seller_ids: Collection[int], now: datetime) -> dict[str, object]:
    """Parameters of LANES_SQL and HOLIDAYS_SQL, for callers with a pipeline of their own."""
    return {
        "seller_ids": sorted(seller_ids),
        "first": now.date() - timedelta(days=1),
        "last": now.date() + _HORIZON,
    }


def calendar_of(rows: Iterable[store.HolidayRow], lanes: Iterable[Lane], now: datetime) -> Calendar:
    """The calendar of the countries that lanes touch: those known by rule, and the rows of the table."""
    holidays: dict[str, set[date]] = {}
    for country in {country for lane in lanes for country in (lane.country, lane.origin_country)}:
        holidays[country] = set(holidays_of(country, now.year) | holidays_of(country, now.year + 1))
    for row in rows:
        holidays.setdefault(row.country, set()).add(row.day)
    return Calendar(holidays={country: frozenset(days) for country, days in holidays.items()})


async def load_ways(tx: Tx, seller_ids: Collection[int], now: datetime) -> Ways:
    """Lanes and calendar of sellers. Two statements."""
    params = ways_params(seller_ids, now)
    lanes = await tx.all(LANES_SQL, params)
    return Ways(lanes=tuple(lanes), calendar=calendar_of(await tx.all(HOLIDAYS_SQL, params), lanes, now))


async def quote_for(tx: Tx, seller_id: int, country: str, lines: Sequence[Line], now: datetime) -> Promise:
    """One promise for everything that goes to a country. Two statements. Raises NoLane."""
    ways = await load_ways(tx, [seller_id], now)
    return quote(lines, ways.to(seller_id, country), ways.calendar, now)


async def save_lane(
    tx: Tx,
    seller_id: int,
    *,
    lane: LaneKind,
    origin: str,
    origin_country: str,
    country: str,
    transit_days: int,
    spread_days: int,
    location_id: int | None = None,
    cutoff: time = time(14),
    timezone: str = "Europe/Paris",
    carrier: str = "",
) -> int:
    """Make or change the lane of this seller, country, kind and origin; returns its id. One statement."""
    params: dict[str, object] = {
        "seller_id": seller_id,
        "lane": lane,
        "origin": origin,
        "origin_country": origin_country,
        "location_id": location_id,
        "country": country,
        "transit_days": transit_days,
        "spread_days": spread_days,
        "cutoff": cutoff,
        "timezone": timezone,
        "carrier": carrier,
    }
    return await tx.one(store.SAVE_LANE, params)


async def save_holidays(tx: Tx, country: str, days: Mapping[date, str]) -> None:
    """Add days on which carriers of a country do not move. One statement."""
    ordered = sorted(days)
    if ordered:
        await tx.run(
            store.SAVE_HOLIDAYS,
            {"country": country, "days": ordered, "names": [days[day] for day in ordered]},
        )
