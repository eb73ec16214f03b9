"""API keys for programs: made, listed, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from halles.identity import rules
from halles.identity.store import sessions as store
from halles.identity.types import API_KEY_PREFIX, ApiKeyInfo, KeyMade, NoSuchApiKey, Scope
from halles.kernel.caller import Use
from halles.kernel.db import Tx
from halles.kernel.ids import PartyId


async def create_api_key(
    tx: Tx,
    *,
    party_id: int,
    name: str,
    seller_ids: Sequence[int],
    scopes: Sequence[Scope],
    now: datetime,
    days: int | None = None,
    uses: Sequence[Use] = (),
    place_ids: Sequence[int] = (),
    key_id: str | None = None,
) -> tuple[str, ApiKeyInfo]:
    """A key that acts for a party with role service, for these sellers, and its secret, which nobody can show again. Without
    sellers it is for the installation: an operator's for as long as the party is one. `uses`, `place_ids`: narrow it to these;
    empty: to none. `key_id`: twelve hexadecimal digits of its maker's choice. Raises KeyMade.

    The key is `hk_<id>_<secret>` with 256 random bits in the secret. `days` None: until it is revoked.
    """
    key_id = secrets.token_hex(6) if key_id is None else key_id
    token = f"{API_KEY_PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
    info = ApiKeyInfo(
        key_id=key_id,
        party_id=PartyId(party_id),
        name=name,
        seller_ids=list(seller_ids),
        scopes=[scope.value for scope in scopes],
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
        revoked_at=None,
        uses=sorted(use.value for use in uses),
        place_ids=sorted(place_ids),
    )
    if not await store.add_api_key(tx, rules.token_hash(token), info):
        raise KeyMade(
            "This key was made already; its secret was shown then, and never is again.", key_id=key_id
        )
    return token, info


async def revoke_api_key(tx: Tx, key_id: str, now: datetime) -> None:
    """Refuse a key from the next request on. Raises NoSuchApiKey."""
    if await store.revoke_api_key(tx, key_id, now) == 0:
        raise NoSuchApiKey("There is no live API key with this id.", key_id=key_id)


async def list_api_keys(tx: Tx) -> list[ApiKeyInfo]:
    """Every key, the latest first."""
    return await store.list_api_keys(tx)
