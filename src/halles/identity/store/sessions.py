"""Sessions and API keys: the hot path, read as sets. `now` comes from the caller's clock, so that expiry can be tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.identity.types import ApiKeyInfo
from halles.kernel.db import Tx, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A live session with its party's grants as `role:seller` texts."""

    token_hash: bytes
    party_id: int
    guest: bool
    seen_at: datetime
    grants: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRow:
    """A live API key. `operator`: it names no seller, and its party runs the installation. `uses`, `place_ids`: what it was
    narrowed to."""

    token_hash: bytes
    key_id: str
    party_id: int
    seller_ids: list[int]
    scopes: list[str]
    uses: list[str]
    place_ids: list[int]
    operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListRow:
    """A session as its owner may see it."""

    token_hash: bytes
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


_SESSIONS = query(
    """select s.token_hash, s.party_id, p.guest, s.seen_at,
      array(
        select g.role || ':' || coalesce(g.seller_id::text, '') from identity.role_grant g where g.party_id = s.party_id
      ) as grants
    from identity.session s join identity.party p on p.party_id = s.party_id
    where s.token_hash = any(%(hashes)s::bytea[]) and s.expires_at > %(now)s""",
    SessionRow,
)
_API_KEYS = query(
    """select token_hash, key_id, party_id, seller_ids, scopes, uses, place_ids,
      cardinality(seller_ids) = 0 and exists (
        select from identity.role_grant g
        where g.party_id = k.party_id and g.role = 'head_office' and g.seller_id is null
      ) as operator
    from identity.api_key k
    where token_hash = any(%(hashes)s::bytea[]) and revoked_at is null and (expires_at is null or expires_at > %(now)s)""",
    ApiKeyRow,
)
_TOUCH = command(
    """with due as (
      select token_hash from identity.session where token_hash = any(%(hashes)s::bytea[])
      order by token_hash for update skip locked
    )
    update identity.session s set seen_at = %(now)s, expires_at = %(expires_at)s from due where s.token_hash = due.token_hash"""
)
_START = command(
    """insert into identity.session (token_hash, party_id, agent, created_at, seen_at, expires_at)
    values (%(token_hash)s, %(party_id)s, %(agent)s, %(now)s, %(now)s, %(expires_at)s)"""
)
_LIST = query(
    """select token_hash, agent, created_at, seen_at, expires_at from identity.session
    where party_id = %(party_id)s and expires_at > %(now)s order by seen_at desc""",
    SessionListRow,
)
_END = command(
    """delete from identity.session where party_id = %(party_id)s
    and encode(substring(token_hash for 8), 'hex') = any(%(session_ids)s::text[])"""
)
_END_ALL = command("delete from identity.session where party_id = %(party_id)s")
_ADD_KEY = command(
    """insert into identity.api_key (token_hash, key_id, party_id, name, seller_ids, scopes, created_at, expires_at, uses,
      place_ids)
    values (%(token_hash)s, %(key_id)s, %(party_id)s, %(name)s, %(seller_ids)s::bigint[], %(scopes)s::text[], %(now)s,
      %(expires_at)s, %(uses)s::text[], %(place_ids)s::bigint[])
    on conflict (key_id) do nothing"""
)
_REVOKE_KEY = command(
    "update identity.api_key set revoked_at = %(now)s where key_id = %(key_id)s and revoked_at is null"
)
_LIST_KEYS = query(
    """select key_id, party_id, name, seller_ids, scopes, created_at, expires_at, revoked_at, uses, place_ids
    from identity.api_key order by created_at desc""",
    ApiKeyInfo,
)


async def sessions(tx: Tx, hashes: Sequence[bytes], now: datetime) -> list[SessionRow]:
    """Live sessions of a set of token hashes; one statement."""
    return await tx.all(_SESSIONS, {"hashes": list(hashes), "now": now})


async def api_keys(tx: Tx, hashes: Sequence[bytes], now: datetime) -> list[ApiKeyRow]:
    """Live API keys of a set of token hashes; one statement."""
    return await tx.all(_API_KEYS, {"hashes": list(hashes), "now": now})


async def touch(tx: Tx, hashes: Sequence[bytes], now: datetime, expires_at: datetime) -> None:
    """Note that sessions were used; rows another process touches at this moment are left to it."""
    await tx.run(_TOUCH, {"hashes": list(hashes), "now": now, "expires_at": expires_at})


async def start_session(
    tx: Tx, token_hash: bytes, party_id: int, agent: str, now: datetime, expires_at: datetime
) -> None:
    params = {
        "token_hash": token_hash,
        "party_id": party_id,
        "agent": agent,
        "now": now,
        "expires_at": expires_at,
    }
    await tx.run(_START, params)


async def list_sessions(tx: Tx, party_id: int, now: datetime) -> list[SessionListRow]:
    return await tx.all(_LIST, {"party_id": party_id, "now": now})


async def end_sessions(tx: Tx, party_id: int, session_ids: Sequence[str]) -> int:
    """Delete sessions of a party by their public names; returns how many."""
    return await tx.run(_END, {"party_id": party_id, "session_ids": list(session_ids)})


async def end_all_sessions(tx: Tx, party_id: int) -> int:
    return await tx.run(_END_ALL, {"party_id": party_id})


async def add_api_key(tx: Tx, token_hash: bytes, info: ApiKeyInfo) -> int:
    """1, or 0 where a key has this id already."""
    params = {
        "token_hash": token_hash,
        "key_id": info.key_id,
        "party_id": info.party_id,
        "name": info.name,
        "seller_ids": info.seller_ids,
        "scopes": info.scopes,
        "now": info.created_at,
        "expires_at": info.expires_at,
        "uses": info.uses,
        "place_ids": info.place_ids,
    }
    return await tx.run(_ADD_KEY, params)


async def revoke_api_key(tx: Tx, key_id: str, now: datetime) -> int:
    return await tx.run(_REVOKE_KEY, {"key_id": key_id, "now": now})


async def list_api_keys(tx: Tx) -> list[ApiKeyInfo]:
    return await tx.all(_LIST_KEYS)
