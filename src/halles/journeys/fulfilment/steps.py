"""The steps of an order, each in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, derived_uuid
from halles.orders import api as orders
from halles.orders.types import Order, PaymentState, Step
from halles.payments import api as payments
from halles.wallet import api as wallet


async def take_step(
    tx: Tx,
    seller_id: int,
    order_id: UUID,
    step: Step,
    *,
    by: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> Order:
    """Lock the order, move it, and do with stock and money what the step means. At most eighteen statements.

    `by`: `shopper`, `staff:<party_id>` or `system`. Raises NoSuchOrder, WrongState, PaymentPending.
    """
    order = await orders.lock_order(tx, seller_id, order_id)
    after = await orders.advance(tx, order, step, by=by, at=at, detail=detail)
    match step:
        case Step.SHIP:
            await inventory.ship(tx, SellerId(seller_id), items_of(order), order_id=order_id, by=by, at=at)
            await wallet.capture(tx, order.owner_id, order_id, at)
        case Step.CANCEL:
            await inventory.release(tx, SellerId(seller_id), items_of(order), order_id=order_id, by=by, at=at)
            await flash.give_back(tx, [taken_by(order)])
            await _let_go(tx, order, at)
        case Step.TAKE_BACK:
            await inventory.take_back(
                tx, SellerId(seller_id), items_of(order), order_id=order_id, by=by, at=at
            )
            refund_id = derived_uuid("orders.take_back", order_id)
            await wallet.refund(tx, order.owner_id, order_id, refund_id=refund_id, at=at)
        case Step.PACK | Step.DELIVER:
            pass
    return after


async def _let_go(tx: Tx, order: Order, at: datetime) -> None:
    """Free the money that a cancelled order held, or close the payment by card that it waited for."""
    if order.payment is not PaymentState.PENDING:
        await wallet.void(tx, order.owner_id, order.order_id)
    elif not await orders.others_wait(tx, order):
        await payments.close_payment(tx, order.parent_id or order.order_id, at)


def taken_by(order: Order) -> flash.Cancelled:
    """What a cancelled order gives back to the flash sales it was in."""
    return flash.Cancelled(
        seller_id=order.seller_id,
        owner_id=order.owner_id,
        lines=[(line.variant_id, line.quantity) for line in order.lines],
        placed_at=order.placed_at,
    )


def items_of(order: Order) -> list[tuple[int, int, int]]:
    """(location, variant, quantity) of each line."""
    return [(line.location_id, line.variant_id, line.quantity) for line in order.lines]
