"""Paying an order by card over HTTP, money back to the card, and what of payments waits for a person."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from halles.journeys.card_payment import models
from halles.journeys.card_payment.api import card_payments, provider_of
from halles.journeys.card_payment.psp_http import router as provider_side
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.fulfilment.http import visible
from halles.kernel.caller import Caller, Role
from halles.kernel.money import Money
from halles.kernel.web import PROBLEM_RESPONSES, Page, ServicesDep, allow
from halles.orders import api as orders
from halles.orders.types import Order, PaymentState
from halles.payments import api as payments
from halles.payments.types import NothingToRefund

shopper = APIRouter(prefix="/api/orders", tags=["orders"], responses=PROBLEM_RESPONSES)
console = APIRouter(prefix="/api/console/payments", tags=["console"], responses=PROBLEM_RESPONSES)


@shopper.post("/{order_id}/payment", operation_id="pay_order")
async def pay_order(
    order_id: UUID, body: models.PayAsked, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> models.OrderPaymentModel:
    """Pay an order that waits for a card, or find out where its payment stands: the provider is asked."""
    card = None if body.method is None else body.method.demo_card
    row = await card_payments(services).pay(caller.party(), order_id, card)
    return models.payment_model(row, order_id)


@shopper.post("/{order_id}/card-refunds", operation_id="refund_to_card")
async def refund_to_card(
    order_id: UUID,
    body: models.RefundAsked,
    services: ServicesDep,
    caller: Caller = allow(Role.SHOPPER, Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> models.CardRefundModel:
    """Give an order's money back to the card that paid it: its owner's once the order is over, staff's also part of it before."""
    async with services.db.reading() as tx:
        order = visible(await orders.load_order(tx, order_id), caller)
    mine = order.owner_id == caller.party_id
    if mine:
        _check_over(order)
    amount = None if body.amount is None else Money(body.amount.minor, body.amount.currency)
    journey = CardRefunds(services.db, provider_of(services), services.clock)
    refund = await journey.give_back(
        order.seller_id,
        order_id,
        refund_id=body.refund_id,
        amount=amount,
        by="shopper" if mine else f"staff:{caller.party()}",
    )
    return models.refund_model(refund)


@console.get("/unclear", operation_id="unclear_payments")
async def unclear_payments(
    services: ServicesDep, caller: Caller = allow(Role.HEAD_OFFICE, Role.OPERATOR)
) -> Page[models.UnclearModel]:
    """Payments and refunds that have no end after a day, or came otherwise than asked: the oldest first. Top-ups, and
    what is of other sellers' orders, are the operator's to see. One query."""
    async with services.db.reading() as tx:
        found = await payments.unclear(tx, services.clock(), caller.sees())
    return Page(items=[models.unclear_model(row) for row in found])


@console.post("/{payment_id}/attended", status_code=204, operation_id="attend_payment")
async def attend_payment(
    payment_id: UUID, services: ServicesDep, caller: Caller = allow(Role.HEAD_OFFICE, Role.OPERATOR)
) -> Response:
    """A person has looked at a payment that came otherwise than asked; it leaves the list. Its money was booked already."""
    async with services.db.transaction() as tx:
        await payments.attended(tx, caller.sees(), payment_id, services.clock())
    return Response(status_code=204)


def _check_over(order: Order) -> None:
    """A shopper takes back what is free again: money of an order that is to be sent, or was, is the shop's to give."""
    if order.payment in {PaymentState.CAPTURED, PaymentState.HELD}:
        raise NothingToRefund("This order is paid and not over; ask the shop.", payment=order.payment.word)


router = APIRouter()
router.include_router(shopper)
router.include_router(provider_side)
router.include_router(console)
