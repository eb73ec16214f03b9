"""Writing a set of changes and their movements, for every verb here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.inventory import store
from halles.inventory.types import (
    Cause,
)
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
