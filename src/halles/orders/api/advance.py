"""Moving an order from state to state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.orders import rules, store
from halles.orders.api.reading import order_of
from halles.orders.types import (
    NoSuchOrder,
    Order,
    OrderAdvanced,
    OrderNoted,
    OrderPaymentReceived,
    OrderState,
    PaymentState,
    Step,
)


async def lock_order(tx: Tx, seller_id: int, order_id: UUID) -> Order:
    """The order, locked before any stock or account is. One query. Raises NoSuchOrder."""
    row = await tx.first(store.LOCK, {"seller_id": seller_id, "order_id": order_id})
    if row is None:
        raise NoSuchOrder("No such order.", order_id=str(order_id))
    return order_of(row)


async def advance(
    tx: Tx, order: Order, step: Step, *, by: str, at: datetime, detail: dict[str, Any] | None = None
) -> Order:
    """Take a step with a locked order: its row, one line of the timeline, one event. Three queries. Raises WrongState,
    PaymentPending."""
    state, payment = rules.advance(order.state, step, order.payment)
    after = replace(order, state=state, payment=payment)
    key = {"seller_id": order.seller_id, "order_id": order.order_id}
    await tx.run(store.ADVANCE, {**key, "state": state, "payment": payment})
    await _append(tx, order, rules.code_of(state), by=by, at=at, detail=detail)
    event = OrderAdvanced(
        seller_id=order.seller_id, order_id=order.order_id, owner_id=order.owner_id, state=state.word
    )
    await outbox.append(tx, [event])
    return after


async def lock_family(tx: Tx, seller_id: int, order_id: UUID) -> list[Order]:
    """The order and whatever other sellers' parts were placed with it, locked in order. One query and one a part. Raises
    NoSuchOrder."""
    keys = await tx.all(store.FAMILY, {"order_id": order_id})
    if not keys:
        return [await lock_order(tx, seller_id, order_id)]
    return [await lock_order(tx, key.seller_id, key.order_id) for key in keys]


async def others_wait(tx: Tx, order: Order) -> bool:
    """Whether another part of the same order still waits for the card. At most one query."""
    if order.parent_id is None:
        return False
    key = {"parent_id": order.parent_id, "order_id": order.order_id}
    return await tx.one(store.SIBLINGS_WAITING, key) > 0


async def receive_payment(
    tx: Tx, order: Order, *, at: datetime, detail: dict[str, Any] | None = None
) -> Order:
    """A locked order that waited for a card is paid: its row, one line of the timeline, one event. Three queries."""
    assert order.payment is PaymentState.PENDING
    assert order.state is OrderState.PLACED
    after = replace(order, payment=PaymentState.HELD)
    key = {"seller_id": order.seller_id, "order_id": order.order_id}
    await tx.run(store.ADVANCE, {**key, "state": after.state, "payment": after.payment})
    await _append(tx, order, "orders.payment_received", by="system", at=at, detail=detail)
    event = OrderPaymentReceived(
        seller_id=order.seller_id,
        order_id=order.order_id,
        owner_id=order.owner_id,
        total_minor=order.total_minor,
        currency=order.currency,
    )
    await outbox.append(tx, [event])
    return after


async def note(
    tx: Tx, order: Order, code: str, *, by: str, at: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Write on a locked order's timeline what does not move it, and wake its page. Two queries."""
    await _append(tx, order, code, by=by, at=at, detail=detail)
    event = OrderNoted(seller_id=order.seller_id, order_id=order.order_id, owner_id=order.owner_id, code=code)
    await outbox.append(tx, [event])


async def lock_unpaid(
    tx: Tx, now: datetime, *, after: tuple[datetime, UUID] | None = None, limit: int = 100
) -> list[Order]:
    """Orders whose time to pay is over, the longest waiting first, after (pay_by, order); locked, and those that another worker
    holds left to it. One query."""
    params = {
        "now": now,
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return [order_of(row) for row in await tx.all(store.LOCK_UNPAID, params)]


async def expire(tx: Tx, found: Sequence[Order], at: datetime) -> None:
    """Cancel locked orders that were not paid in time: rows, timelines and events, a set each. Three queries."""
    assert all(order.payment is PaymentState.PENDING for order in found)
    params = {
        "sellers": [order.seller_id for order in found],
        "order_ids": [order.order_id for order in found],
        "at": at,
    }
    await tx.run(store.EXPIRE, params)
    await tx.run(store.APPEND_EXPIRED, params)
    word = OrderState.CANCELLED.word
    await outbox.append(
        tx,
        [
            OrderAdvanced(seller_id=o.seller_id, order_id=o.order_id, owner_id=o.owner_id, state=word)
            for o in found
        ],
    )


async def _append(
    tx: Tx, order: Order, code: str, *, by: str, at: datetime, detail: dict[str, Any] | None
) -> None:
    text = None if detail is None else msgspec.json.encode(detail).decode()
    key = {"seller_id": order.seller_id, "order_id": order.order_id}
    await tx.run(store.APPEND, {**key, "at": at, "code": code, "by": by, "detail": text})
