"""Paying an order by card: begin, hear, find out, expire. Nothing here holds a transaction while it calls the provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.journeys.card_payment.booking import book
from halles.journeys.fulfilment.api import items_of, taken_by
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId
from halles.kernel.money import Money
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, Order, PaymentState
from halles.payments import api as payments
from halles.payments.types import (
    NotAwaitingPayment,
    OrderPayment,
    PaymentRequest,
    PaymentsOff,
    Psp,
    PspPayment,
    PspRefused,
    TooLate,
)

log = structlog.get_logger("halles.payments")
A_TURN = 50
"""How many payments one worker asks about in one turn: with a turn every five seconds, ten questions a second at most."""


class CardPayments:
    """The journey, on a provider."""

    def __init__(self, db: Database, psp: Psp, clock: Clock) -> None:
        self._db, self._psp, self._clock = db, psp, clock

    async def pay(self, owner_id: int, order_id: UUID, card: str | None = None) -> OrderPayment:
        """Record the intent, open the payment, record its state; or find out where the one under way stands. Repeatable.

        `card`: only the demo's provider reads it. Raises NoSuchOrder, NotAwaitingPayment, TooLate, TooManyAttempts, PspRefused,
        and PspUnavailable, after which the reconciler goes on by itself.
        """
        async with self._db.transaction() as tx:
            row = await self._intend(tx, owner_id, order_id)
        if not row.open:
            return row
        if row.provider_ref is None or card is not None:
            return await self._open(row, card)
        return await self.settle(await self._psp.fetch_payment(row.provider_ref))

    async def settle(self, payment: PspPayment) -> OrderPayment:
        """Record what the provider said and do what it means, once. Raises NoSuchPayment."""
        async with self._db.transaction() as tx:
            return await book(tx, payment, self._clock())

    async def find_out(self, row: OrderPayment) -> OrderPayment:
        """Ask the provider about a payment under way; when its order waits no longer, it is closed there first, and what was paid
        meanwhile is booked all the same."""
        if row.provider_ref is None:
            settled = await self._open(row, None)
        else:
            settled = await self.settle(await self._psp.fetch_payment(row.provider_ref))
        ref = settled.provider_ref
        if settled.open and ref is not None and settled.closes_at <= self._clock():
            settled = await self.settle(await self._psp.cancel_payment(ref))
        return settled

    async def reconcile_pending(self, limit: int = A_TURN) -> int:
        """Ask the provider about payments that are due; how many ended. Workers call it every few seconds."""
        async with self._db.transaction() as tx:
            due = await payments.claim_due_payments(tx, self._clock(), limit)
        ended = 0
        for row in due:
            try:
                ended += not (await self.find_out(row)).open
            except Refusal as error:
                log.warning("payments.reconcile_failed", payment_id=str(row.payment_id), code=error.code)
        return ended

    async def _intend(self, tx: Tx, owner_id: int, order_id: UUID) -> OrderPayment:
        """The attempt that is under way, has paid, or begins now. Raises as `pay`."""
        found = await orders.load_order(tx, order_id)
        if found.owner_id != owner_id:
            raise NoSuchOrder("No such order.", order_id=str(order_id))
        head_id = found.parent_id or order_id
        head = found if head_id == order_id else await orders.load_order(tx, head_id)
        family = await orders.lock_family(tx, head.seller_id, head_id)
        waiting = [order for order in family if order.payment is PaymentState.PENDING]
        if not waiting:
            return _paid_already(await payments.payments_of_order(tx, head_id), found)
        pay_by = min(_pay_by(order) for order in waiting)
        now = self._clock()
        if now >= pay_by:
            raise TooLate("The time to pay this order is over.", pay_by=pay_by.isoformat())
        total_minor = sum(order.total_minor for order in waiting)
        if not total_minor:
            raise NotAwaitingPayment("There is nothing to pay.", payment=found.payment.word)
        return await payments.open_order_payment(
            tx,
            seller_id=head.seller_id,
            order_id=head_id,
            amount=Money(total_minor, found.currency),
            provider=self._psp.name,
            closes_at=pay_by,
            now=now,
        )

    async def _open(self, row: OrderPayment, card: str | None) -> OrderPayment:
        """Open the payment at the provider, or find it there. Raises PspRefused after it is recorded, PspUnavailable."""
        request = PaymentRequest(subject=row.subject, amount=row.amount, card=card)
        try:
            opened = await self._psp.create_payment(request)
        except PspRefused as error:
            async with self._db.transaction() as tx:
                locked = await payments.lock_payment(tx, row.seller_id, row.payment_id)
                await payments.refuse_payment(tx, locked, error.message, self._clock())
            raise
        return await self.settle(opened)


async def expire_unpaid(db: Database, now: datetime, limit: int = 100) -> int:
    """Cancel orders that were not paid in time and give their stock back, a set a transaction; how many. Any number of workers
    may run it: each takes what no other holds. An order whose payment has no end yet is left until the provider has said so.
    """
    after: tuple[datetime, UUID] | None = None
    expired = 0
    while True:
        async with db.transaction() as tx:
            late = await orders.lock_unpaid(tx, now, after=after, limit=limit)
            expired += await _expire(tx, late, now)
        if len(late) < limit:
            return expired
        after = (_pay_by(late[-1]), late[-1].order_id)


async def _expire(tx: Tx, late: Sequence[Order], now: datetime) -> int:
    under_way = await payments.under_way(tx, [order.parent_id or order.order_id for order in late])
    over = [order for order in late if (order.parent_id or order.order_id) not in under_way]
    if over:
        await orders.expire(tx, over, now)
        releases = [(SellerId(order.seller_id), order.order_id, items_of(order)) for order in over]
        await inventory.release_all(tx, releases, by="system", at=now)
        await flash.give_back(tx, [taken_by(order) for order in over])
    return len(over)


def _pay_by(order: Order) -> datetime:
    assert order.pay_by is not None, "an order that waits for a card has a time to pay"
    return order.pay_by


def _paid_already(attempts: Sequence[OrderPayment], order: Order) -> OrderPayment:
    """The attempt that paid an order: the answer to a repeat. Raises NotAwaitingPayment."""
    paid = payments.paid_by(attempts)
    if paid is None:
        raise NotAwaitingPayment(
            "This order does not wait for a card.", state=order.state.word, payment=order.payment.word
        )
    return paid


def card_payments(services: Services) -> CardPayments:
    """The journey on this process's provider. Raises PaymentsOff when there is none."""
    return CardPayments(services.db, provider_of(services), services.clock)


def provider_of(services: Services) -> Psp:
    """The payment provider of this process. Raises PaymentsOff when there is none."""
    psp: Psp | None = services.extra.get(Psp.__name__)
    if psp is None:
        raise PaymentsOff("Cards cannot be taken here: no payment provider is set up.")
    return psp
