"""Places' door. Every function works inside the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.kernel.db import Tx
from halles.places import store
from halles.places.rules import check, is_open, read_sample_code, sample_code
from halles.places.types import (
    WEB,
    Place,
    PlaceChangedMeanwhile,
    PlaceCodeTaken,
    PlaceDraft,
    Sample,
    ShownSample,
    Touchpoint,
    TouchpointCodeTaken,
    TouchpointKind,
    UnknownPlace,
    UnknownSample,
)

__all__ = [
    "add_place",
    "add_sample",
    "add_touchpoint",
    "change_place",
    "count_samples",
    "find_sample",
    "find_touchpoint",
    "is_open",
    "list_places",
    "list_touchpoints",
    "place",
    "remove_sample",
    "samples",
    "samples_of",
    "shown",
]


async def find_touchpoint(tx: Tx, code: str | None) -> Touchpoint | None:
    """A touchpoint with its place; without a code, or with one nobody knows, the web's. None on an empty system. At most two
    statements, one for a code that is known."""
    for candidate in (code, WEB):
        found = await tx.first(store.TOUCHPOINT, {"code": candidate}) if candidate else None
        if found is not None:
            return found
    return None


async def place(tx: Tx, place_id: int, seller_id: int | None = None) -> Place:
    """A place, of a given seller or of any. One statement. Raises UnknownPlace."""
    found = await tx.first(store.PLACE, {"place_id": place_id, "seller_id": seller_id})
    if found is None:
        raise UnknownPlace("No place has this id.", place_id=place_id)
    return found


async def list_places(tx: Tx, seller_id: int) -> list[Place]:
    """A seller's places by name. One statement."""
    return await tx.all(store.PLACES, {"seller_id": seller_id})


async def add_place(tx: Tx, seller_id: int, draft: PlaceDraft) -> Place:
    """Open a place. One statement. Raises BadPlace, PlaceCodeTaken."""
    check(draft)
    made = await tx.first(store.ADD_PLACE, {"seller_id": seller_id, **_columns(draft)})
    if made is None:
        raise PlaceCodeTaken(f"Another place is called {draft.code!r}.", field="code")
    return made


async def change_place(tx: Tx, seller_id: int, place_id: int, version: int, draft: PlaceDraft) -> Place:
    """Change a place from the version its editor saw. Raises BadPlace, PlaceCodeTaken, PlaceChangedMeanwhile, UnknownPlace."""
    check(draft)
    params = {"seller_id": seller_id, "place_id": place_id, "version": version, **_columns(draft)}
    made = await tx.first(store.CHANGE_PLACE, params)
    if made is not None:
        return made
    now = await place(tx, place_id, seller_id)
    if now.version != version:
        raise PlaceChangedMeanwhile("Somebody changed this place since you opened it. Load it again.")
    raise PlaceCodeTaken(f"Another place is called {draft.code!r}.", field="code")


async def list_touchpoints(tx: Tx, seller_id: int) -> list[Touchpoint]:
    """A seller's touchpoints by code. One statement."""
    return await tx.all(store.TOUCHPOINTS, {"seller_id": seller_id})


async def add_touchpoint(
    tx: Tx, seller_id: int, *, code: str, kind: TouchpointKind, place_id: int | None
) -> int:
    """Make a touchpoint, or change the seller's own of that code; returns its id. One statement. Raises TouchpointCodeTaken."""
    made = await tx.first(
        store.ADD_TOUCHPOINT, {"seller_id": seller_id, "code": code, "kind": kind, "place_id": place_id}
    )
    if made is None:
        raise TouchpointCodeTaken(f"The touchpoint {code!r} belongs to somebody else.", field="code")
    return made


async def samples(tx: Tx, seller_id: int, place_id: int) -> list[Sample]:
    """What is on display at a place, by position. One statement."""
    return await tx.all(store.SAMPLES, {"seller_id": seller_id, "place_id": place_id})


async def samples_of(tx: Tx, seller_id: int, product_ids: Collection[UUID]) -> list[Sample]:
    """Where products are on display. One statement."""
    return await tx.all(store.SAMPLES_OF, {"seller_id": seller_id, "product_ids": list(product_ids)})


async def shown(tx: Tx, seller_id: int, place_id: int, until: datetime) -> list[ShownSample]:
    """Every sample that was put on display at a place before a moment, also those taken away since. One statement."""
    return await tx.all(store.SHOWN, {"seller_id": seller_id, "place_id": place_id, "until": until})


async def count_samples(tx: Tx, seller_id: int) -> dict[int, int]:
    """How many samples each place has; places without any are absent. One statement."""
    return {row.place_id: row.samples for row in await tx.all(store.COUNT_SAMPLES, {"seller_id": seller_id})}


async def find_sample(tx: Tx, code: str) -> Sample | None:
    """The sample with a printed code, however it was typed; also one taken off display, whose label somebody kept. At most one
    statement."""
    printed = read_sample_code(code)
    return None if printed is None else await tx.first(store.SAMPLE, {"code": printed})


async def add_sample(
    tx: Tx,
    seller_id: int,
    place_id: int,
    *,
    product_id: UUID,
    variant_id: int | None,
    position: str,
    placed_at: datetime | None = None,
) -> Sample:
    """Put a sample on display with a code of its own, since `placed_at` (None: now). Two statements, a third in a thousand
    million. Raises UnknownPlace."""
    await place(tx, place_id, seller_id)
    params: dict[str, Any] = {
        "seller_id": seller_id,
        "place_id": place_id,
        "product_id": product_id,
        "variant_id": variant_id,
        "position": position,
        "placed_at": placed_at,
    }
    while True:
        made = await tx.first(store.ADD_SAMPLE, {**params, "code": sample_code(secrets.randbits(30))})
        if made is not None:
            return made


async def remove_sample(tx: Tx, seller_id: int, place_id: int, sample_id: int) -> None:
    """Take a sample off display. One statement. Raises UnknownSample."""
    if not await tx.run(
        store.REMOVE_SAMPLE, {"seller_id": seller_id, "place_id": place_id, "sample_id": sample_id}
    ):
        raise UnknownSample("No sample has this id.", sample_id=sample_id)


def _columns(draft: PlaceDraft) -> dict[str, Any]:
    return {**asdict(draft), "opening_hours": msgspec.json.encode(draft.opening_hours).decode()}
