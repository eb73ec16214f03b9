"""The SQL of the demo provider's books: payments and refunds. Only its adapter comes here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.payments.types import PaymentRequest, RefundRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPayment:
    """A row of the demo provider's books. `owner_id`, `topup_id`: the subject's home and id, whatever its kind."""

    ref: str
    subject: str
    owner_id: int
    topup_id: UUID
    amount_minor: int
    currency: str
    state: str
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRefund:
    """A refund in the demo provider's books."""

    ref: str
    refund_id: UUID
    home_id: int
    amount_minor: int
    currency: str


_PAYMENT = "ref, subject, owner_id, topup_id, amount_minor, currency, state, failure"
_OPEN = command(
    """insert into payments.demo_payment (ref, idempotency_key, subject, owner_id, topup_id, amount_minor, currency, state)
    values (%(ref)s, %(key)s, %(subject)s, %(owner_id)s, %(topup_id)s, %(amount_minor)s, %(currency)s, 'needs_method')
    on conflict (idempotency_key) do nothing"""
)
_BY_KEY = query(
    f"select {_PAYMENT} from payments.demo_payment where idempotency_key = %(key)s for update", DemoPayment
)
_FIND = query(f"select {_PAYMENT} from payments.demo_payment where ref = %(ref)s", DemoPayment)
_LOCK = query(f"select {_PAYMENT} from payments.demo_payment where ref = %(ref)s for update", DemoPayment)
_MOVE = query(
    f"""update payments.demo_payment set state = %(state)s, failure = %(failure)s
    where ref = %(ref)s and state = any(%(from_states)s::text[]) returning {_PAYMENT}""",
    DemoPayment,
)
_REFUND = "ref, refund_id, home_id, amount_minor, currency"
_OPEN_REFUND = command(
    """insert into payments.demo_refund (ref, refund_id, home_id, payment_ref, amount_minor, currency)
    values (%(ref)s, %(refund_id)s, %(home_id)s, %(payment_ref)s, %(amount_minor)s, %(currency)s)
    on conflict (refund_id) do nothing"""
)
_FIND_REFUND = query(f"select {_REFUND} from payments.demo_refund where ref = %(ref)s", DemoRefund)
_REFUND_BY_ID = query(
    f"select {_REFUND} from payments.demo_refund where refund_id = %(refund_id)s", DemoRefund
)
_REFUNDED = query(
    "select coalesce(sum(amount_minor), 0)::bigint from payments.demo_refund where payment_ref = %(ref)s", int
)


async def open_payment(tx: Tx, ref: str, key: str, request: PaymentRequest) -> DemoPayment:
    """Open a payment once a key; locked."""
    params = {
        "ref": ref,
        "key": key,
        "subject": request.subject.kind.value,
        "owner_id": request.subject.home_id,
        "topup_id": request.subject.id,
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency,
    }
    await tx.run(_OPEN, params)
    return await tx.one(_BY_KEY, {"key": key})


async def find(tx: Tx, ref: str) -> DemoPayment | None:
    return await tx.first(_FIND, {"ref": ref})


async def lock(tx: Tx, ref: str) -> DemoPayment | None:
    return await tx.first(_LOCK, {"ref": ref})


async def move(
    tx: Tx, ref: str, from_states: list[str], state: str, failure: str | None
) -> DemoPayment | None:
    """Move a payment on; None when it is in none of `from_states`."""
    return await tx.first(_MOVE, {"ref": ref, "from_states": from_states, "state": state, "failure": failure})


async def open_refund(tx: Tx, ref: str, request: RefundRequest) -> DemoRefund:
    """Record a refund once an id."""
    params = {
        "ref": ref,
        "refund_id": request.refund_id,
        "home_id": request.home_id,
        "payment_ref": request.payment_ref,
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency,
    }
    await tx.run(_OPEN_REFUND, params)
    return await tx.one(_REFUND_BY_ID, {"refund_id": request.refund_id})


async def refund_by_id(tx: Tx, refund_id: UUID) -> DemoRefund | None:
    return await tx.first(_REFUND_BY_ID, {"refund_id": refund_id})


async def find_refund(tx: Tx, ref: str) -> DemoRefund | None:
    return await tx.first(_FIND_REFUND, {"ref": ref})


async def refunded(tx: Tx, payment_ref: str) -> int:
    """How much of a payment was given back, in minor units."""
    return await tx.one(_REFUNDED, {"ref": payment_ref})
