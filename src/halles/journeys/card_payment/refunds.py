"""Money back to the card that paid: record it and take it from the wallet, call the provider, record its word."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import PLATFORM, derived_uuid
from halles.kernel.money import Money
from halles.orders import api as orders
from halles.orders.types import Order, PaymentState
from halles.payments import api as payments
from halles.payments.types import (
    CardRefund,
    NothingToRefund,
    OrderPayment,
    OrderPaymentState,
    Psp,
    PspRefund,
    PspRefused,
    RefundRequest,
    RefundState,
)
from halles.wallet import api as wallet
from halles.wallet.types import AccountKey, AccountKind, TransferKind

log = structlog.get_logger("halles.payments")


class CardRefunds:
    """The journey, on a provider. Nothing here holds a transaction while it calls the provider."""

    def __init__(self, db: Database, psp: Psp, clock: Clock) -> None:
        self._db, self._psp, self._clock = db, psp, clock

    async def give_back(
        self, seller_id: int, order_id: UUID, *, refund_id: UUID, amount: Money | None, by: str
    ) -> CardRefund:
        """Give `amount`, or all that is left, back to the card that paid an order. The same id goes on where it stopped.

        Money that is captured is first taken back from its parties by the stored split. Raises NoSuchOrder, NothingToRefund,
        RefundTooLarge, RefundReused, InsufficientFunds (it was spent meanwhile); after PspUnavailable the reconciler goes on.
        """
        async with self._db.transaction() as tx:
            refund = await self._intend(tx, seller_id, order_id, refund_id, amount, by)
        return await self.find_out(refund) if refund.open else refund

    async def find_out(self, refund: CardRefund) -> CardRefund:
        """Ask the provider about a refund, and for it where it has not heard of it. Raises PspUnavailable."""
        request = RefundRequest(
            home_id=refund.seller_id,
            refund_id=refund.refund_id,
            payment_ref=refund.payment_ref,
            amount=refund.amount,
        )
        try:
            if refund.provider_ref is None:
                told = await self._psp.create_refund(request)
            else:
                told = await self._psp.fetch_refund(refund.provider_ref)
        except PspRefused as error:
            if refund.provider_ref is not None:
                raise
            return await self._end(refund, RefundState.FAILED, ref=None, failure=error.message)
        return await self.settle(told)

    async def settle(self, told: PspRefund) -> CardRefund:
        """Record what the provider said of a refund; one that failed puts the money back. Raises NoSuchPayment."""
        async with self._db.reading() as tx:
            refund = await payments.find_refund(tx, told.home_id, told.refund_id)
        return await self._end(refund, told.state, ref=told.ref, failure=told.failure)

    async def reconcile_pending(self, limit: int = 50) -> int:
        """Ask the provider about refunds that are due; how many ended. Workers call it every few seconds."""
        async with self._db.transaction() as tx:
            due = await payments.claim_due_refunds(tx, self._clock(), limit)
        ended = 0
        for refund in due:
            try:
                ended += not (await self.find_out(refund)).open
            except Refusal as error:
                log.warning("payments.reconcile_failed", refund_id=str(refund.refund_id), code=error.code)
        return ended

    async def _intend(
        self, tx: Tx, seller_id: int, order_id: UUID, refund_id: UUID, amount: Money | None, by: str
    ) -> CardRefund:
        order = await orders.lock_order(tx, seller_id, order_id)
        paid = payments.paid_by(await payments.payments_of_order(tx, order.parent_id or order_id))
        if paid is None:
            raise NothingToRefund("No card has paid this order.")
        payment = await payments.lock_payment(tx, paid.seller_id, paid.payment_id)
        if order.payment is PaymentState.HELD and payment.state == OrderPaymentState.RECEIVED:
            raise NothingToRefund("This order is still to be sent: cancel it first.")
        now = self._clock()
        refund, new = await payments.open_refund(
            tx,
            payment,
            order_id=order_id,
            refund_id=refund_id,
            most_minor=await _part_of(tx, order, payment),
            amount=amount,
            by=by,
            now=now,
        )
        if new:
            await self._take_out(tx, order, refund, now)
        return refund

    async def _take_out(self, tx: Tx, order: Order, refund: CardRefund, at: datetime) -> None:
        """The money leaves its parties, then the wallet, so that nobody can spend it while the provider works."""
        if order.payment is PaymentState.CAPTURED:
            await wallet.refund(
                tx,
                order.owner_id,
                order.order_id,
                refund_id=refund.refund_id,
                at=at,
                amount_minor=refund.amount_minor,
            )
        await wallet.transfer(
            tx,
            transfer_id=derived_uuid("payments.card_refund", refund.seller_id, refund.refund_id),
            debit=AccountKey(order.owner_id, AccountKind.MAIN, refund.currency),
            credit=AccountKey(PLATFORM, AccountKind.CLEARING, refund.currency),
            amount=refund.amount,
            kind=TransferKind.CARD_REFUND,
            at=at,
            order_id=order.order_id,
        )
        await _note(tx, order, refund, "orders.card_refund_started", refund.by, at)

    async def _end(
        self, refund: CardRefund, said: RefundState, *, ref: str | None, failure: str | None
    ) -> CardRefund:
        now = self._clock()
        async with self._db.transaction() as tx:
            seller_id = (await orders.load_order(tx, refund.order_id)).seller_id
            order = await orders.lock_order(tx, seller_id, refund.order_id)
            locked = await payments.lock_refund(tx, refund.seller_id, refund.refund_id)
            state = payments.after_refund(locked.state, said)
            if state is None:
                return locked
            after = await payments.record_refund(tx, locked, state, ref=ref, failure=failure, now=now)
            if state is RefundState.FAILED:
                await _put_back(tx, order, locked, now)
                await _note(tx, order, locked, "orders.card_refund_failed", "system", now)
            elif state is RefundState.SUCCEEDED:
                await _note(tx, order, locked, "orders.card_refunded", "system", now)
        return after


async def _put_back(tx: Tx, order: Order, refund: CardRefund, at: datetime) -> None:
    """The provider could not give the money back: it is the shopper's, in the wallet."""
    await wallet.transfer(
        tx,
        transfer_id=derived_uuid("payments.card_refund_failed", refund.seller_id, refund.refund_id),
        debit=AccountKey(PLATFORM, AccountKind.CLEARING, refund.currency),
        credit=AccountKey(order.owner_id, AccountKind.MAIN, refund.currency),
        amount=refund.amount,
        kind=TransferKind.CARD_REFUND_FAILED,
        at=at,
        order_id=order.order_id,
    )


async def _note(tx: Tx, order: Order, refund: CardRefund, code: str, by: str, at: datetime) -> None:
    await orders.note(tx, order, code, by=by, at=at, detail={"amount": str(refund.amount)})


async def _part_of(tx: Tx, order: Order, payment: OrderPayment) -> int:
    """How much of a payment is this order's, in minor units: all of it, unless it paid several sellers' parts. A part that was
    cancelled has what the payment brought beyond the parts that it paid: nothing, if it was never asked to pay this one."""
    assert payment.paid is not None
    if order.parent_id is None:
        return payment.paid.minor
    others = [one for one in await orders.parts(tx, order) if one.order_id != order.order_id]
    theirs = sum(one.total_minor for one in others if one.payment in _PAID)
    return min(order.total_minor, payment.paid.minor - theirs)


_PAID = frozenset({PaymentState.HELD, PaymentState.CAPTURED, PaymentState.REFUNDED})
