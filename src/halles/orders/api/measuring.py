"""What was ordered by whom and where, for those who measure. Cancelled and returned orders do not count."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from halles.kernel.db import Tx
from halles.orders.store import measuring
from halles.orders.store.measuring import AreaPeople, AreaWeek, PersonsOrder, UnitPieces

Area = tuple[str, str, int]
"""Country and postcode of the delivery, or ('', '', place) where it was collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Articles to count before and after a day: `variants` from `first_day` on, to before `last_day`."""

    variants: Sequence[int]
    day: date
    first_day: date
    last_day: date


async def orders_of_people(
    tx: Tx, seller_id: int, owners: Collection[int], since: datetime, until: datetime
) -> list[PersonsOrder]:
    """Orders of these people in [since, until), by person and time. One query over their orders."""
    params = {"seller_id": seller_id, "owners": sorted(owners), "since": since, "until": until}
    return await tx.all(measuring.ORDERS_OF_PEOPLE, params) if owners else []


async def area_weeks(
    tx: Tx, seller_id: int, since: datetime, until: datetime, *, day: date, zone: str, currency: str
) -> list[AreaWeek]:
    """Orders by area and week; week 0 begins on `day`, as days are in `zone`. One query over these orders."""
    params = {"seller_id": seller_id, "since": since, "until": until}
    return await tx.all(measuring.AREA_WEEKS, {**params, "from_day": day, "zone": zone, "currency": currency})


async def area_people(
    tx: Tx, seller_id: int, since: datetime, until: datetime, *, zone: str
) -> list[AreaPeople]:
    """How many different people ordered to each area. One query over these orders."""
    params = {"seller_id": seller_id, "since": since, "until": until, "zone": zone}
    return await tx.all(measuring.AREA_PEOPLE, params)


async def unit_pieces(
    tx: Tx,
    seller_id: int,
    since: datetime,
    until: datetime,
    *,
    zone: str,
    sets: Sequence[Around],
    units: Mapping[Area, int],
) -> list[UnitPieces]:
    """Pieces of each set, by its number here, ordered to each unit of areas before and after its day. One query over these
    orders."""
    flat = [(variant, number, one) for number, one in enumerate(sets) for variant in one.variants]
    params = {
        "seller_id": seller_id,
        "since": since,
        "until": until,
        "zone": zone,
        "variants": [variant for variant, _, _ in flat],
        "numbers": [number for _, number, _ in flat],
        "days": [one.day for _, _, one in flat],
        "first_days": [one.first_day for _, _, one in flat],
        "last_days": [one.last_day for _, _, one in flat],
        "countries": [country for country, _, _ in units],
        "postcodes": [postcode for _, postcode, _ in units],
        "places": [place for _, _, place in units],
        "units": list(units.values()),
    }
    return await tx.all(measuring.UNIT_PIECES, params)
