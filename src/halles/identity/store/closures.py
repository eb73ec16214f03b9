"""Closed accounts: the gate that keeps a closing and whatever is done for the account apart, and what is forgotten."""

from __future__ import annotations

from typing import Any

from halles.identity.types import (
    Closure,
    OwnEmail,
    OwnKey,
    OwnParty,
    OwnPasskey,
    OwnRole,
    OwnSession,
)
from halles.kernel.db import Statement, command, query

# The gate. Whoever does something that a closing must not miss holds the party's stripe shared until commit, and looks then
# whether the account is closed; a closing holds it alone. Stripes bound the locks of a batch of orders. 7290: this gate's space.
HOLD: Statement[tuple[Any, ...]] = query(
    """select count(pg_advisory_xact_lock_shared(7290, stripe::int))
    from unnest(%(stripes)s::bigint[]) s(stripe)""",
    tuple,
)
SHUT: Statement[tuple[Any, ...]] = query(
    "select count(pg_advisory_xact_lock(7290, stripe::int)) from unnest(%(stripes)s::bigint[]) s(stripe)",
    tuple,
)
CLOSED: Statement[tuple[Any, ...]] = query(
    "select party_id from identity.closure where party_id = any(%(parties)s::bigint[])", tuple
)

_CLOSURE = "party_id, closure_id, fingerprint, by, money, closed_at, passes, next_at"
BY_ID = query(
    f"select {_CLOSURE} from identity.closure where closure_id = %(closure_id)s order by party_id", Closure
)
BY_PARTY = query(f"select {_CLOSURE} from identity.closure where party_id = %(party_id)s", Closure)
DUE = query(
    f"""select {_CLOSURE} from identity.closure where next_at <= %(now)s
    order by next_at, party_id limit %(limit)s""",
    Closure,
)
ALL = query(
    f"select {_CLOSURE} from identity.closure order by closed_at desc, party_id limit %(limit)s", Closure
)
CLOSE = command(
    """insert into identity.closure (party_id, closure_id, fingerprint, by, money, closed_at, next_at)
    select party_id, %(closure_id)s, %(fingerprint)s, %(by)s, %(money)s, %(now)s, %(now)s
    from unnest(%(parties)s::bigint[]) p(party_id)"""
)
PASSED = command(
    """update identity.closure set passes = passes + 1, next_at = %(next_at)s
    where party_id = %(party_id)s and passes = %(passes)s"""
)
# An account and the guests that it was, one generation after the other.
FAMILY = query(
    """with recursive family (party_id) as (
      select %(party_id)s::bigint
      union
      select p.party_id from identity.party p join family f on p.merged_into = f.party_id)
    select party_id from family order by party_id""",
    int,
)
# Sellers (0: the installation) that nobody else runs.
SOLE = query(
    """select distinct coalesce(g.seller_id, 0) from identity.role_grant g
    where g.party_id = %(party_id)s and g.role in ('head_office', 'merchant') and not exists (
      select from identity.role_grant o
      where o.party_id <> g.party_id and o.role in ('head_office', 'merchant')
        and o.seller_id is not distinct from g.seller_id)
    order by 1""",
    int,
)

# Closed, and still somebody could sign in to it.
ALIVE = query(
    """select c.party_id from identity.closure c
    where exists (select from identity.session s where s.party_id = c.party_id)
      or exists (select from identity.email e where e.party_id = c.party_id)
      or exists (select from identity.passkey k where k.party_id = c.party_id)
      or exists (select from identity.role_grant g where g.party_id = c.party_id)
      or exists (select from identity.api_key a where a.party_id = c.party_id and a.revoked_at is null)
    order by 1""",
    int,
)
COUNT = query("select count(*) from identity.closure", int)

_OF = "party_id = any(%(parties)s::bigint[])"
_ADDRESSES = f"(select address from identity.email where {_OF})"
FORGET = [
    command(f"delete from identity.session where {_OF}"),
    command(f"delete from identity.passkey where {_OF}"),
    command(f"delete from identity.challenge where {_OF}"),
    command(f"delete from identity.email_code where address in {_ADDRESSES}"),
    command(f"delete from identity.mailbox where recipient in {_ADDRESSES}"),
    command(f"delete from identity.email where {_OF}"),
    command(f"delete from identity.role_grant where {_OF}"),
    command(f"update identity.api_key set name = '', revoked_at = coalesce(revoked_at, %(now)s) where {_OF}"),
    command(f"update identity.party set name = null, locale = 'en', currency = 'EUR' where {_OF}"),
]

OWN_PARTIES = query(
    f"""select party_id, guest, name, locale, currency, created_at, merged_into from identity.party
    where {_OF} order by party_id""",
    OwnParty,
)
OWN_EMAILS = query(
    f"select address, added_at from identity.email where {_OF} order by added_at, address", OwnEmail
)
OWN_PASSKEYS = query(
    f"select name, created_at, last_used_at, backed_up from identity.passkey where {_OF} order by created_at",
    OwnPasskey,
)
OWN_SESSIONS = query(
    f"""select agent, created_at, seen_at, expires_at from identity.session where {_OF} order by created_at""",
    OwnSession,
)
OWN_ROLES = query(
    f"select role, seller_id, granted_at from identity.role_grant where {_OF} order by granted_at, role",
    OwnRole,
)
OWN_KEYS = query(
    f"""select key_id, name, created_at, expires_at, revoked_at from identity.api_key where {_OF}
    order by created_at""",
    OwnKey,
)
