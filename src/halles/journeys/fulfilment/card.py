"""How an order was paid by card, and what of it may go back there."""

from __future__ import annotations

from collections.abc import Sequence

from halles.journeys.fulfilment import models
from halles.kernel.db import Tx
from halles.kernel.web import MoneyModel
from halles.orders.types import Order, PaymentState
from halles.payments import api as payments
from halles.payments.types import CardRefund, OrderPayment, OrderPaymentState, RefundState


async def card_of(tx: Tx, order: Order) -> models.CardModel:
    """The card's side of an order that was placed to be paid by card: two queries."""
    attempts = await payments.payments_of_order(tx, order.parent_id or order.order_id)
    refunds = await payments.refunds_of_order(tx, order.order_id)
    paid = payments.paid_by(attempts)
    shown = paid or (attempts[-1] if attempts else None)
    return models.CardModel.model_validate(
        {
            "state": "none" if shown is None else shown.state,
            "failure": None if shown is None else shown.failure,
            "paid": None
            if shown is None or shown.paid is None
            else _money(shown.paid.minor, shown.paid.currency),
            "left": _left(order, paid, refunds),
            "refunds": [_refund(one) for one in refunds],
            "provider_ref": None if shown is None else shown.provider_ref,
            "attention": None if shown is None else shown.attention,
        }
    )


def _left(order: Order, paid: OrderPayment | None, refunds: Sequence[CardRefund]) -> MoneyModel | None:
    """What may still go back to the card: nothing while the order is to be sent."""
    if paid is None or paid.paid is None:
        return None
    if order.payment is PaymentState.HELD and paid.state == OrderPaymentState.RECEIVED:
        return None
    most = paid.paid.minor if order.parent_id is None else order.total_minor
    left = most - sum(one.amount_minor for one in refunds if one.state != RefundState.FAILED)
    return _money(left, paid.paid.currency) if left > 0 else None


def _refund(one: CardRefund) -> models.CardRefundLine:
    return models.CardRefundLine.model_validate(
        {"amount": _money(one.amount_minor, one.currency), "state": one.state, "at": one.created_at}
    )


def _money(minor: int, currency: str) -> MoneyModel:
    return MoneyModel(minor=minor, currency=currency)
