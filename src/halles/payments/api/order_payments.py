"""Card payments of orders. Whoever calls has locked the order's row first, so that its payment and its state move together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.ids import derived_uuid
from halles.kernel.money import Money
from halles.payments import rules
from halles.payments.rules import Verdict
from halles.payments.store import order_payments as store
from halles.payments.types import (
    NoSuchPayment,
    OrderPayment,
    OrderPaymentState,
    PspPayment,
    TooManyAttempts,
    Unclear,
)

_AFTER = {
    Verdict.WAIT: OrderPaymentState.PENDING,
    Verdict.RECEIVE: OrderPaymentState.RECEIVED,
    Verdict.CREDIT: OrderPaymentState.CREDITED,
    Verdict.FAIL: OrderPaymentState.FAILED,
}


async def open_order_payment(
    tx: Tx,
    *,
    seller_id: int,
    order_id: UUID,
    amount: Money,
    provider: str,
    closes_at: datetime,
    now: datetime,
) -> OrderPayment:
    """Record that a locked order is to be paid by card: the attempt under way, the one that paid, or a new one after those that
    failed. At most two queries. Raises TooManyAttempts.

    The attempt's id is derived from the order's, so that every process that opens it names the same payment to the provider.
    """
    earlier = await store.of_order(tx, order_id)
    if earlier and earlier[-1].state != OrderPaymentState.FAILED:
        return earlier[-1]
    attempt = len(earlier) + 1
    if attempt > rules.MOST_ATTEMPTS:
        raise TooManyAttempts("Too many payments of this order have failed.", attempts=len(earlier))
    made = OrderPayment(
        seller_id=seller_id,
        payment_id=derived_uuid("payments.order", order_id, attempt),
        order_id=order_id,
        attempt=attempt,
        amount_minor=amount.minor,
        currency=amount.currency,
        provider=provider,
        state=OrderPaymentState.CREATED,
        provider_ref=None,
        client_secret=None,
        url=None,
        failure=None,
        paid_minor=None,
        paid_currency=None,
        attention=None,
        closes_at=closes_at,
        created_at=now,
    )
    await store.open_payment(tx, made)
    return made


async def find_payment(tx: Tx, seller_id: int, payment_id: UUID) -> OrderPayment:
    """An attempt, not locked. One query. Raises NoSuchPayment."""
    return _known(await store.find(tx, seller_id, payment_id))


async def lock_payment(tx: Tx, seller_id: int, payment_id: UUID) -> OrderPayment:
    """An attempt, locked after its order. One query. Raises NoSuchPayment."""
    return _known(await store.lock(tx, seller_id, payment_id))


async def payments_of_order(tx: Tx, order_id: UUID) -> list[OrderPayment]:
    """Every attempt to pay an order, the first first. One query."""
    return await store.of_order(tx, order_id)


def paid_by(attempts: Sequence[OrderPayment]) -> OrderPayment | None:
    """The attempt whose money came: the one that paid the order before one that was credited; None when no money came."""
    with_money = [one for one in attempts if one.paid is not None]
    return min(with_money, key=lambda one: one.state != OrderPaymentState.RECEIVED, default=None)


def judge_payment(row: OrderPayment, payment: PspPayment, *, waiting: bool) -> Verdict:
    """What to do with the provider's word on a locked attempt; `waiting`: its order waits for money."""
    return rules.judge(row, payment, waiting=waiting)


async def record_payment(
    tx: Tx, row: OrderPayment, payment: PspPayment, verdict: Verdict, now: datetime
) -> OrderPayment:
    """Keep what was judged of a locked attempt; as it stands afterwards. At most two queries."""
    if verdict is Verdict.AGAIN:
        await store.flag(tx, row, "second_payment", now)
    elif verdict in _AFTER:
        mismatch = verdict is Verdict.CREDIT and payment.amount != row.amount
        state = _AFTER[verdict]
        failure = None if verdict in {Verdict.RECEIVE, Verdict.CREDIT} else payment.failure
        attention = "mismatch" if mismatch else None
        await store.record(tx, row, payment, state, attention=attention, failure=failure, now=now)
    return _known(await store.find(tx, row.seller_id, row.payment_id))


async def refuse_payment(tx: Tx, row: OrderPayment, reason: str, now: datetime) -> OrderPayment:
    """The provider will not open this locked attempt: it has failed, and another may follow. Two queries."""
    if row.state == OrderPaymentState.CREATED:
        await store.record(tx, row, None, OrderPaymentState.FAILED, attention=None, failure=reason, now=now)
    return _known(await store.find(tx, row.seller_id, row.payment_id))


async def close_payment(tx: Tx, order_id: UUID, now: datetime) -> None:
    """The order waits no longer: what is under way is closed at the provider by whoever reconciles next. One query."""
    await store.close(tx, order_id, now)


async def under_way(tx: Tx, order_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these orders have a payment without an end. One query."""
    return set(await store.under_way(tx, order_ids)) if order_ids else set()


async def claim_due_payments(tx: Tx, now: datetime, limit: int) -> list[OrderPayment]:
    """Attempts whose provider is to be asked now; each is postponed, so that workers share the work. Two queries."""
    rows = await store.due(tx, now, limit)
    if not rows:
        return []
    return await store.postpone(tx, rows, [rules.next_look(now, row.asks + 1, row.closes_at) for row in rows])


async def unclear(
    tx: Tx, now: datetime, sellers: Sequence[int] | None = None, limit: int = 100
) -> list[Unclear]:
    """What a person should look at, the oldest first: what is of these sellers' orders; of all of them, and top-ups, when None.
    One query."""
    return await store.unclear(tx, now - rules.UNCLEAR_AFTER, sellers, limit)


async def attended(tx: Tx, sellers: Sequence[int] | None, payment_id: UUID, now: datetime) -> None:
    """A person has looked at what asked for attention, at any seller's when None. One query. Raises NoSuchPayment."""
    if not await store.attended(tx, sellers, payment_id, now):
        raise NoSuchPayment("No such payment waits for a person.", payment_id=str(payment_id))


def _known(found: OrderPayment | None) -> OrderPayment:
    if found is None:
        raise NoSuchPayment("No such payment is known here.")
    return found
