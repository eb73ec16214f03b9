"""The SQL of card payments of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import Tx, command, query
from halles.kernel.money import Money
from halles.payments.rules import FIRST_ASK
from halles.payments.types import OrderPayment, OrderPaymentState, PspPayment, Unclear


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """An attempt to ask about, and how often that was done."""

    seller_id: int
    payment_id: UUID
    asks: int
    closes_at: datetime


_COLUMNS = """seller_id, payment_id, order_id, attempt, amount_minor, currency, provider, state, provider_ref, client_secret, url,
  failure, paid_minor, paid_currency, attention, closes_at, created_at"""
_OPEN = command(
    """insert into payments.order_payment (seller_id, payment_id, order_id, attempt, amount_minor, currency, provider, state,
      closes_at, next_ask_at, created_at, updated_at)
    values (%(seller_id)s, %(payment_id)s, %(order_id)s, %(attempt)s, %(amount_minor)s, %(currency)s, %(provider)s, 'created',
      %(closes_at)s, %(next_ask_at)s, %(now)s, %(now)s)"""
)
_FIND = query(
    f"select {_COLUMNS} from payments.order_payment where seller_id = %(seller_id)s and payment_id = %(payment_id)s",
    OrderPayment,
)
_LOCK = query(
    f"""select {_COLUMNS} from payments.order_payment
    where seller_id = %(seller_id)s and payment_id = %(payment_id)s for update""",
    OrderPayment,
)
_OF_ORDER = query(
    f"select {_COLUMNS} from payments.order_payment where order_id = %(order_id)s order by attempt",
    OrderPayment,
)
_RECORD = command(
    """update payments.order_payment set state = %(state)s, provider_ref = coalesce(%(ref)s, provider_ref),
      client_secret = %(client_secret)s, url = %(url)s, failure = %(failure)s, paid_minor = %(paid_minor)s,
      paid_currency = %(paid_currency)s, attention = coalesce(%(attention)s, attention), updated_at = %(now)s,
      next_ask_at = case when %(state)s in ('created', 'pending') then coalesce(next_ask_at, %(now)s) end
    where seller_id = %(seller_id)s and payment_id = %(payment_id)s"""
)
_FLAG = command(
    """update payments.order_payment set attention = %(attention)s, attended_at = null, updated_at = %(now)s
    where seller_id = %(seller_id)s and payment_id = %(payment_id)s"""
)
_ATTENDED = command(
    """update payments.order_payment set attended_at = %(now)s
    where (%(sellers)s::bigint[] is null or seller_id = any(%(sellers)s::bigint[])) and payment_id = %(payment_id)s
      and attention is not null and attended_at is null"""
)
_DUE = query(
    """select seller_id, payment_id, asks, closes_at from payments.order_payment where next_ask_at <= %(now)s
    order by next_ask_at limit %(limit)s for update skip locked""",
    DueRow,
)
on_cluster(
    _DUE,
    """with due as (
      update payments.order_payment p set asks = p.asks
      from (select seller_id, payment_id from payments.order_payment where next_ask_at <= %(now)s
        order by next_ask_at limit %(limit)s) d
      where p.seller_id = d.seller_id and p.payment_id = d.payment_id and p.next_ask_at <= %(now)s
      returning p.seller_id, p.payment_id, p.asks, p.closes_at, p.next_ask_at)
    select seller_id, payment_id, asks, closes_at from due order by next_ask_at""",
)
_POSTPONE = query(
    f"""with asked as (
      update payments.order_payment p set asks = p.asks + 1, next_ask_at = u.next_ask_at
      from unnest(%(sellers)s::bigint[], %(payment_ids)s::uuid[], %(next_ask_ats)s::timestamptz[])
        as u (home, id, next_ask_at)
      where p.seller_id = u.home and p.payment_id = u.id and p.next_ask_at is not null returning p.*)
    select {_COLUMNS} from asked order by seller_id, payment_id""",
    OrderPayment,
)
_CLOSE = command(
    """update payments.order_payment set closes_at = %(now)s, next_ask_at = %(now)s, client_secret = null, url = null
    where order_id = %(order_id)s and next_ask_at is not null"""
)
_UNDER_WAY = query(
    """select order_id from payments.order_payment
    where order_id = any(%(order_ids)s::uuid[]) and next_ask_at is not null""",
    UUID,
)
UNCLEAR = query(
    """select 'order_payment' what, seller_id home_id, payment_id id, order_id, amount_minor, currency, paid_minor,
      paid_currency, provider, provider_ref, failure, coalesce(attention, 'unclear') reason, created_at since
    from payments.order_payment
    where (attention is not null and attended_at is null or next_ask_at is not null and created_at < %(before)s)
      and (%(sellers)s::bigint[] is null or seller_id = any(%(sellers)s::bigint[]))
    union all
    select 'card_refund', seller_id, refund_id, order_id, amount_minor, currency, null, null, provider, provider_ref, failure,
      'unclear', created_at
    from payments.card_refund where next_ask_at is not null and created_at < %(before)s
      and (%(sellers)s::bigint[] is null or seller_id = any(%(sellers)s::bigint[]))
    union all
    select 'topup', owner_id, topup_id, null, amount_minor, currency, null, null, provider, provider_ref, failure, 'unclear',
      created_at
    from payments.topup where next_ask_at is not null and created_at < %(before)s and %(sellers)s::bigint[] is null
    order by since limit %(limit)s""",
    Unclear,
)


async def open_payment(tx: Tx, made: OrderPayment) -> None:
    """Record an attempt."""
    params = {
        **_key(made),
        "order_id": made.order_id,
        "attempt": made.attempt,
        "amount_minor": made.amount_minor,
        "currency": made.currency,
        "provider": made.provider,
        "closes_at": made.closes_at,
        "next_ask_at": made.created_at + FIRST_ASK,
        "now": made.created_at,
    }
    await tx.run(_OPEN, params)


async def find(tx: Tx, seller_id: int, payment_id: UUID) -> OrderPayment | None:
    return await tx.first(_FIND, {"seller_id": seller_id, "payment_id": payment_id})


async def lock(tx: Tx, seller_id: int, payment_id: UUID) -> OrderPayment | None:
    return await tx.first(_LOCK, {"seller_id": seller_id, "payment_id": payment_id})


async def of_order(tx: Tx, order_id: UUID) -> list[OrderPayment]:
    """Every attempt, the first first."""
    return await tx.all(_OF_ORDER, {"order_id": order_id})


async def record(
    tx: Tx,
    row: OrderPayment,
    payment: PspPayment | None,
    state: OrderPaymentState,
    *,
    attention: str | None,
    failure: str | None,
    now: datetime,
) -> None:
    """Keep what the provider said; an end forgets what was for the shopper to do."""
    open_ = state in {OrderPaymentState.CREATED, OrderPaymentState.PENDING}
    paid: Money | None = None
    if payment is not None and state in {OrderPaymentState.RECEIVED, OrderPaymentState.CREDITED}:
        paid = payment.amount
    params = {
        **_key(row),
        "state": state.value,
        "ref": None if payment is None else payment.ref,
        "client_secret": payment.client_secret if open_ and payment is not None else None,
        "url": payment.url if open_ and payment is not None else None,
        "failure": failure,
        "paid_minor": None if paid is None else paid.minor,
        "paid_currency": None if paid is None else paid.currency,
        "attention": attention,
        "now": now,
    }
    await tx.run(_RECORD, params)


async def flag(tx: Tx, row: OrderPayment, attention: str, now: datetime) -> None:
    """A person should look."""
    await tx.run(_FLAG, {**_key(row), "attention": attention, "now": now})


async def attended(tx: Tx, sellers: Sequence[int] | None, payment_id: UUID, now: datetime) -> bool:
    """A person has looked; False when nothing asked for it."""
    params = {"sellers": None if sellers is None else list(sellers), "payment_id": payment_id, "now": now}
    return await tx.run(_ATTENDED, params) == 1


async def due(tx: Tx, now: datetime, limit: int) -> list[DueRow]:
    """Attempts to ask about, locked; those that another worker holds are left to it."""
    return await tx.all(_DUE, {"now": now, "limit": limit})


async def postpone(tx: Tx, rows: Sequence[DueRow], next_asks: Sequence[datetime]) -> list[OrderPayment]:
    """Count an ask and set the next, for a set."""
    params = {
        "sellers": [row.seller_id for row in rows],
        "payment_ids": [row.payment_id for row in rows],
        "next_ask_ats": list(next_asks),
    }
    return await tx.all(_POSTPONE, params)


async def close(tx: Tx, order_id: UUID, now: datetime) -> None:
    """Whatever is under way for this order is to be closed at the provider."""
    await tx.run(_CLOSE, {"order_id": order_id, "now": now})


async def under_way(tx: Tx, order_ids: Sequence[UUID]) -> list[UUID]:
    """Which of these orders have a payment without an end."""
    return await tx.all(_UNDER_WAY, {"order_ids": list(order_ids)})


async def unclear(tx: Tx, before: datetime, sellers: Sequence[int] | None, limit: int) -> list[Unclear]:
    """What a person should look at, the oldest first: of these sellers' orders; of all and top-ups when None."""
    params = {"before": before, "sellers": None if sellers is None else list(sellers), "limit": limit}
    return await tx.all(UNCLEAR, params)


def _key(row: OrderPayment) -> dict[str, object]:
    return {"seller_id": row.seller_id, "payment_id": row.payment_id}
