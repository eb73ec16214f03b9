"""The SQL of top-ups and of the log of webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import Tx, command, query
from halles.payments.rules import FIRST_ASK
from halles.payments.types import PspPayment, Topup, TopupState


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
on_cluster(
    _DUE,
    """with due as (
      update payments.topup t set asks = t.asks
      from (select owner_id, topup_id from payments.topup where next_ask_at <= %(now)s
        order by next_ask_at limit %(limit)s) d
      where t.owner_id = d.owner_id and t.topup_id = d.topup_id and t.next_ask_at <= %(now)s
      returning t.owner_id, t.topup_id, t.asks, t.next_ask_at)
    select owner_id, topup_id, asks from due order by next_ask_at""",
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
        "owner_id": payment.subject.home_id,
        "topup_id": payment.subject.id,
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
