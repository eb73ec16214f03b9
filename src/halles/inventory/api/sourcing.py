"""What sourcing knows: a seller's rule, its locations' figures, why an order leaves from where it does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from halles.inventory import store
from halles.inventory.types import BadSourcing, NoSuchLocation, SourcingRule, Split
from halles.kernel.arrays import Bigints
from halles.kernel.db import Tx

_MOST = 10**9


async def sourcing_rules(tx: Tx, sellers: Collection[int]) -> dict[int, SourcingRule]:
    """The rules of those sellers who made one. One query."""
    rows = await tx.all(store.RULES, {"sellers": Bigints(sorted(sellers))})
    return {row.seller_id: SourcingRule(**{**asdict(row), "split": Split(row.split)}) for row in rows}


async def save_rule(tx: Tx, rule: SourcingRule) -> None:
    """Make or change a seller's rule; orders follow it within seconds. One query. Raises BadSourcing."""
    numbers = (rule.distance_weight, rule.cost_weight, rule.load_weight)
    if not all(
        0 <= number <= _MOST for number in (*numbers, rule.hub_parcel_minor, rule.abroad_parcel_minor)
    ):
        raise BadSourcing("Weights and costs are counted from zero.")
    await tx.run(store.SAVE_RULE, {**asdict(rule), "split": int(rule.split)})


async def drop_rule(tx: Tx, seller_id: int) -> None:
    """Go back to the simple rule. One query."""
    await tx.run(store.DROP_RULE, {"seller_id": seller_id})


async def save_spot(
    tx: Tx,
    seller_id: int,
    location_id: int,
    *,
    latitude: float | None,
    longitude: float | None,
    handling_minor: int,
    a_day: int | None,
) -> None:
    """What sourcing should know of a location. One query. Raises BadSourcing, NoSuchLocation."""
    if (latitude is None) != (longitude is None):
        raise BadSourcing("A point has a latitude and a longitude.")
    if abs(latitude or 0) > 90 or abs(longitude or 0) > 180:
        raise BadSourcing("Latitude is -90 to 90 degrees, longitude -180 to 180.")
    if not 0 <= handling_minor <= _MOST or not 0 <= (a_day or 0) <= _MOST:
        raise BadSourcing("Costs and orders a day are counted from zero.")
    params = {
        "seller_id": seller_id,
        "location_id": location_id,
        "latitude": latitude,
        "longitude": longitude,
        "handling_minor": handling_minor,
        "a_day": a_day,
    }
    if not await tx.run(store.SAVE_SPOT, params):
        raise NoSuchLocation("This seller has no such location.", location_id=location_id)


async def packed_on(tx: Tx, seller_id: int, day: date) -> dict[int, int]:
    """Orders that chose each location on a day (UTC). One query."""
    rows = await tx.all(store.PACKED, {"sellers": Bigints([seller_id]), "day": day.isoformat()})
    return {row[1]: row[2] for row in rows}


async def why(tx: Tx, seller_id: int, order_id: UUID) -> dict[str, Any] | None:
    """Why an order leaves from where it does, as it was when it was placed; None where the simple rule chose. One query."""
    return await tx.first(store.WHY, {"seller_id": seller_id, "order_id": order_id})
