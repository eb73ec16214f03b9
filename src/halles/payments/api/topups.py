"""Top-ups, and the log of webhooks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.kernel.money import Money
from halles.payments import rules
from halles.payments.store import topups as store
from halles.payments.types import (
    NoSuchTopup,
    PspNotice,
    PspPayment,
    Topup,
    TopupReused,
    TopupSettled,
    TopupState,
)


async def open_topup(
    tx: Tx, *, owner_id: int, topup_id: UUID, amount: Money, provider: str, now: datetime
) -> Topup:
    """Record that a shopper wants to top up; the same id and amount give the same top-up. Two statements.

    Raises BadTopup, TopupReused.
    """
    rules.check_amount(amount)
    made = Topup(
        owner_id=owner_id,
        topup_id=topup_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        provider=provider,
        state=TopupState.CREATED,
        provider_ref=None,
        client_secret=None,
        url=None,
        failure=None,
        created_at=now,
    )
    if await store.open_topup(tx, made):
        return made
    found = await store.find_topup(tx, owner_id, topup_id)
    if found is None or (found.amount, found.provider) != (amount, provider):
        raise TopupReused("This id was used for another top-up.", topup_id=str(topup_id))
    return found


async def topup(tx: Tx, owner_id: int, topup_id: UUID) -> Topup:
    """A top-up of its owner. One statement. Raises NoSuchTopup."""
    found = await store.find_topup(tx, owner_id, topup_id)
    if found is None:
        raise NoSuchTopup("You have no such top-up.", topup_id=str(topup_id))
    return found


async def find_by_id(tx: Tx, topup_id: UUID) -> Topup:
    """A top-up of whoever; whether the caller may see it is the caller's question. One statement. Raises NoSuchTopup."""
    found = await store.find_by_id(tx, topup_id)
    if found is None:
        raise NoSuchTopup("You have no such top-up.", topup_id=str(topup_id))
    return found


async def record(tx: Tx, payment: PspPayment, now: datetime) -> tuple[Topup, bool]:
    """Keep what the provider said of a payment; the top-up as it now stands, and whether this was the moment it was settled.

    An end stays: whatever is said later changes nothing. Emits TopupSettled at the end. Raises NoSuchTopup, PaymentMismatch.
    At most three statements.
    """
    owner_id, topup_id = payment.subject.home_id, payment.subject.id
    before = await store.lock_topup(tx, owner_id, topup_id)
    if before is None:
        raise NoSuchTopup("The provider speaks of a top-up we do not know.", topup_id=str(topup_id))
    rules.check_same(before, payment)
    if before.ended:
        return before, False
    state = rules.outcome(payment)
    await store.record(tx, payment, state, now)
    if state is not TopupState.PENDING:
        await outbox.append(
            tx, [TopupSettled(owner_id=before.owner_id, topup_id=before.topup_id, state=state.value)]
        )
    after = await store.find_topup(tx, owner_id, topup_id)
    assert after is not None
    return after, state is TopupState.SETTLED


async def claim_due(tx: Tx, now: datetime, limit: int = 50) -> list[Topup]:
    """Unfinished top-ups whose provider is to be asked now; each is postponed, so that workers share the work. N + 2 statements
    for N top-ups."""
    rows = await store.due(tx, now, limit)
    if not rows:
        return []
    await store.postpone(tx, rows, [rules.next_ask(now, row.asks + 1) for row in rows])
    return [await topup(tx, row.owner_id, row.topup_id) for row in rows]


async def webhook_seen(tx: Tx, provider: str, notice: PspNotice) -> bool:
    """Whether this very notice was acted on before. One statement."""
    return await store.webhook_seen(tx, provider, notice.event_id)


async def note_webhook(tx: Tx, provider: str, notice: PspNotice, outcome: str, now: datetime) -> None:
    """Log a notice with what it changed, in the transaction that changed it; a repeat leaves the first line."""
    ref = notice.ref or notice.refund_ref
    await store.note_webhook(tx, provider, notice.event_id, notice.kind, ref, outcome, now)
