"""Money back to the card that paid an order. Whoever calls has locked the order's row first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.money import Money
from halles.payments import rules
from halles.payments.store import card_refunds as store
from halles.payments.types import (
    CardRefund,
    NoSuchPayment,
    NothingToRefund,
    OrderPayment,
    RefundReused,
    RefundState,
)


async def open_refund(
    tx: Tx,
    payment: OrderPayment,
    *,
    order_id: UUID,
    refund_id: UUID,
    most_minor: int,
    amount: Money | None,
    by: str,
    now: datetime,
) -> tuple[CardRefund, bool]:
    """Record that `amount`, or all that is left, goes back to the card of a locked payment; and whether it is new. Three queries.

    `most_minor`: the order's part of the payment. All refunds of an order that have not failed never exceed that, and those of a
    payment never what it brought. Raises NothingToRefund, RefundTooLarge, RefundReused.
    """
    if payment.paid is None or payment.provider_ref is None:
        raise NothingToRefund("No card has paid this order.")
    earlier = await store.of_payment(tx, payment.seller_id, payment.payment_id)
    same = await store.find(tx, payment.seller_id, refund_id)
    if same is not None:
        if same.order_id != order_id or amount not in {None, same.amount}:
            raise RefundReused("This id was used for another refund.", refund_id=str(refund_id))
        return same, False
    gone = [one for one in earlier if one.state != RefundState.FAILED]
    left = min(
        payment.paid.minor - sum(one.amount_minor for one in gone),
        most_minor - sum(one.amount_minor for one in gone if one.order_id == order_id),
    )
    wanted = Money(left, payment.paid.currency) if amount is None else amount
    rules.check_refund(wanted, Money(left, payment.paid.currency))
    made = CardRefund(
        seller_id=payment.seller_id,
        refund_id=refund_id,
        order_id=order_id,
        payment_id=payment.payment_id,
        payment_ref=payment.provider_ref,
        amount_minor=wanted.minor,
        currency=wanted.currency,
        provider=payment.provider,
        state=RefundState.CREATED,
        provider_ref=None,
        failure=None,
        by=by,
        created_at=now,
    )
    await store.open_refund(tx, made)
    return made, True


async def find_refund(tx: Tx, seller_id: int, refund_id: UUID) -> CardRefund:
    """A refund, not locked. One query. Raises NoSuchPayment."""
    return _known(await store.find(tx, seller_id, refund_id))


async def lock_refund(tx: Tx, seller_id: int, refund_id: UUID) -> CardRefund:
    """A refund, locked after its order. One query. Raises NoSuchPayment."""
    return _known(await store.lock(tx, seller_id, refund_id))


async def refunds_of_order(tx: Tx, order_id: UUID) -> list[CardRefund]:
    """Every refund of an order to a card, the first first. One query."""
    return await store.of_order(tx, order_id)


async def record_refund(
    tx: Tx, refund: CardRefund, state: RefundState, *, ref: str | None, failure: str | None, now: datetime
) -> CardRefund:
    """Keep the new state of a locked refund. One query."""
    await store.record(tx, refund, state, ref=ref, failure=failure, now=now)
    return replace(refund, state=state, provider_ref=ref or refund.provider_ref, failure=failure)


async def claim_due_refunds(tx: Tx, now: datetime, limit: int) -> list[CardRefund]:
    """Refunds whose provider is to be asked now; each is postponed, so that workers share the work. Two queries."""
    rows = await store.due(tx, now, limit)
    if not rows:
        return []
    return await store.postpone(tx, rows, [rules.next_ask(now, row.asks + 1) for row in rows])


def _known(found: CardRefund | None) -> CardRefund:
    if found is None:
        raise NoSuchPayment("No such refund is known here.")
    return found
