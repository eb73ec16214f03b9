"""Moving an order from state to state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.orders import rules, store
from halles.orders.api.reading import order_of
from halles.orders.types import NoSuchOrder, Order, OrderAdvanced, Step


async def lock_order(tx: Tx, seller_id: int, order_id: UUID) -> Order:
    """The order, locked before any stock or account is. One query. Raises NoSuchOrder."""
    row = await tx.first(store.LOCK, {"seller_id": seller_id, "order_id": order_id})
    if row is None:
        raise NoSuchOrder("No such order.", order_id=str(order_id))
    return order_of(row)


async def advance(
    tx: Tx, order: Order, step: Step, *, by: str, at: datetime, detail: dict[str, Any] | None = None
) -> Order:
    """Take a step with a locked order: its row, one line of the timeline, one event. Three queries. Raises WrongState."""
    state, payment = rules.advance(order.state, step)
    after = replace(order, state=state, payment=payment)
    key = {"seller_id": order.seller_id, "order_id": order.order_id}
    await tx.run(store.ADVANCE, {**key, "state": state, "payment": payment})
    text = None if detail is None else msgspec.json.encode(detail).decode()
    await tx.run(store.APPEND, {**key, "at": at, "code": rules.code_of(state), "by": by, "detail": text})
    event = OrderAdvanced(
        seller_id=order.seller_id, order_id=order.order_id, owner_id=order.owner_id, state=state.word
    )
    await outbox.append(tx, [event])
    return after
