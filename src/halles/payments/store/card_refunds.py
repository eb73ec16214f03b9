"""The SQL of refunds to a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import Tx, command, query
from halles.payments.rules import FIRST_ASK
from halles.payments.types import CardRefund, RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRefund:
    """A refund to ask about, and how often that was done."""

    seller_id: int
    refund_id: UUID
    asks: int


_COLUMNS = """seller_id, refund_id, order_id, payment_id, payment_ref, amount_minor, currency, provider, state, provider_ref,
  failure, by, created_at"""
_OPEN = command(
    """insert into payments.card_refund (seller_id, refund_id, order_id, payment_id, payment_ref, amount_minor, currency,
      provider, state, by, next_ask_at, created_at, updated_at)
    values (%(seller_id)s, %(refund_id)s, %(order_id)s, %(payment_id)s, %(payment_ref)s, %(amount_minor)s, %(currency)s,
      %(provider)s, 'created', %(by)s, %(next_ask_at)s, %(now)s, %(now)s)"""
)
_FIND = query(
    f"select {_COLUMNS} from payments.card_refund where seller_id = %(seller_id)s and refund_id = %(refund_id)s",
    CardRefund,
)
_LOCK = query(
    f"""select {_COLUMNS} from payments.card_refund
    where seller_id = %(seller_id)s and refund_id = %(refund_id)s for update""",
    CardRefund,
)
_OF_ORDER = query(
    f"select {_COLUMNS} from payments.card_refund where order_id = %(order_id)s order by created_at, refund_id",
    CardRefund,
)
_OF_PAYMENT = query(
    f"""select {_COLUMNS} from payments.card_refund where seller_id = %(seller_id)s and payment_id = %(payment_id)s
    order by created_at, refund_id""",
    CardRefund,
)
_RECORD = command(
    """update payments.card_refund set state = %(state)s, provider_ref = coalesce(%(ref)s, provider_ref),
      failure = %(failure)s, updated_at = %(now)s,
      next_ask_at = case when %(state)s in ('created', 'pending') then coalesce(next_ask_at, %(now)s) end
    where seller_id = %(seller_id)s and refund_id = %(refund_id)s"""
)
_DUE = query(
    """select seller_id, refund_id, asks from payments.card_refund where next_ask_at <= %(now)s
    order by next_ask_at limit %(limit)s for update skip locked""",
    DueRefund,
)
on_cluster(
    _DUE,
    """with due as (
      update payments.card_refund r set asks = r.asks
      from (select seller_id, refund_id from payments.card_refund where next_ask_at <= %(now)s
        order by next_ask_at limit %(limit)s) d
      where r.seller_id = d.seller_id and r.refund_id = d.refund_id and r.next_ask_at <= %(now)s
      returning r.seller_id, r.refund_id, r.asks, r.next_ask_at)
    select seller_id, refund_id, asks from due order by next_ask_at""",
)
_POSTPONE = query(
    f"""with asked as (
      update payments.card_refund r set asks = r.asks + 1, next_ask_at = u.next_ask_at
      from unnest(%(sellers)s::bigint[], %(refund_ids)s::uuid[], %(next_ask_ats)s::timestamptz[])
        as u (home, id, next_ask_at)
      where r.seller_id = u.home and r.refund_id = u.id and r.next_ask_at is not null returning r.*)
    select {_COLUMNS} from asked order by seller_id, refund_id""",
    CardRefund,
)


async def open_refund(tx: Tx, made: CardRefund) -> None:
    """Record that money is to go back to a card."""
    params = {
        "seller_id": made.seller_id,
        "refund_id": made.refund_id,
        "order_id": made.order_id,
        "payment_id": made.payment_id,
        "payment_ref": made.payment_ref,
        "amount_minor": made.amount_minor,
        "currency": made.currency,
        "provider": made.provider,
        "by": made.by,
        "next_ask_at": made.created_at + FIRST_ASK,
        "now": made.created_at,
    }
    await tx.run(_OPEN, params)


async def find(tx: Tx, seller_id: int, refund_id: UUID) -> CardRefund | None:
    return await tx.first(_FIND, {"seller_id": seller_id, "refund_id": refund_id})


async def lock(tx: Tx, seller_id: int, refund_id: UUID) -> CardRefund | None:
    return await tx.first(_LOCK, {"seller_id": seller_id, "refund_id": refund_id})


async def of_order(tx: Tx, order_id: UUID) -> list[CardRefund]:
    """Every refund of an order, the first first."""
    return await tx.all(_OF_ORDER, {"order_id": order_id})


async def of_payment(tx: Tx, seller_id: int, payment_id: UUID) -> list[CardRefund]:
    """Every refund of a payment, the first first; it may have paid several sellers' parts."""
    return await tx.all(_OF_PAYMENT, {"seller_id": seller_id, "payment_id": payment_id})


async def record(
    tx: Tx, refund: CardRefund, state: RefundState, *, ref: str | None, failure: str | None, now: datetime
) -> None:
    """Keep what the provider said of a refund."""
    params = {
        "seller_id": refund.seller_id,
        "refund_id": refund.refund_id,
        "state": state.value,
        "ref": ref,
        "failure": failure,
        "now": now,
    }
    await tx.run(_RECORD, params)


async def due(tx: Tx, now: datetime, limit: int) -> list[DueRefund]:
    """Refunds to ask about, locked; those that another worker holds are left to it."""
    return await tx.all(_DUE, {"now": now, "limit": limit})


async def postpone(tx: Tx, rows: Sequence[DueRefund], next_asks: Sequence[datetime]) -> list[CardRefund]:
    """Count an ask and set the next, for a set."""
    params = {
        "sellers": [row.seller_id for row in rows],
        "refund_ids": [row.refund_id for row in rows],
        "next_ask_ats": list(next_asks),
    }
    return await tx.all(_POSTPONE, params)
