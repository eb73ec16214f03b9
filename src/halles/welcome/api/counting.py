"""Counts: crossings of doors, headcounts, and how many are inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.welcome import store
from halles.welcome.rules import counting
from halles.welcome.types import (
    LATE,
    Counted,
    Crossing,
    Door,
    DoorCount,
    HeadcountReused,
    Heard,
    Source,
    UnknownDoor,
    UnknownZone,
    ZoneCount,
)

HEARD_WITHIN = timedelta(days=7)
"""A counter that was not heard of for longer is taken for one that hangs there no more."""


async def door(tx: Tx, seller_id: int, code: str) -> Door:
    """A seller's door. One statement. Raises UnknownDoor."""
    found = await tx.first(store.DOOR, {"seller_id": seller_id, "door": code})
    if found is None:
        raise UnknownDoor("The seller has no door with this code.", door=code)
    return found


async def record_crossings(
    tx: Tx, seller_id: int, code: str, crossings: Sequence[Crossing], *, source: Source, now: datetime
) -> int:
    """Keep what a door counted; returns how many crossings were new. Whatever was told before counts once, as it was told first.
    Four statements at most. Raises UnknownDoor, BadCount."""
    at = await door(tx, seller_id, code)
    fresh = counting.once(crossings)
    counting.check_moments([(one.event_id, one.at) for one in fresh], now)
    recorded = await tx.one(
        store.CROSS,
        {
            "seller_id": seller_id,
            "place_id": at.place_id,
            "door": at.door,
            "from_zone": at.from_zone,
            "to_zone": at.to_zone,
            "source": source.value,
            "now": now,
            "event_ids": [one.event_id for one in fresh],
            "ats": [one.at for one in fresh],
            "inwards": [one.inward for one in fresh],
            "outwards": [one.outward for one in fresh],
        },
    )
    if recorded:
        await outbox.append(tx, [Counted(seller_id=seller_id, place_id=at.place_id)])
    return recorded


async def record_headcount(
    tx: Tx,
    seller_id: int,
    place_id: int,
    *,
    event_id: UUID,
    zone: str,
    people: int,
    at: datetime,
    by: int | None,
    now: datetime,
) -> None:
    """Keep how many a person counted in a zone; from then on only later crossings count. Told twice, it counts once. Three
    statements. Raises UnknownZone, BadCount, HeadcountReused."""
    if zone not in {one.zone for one in await tx.all(store.ZONES, _here(seller_id, place_id))}:
        raise UnknownZone("The place has no zone with this code.", zone=zone)
    counting.check_moments([(event_id, at)], now)
    params = {"event_id": event_id, "zone": zone, "at": at, "people": people, "noted_by": by, "now": now}
    if await tx.run(store.ADD_HEADCOUNT, {**_here(seller_id, place_id), **params}):
        await outbox.append(tx, [Counted(seller_id=seller_id, place_id=place_id)])
    elif await tx.first(store.HEADCOUNT, {**_here(seller_id, place_id), **params}) is None:
        raise HeadcountReused("This id was used for another headcount.", event_id=str(event_id))


async def occupancy(
    tx: Tx, seller_id: int, place_id: int, zones: Sequence[str], *, empty: datetime | None, now: datetime
) -> list[ZoneCount]:
    """How many are in each zone. `empty`: when the place was last empty (rules.counting.emptied_at). Two statements over the
    crossings of the day."""
    if not zones:
        return []
    since = empty or now - LATE
    counted = await tx.all(store.HEADCOUNTS, {**_here(seller_id, place_id), "since": since, "now": now})
    found = counting.anchors(zones, {one.zone: (one.at, one.people) for one in counted}, empty, now)
    params = {
        **_here(seller_id, place_id),
        "zones": [one.zone for one in found],
        "sinces": [one.at for one in found],
        "oldest": min(one.at for one in found),
        "now": now,
    }
    flows = {row.zone: row for row in await tx.all(store.FLOWS, params)}
    counts: list[ZoneCount] = []
    for one in found:
        flow = flows.get(one.zone)
        total, lowest = (0, 0) if flow is None else (flow.total, flow.lowest)
        drift = max(0, -(one.people + lowest))
        counts.append(
            ZoneCount(
                zone=one.zone,
                people=one.people + total + drift,
                drift=drift,
                anchored_at=one.at,
                counted=one.counted,
            )
        )
    return counts


async def door_counts(
    tx: Tx, seller_id: int, place_id: int, *, since: datetime, now: datetime
) -> dict[str, DoorCount]:
    """What each door counted since then; a door that counted nothing is absent. One statement."""
    params = {**_here(seller_id, place_id), "since": since, "now": now}
    return {one.door: one for one in await tx.all(store.DOOR_COUNTS, params)}


async def heard(tx: Tx, seller_id: int, place_id: int, now: datetime) -> list[Heard]:
    """The sensors and cameras of a place that were heard of within HEARD_WITHIN, by door. One statement."""
    params = {**_here(seller_id, place_id), "since": now - HEARD_WITHIN, "now": now}
    return await tx.all(store.HEARD, params)


async def departed(tx: Tx, seller_id: int, place_id: int, *, within: timedelta, now: datetime) -> int:
    """How many left the place lately, through its outer doors. One statement."""
    return await tx.one(store.DEPARTED, {**_here(seller_id, place_id), "since": now - within, "now": now})


def _here(seller_id: int, place_id: int) -> dict[str, object]:
    return {"seller_id": seller_id, "place_id": place_id}
