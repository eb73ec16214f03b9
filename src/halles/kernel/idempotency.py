"""Every command exactly once: the same id and body give the first answer again, the same id with another body is refused.

For commands whose own row cannot carry the id. An order or a top-up keeps its command's id itself and does not need this table.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from halles.kernel.db import Tx, command, query
from halles.kernel.errors import Conflict

KEPT_FOR = timedelta(days=7)
"""How long an answer is remembered; a client retries within minutes."""


class KeyReused(Conflict):
    """The same Idempotency-Key or command id came with another body."""

    code, title = "kernel.idempotency_key_reused", "This id was used for something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the first call answered: HTTP status and body as sent."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    fingerprint: bytes
    status: int | None
    body: bytes | None


_CLAIM = command(
    """insert into kernel.command (scope, key, fingerprint) values (%(scope)s, %(key)s, %(fingerprint)s)
    on conflict (scope, key) do nothing"""
)
_LOOK = query(
    "select fingerprint, status, body from kernel.command where scope = %(scope)s and key = %(key)s", _Claim
)
_REMEMBER = command(
    "update kernel.command set status = %(status)s, body = %(body)s where scope = %(scope)s and key = %(key)s"
)
_FORGET = command("delete from kernel.command where at < now() - %(age)s::interval")


def fingerprint(body: bytes) -> bytes:
    """16 bytes that stand for a request body."""
    return hashlib.blake2b(body, digest_size=16).digest()


async def recall(tx: Tx, scope: str, key: str, body: bytes) -> Answer | None:
    """Claim a command inside the transaction that will do its work; None means: do it, then `remember`.

    A second call with the same key waits for the first one's transaction. `scope`: route and caller. Raises KeyReused.
    """
    mine = fingerprint(body)
    if await tx.run(_CLAIM, {"scope": scope, "key": key, "fingerprint": mine}):
        return None
    claim = await tx.one(_LOOK, {"scope": scope, "key": key})
    if bytes(claim.fingerprint) != mine:
        raise KeyReused("This Idempotency-Key was used with another body.", key=key)
    return None if claim.status is None else Answer(status=claim.status, body=bytes(claim.body or b""))


async def remember(tx: Tx, scope: str, key: str, answer: Answer) -> None:
    """Keep the answer, in the same transaction as the work."""
    await tx.run(_REMEMBER, {"scope": scope, "key": key, "status": answer.status, "body": answer.body})


async def forget_old(tx: Tx) -> int:
    """Delete answers older than KEPT_FOR; returns how many."""
    return await tx.run(_FORGET, {"age": KEPT_FOR})
