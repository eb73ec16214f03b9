"""Writing a set of changes and their movements, for every verb here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.inventory import store
from halles.inventory.types import Cause, StockMissing
from halles.kernel.db import Tx


def array_literal(values: Sequence[object]) -> str:
    """UUIDs or integers as a PostgreSQL array in text: arrays of arrays do not unnest by row."""
    return "{" + ",".join(map(str, values)) + "}"


async def change(
    tx: Tx, seller_id: int, cause: Cause, changes: Mapping[tuple[int, int], tuple[int, int]], *, ref: UUID, by: str,
    reason: str | None, at: datetime,
) -> None:  # fmt: skip
    """Write changes of (on hand, reserved) by (location, variant) and their movements: two queries."""
    params: dict[str, Any] = {
        "sellers": [seller_id] * len(changes),
        "locations": [key[0] for key in changes],
        "variants": [key[1] for key in changes],
        "on_hand": [change[0] for change in changes.values()],
        "reserved": [change[1] for change in changes.values()],
    }
    await tx.run(store.CHANGE, params)
    refs = [array_literal([ref])] * len(changes)
    quantities = [array_literal([abs(change[0] or change[1])]) for change in changes.values()]
    record = {
        **params,
        "cause": cause,
        "refs": refs,
        "quantities": quantities,
        "by": by,
        "reason": reason,
        "at": at,
    }
    await tx.run(store.RECORD, record)


async def release_items(
    tx: Tx,
    freed: Mapping[tuple[int, int, int], Sequence[tuple[UUID, int]]],
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Give back what is reserved, by (seller, location, variant): the (order or reservation, pieces) that had it.

    One movement an item, three queries in all; rows are locked in the one order that all writers keep. Raises StockMissing.
    """
    keys = sorted(freed)
    articles = sorted({(key[0], key[2]) for key in keys})
    lock = {"sellers": [key[0] for key in articles], "variants": [key[1] for key in articles]}
    known = {(row[0], row[1], row[2]) for row in await tx.all(store.LOCK, lock)}
    missing = [key for key in keys if key not in known]
    if missing:
        raise StockMissing(
            "The stock does not hold this reservation.", variant_id=missing[0][2], location_id=missing[0][1]
        )
    await move_reserved(tx, Cause.RELEASED, freed, by=by, at=at, reason=reason)


async def move_reserved(
    tx: Tx,
    cause: Cause,
    moved: Mapping[tuple[int, int, int], Sequence[tuple[UUID, int]]],
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Reserve or release locked items, by (seller, location, variant), with a movement each: two queries."""
    keys, sign = sorted(moved), 1 if cause is Cause.RESERVED else -1
    params: dict[str, Any] = {
        "sellers": [key[0] for key in keys],
        "locations": [key[1] for key in keys],
        "variants": [key[2] for key in keys],
        "on_hand": [0] * len(keys),
        "reserved": [sign * sum(quantity for _, quantity in moved[key]) for key in keys],
    }
    await tx.run(store.CHANGE, params)
    record = {
        **params,
        "cause": cause,
        "refs": [array_literal([ref for ref, _ in moved[key]]) for key in keys],
        "quantities": [array_literal([quantity for _, quantity in moved[key]]) for key in keys],
        "by": by,
        "reason": reason,
        "at": at,
    }
    await tx.run(store.RECORD, record)
