"""Reading what areas around a place and elsewhere bought, before and since it opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from halles.assortments import api as assortments
from halles.journeys.checkout.geography import Point, distance_km, point_of
from halles.journeys.measurement.rules.areas import (
    MOST_AFTER,
    MOST_BEFORE,
    Asked,
    Cell,
    Spot,
    Units,
    units,
)
from halles.journeys.measurement.rules.asking import start_of
from halles.journeys.measurement.rules.samples import WEEKS
from halles.journeys.measurement.types import Question
from halles.kernel.db import Tx
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import Place, ShownSample
from halles.visits import api as visits

_ROUGH_KM = 100
"""How far a postcode may lie from the point that stands for its department."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a lift is computed from. `homes`: place → the spot where what is collected there counts."""

    asked: Asked
    units: Units
    cells: list[Cell]
    homes: dict[int, Spot]


def _plain(postcode: str | None) -> str:
    return "".join((postcode or "").split()).upper()


async def opening_of(
    tx: Tx, place: Place, shown: Sequence[ShownSample], question: Question, zone: ZoneInfo
) -> date | None:
    """The day it was told to have opened, else that of its first sample or first visit. At most one statement."""
    if question.opened is not None:
        return question.opened
    first = await visits.first_visit(tx, place.seller_id, place.place_id)
    known = [one.placed_at for one in shown[:1]] + ([first] if first else [])
    return min(known).astimezone(zone).date() if known else None


async def read_around(
    tx: Tx, place: Place, question: Question, opened: date, zone: ZoneInfo, least: int
) -> Around | None:
    """None when nobody knows where the place is. Six statements over the orders and the history of at most 78 weeks; rows are
    postcodes times weeks, not orders."""
    seller, name = place.seller_id, str(zone)
    after = min(MOST_AFTER, max(0, (question.until - opened).days // 7))
    first_day, last_day = opened - MOST_BEFORE * _WEEK, opened + after * _WEEK
    since, until = start_of(first_day, zone), start_of(last_day, zone)
    every = await places.list_places(tx, seller)
    homes = {one.place_id: (one.country, _plain(one.postcode)) for one in every}
    weeks = await orders.area_weeks(tx, seller, since, until, day=opened, zone=name, currency=place.currency)
    people = await orders.area_people(tx, seller, since, start_of(opened, zone), zone=name)
    told = await assortments.history_weeks(tx, seller, first_day, last_day, opened)
    cells = [_cell(one, homes, question) for one in weeks]
    shoppers: dict[Spot, int] = {}
    for one in people:
        spot = _spot(one.country, one.postcode, one.place_id, homes)
        shoppers[spot] = shoppers.get(spot, 0) + one.shoppers
    if question.outcome == "pieces":
        for row in told:
            spot = (row.country, row.postcode)
            cells.append(Cell(spot=spot, week=row.week, value=float(row.pieces), pieces=row.pieces))
            if row.week < 0:
                shoppers[spot] = max(shoppers.get(spot, 0), row.shoppers)
    points = await assortments.postcodes(tx, seller, {*shoppers, *homes.values()})
    centres = {one.place_id: _point(one, points) for one in every}
    if centres.get(place.place_id) is None:
        return None
    spots = {one.spot for one in cells} | set(shoppers)
    far = {spot: _distances(spot, points, centres, place.place_id) for spot in spots if spot[0]}
    regions = {spot: assortments.region_of(*spot) for spot in far}
    begun = min((one.week for one in cells), default=0)
    asked = Asked(
        question=replace(question, opened=opened),
        currency=place.currency,
        first_week=-MOST_BEFORE if begun == -MOST_BEFORE else min(0, begun + 1),
        last_week=after,
        least=least,
    )
    return Around(
        asked=asked,
        units=units(far, shoppers, regions, question.radius_km, least),
        cells=cells,
        homes=homes,
    )


def _spot(country: str, postcode: str, place_id: int, homes: Mapping[int, Spot]) -> Spot:
    return (country, postcode) if country else homes.get(place_id, ("", ""))


def _cell(row: orders.AreaWeek, homes: Mapping[int, Spot], question: Question) -> Cell:
    value = {"pieces": row.pieces, "orders": row.orders, "revenue": row.total_minor}[question.outcome]
    spot = _spot(row.country, row.postcode, row.place_id, homes)
    return Cell(spot=spot, week=row.week, value=float(value), pieces=row.pieces)


def _point(place: Place, points: Mapping[Spot, Point]) -> Point | None:
    if place.latitude is not None and place.longitude is not None:
        return (place.latitude, place.longitude)
    return points.get((place.country, _plain(place.postcode)))


def _distances(
    spot: Spot, points: Mapping[Spot, Point], centres: Mapping[int, Point | None], place_id: int
) -> tuple[float | None, float | None]:
    """To this place and to the nearest of all, in km. Of a French postcode that nobody placed only the department is known: it
    may be far, never near."""
    known = points.get(spot)
    rough = point_of(*spot) if known is None and spot[0] == "FR" else None
    if known is None and rough is None:
        return None, None
    at, off = (known, 0) if known is not None else (rough, _ROUGH_KM)
    away = [max(0.0, one - off) for one in (distance_km(at, c) for c in centres.values()) if one is not None]
    return (None if known is None else distance_km(known, centres[place_id])), min(away, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDay:
    """The day of a sample that is looked at, and the weeks around it. `removal`: it is the day it was taken away."""

    sample: ShownSample
    day: date
    before: int
    after: int
    removal: bool


def sample_days(shown: Sequence[ShownSample], begun: date, today: date, zone: ZoneInfo) -> list[SampleDay]:
    """Putting up counts, unless only the removal has sales on both sides of it. Pure."""
    return [_sample_day(one, begun, today, zone) for one in shown]


def _sample_day(one: ShownSample, begun: date, today: date, zone: ZoneInfo) -> SampleDay:
    placed = one.placed_at.astimezone(zone).date()
    gone = one.removed_at.astimezone(zone).date() if one.removed_at else None
    up = _around(placed, begun, min(gone or today, today))
    down = (0, 0) if gone is None else _around(gone, max(begun, placed), today)
    if gone is not None and min(down) > min(up):
        return SampleDay(sample=one, day=gone, before=down[0], after=down[1], removal=True)
    return SampleDay(sample=one, day=placed, before=up[0], after=up[1], removal=False)


def _around(day: date, first: date, last: date) -> tuple[int, int]:
    return max(0, min(WEEKS, (day - first).days // 7)), max(0, min(WEEKS, (last - day).days // 7))


async def read_pieces(
    tx: Tx,
    seller_id: int,
    days: Sequence[SampleDay],
    variants: Mapping[UUID, Sequence[int]],
    around: Around,
    zone: ZoneInfo,
) -> list[dict[int, tuple[int, int]]]:
    """For each sample: unit → pieces of its product before and after its day. Two statements, over the orders and the history of
    the weeks around these days."""
    found: list[dict[int, tuple[int, int]]] = [{} for _ in days]
    if not days:
        return found
    spans = [(one.day - one.before * _WEEK, one.day + one.after * _WEEK) for one in days]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    of = around.units.of
    areas: dict[orders.Area, int] = {(*spot, 0): unit for spot, unit in of.items()}
    areas |= {("", "", place): of[spot] for place, spot in around.homes.items() if spot in of}
    sets = [
        orders.Around(
            variants=variants.get(one.sample.product_id, ()), day=one.day, first_day=start, last_day=end
        )
        for one, (start, end) in zip(days, spans, strict=True)
    ]
    rows = await orders.unit_pieces(
        tx, seller_id, start_of(first, zone), start_of(last, zone), zone=str(zone), sets=sets, units=areas
    )
    told = await assortments.history_pieces(tx, _history_params(seller_id, days, spans, of))
    for row in [*rows, *told]:
        before, after = found[row.number].get(row.unit, (0, 0))
        found[row.number][row.unit] = (before + row.before, after + row.after)
    return found


def _history_params(
    seller_id: int,
    days: Sequence[SampleDay],
    spans: Sequence[tuple[date, date]],
    of: Mapping[Spot, int],
) -> dict[str, object]:
    return {
        "seller_id": seller_id,
        "products": [one.sample.product_id for one in days],
        "numbers": list(range(len(days))),
        "days": [one.day for one in days],
        "first_days": [start for start, _ in spans],
        "last_days": [end for _, end in spans],
        "since": min(start for start, _ in spans),
        "until": max(end for _, end in spans),
        "countries": [country for country, _ in of],
        "postcodes": [postcode for _, postcode in of],
        "units": list(of.values()),
    }
