"""The door of the demo's showroom: two floors, two doors, the rules of its day, and people inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, derived_uuid
from halles.places import api as places
from halles.welcome import api as welcome
from halles.welcome.types import Crossing, Door, Here, Rule, RuleKind, Source, Terms, Zone

STREET, STAIRS = "marais-street", "marais-stairs"
_FLOORS = (
    Zone(zone="ground", name_fr="Rez-de-chaussée", name_en="Ground floor", capacity=50, rank=0),
    Zone(zone="basement", name_fr="Sous-sol", name_en="Basement", capacity=30, rank=1),
)
_RULES = (
    Rule(kind=RuleKind.HANDS_CLEAN),
    Rule(kind=RuleKind.DISTANCE, value=1.0),
    Rule(kind=RuleKind.STAFF_HANDS_SAMPLES),
    Rule(kind=RuleKind.CONTACTLESS_ONLY),
)
_SEEN = ((STREET, 40, 23, 0), (STREET, 20, 14, 5), (STAIRS, 15, 9, 0), (STREET, 4, 4, 3), (STAIRS, 2, 2, 1))
"""Door, minutes ago, in, out."""


async def open_door(tx: Tx, seller_id: SellerId, now: datetime) -> None:
    """Set the showroom's door up and, in its hours, let some people in. Done again it changes nothing."""
    (marais,) = [place for place in await places.list_places(tx, seller_id) if place.code == "marais"]
    if await welcome.terms(tx, seller_id, marais.place_id) is not None:
        return
    here = Here(
        seller_id=seller_id,
        place_id=marais.place_id,
        timezone=marais.timezone,
        hours=marais.opening_hours,
        capacity=marais.capacity,
    )
    await welcome.put(
        tx, here, zones=_FLOORS, doors=_doors(marais.place_id), terms=Terms(rules=_RULES), now=now
    )
    if welcome.open_now(here.hours, here.timezone, now) is None:
        return
    for number, (door, minutes, inward, outward) in enumerate(_SEEN):
        seen = Crossing(
            event_id=derived_uuid("demo.door", seller_id, number),
            at=now - timedelta(minutes=minutes),
            inward=inward,
            outward=outward,
        )
        await welcome.record_crossings(tx, seller_id, door, [seen], source=Source.SENSOR, now=now)


def _doors(place_id: int) -> Sequence[Door]:
    return (
        Door(
            door=STREET,
            place_id=place_id,
            name_fr="Porte sur rue",
            name_en="Street door",
            from_zone=None,
            to_zone="ground",
            rank=0,
        ),
        Door(
            door=STAIRS,
            place_id=place_id,
            name_fr="Escalier",
            name_en="Stairs",
            from_zone="ground",
            to_zone="basement",
            rank=1,
        ),
    )
