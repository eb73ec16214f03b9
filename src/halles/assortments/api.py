"""Assortments' door. Every function works inside the caller's transaction; `plan` and the other rules need none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.assortments import store
from halles.assortments.rules.areas import narrowest, region_of
from halles.assortments.rules.planning import Article, Sighting, plan
from halles.assortments.rules.wishes import check
from halles.assortments.types import (
    History,
    HistoryPieces,
    HistorySum,
    HistoryWeek,
    NoSuchScenario,
    Plan,
    PostcodePoint,
    Scenario,
    ScenarioIdTaken,
    ScenarioInUse,
    ScenarioState,
    Wishes,
)
from halles.kernel.db import Tx
from halles.kernel.idempotency import fingerprint

__all__ = [
    "Article",
    "Sighting",
    "approve",
    "check",
    "drop",
    "find",
    "history",
    "history_pieces",
    "history_weeks",
    "keep",
    "narrowest",
    "plan",
    "postcodes",
    "put_history",
    "put_postcodes",
    "region_of",
    "scenario",
    "scenarios",
]

_AT_ONCE = 5_000


def _body(place_id: int, name: str, wishes: Wishes) -> bytes:
    return fingerprint(msgspec.json.encode([place_id, name, asdict(wishes)]))


async def find(
    tx: Tx, seller_id: int, scenario_id: UUID, *, place_id: int, name: str, wishes: Wishes
) -> Scenario | None:
    """The scenario that this command made already, None before. One statement. Raises ScenarioIdTaken."""
    row = await tx.first(store.SCENARIO, {"seller_id": seller_id, "scenario_id": scenario_id})
    if row is None:
        return None
    if bytes(row.fingerprint) != _body(place_id, name, wishes):
        raise ScenarioIdTaken("A scenario was made under this id from other wishes.")
    return _scenario(row)


async def keep(
    tx: Tx,
    seller_id: int,
    scenario_id: UUID,
    *,
    place_id: int,
    name: str,
    wishes: Wishes,
    made: Plan,
    by: int,
    now: datetime,
) -> Scenario:
    """Keep a scenario; where the same command kept one meanwhile, that one. Two statements. Raises ScenarioIdTaken."""
    params: dict[str, Any] = {
        "seller_id": seller_id,
        "scenario_id": scenario_id,
        "place_id": place_id,
        "name": name,
        "wishes": msgspec.json.encode(asdict(wishes)).decode(),
        "plan": msgspec.json.encode(asdict(made)).decode(),
        "fingerprint": _body(place_id, name, wishes),
        "made_by": by,
        "made_at": now,
    }
    row = await tx.first(store.KEEP, params)
    if row is not None:
        return _scenario(row)
    found = await find(tx, seller_id, scenario_id, place_id=place_id, name=name, wishes=wishes)
    assert found is not None
    return found


async def scenario(tx: Tx, seller_id: int, scenario_id: UUID) -> Scenario:
    """One statement. Raises NoSuchScenario."""
    row = await tx.first(store.SCENARIO, {"seller_id": seller_id, "scenario_id": scenario_id})
    if row is None:
        raise NoSuchScenario("There is no scenario with this id.")
    return _scenario(row)


async def scenarios(
    tx: Tx,
    seller_id: int,
    *,
    place_id: int | None = None,
    ids: Collection[UUID] | None = None,
    limit: int = 100,
) -> list[Scenario]:
    """A seller's scenarios, the latest first. One statement."""
    params = {
        "seller_id": seller_id,
        "place_id": place_id,
        "scenario_ids": None if ids is None else list(ids),
        "limit": limit,
    }
    return [_scenario(row) for row in await tx.all(store.SCENARIOS, params)]


async def approve(tx: Tx, seller_id: int, scenario_id: UUID, *, by: int, now: datetime) -> Scenario:
    """Make a scenario the plan of its place; the one before is replaced. A repeat changes nothing. Raises NoSuchScenario."""
    found = await scenario(tx, seller_id, scenario_id)
    await tx.all(store.LOCK_PLACE, {"seller_id": seller_id, "place_id": found.place_id})
    found = await scenario(tx, seller_id, scenario_id)
    if found.state is ScenarioState.APPROVED:
        return found
    await tx.run(store.REPLACE, {"seller_id": seller_id, "place_id": found.place_id})
    params = {"seller_id": seller_id, "scenario_id": scenario_id, "by": by, "at": now}
    return _scenario(await tx.one(store.APPROVE, params))


async def drop(tx: Tx, seller_id: int, scenario_id: UUID) -> None:
    """Forget a scenario that was never approved. Raises NoSuchScenario, ScenarioInUse."""
    if not await tx.run(store.DROP, {"seller_id": seller_id, "scenario_id": scenario_id}):
        await scenario(tx, seller_id, scenario_id)
        raise ScenarioInUse("This plan was approved; it is kept.")


async def put_history(tx: Tx, seller_id: int, rows: Sequence[History]) -> int:
    """Keep demand of an earlier system; a row of the same product, postcode and day is replaced. One statement a 5,000 rows."""
    many = 0
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        params = {
            "seller_id": seller_id,
            "countries": [row.country for row in part],
            "postcodes": [row.postcode for row in part],
            "days": [row.day for row in part],
            "products": [row.product_id for row in part],
            "sales": [row.sales for row in part],
            "views": [row.views for row in part],
            "searches": [row.searches for row in part],
            "shoppers": [row.shoppers for row in part],
        }
        many += await tx.run(store.PUT_HISTORY, params)
    return many


async def history(tx: Tx, seller_id: int, since: date, until: date) -> list[HistorySum]:
    """History in [since, until), added up over days. One statement."""
    return await tx.all(store.HISTORY, {"seller_id": seller_id, "since": since, "until": until})


async def history_weeks(tx: Tx, seller_id: int, since: date, until: date, day: date) -> list[HistoryWeek]:
    """History in [since, until) by postcode and week; week 0 begins on `day`. One statement over it."""
    return await tx.all(
        store.HISTORY_WEEKS, {"seller_id": seller_id, "since": since, "until": until, "from_day": day}
    )


async def history_pieces(tx: Tx, params: dict[str, Any]) -> list[HistoryPieces]:
    """Pieces of products before and after a day each, by units of postcodes, as HISTORY_PIECES takes them. One statement."""
    return await tx.all(store.HISTORY_PIECES, params)


async def put_postcodes(tx: Tx, seller_id: int, points: Sequence[PostcodePoint]) -> int:
    """Say where postcodes are. One statement a 5,000."""
    many = 0
    for start in range(0, len(points), _AT_ONCE):
        part = points[start : start + _AT_ONCE]
        params = {
            "seller_id": seller_id,
            "countries": [row.country for row in part],
            "postcodes": [row.postcode for row in part],
            "latitudes": [row.latitude for row in part],
            "longitudes": [row.longitude for row in part],
        }
        many += await tx.run(store.PUT_POSTCODES, params)
    return many


async def postcodes(
    tx: Tx, seller_id: int, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[float, float]]:
    """Latitude and longitude by (country, postcode), where known. One statement."""
    ordered = sorted(wanted)
    params = {
        "seller_id": seller_id,
        "countries": [country for country, _ in ordered],
        "postcodes": [postcode for _, postcode in ordered],
    }
    rows = await tx.all(store.POSTCODES, params)
    return {(row.country, row.postcode): (row.latitude, row.longitude) for row in rows}


def _scenario(row: store.ScenarioRow) -> Scenario:
    return Scenario(
        seller_id=row.seller_id,
        scenario_id=row.scenario_id,
        place_id=row.place_id,
        name=row.name,
        state=ScenarioState(row.state),
        wishes=msgspec.convert(row.wishes, Wishes),
        plan=msgspec.convert(row.plan, Plan),
        made_by=row.made_by,
        made_at=row.made_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
