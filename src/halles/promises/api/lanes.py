"""Lanes, carriers, hubs, customs, calendars. Reading what a quote needs is two statements; quoting is pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from halles.kernel.db import Tx
from halles.promises.rules.days import holidays_of
from halles.promises.rules.drafting import checked, is_zone, make_leg, zone_at, zone_of
from halles.promises.rules.quoting import quote
from halles.promises.store import lanes as store
from halles.promises.store.lanes import HolidayRow, LaneRow
from halles.promises.types import (
    LEG_ORDER,
    BadLane,
    Calendar,
    Carrier,
    Customs,
    Hub,
    Lane,
    LaneDraft,
    LaneKind,
    Leg,
    LegDraft,
    LegKind,
    Line,
    NoSuchLane,
    Promise,
    Rest,
)

_BEFORE, _AHEAD = timedelta(days=200), timedelta(days=400)
"""How far back and ahead days of rest are read; the longest lane stays well within."""
_REMEMBERED = timedelta(days=180)
"""What parcels took longer ago than this teaches nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Everything a quote needs besides lines and moment: the sellers' lanes and the calendar."""

    lanes: tuple[Lane, ...]
    calendar: Calendar

    def to(self, seller_id: int, country: str) -> list[Lane]:
        """A seller's lanes to a country."""
        return [lane for lane in self.lanes if lane.seller_id == seller_id and lane.country == country]

    def lane(self, seller_id: int, lane_id: int) -> Lane | None:
        """A lane by its id."""
        return next((x for x in self.lanes if (x.seller_id, x.lane_id) == (seller_id, lane_id)), None)


def ways_params(seller_ids: Collection[int], now: datetime) -> dict[str, object]:
    """Parameters of LANES_SQL and HOLIDAYS_SQL."""
    return {
        "seller_ids": sorted(seller_ids),
        "first": now.date() - _BEFORE,
        "last": now.date() + _AHEAD,
        "since": now.date() - _REMEMBERED,
    }


def calendar_of(rows: Iterable[HolidayRow], lanes: Iterable[Lane], years: Collection[int]) -> Calendar:
    """The calendar of the countries that lanes touch: the holidays known by rule, and the rows of the tables."""
    countries = {country for lane in lanes for country in (lane.country, lane.origin_country)}
    countries |= {country for lane in lanes for leg in lane.legs for country in leg.countries}
    holidays = {
        country: {day for year in years for day in holidays_of(country, year)} for country in countries
    }
    rests: dict[int, set[date]] = {}
    for row in rows:
        if row.carrier_id:
            rests.setdefault(row.carrier_id, set()).add(row.day)
        else:
            holidays.setdefault(row.country, set()).add(row.day)
    return Calendar(
        holidays={country: frozenset(days) for country, days in holidays.items()},
        rests={carrier_id: frozenset(days) for carrier_id, days in rests.items()},
    )


async def load_ways(tx: Tx, seller_ids: Collection[int], now: datetime, *, as_written: bool = False) -> Ways:
    """Lanes and calendar of sellers. Two statements. `as_written`: without what was learned."""
    params = ways_params(seller_ids, now)
    if as_written:
        params["since"] = date.max
    lanes = [_lane(row) for row in await tx.all(store.LANES_SQL, params)]
    rows = await tx.all(store.HOLIDAYS_SQL, params)
    years = range(now.year - 1, now.year + 3)
    return Ways(lanes=tuple(lanes), calendar=calendar_of(rows, lanes, years))


async def quote_for(tx: Tx, seller_id: int, country: str, lines: Sequence[Line], now: datetime) -> Promise:
    """One promise for everything that goes to a country. Two statements. Raises NoLane."""
    ways = await load_ways(tx, [seller_id], now)
    return quote(lines, ways.to(seller_id, country), ways.calendar, now)


def _lane(row: LaneRow) -> Lane:
    seen: dict[int, dict[int, int]] = {}
    for kind, days, parcels in row.seen or ():
        seen.setdefault(kind, {})[days] = parcels
    return Lane(
        lane_id=row.lane_id,
        seller_id=row.seller_id,
        lane=row.lane,
        origin=row.origin,
        origin_country=row.origin_country,
        location_id=row.location_id,
        country=row.country,
        transit_days=row.transit_days,
        spread_days=row.spread_days,
        cutoff=row.cutoff,
        timezone=row.timezone,
        carrier=row.carrier,
        quantile=row.quantile,
        active=row.active,
        legs=tuple(_leg(row, leg, seen.get(leg["kind"], {})) for leg in row.legs or ()),
    )


def _leg(row: LaneRow, leg: Mapping[str, Any], seen: Mapping[int, int]) -> Leg:
    number: int = leg["kind"]
    return make_leg(
        LEG_ORDER[number - 1],
        leg["days"],
        seen,
        origin=(row.origin, row.origin_country),
        country=row.country,
        timezone=leg["timezone"],
        carrier=(leg["carrier_id"], leg["carrier"] or ""),
        hub=(leg["hub"] or "", leg["hub_country"] or ""),
        cutoff=None if leg["cutoff"] is None else time.fromisoformat(leg["cutoff"]),
        weekdays=leg["weekdays"],
        held_days=leg["held"] or 4,
    )


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
    """Make or change the plain lane of this seller, country, kind and origin; returns its id: so many working days between the
    day it leaves and the earliest arrival, and up to `spread_days` more. At most five statements. Raises BadLane."""
    here = zone_of(country, timezone)
    legs = (
        _plain(LegKind.PICK_PACK, 0, 0, timezone=timezone, cutoff=cutoff),
        _plain(LegKind.LINE_HAUL, transit_days, transit_days, timezone=timezone, carrier=carrier),
        _plain(LegKind.LAST_MILE, 0, spread_days, timezone=here, carrier=carrier),
    )
    draft = LaneDraft(
        lane=lane,
        origin=origin,
        origin_country=origin_country,
        country=country,
        legs=legs,
        location_id=location_id,
    )
    return await put_lane(tx, seller_id, draft)


def _plain(
    kind: LegKind, least: int, most: int, *, timezone: str, carrier: str = "", cutoff: time | None = None
) -> LegDraft:
    return LegDraft(
        kind=kind,
        earliest_days=least,
        likely_days=least,
        latest_days=most,
        carrier=carrier,
        timezone=timezone,
        cutoff=cutoff,
    )


async def put_lane(tx: Tx, seller_id: int, draft: LaneDraft) -> int:
    """Make or change a lane with its legs; carriers that nobody knows yet are made, hubs must be there. Returns its id. Raises
    BadLane."""
    checked(draft)
    first, line = draft.legs[0], draft.legs[-1]
    carriers = {leg.carrier for leg in draft.legs if leg.carrier}
    ids = {name: await save_carrier(tx, seller_id, name) for name in sorted(carriers)}
    hubs = {hub.name: hub for hub in await list_hubs(tx, seller_id)} if any(x.hub for x in draft.legs) else {}
    missing = [leg.hub for leg in draft.legs if leg.hub and leg.hub not in hubs]
    if missing:
        raise BadLane(f"There is no hub {missing[0]!r}; make it first.", field="hub")
    likely = sum(leg.likely_days for leg in draft.legs)
    lane_id = await tx.one(
        store.SAVE_LANE,
        {
            "seller_id": seller_id,
            "lane": draft.lane,
            "origin": draft.origin,
            "origin_country": draft.origin_country,
            "location_id": draft.location_id,
            "country": draft.country,
            "transit_days": min(90, likely),
            "spread_days": min(90, sum(leg.latest_days for leg in draft.legs) - likely),
            "cutoff": first.cutoff,
            "timezone": first.timezone or zone_of(draft.origin_country),
            "carrier": line.carrier,
            "quantile": draft.quantile,
            "active": draft.active,
        },
    )
    rows = [_row(draft, leg, ids, hubs) for leg in draft.legs]
    names = ("kinds", "carriers", "hubs", "timezones", "cutoffs", "weekdays", "earliest", "likely", "latest")
    sets: dict[str, object] = {
        name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    key = {"seller_id": seller_id, "lane_id": lane_id}
    await tx.run(store.DROP_LEGS, {**key, "kinds": sets["kinds"]})
    await tx.run(store.SAVE_LEGS, {**key, **sets})
    return lane_id


def _row(
    draft: LaneDraft, leg: LegDraft, carriers: Mapping[str, int], hubs: Mapping[str, Hub]
) -> tuple[object, ...]:
    hub = hubs.get(leg.hub)
    zone = leg.timezone or (zone_at(draft, leg) if hub is None else hub.timezone)
    return (
        LEG_ORDER.index(leg.kind) + 1,
        carriers.get(leg.carrier, 0),
        0 if hub is None else hub.hub_id,
        zone,
        leg.cutoff,
        leg.weekdays or 0,
        leg.earliest_days,
        leg.likely_days,
        leg.latest_days,
    )


async def list_legs(tx: Tx, seller_id: int) -> dict[int, list[LegDraft]]:
    """The legs of a seller's lanes as they were written, by lane, in order. One statement."""
    found: dict[int, list[LegDraft]] = {}
    for row in await tx.all(store.LEGS, {"seller_id": seller_id}):
        draft = LegDraft(
            kind=LEG_ORDER[row.kind - 1],
            earliest_days=row.earliest_days,
            likely_days=row.likely_days,
            latest_days=row.latest_days,
            carrier=row.carrier,
            hub=row.hub,
            timezone=row.timezone,
            cutoff=row.cutoff,
            weekdays=row.weekdays,
        )
        found.setdefault(row.lane_id, []).append(draft)
    return found


async def switch_lane(tx: Tx, seller_id: int, lane_id: int, *, active: bool, quantile: float) -> None:
    """Open or close a lane, and say how often its promises are to be kept. One statement. Raises NoSuchLane."""
    params = {"seller_id": seller_id, "lane_id": lane_id, "active": active, "quantile": quantile}
    if await tx.first(store.SWITCH_LANE, params) is None:
        raise NoSuchLane("There is no such lane.", lane_id=lane_id)


async def save_holidays(tx: Tx, country: str, days: Mapping[date, str]) -> None:
    """Add days on which carriers of a country do not move. One statement."""
    ordered = sorted(days)
    if ordered:
        params = {"country": country, "days": ordered, "names": [days[day] for day in ordered]}
        await tx.run(store.SAVE_HOLIDAYS, params)


async def list_carriers(tx: Tx, seller_id: int) -> list[Carrier]:
    return await tx.all(store.CARRIERS, {"seller_id": seller_id})


async def save_carrier(tx: Tx, seller_id: int, name: str, weekdays: int | None = None) -> int:
    """Make or change a carrier; `weekdays` None: Monday to Friday, or as it is. Gives its id. One statement. Raises BadLane."""
    if not name.strip() or (weekdays is not None and not 1 <= weekdays <= 127):
        raise BadLane("A carrier has a name and works on some day of the week.", field="carrier")
    return await tx.one(
        store.SAVE_CARRIER, {"seller_id": seller_id, "name": name.strip(), "weekdays": weekdays}
    )


async def list_hubs(tx: Tx, seller_id: int) -> list[Hub]:
    return await tx.all(store.HUBS, {"seller_id": seller_id})


async def save_hub(
    tx: Tx, seller_id: int, name: str, country: str, *, timezone: str = "", location_id: int | None = None
) -> int:
    """Make or change a hub; gives its id. One statement. Raises BadLane."""
    if not name.strip():
        raise BadLane("A hub has a name.", field="name")
    zone = timezone or zone_of(country)
    if not is_zone(zone):
        raise BadLane(f"{zone!r} is no time zone.", field="timezone")
    params = {"name": name.strip(), "country": country, "timezone": zone, "location_id": location_id}
    return await tx.one(store.SAVE_HUB, {"seller_id": seller_id, **params})


async def list_rests(tx: Tx, seller_id: int, from_day: date) -> list[Rest]:
    """Days on which the seller's carriers rest, from a day on."""
    return await tx.all(store.RESTS, {"seller_id": seller_id, "from_day": from_day})


async def save_rest(tx: Tx, rest: Rest) -> None:
    """A carrier does not move on these days. One statement. Raises BadLane, NoSuchLane."""
    if not timedelta(0) <= rest.last_day - rest.first_day <= timedelta(days=366):
        raise BadLane("The last day comes after the first, within a year.", field="last_day")
    params = {
        name: getattr(rest, name) for name in ("seller_id", "carrier_id", "first_day", "last_day", "reason")
    }
    if not await tx.run(store.SAVE_REST, params):
        raise NoSuchLane("There is no such carrier.", carrier_id=rest.carrier_id)


async def drop_rest(tx: Tx, seller_id: int, carrier_id: int, first_day: date) -> None:
    """The carrier moves on these days after all. Repeating it changes nothing."""
    await tx.run(store.DROP_REST, {"seller_id": seller_id, "carrier_id": carrier_id, "first_day": first_day})


async def list_customs(tx: Tx, seller_id: int) -> list[Customs]:
    return await tx.all(store.CUSTOMS, {"seller_id": seller_id})


async def save_customs(tx: Tx, customs: Customs) -> None:
    """What customs take from one country to another, for every lane between them. One statement. Raises BadLane."""
    if (
        not 0 <= customs.earliest_days <= customs.likely_days <= customs.latest_days <= 90
        or customs.held_days < 1
    ):
        raise BadLane("Days of the customs: at least <= likely <= at most <= 90.", field="customs")
    fields = (
        "seller_id",
        "origin",
        "destination",
        "earliest_days",
        "likely_days",
        "latest_days",
        "held_days",
    )
    await tx.run(store.SAVE_CUSTOMS, {name: getattr(customs, name) for name in fields})
