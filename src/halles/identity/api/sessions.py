"""Sessions: start, read as sets, list, end."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from halles.identity import rules
from halles.identity.store import sessions as store
from halles.identity.types import (
    API_KEY_PREFIX,
    SEEN_EVERY,
    Grant,
    NoSuchSession,
    Session,
    SessionInfo,
    SignedIn,
)
from halles.kernel import lanes
from halles.kernel.batching import Batcher
from halles.kernel.caller import Caller, Role, Use
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.ids import PartyId, SellerId

RECENT_S = 1.0
_MOST_RECENT = 100_000
_SHOPPER = frozenset({Role.SHOPPER})
_SERVICE = frozenset({Role.SERVICE})
_NOBODY: frozenset[SellerId] = frozenset()


async def load_sessions(tx: Tx, token_hashes: Sequence[bytes], now: datetime) -> dict[bytes, Session]:
    """Live sessions of a set of token hashes; what is absent is unknown, ended or expired. One statement."""
    return {row.token_hash: _session(row) for row in await store.sessions(tx, token_hashes, now)}


async def load_api_keys(tx: Tx, token_hashes: Sequence[bytes], now: datetime) -> dict[bytes, Session]:
    """Live API keys of a set of token hashes, as sessions with scopes. One statement."""
    return {row.token_hash: _key_session(row) for row in await store.api_keys(tx, token_hashes, now)}


async def find_session(tx: Tx, token: str, now: datetime) -> Session | None:
    """The session or API key that a token stands for; None when it stands for nobody. One statement."""
    hashed = rules.token_hash(token)
    load = load_api_keys if token.startswith(API_KEY_PREFIX) else load_sessions
    return (await load(tx, [hashed], now)).get(hashed)


async def start_session(
    tx: Tx, party_id: int, *, agent: str, now: datetime, days: int, guest: bool = False
) -> SignedIn:
    """A new session with a new token; the caller puts it in a cookie and nowhere else."""
    token, expires_at = secrets.token_urlsafe(32), now + timedelta(days=days)
    await store.start_session(
        tx, rules.token_hash(token), party_id, rules.agent_label(agent), now, expires_at
    )
    return SignedIn(token=token, party_id=PartyId(party_id), guest=guest, expires_at=expires_at)


async def list_sessions(tx: Tx, party_id: int, now: datetime) -> list[SessionInfo]:
    """Where a party is signed in, the latest used first."""
    return [
        SessionInfo(
            session_id=rules.session_id(row.token_hash),
            agent=row.agent,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
        )
        for row in await store.list_sessions(tx, party_id, now)
    ]


async def session_began(tx: Tx, party_id: int, session_id: str, now: datetime) -> datetime | None:
    """When a party signed in with this session; None when it is none of theirs. One statement."""
    found = await list_sessions(tx, party_id, now)
    return next((one.created_at for one in found if one.session_id == session_id), None)


async def end_session(tx: Tx, party_id: int, session_id: str) -> None:
    """End one session at once; the next request with its token is a visitor's. Raises NoSuchSession."""
    if await store.end_sessions(tx, party_id, [session_id]) == 0:
        raise NoSuchSession("There is no such session.", session_id=session_id)


async def end_all_sessions(tx: Tx, party_id: int) -> int:
    """End every session of a party; returns how many."""
    return await store.end_all_sessions(tx, party_id)


class SessionReader:
    """Reads sessions for requests that wait at the same moment: one statement for all of them, so that an ended session is
    refused by the very next request. The hot lane alone may ask for what was read in the last RECENT_S seconds.

    Notes the use of a session at most every SEEN_EVERY, and moves its end with it.
    """

    def __init__(self, db: Database, clock: Clock, *, session_days: int) -> None:
        self._db, self._clock, self._life = db, clock, timedelta(days=session_days)
        self._sessions: Batcher[bytes, Session | None] = Batcher(self._load_sessions)
        self._keys: Batcher[bytes, Session | None] = Batcher(self._load_keys)
        self._recent: dict[str, tuple[float, Session]] = {}

    async def read(self, token: str) -> Session | None:
        """The session of a cookie's token; None when it stands for nobody. Raises DatabaseUnavailable, QueueFull."""
        session = await self._sessions.ask(rules.token_hash(token))
        if session is None:
            self._recent.pop(token, None)
            return None
        if len(self._recent) >= _MOST_RECENT:
            self._recent.clear()
        self._recent[token] = (time.monotonic() + RECENT_S, session)
        return session

    def recent(self, token: str) -> Session | None:
        """The session, if it was read RECENT_S seconds ago or less; None says nothing about it."""
        found = self._recent.get(token)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    async def read_key(self, token: str) -> Session | None:
        """The session of an API key; None when it stands for nobody."""
        return await self._keys.ask(rules.token_hash(token))

    async def close(self) -> None:
        await self._sessions.close()
        await self._keys.close()

    async def _load_sessions(self, hashes: list[bytes]) -> list[Session | None]:
        now = self._clock()
        rows = await store.sessions(lanes.reads(self._db).tx, hashes, now)
        stale = [row.token_hash for row in rows if now - row.seen_at >= SEEN_EVERY]
        if stale:
            async with self._db.transaction() as tx:
                await store.touch(tx, stale, now, now + self._life)
        found = {row.token_hash: _session(row) for row in rows}
        return [found.get(hashed) for hashed in hashes]

    async def _load_keys(self, hashes: list[bytes]) -> list[Session | None]:
        found = await load_api_keys(lanes.reads(self._db).tx, hashes, self._clock())
        return [found.get(hashed) for hashed in hashes]


def caller_of(party_id: PartyId, grants: Sequence[Grant], *, guest: bool) -> Caller:
    """The caller that a party makes with what it was granted."""
    roles, sellers, at = _rights(grants)
    return Caller(party_id=party_id, roles=roles, seller_ids=sellers, grants=at, guest=guest)


def _rights(
    grants: Sequence[Grant],
) -> tuple[frozenset[Role], frozenset[SellerId], frozenset[tuple[Role, SellerId]]]:
    """All roles, all sellers, and which role at which seller."""
    at = frozenset((grant.role, grant.seller_id) for grant in grants if grant.seller_id is not None)
    return _SHOPPER | {grant.role for grant in grants}, frozenset(seller_id for _, seller_id in at), at


def _session(row: store.SessionRow) -> Session:
    roles, sellers, at = _SHOPPER, _NOBODY, frozenset[tuple[Role, SellerId]]()
    if row.grants and not row.guest:
        roles, sellers, at = _rights(rules.read_grants(row.grants))
    return Session(
        session_id=rules.session_id(row.token_hash),
        party_id=PartyId(row.party_id),
        guest=row.guest,
        roles=roles,
        seller_ids=sellers,
        grants=at,
    )


def _key_session(row: store.ApiKeyRow) -> Session:
    return Session(
        session_id=row.key_id,
        party_id=PartyId(row.party_id),
        guest=False,
        roles=_SERVICE | {Role.OPERATOR} if row.operator else _SERVICE,
        seller_ids=frozenset(SellerId(seller_id) for seller_id in row.seller_ids),
        scopes=frozenset(row.scopes),
        uses=frozenset(Use(use) for use in row.uses),
        place_ids=frozenset(row.place_ids),
    )
