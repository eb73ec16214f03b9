"""What the provider's word on a payment does to order, payment and ledger: one transaction, repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from halles.kernel.db import Tx
from halles.kernel.ids import PLATFORM, derived_uuid
from halles.kernel.money import Money
from halles.orders import api as orders
from halles.orders.types import Order, OrderState, PaymentState
from halles.payments import api as payments
from halles.payments.api import Verdict
from halles.payments.types import NoSuchPayment, OrderPayment, PspPayment, SubjectKind
from halles.wallet import api as wallet
from halles.wallet.types import AccountKey, AccountKind, TransferKind

log = structlog.get_logger("halles.payments")


async def book(tx: Tx, payment: PspPayment, at: datetime) -> OrderPayment:
    """Record what the provider said of an order's payment and do with money and order what it means, once. About twenty queries
    when money came, five otherwise. Raises NoSuchPayment.
    """
    if payment.subject.kind is not SubjectKind.ORDER:
        raise NoSuchPayment("This is no payment of an order.")
    seller_id, payment_id = payment.subject.home_id, payment.subject.id
    found = await payments.find_payment(tx, seller_id, payment_id)
    family = await orders.lock_family(tx, seller_id, found.order_id)
    row = await payments.lock_payment(tx, seller_id, payment_id)
    waiting = [order for order in family if order.payment is PaymentState.PENDING]
    due_minor = sum(order.total_minor for order in waiting)
    verdict = payments.judge_payment(row, payment, waiting=0 < due_minor <= row.amount_minor)
    if verdict in _BRINGS_MONEY:
        head = next(order for order in family if order.order_id == row.order_id)
        if not await _take_in(tx, head, payment, at):
            return row
    after = await payments.record_payment(tx, row, payment, verdict, at)
    if verdict is Verdict.RECEIVE:
        for order in waiting:
            await _hold(tx, order, at)
        await payments.close_payment(tx, row.order_id, at)
    if verdict in _BRINGS_MONEY:
        paid = waiting if verdict is Verdict.RECEIVE else []
        over = Money(payment.amount.minor - sum(order.total_minor for order in paid), payment.amount.currency)
        await _note_credited(tx, [order for order in family if order not in paid], row, over, at)
        _tell(after, payment)
    return after


_BRINGS_MONEY = frozenset({Verdict.RECEIVE, Verdict.CREDIT, Verdict.AGAIN})


def _tell(row: OrderPayment, payment: PspPayment) -> None:
    """Money that is not as the order asked for it is in the log too, for whoever looks there first."""
    if row.attention is not None:
        log.error(
            "payments.needs_a_person",
            reason=row.attention,
            order_id=str(row.order_id),
            provider_ref=payment.ref,
            ours=str(row.amount),
            theirs=str(payment.amount),
        )


async def _take_in(tx: Tx, order: Order, payment: PspPayment, at: datetime) -> bool:
    """What the provider collected arrives in the shopper's wallet, once a payment of the provider's; False when it is there."""
    return await wallet.transfer(
        tx,
        transfer_id=derived_uuid("payments.card", payment.subject.id, payment.ref),
        debit=AccountKey(PLATFORM, AccountKind.CLEARING, payment.amount.currency),
        credit=AccountKey(order.owner_id, AccountKind.MAIN, payment.amount.currency),
        amount=payment.amount,
        kind=TransferKind.CARD,
        at=at,
        order_id=order.order_id,
    )


async def _hold(tx: Tx, order: Order, at: datetime) -> None:
    """Hold an order's total with its split, as checkout does for a wallet, and move it on."""
    fee_bp = (await wallet.fees(tx, [order.seller_id])).get(order.seller_id, 0)
    legs = wallet.split(order.total_minor, order.tax_minor, fee_bp, order.seller_id)
    total = Money(order.total_minor, order.currency)
    await wallet.hold(tx, owner_id=order.owner_id, hold_id=order.order_id, amount=total, legs=legs, at=at)
    await orders.receive_payment(tx, order, at=at)


async def _note_credited(
    tx: Tx, others: Sequence[Order], row: OrderPayment, over: Money, at: datetime
) -> None:
    """Tell the shopper that money came which their order did not wait for: on the orders that the payment was for, with their
    part of it. What was cancelled before the payment began has no part in it."""
    if over.minor <= 0:
        return
    concerned = [order for order in others if await _is_in(tx, order, row)]
    exact = sum(order.total_minor for order in concerned) == over.minor
    for order in concerned:
        amount = Money(order.total_minor, over.currency) if exact else over
        detail = {"amount": str(amount)}
        await orders.note(tx, order, "orders.payment_credited", by="system", at=at, detail=detail)


async def _is_in(tx: Tx, order: Order, row: OrderPayment) -> bool:
    """Whether an order was to be paid when this payment began. At most one query."""
    if order.state is not OrderState.CANCELLED:
        return True
    told = await orders.timeline(tx, order)
    return all(entry.at >= row.created_at for entry in told if entry.code in _ENDS)


_ENDS = frozenset({"orders.cancelled", "orders.expired"})
