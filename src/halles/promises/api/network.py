"""Changing a network that orders are promised on: what nobody must lose, what a change touches, what may not go."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta

from halles.kernel.db import Tx
from halles.promises.api.lanes import Ways, list_legs, save_holidays
from halles.promises.rules.days import calendars_differ
from halles.promises.store import lanes as store
from halles.promises.types import BadCalendar, Holiday, Lane, LegDraft, StillUsed

_COUNTRY = re.compile(r"[A-Z]{2}")
_LONGEST = timedelta(days=31)


async def lock_network(tx: Tx, seller_id: int) -> None:
    """Who changes a seller's network waits here for who does so now. One statement."""
    await tx.run(store.LOCK_NETWORK, {"seller_id": seller_id})


def version_of(lane: Lane, legs: Sequence[LegDraft]) -> str:
    """What stands for a lane as it was written; another one once anything of it changed."""
    said = (lane.origin_country, lane.location_id, round(lane.quantile, 4), lane.active, tuple(legs))
    return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()


async def versions(tx: Tx, ways: Ways, seller_id: int) -> dict[tuple[str, str, str], str]:
    """The version of each lane of a seller, by country, kind and origin. One statement."""
    legs = await list_legs(tx, seller_id)
    return {
        (lane.country, str(lane.lane), lane.origin): version_of(lane, legs.get(lane.lane_id, ()))
        for lane in ways.lanes
        if lane.seller_id == seller_id
    }


def touched(before: Ways, after: Ways) -> set[int]:
    """The lanes whose orders may arrive on another day now: other legs, other days of rest, open or closed, new."""
    was = {lane.lane_id: lane for lane in before.lanes}
    return {
        lane.lane_id
        for lane in after.lanes
        if was.get(lane.lane_id) != lane or calendars_differ(lane, before.calendar, after.calendar)
    }


async def drop_hub(tx: Tx, seller_id: int, hub_id: int) -> None:
    """The hub is no more. Repeating it changes nothing. Two statements; call `lock_network` before. Raises StillUsed."""
    await _unused(tx, {"seller_id": seller_id, "hub_id": hub_id, "carrier_id": 0})
    await tx.run(store.DROP_HUB, {"seller_id": seller_id, "hub_id": hub_id})


async def drop_carrier(tx: Tx, seller_id: int, carrier_id: int) -> None:
    """The carrier is no more, nor its days of rest. Repeating it changes nothing. Three statements; call `lock_network` before.
    Raises StillUsed."""
    await _unused(tx, {"seller_id": seller_id, "hub_id": 0, "carrier_id": carrier_id})
    key = {"seller_id": seller_id, "carrier_id": carrier_id}
    await tx.run(store.DROP_RESTS, key)
    await tx.run(store.DROP_CARRIER, key)


async def _unused(tx: Tx, which: dict[str, int]) -> None:
    lanes = await tx.all(store.USES, which)
    if lanes:
        text = f"Lanes pass here: {', '.join(lanes[:5])}. Change them first."
        raise StillUsed(text, lanes=lanes)


async def drop_customs(tx: Tx, seller_id: int, origin: str, destination: str) -> None:
    """The lanes between two countries say again themselves what the customs take. Repeating it changes nothing."""
    params = {"seller_id": seller_id, "origin": origin, "destination": destination}
    await tx.run(store.DROP_CUSTOMS, params)


async def holidays(tx: Tx, from_day: date) -> list[Holiday]:
    """The holidays that people wrote down, of every country, from a day on. One statement."""
    return await tx.all(store.HOLIDAYS, {"from_day": from_day})


async def save_holiday_range(tx: Tx, country: str, first: date, last: date, name: str) -> None:
    """Nothing moves in a country on these days, both included. One statement. Raises BadCalendar."""
    if not _COUNTRY.fullmatch(country):
        raise BadCalendar("A country is two capital letters (ISO 3166-1).", field="country")
    if not timedelta(0) <= last - first < _LONGEST:
        raise BadCalendar("The last day comes after the first, within a month.", field="last_day")
    if not name.strip():
        raise BadCalendar("Say what is celebrated.", field="name")
    days = {first + timedelta(days=more): name.strip() for more in range((last - first).days + 1)}
    await save_holidays(tx, country, days)


async def drop_holidays(tx: Tx, country: str, first: date, last: date) -> None:
    """Things move on these days after all, unless the rules of the country say otherwise. Repeating it changes nothing."""
    await tx.run(store.DROP_HOLIDAYS, {"country": country, "first": first, "last": last})


async def lanes_through(tx: Tx, country: str) -> list[int]:
    """The lanes of every seller that a country's holidays may hold up. One statement."""
    return await tx.all(store.LANES_THROUGH, {"country": country})
