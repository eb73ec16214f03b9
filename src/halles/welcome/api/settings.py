"""Zones, doors, terms and rules of a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.welcome import store
from halles.welcome.rules import settings as rules
from halles.welcome.types import (
    Door,
    DoorTaken,
    Here,
    NotWelcoming,
    Rule,
    RuleKind,
    Terms,
    WelcomeChanged,
    WelcomeChangedMeanwhile,
    Zone,
)


async def terms(tx: Tx, seller_id: int, place_id: int) -> Terms | None:
    """How a place lets people in; None: nobody said yet. One statement."""
    row = await tx.first(store.TERMS, {"seller_id": seller_id, "place_id": place_id})
    return None if row is None else _terms(row)


async def set_up(tx: Tx, seller_id: int) -> set[int]:
    """Places of a seller that have terms. One statement."""
    return set(await tx.all(store.SET_UP, {"seller_id": seller_id}))


async def lock(tx: Tx, here: Here) -> Terms:
    """A place's terms, and its lock until the transaction ends. One statement. Raises NotWelcoming."""
    row = await tx.first(store.LOCK_PLACE, {"seller_id": here.seller_id, "place_id": here.place_id})
    if row is None:
        raise NotWelcoming("This place takes no bookings and has no queue.", place_id=here.place_id)
    return _terms(row)


async def zones(tx: Tx, seller_id: int, place_id: int) -> list[Zone]:
    """A place's zones in order. One statement."""
    return await tx.all(store.ZONES, {"seller_id": seller_id, "place_id": place_id})


async def doors(tx: Tx, seller_id: int, place_id: int) -> list[Door]:
    """A place's doors in order. One statement."""
    return await tx.all(store.DOORS, {"seller_id": seller_id, "place_id": place_id})


async def put(
    tx: Tx, here: Here, *, zones: Sequence[Zone], doors: Sequence[Door], terms: Terms, now: datetime
) -> None:
    """Change a place's settings from the version their editor saw (0: there were none). Counts, bookings and tickets stay. Seven
    statements. Raises BadSettings, DoorTaken, WelcomeChangedMeanwhile."""
    rules.check(zones, doors, terms, here.capacity)
    at: dict[str, Any] = {"seller_id": here.seller_id, "place_id": here.place_id}
    before = await tx.first(store.LOCK_PLACE, at)
    params = asdict(terms) | {"rules": msgspec.json.encode(terms.rules).decode()}
    if (0 if before is None else before.version) != terms.version or not await tx.run(
        store.PUT_TERMS, {**at, **params, "at": now}
    ):
        raise WelcomeChangedMeanwhile("Somebody changed this since you opened it. Load it again.")
    await tx.run(store.DROP_ZONES, at)
    await tx.run(store.PUT_ZONES, {**at, **_columns(zones, "zone", "name_fr", "name_en", "capacity")})
    await tx.run(store.DROP_DOORS, at)
    kept = await tx.run(
        store.PUT_DOORS, {**at, **_columns(doors, "door", "name_fr", "name_en", "from_zone", "to_zone")}
    )
    if kept != len(doors):
        raise DoorTaken("Another place has a door with one of these codes.", field="doors")
    await outbox.append(tx, [WelcomeChanged(seller_id=here.seller_id, place_id=here.place_id)])


def _columns(rows: Sequence[Zone | Door], *fields: str) -> dict[str, list[Any]]:
    names = {
        "zone": "zones",
        "door": "doors",
        "name_fr": "names_fr",
        "name_en": "names_en",
        "capacity": "capacities",
        "from_zone": "from_zones",
        "to_zone": "to_zones",
    }
    found = {names[field]: [getattr(row, field) for row in rows] for field in fields}
    return {**found, "ranks": list(range(len(rows)))}


def _terms(row: store.TermsRow) -> Terms:
    fields = {name: getattr(row, name) for name in row.__dataclass_fields__ if name != "rules"}
    rules_ = [
        Rule(kind=RuleKind(one["kind"]), value=one["value"], text_fr=one["text_fr"], text_en=one["text_en"])
        for one in row.rules
    ]
    return Terms(**fields, rules=tuple(rules_))
