"""Passkeys: challenges used once, authenticators registered, assertions checked.

A challenge is used up in a transaction that commits before the answer is verified, so that a failed answer cannot be tried again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from halles.identity.adapters.ceremony import Ceremonies, challenge_in, credential_id_in, handle_in
from halles.identity.adapters.sealing import Vault, same
from halles.identity.store import proofs as store
from halles.identity.types import CHALLENGE_LIFE, NoSuchPasskey, Party, Passkey, PasskeyKnown, PasskeyRefused
from halles.kernel.db import Tx
from halles.kernel.ids import PartyId

__all__ = [
    "Ceremonies",
    "assert_passkey",
    "drop_passkey",
    "find_passkey",
    "list_passkeys",
    "register_options",
    "register_passkey",
    "sign_in_options",
    "use_challenge",
]


def _handle(vault: Vault, party_id: int) -> bytes:
    """What an authenticator keeps as the user: a keyed hash, so that it tells nobody who or how many."""
    return vault.mark("identity.handle", str(party_id))[:16]


async def register_options(
    tx: Tx, vault: Vault, ceremonies: Ceremonies, party: Party, binding: str, now: datetime
) -> dict[str, Any]:
    """Options for navigator.credentials.create(), good once, for CHALLENGE_LIFE, in this browser. Two statements."""
    challenge = secrets.token_bytes(32)
    await store.put_challenge(tx, challenge, "register", party.party_id, binding, now + CHALLENGE_LIFE)
    known = [passkey.credential_id for passkey in await store.passkeys(tx, party.party_id)]
    name = party.email or party.name or "Halles"
    return ceremonies.register_options(
        challenge=challenge, handle=_handle(vault, party.party_id), name=name, known=known
    )


async def sign_in_options(tx: Tx, ceremonies: Ceremonies, binding: str, now: datetime) -> dict[str, Any]:
    """Options for navigator.credentials.get(); they say nothing about any account. One statement."""
    challenge = secrets.token_bytes(32)
    await store.put_challenge(tx, challenge, "sign_in", None, binding, now + CHALLENGE_LIFE)
    return ceremonies.sign_in_options(challenge)


async def use_challenge(
    tx: Tx,
    credential: Mapping[str, Any],
    purpose: Literal["register", "sign_in"],
    party_id: int | None,
    binding: str,
    now: datetime,
) -> bytes | None:
    """Use up the challenge an answer is for; None when it is not one of ours, old, used, or another browser's."""
    challenge = challenge_in(credential)
    return challenge if await store.take_challenge(tx, challenge, purpose, party_id, binding, now) else None


async def register_passkey(
    tx: Tx,
    ceremonies: Ceremonies,
    party_id: int,
    credential: Mapping[str, Any],
    challenge: bytes,
    name: str,
    now: datetime,
) -> bytes:
    """Verify and keep a new authenticator; its credential id. Raises PasskeyRefused, PasskeyKnown."""
    made = ceremonies.registered(credential, challenge)
    row = store.PasskeyRow(
        credential_id=made.credential_id,
        party_id=party_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
    )
    if not await store.add_passkey(tx, row, backed_up=made.backed_up, name=name, now=now):
        raise PasskeyKnown("This passkey is registered already.")
    return made.credential_id


async def find_passkey(tx: Tx, credential: Mapping[str, Any]) -> store.PasskeyRow | None:
    """The authenticator an answer claims to come from."""
    return await store.passkey(tx, credential_id_in(credential))


async def assert_passkey(
    tx: Tx,
    vault: Vault,
    ceremonies: Ceremonies,
    row: store.PasskeyRow,
    credential: Mapping[str, Any],
    challenge: bytes,
    now: datetime,
) -> PartyId:
    """Verify an assertion against what is kept, advance its counter, and say whose it is. Raises PasskeyRefused."""
    handle = handle_in(credential)
    if handle is not None and not same(handle, _handle(vault, row.party_id)):
        raise PasskeyRefused("This passkey belongs to another account.")
    found = ceremonies.asserted(credential, challenge, row.public_key, row.sign_count)
    advanced = await store.used_passkey(
        tx,
        row.credential_id,
        was=row.sign_count,
        sign_count=found.sign_count,
        backed_up=found.backed_up,
        now=now,
    )
    if not advanced:
        raise PasskeyRefused("This passkey was used at the same moment elsewhere. Try again.")
    return PartyId(row.party_id)


async def list_passkeys(tx: Tx, party_id: int) -> list[Passkey]:
    """The authenticators of a party, the first registered first."""
    return await store.passkeys(tx, party_id)


async def drop_passkey(tx: Tx, party_id: int, credential_id: bytes) -> None:
    """Forget an authenticator. Raises NoSuchPasskey."""
    if not await store.drop_passkey(tx, party_id, credential_id):
        raise NoSuchPasskey("You have no such passkey.")
