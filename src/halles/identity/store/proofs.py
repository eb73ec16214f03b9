"""Codes, challenges, passkeys, limits over all processes, and the demo's mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from halles.identity.types import Mail, Passkey, ReceivedMail
from halles.kernel.db import Tx, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """How often a key was used in its window, and when the window ends."""

    key: bytes
    used: int
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """What verifying an assertion needs."""

    credential_id: bytes
    party_id: int
    public_key: bytes
    sign_count: int
    transports: list[str]


_USE = query(
    """insert into identity.throttle as t (key, ends_at, used)
    select key, %(now)s::timestamptz + make_interval(secs => window_s), 1
    from unnest(%(keys)s::bytea[], %(windows_s)s::int[]) as u (key, window_s) order by key
    on conflict (key) do update set
      ends_at = case when t.ends_at <= %(now)s then excluded.ends_at else t.ends_at end,
      used = case when t.ends_at <= %(now)s then 1 else t.used + 1 end
    returning key, used, ends_at""",
    UseRow,
)
_PUT_CODE = command(
    """insert into identity.email_code (address, code_hash, attempts, expires_at)
    values (%(address)s, %(code_hash)s, 0, %(expires_at)s)
    on conflict (address) do update set code_hash = excluded.code_hash, attempts = 0, expires_at = excluded.expires_at"""
)
_TRY_CODE = query(
    """update identity.email_code set attempts = attempts + 1
    where address = %(address)s and attempts < %(attempts)s and expires_at > %(now)s returning code_hash""",
    str,
)
_TAKE_CODE = command(
    "delete from identity.email_code where address = %(address)s and code_hash = %(code_hash)s and expires_at > %(now)s"
)
_PUT_CHALLENGE = command(
    """insert into identity.challenge (challenge, purpose, party_id, binding, expires_at)
    values (%(challenge)s, %(purpose)s, %(party_id)s, %(binding)s, %(expires_at)s)"""
)
_TAKE_CHALLENGE = command(
    """delete from identity.challenge where challenge = %(challenge)s and purpose = %(purpose)s
    and party_id is not distinct from %(party_id)s and binding = %(binding)s and expires_at > %(now)s"""
)
_PASSKEY = query(
    """select credential_id, party_id, public_key, sign_count, transports from identity.passkey
    where credential_id = %(credential_id)s""",
    PasskeyRow,
)
_PASSKEYS = query(
    """select credential_id, name, created_at, last_used_at, backed_up from identity.passkey
    where party_id = %(party_id)s order by created_at""",
    Passkey,
)
_ADD_PASSKEY = command(
    """insert into identity.passkey (credential_id, party_id, public_key, sign_count, transports, backed_up, name, created_at)
    values (%(credential_id)s, %(party_id)s, %(public_key)s, %(sign_count)s, %(transports)s::text[], %(backed_up)s, %(name)s,
      %(now)s)
    on conflict (credential_id) do nothing"""
)
_USED_PASSKEY = command(
    """update identity.passkey set sign_count = %(sign_count)s, backed_up = %(backed_up)s, last_used_at = %(now)s
    where credential_id = %(credential_id)s and sign_count = %(was)s"""
)
_DROP_PASSKEY = command(
    "delete from identity.passkey where party_id = %(party_id)s and credential_id = %(credential_id)s"
)
_DELIVER = command(
    """insert into identity.mailbox (message_id, recipient, subject, body, code)
    values (%(message_id)s, %(recipient)s, %(subject)s, %(body)s, %(code)s) on conflict (message_id) do nothing"""
)
_MAILBOX = query(
    "select mail_id, recipient, subject, body, code, at from identity.mailbox order by mail_id desc limit %(limit)s",
    ReceivedMail,
)
_FORGET = [
    command("delete from identity.session where expires_at <= %(now)s"),
    command("delete from identity.email_code where expires_at <= %(now)s"),
    command("delete from identity.challenge where expires_at <= %(now)s"),
    command("delete from identity.throttle where ends_at <= %(now)s"),
]


async def use(tx: Tx, keys: Sequence[bytes], windows: Sequence[timedelta], now: datetime) -> list[UseRow]:
    """Count one use of each key within its window, over all processes; one statement, rows locked in key order."""
    params = {
        "keys": list(keys),
        "windows_s": [int(window.total_seconds()) for window in windows],
        "now": now,
    }
    return await tx.all(_USE, params)


async def put_code(tx: Tx, address: str, code_hash: str, expires_at: datetime) -> None:
    """Make this the only live code of an address."""
    await tx.run(_PUT_CODE, {"address": address, "code_hash": code_hash, "expires_at": expires_at})


async def try_code(tx: Tx, address: str, attempts: int, now: datetime) -> str | None:
    """Count an attempt and give the hash to compare; None when no code lives or its attempts are spent."""
    return await tx.first(_TRY_CODE, {"address": address, "attempts": attempts, "now": now})


async def take_code(tx: Tx, address: str, code_hash: str, now: datetime) -> bool:
    """Use a code up; False when another request was first."""
    return await tx.run(_TAKE_CODE, {"address": address, "code_hash": code_hash, "now": now}) == 1


async def put_challenge(
    tx: Tx, challenge: bytes, purpose: str, party_id: int | None, binding: str, expires_at: datetime
) -> None:
    params = {
        "challenge": challenge,
        "purpose": purpose,
        "party_id": party_id,
        "binding": binding,
        "expires_at": expires_at,
    }
    await tx.run(_PUT_CHALLENGE, params)


async def take_challenge(
    tx: Tx, challenge: bytes, purpose: str, party_id: int | None, binding: str, now: datetime
) -> bool:
    """Use a challenge up; False when it was not ours to use."""
    params = {
        "challenge": challenge,
        "purpose": purpose,
        "party_id": party_id,
        "binding": binding,
        "now": now,
    }
    return await tx.run(_TAKE_CHALLENGE, params) == 1


async def passkey(tx: Tx, credential_id: bytes) -> PasskeyRow | None:
    return await tx.first(_PASSKEY, {"credential_id": credential_id})


async def passkeys(tx: Tx, party_id: int) -> list[Passkey]:
    return await tx.all(_PASSKEYS, {"party_id": party_id})


async def add_passkey(tx: Tx, row: PasskeyRow, *, backed_up: bool, name: str, now: datetime) -> bool:
    """Keep a new authenticator; False when it is registered already."""
    params = {
        "credential_id": row.credential_id,
        "party_id": row.party_id,
        "public_key": row.public_key,
        "sign_count": row.sign_count,
        "transports": row.transports,
        "backed_up": backed_up,
        "name": name,
        "now": now,
    }
    return await tx.run(_ADD_PASSKEY, params) == 1


async def used_passkey(
    tx: Tx, credential_id: bytes, *, was: int, sign_count: int, backed_up: bool, now: datetime
) -> bool:
    """Advance the signature counter from what it was; False when another sign-in advanced it meanwhile."""
    params = {
        "credential_id": credential_id,
        "was": was,
        "sign_count": sign_count,
        "backed_up": backed_up,
        "now": now,
    }
    return await tx.run(_USED_PASSKEY, params) == 1


async def drop_passkey(tx: Tx, party_id: int, credential_id: bytes) -> bool:
    return await tx.run(_DROP_PASSKEY, {"party_id": party_id, "credential_id": credential_id}) == 1


async def deliver(tx: Tx, mail: Mail) -> None:
    """Put a mail in the demo's mailbox, once per message id."""
    params = {
        "message_id": mail.message_id,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "body": mail.text,
        "code": mail.code,
    }
    await tx.run(_DELIVER, params)


async def mailbox(tx: Tx, limit: int) -> list[ReceivedMail]:
    return await tx.all(_MAILBOX, {"limit": limit})


async def forget_expired(tx: Tx, now: datetime) -> int:
    """Delete what can no longer be used: four statements; returns how many rows."""
    return sum([await tx.run(statement, {"now": now}) for statement in _FORGET])
