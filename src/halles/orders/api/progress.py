"""How far orders are, for whoever keeps their promises."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from halles.kernel.db import Tx
from halles.orders import store
from halles.orders.types import OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`promise` as it was given. `country`: of the address, None without one. `steps`: (code, moment) of the timeline."""

    seller_id: int
    order_id: UUID
    owner_id: int
    state: OrderState
    placed_at: datetime
    promise: dict[str, Any]
    country: str | None
    steps: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """An order, where it stands, and the last day of its promise."""

    seller_id: int
    order_id: UUID
    state: OrderState
    placed_at: datetime
    deadline: date


async def progress(tx: Tx, keys: Collection[tuple[int, UUID]]) -> list[Progress]:
    """These (seller, order) pairs. One query."""
    ordered = sorted(keys)
    if not ordered:
        return []
    params = {"sellers": [key[0] for key in ordered], "order_ids": [key[1] for key in ordered]}
    return [
        Progress(
            seller_id=row.seller_id,
            order_id=row.order_id,
            owner_id=row.owner_id,
            state=OrderState(row.state),
            placed_at=row.placed_at,
            promise=row.promise,
            country=row.country,
            steps=tuple((code, datetime.fromisoformat(at)) for code, at in row.steps or ()),
        )
        for row in await tx.all(store.PROGRESS, params)
    ]


async def promised(tx: Tx) -> list[Promised]:
    """Every order with the last day of its promise. One query over everything."""
    return [
        Promised(
            seller_id=row.seller_id,
            order_id=row.order_id,
            state=OrderState(row.state),
            placed_at=row.placed_at,
            deadline=date.fromisoformat(row.deadline),
        )
        for row in await tx.all(store.STATES)
    ]
