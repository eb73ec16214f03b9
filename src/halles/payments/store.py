"""All the SQL of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.payments.rules import FIRST_ASK
from halles.payments.types import PspPayment, Topup, TopupState


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPayment:
    """A row of the demo provider's books."""

    ref: str
    owner_id: int
    topup_id: UUID
    amount_minor: int
    currency: str
    state: str
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """A top-up to ask about, and how often that was done."""

    owner_id: int
    topup_id: UUID
    asks: int


_TOPUP = """owner_id, topup_id, amount_minor, currency, provider, state, provider_ref, client_secret, url, failure,
  created_at"""
_OPEN = command(
    """insert into payments.topup
      (owner_id, topup_id, amount_minor, currency, provider, state, next_ask_at, created_at, updated_at)
    values (%(owner_id)s, %(topup_id)s, %(amount_minor)s, %(currency)s, %(provider)s, 'created', %(next_ask_at)s,
      %(now)s, %(now)s)
    on conflict do nothing"""
)
_FIND = query(
    f"select {_TOPUP} from payments.topup where owner_id = %(owner_id)s and topup_id = %(topup_id)s", Topup
)
_BY_ID = query(f"select {_TOPUP} from payments.topup where topup_id = %(topup_id)s", Topup)
_LOCK = query(
    f"select {_TOPUP} from payments.topup where owner_id = %(owner_id)s and topup_id = %(topup_id)s for update",
    Topup,
)
_RECORD = command(
    """update payments.topup set state = %(state)s, provider_ref = %(ref)s, client_secret = %(client_secret)s, url = %(url)s,
      failure = %(failure)s, updated_at = %(now)s,
      next_ask_at = case when %(state)s in ('settled', 'failed') then null else next_ask_at end
    where owner_id = %(owner_id)s and topup_id = %(topup_id)s"""
)
_DUE = query(
    """select owner_id, topup_id, asks from payments.topup where next_ask_at <= %(now)s
    order by next_ask_at limit %(limit)s for update skip locked""",
    DueRow,
)
_POSTPONE = command(
    """update payments.topup t set asks = t.asks + 1, next_ask_at = u.next_ask_at
    from unnest(%(owner_ids)s::bigint[], %(topup_ids)s::uuid[], %(next_ask_ats)s::timestamptz[])
      as u (owner_id, topup_id, next_ask_at)
    where t.owner_id = u.owner_id and t.topup_id = u.topup_id and t.next_ask_at is not null"""
)
_SEEN = query(
    "select true from payments.psp_event where provider = %(provider)s and event_id = %(event_id)s", bool
)
_NOTE = command(
    """insert into payments.psp_event (provider, event_id, kind, provider_ref, outcome, at)
    values (%(provider)s, %(event_id)s, %(kind)s, %(ref)s, %(outcome)s, %(now)s) on conflict do nothing"""
)
_DEMO = "ref, owner_id, topup_id, amount_minor, currency, state, failure"
_DEMO_OPEN = command(
    """insert into payments.demo_payment (ref, idempotency_key, owner_id, topup_id, amount_minor, currency, state)
    values (%(ref)s, %(key)s, %(owner_id)s, %(topup_id)s, %(amount_minor)s, %(currency)s, 'needs_method')
    on conflict (idempotency_key) do nothing"""
)
_DEMO_BY_KEY = query(
    f"select {_DEMO} from payments.demo_payment where idempotency_key = %(key)s for update", DemoPayment
)
_DEMO_FIND = query(f"select {_DEMO} from payments.demo_payment where ref = %(ref)s", DemoPayment)
_DEMO_MOVE = query(
    f"""update payments.demo_payment set state = %(state)s, failure = %(failure)s
    where ref = %(ref)s and state = any(%(from_states)s::text[]) returning {_DEMO}""",
    DemoPayment,
)


async def open_topup(tx: Tx, topup: Topup) -> bool:
    """Record an intent; False when the id is taken."""
    params = {
        "owner_id": topup.owner_id,
        "topup_id": topup.topup_id,
        "amount_minor": topup.amount_minor,
        "currency": topup.currency,
        "provider": topup.provider,
        "now": topup.created_at,
        "next_ask_at": topup.created_at + FIRST_ASK,
    }
    return await tx.run(_OPEN, params) == 1


async def find_topup(tx: Tx, owner_id: int, topup_id: UUID) -> Topup | None:
    return await tx.first(_FIND, {"owner_id": owner_id, "topup_id": topup_id})


async def find_by_id(tx: Tx, topup_id: UUID) -> Topup | None:
    return await tx.first(_BY_ID, {"topup_id": topup_id})


async def lock_topup(tx: Tx, owner_id: int, topup_id: UUID) -> Topup | None:
    return await tx.first(_LOCK, {"owner_id": owner_id, "topup_id": topup_id})


async def record(tx: Tx, payment: PspPayment, state: TopupState, now: datetime) -> None:
    """Keep what the provider said; an end forgets what was for the shopper to do."""
    ended = state in {TopupState.SETTLED, TopupState.FAILED}
    params = {
        "owner_id": payment.owner_id,
        "topup_id": payment.topup_id,
        "state": state.value,
        "ref": payment.ref,
        "client_secret": None if ended else payment.client_secret,
        "url": None if ended else payment.url,
        "failure": None if state is TopupState.SETTLED else payment.failure,
        "now": now,
    }
    await tx.run(_RECORD, params)


async def due(tx: Tx, now: datetime, limit: int) -> list[DueRow]:
    """Top-ups to ask about, locked; those that another worker holds are left to it."""
    return await tx.all(_DUE, {"now": now, "limit": limit})


async def postpone(tx: Tx, rows: list[DueRow], next_asks: list[datetime]) -> None:
    """Count an ask and set the next, for a set."""
    params = {
        "owner_ids": [row.owner_id for row in rows],
        "topup_ids": [row.topup_id for row in rows],
        "next_ask_ats": next_asks,
    }
    await tx.run(_POSTPONE, params)


async def webhook_seen(tx: Tx, provider: str, event_id: str) -> bool:
    return bool(await tx.first(_SEEN, {"provider": provider, "event_id": event_id}))


async def note_webhook(
    tx: Tx, provider: str, event_id: str, kind: str, ref: str | None, outcome: str, now: datetime
) -> None:
    params = {
        "provider": provider,
        "event_id": event_id,
        "kind": kind,
        "ref": ref,
        "outcome": outcome,
        "now": now,
    }
    await tx.run(_NOTE, params)


# ── the demo provider's books; only its adapter comes here ──────────────────────────────────────────────────────────────────


async def demo_open(
    tx: Tx, ref: str, key: str, owner_id: int, topup_id: UUID, amount_minor: int, currency: str
) -> DemoPayment:
    """Open a payment once a key; locked."""
    params = {
        "ref": ref,
        "key": key,
        "owner_id": owner_id,
        "topup_id": topup_id,
        "amount_minor": amount_minor,
        "currency": currency,
    }
    await tx.run(_DEMO_OPEN, params)
    return await tx.one(_DEMO_BY_KEY, {"key": key})


async def demo_find(tx: Tx, ref: str) -> DemoPayment | None:
    return await tx.first(_DEMO_FIND, {"ref": ref})


async def demo_move(
    tx: Tx, ref: str, from_states: list[str], state: str, failure: str | None
) -> DemoPayment | None:
    """Move a payment on; None when it is in none of `from_states`."""
    return await tx.first(
        _DEMO_MOVE, {"ref": ref, "from_states": from_states, "state": state, "failure": failure}
    )
