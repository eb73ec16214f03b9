"""Mailed codes: asked for, sent as a reaction, tried, used up.

The slow hash is computed between two short transactions, never inside one, and every refused attempt is committed: so each
step is a function of its own, and whoever opens the transactions (`http`) runs them in this order: `admit_request` →
`hash_code` → `put_code`, and `admit_attempt` → `try_code` → `fits` → `take_code`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from halles.identity import rules
from halles.identity.adapters.codes import fits, hash_code, new_code
from halles.identity.adapters.sealing import Vault
from halles.identity.store import proofs as store
from halles.identity.types import CODE_ATTEMPTS, CODE_LIFE, CodeRequested, Mailer
from halles.kernel import outbox
from halles.kernel.clock import Clock
from halles.kernel.db import Tx
from halles.kernel.relay import Delivery

log = structlog.get_logger("halles.identity")
_SEAL = "identity.mail"

__all__ = [
    "CodeSender",
    "admit_attempt",
    "admit_request",
    "fits",
    "hash_code",
    "keep_code",
    "new_code",
    "put_code",
    "take_code",
    "try_code",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `uses` of a key within `window`, over all processes."""

    key: bytes
    uses: float
    window: timedelta


async def admit_request(
    tx: Tx, vault: Vault, address: str, network: str, now: datetime, factor: float
) -> float | None:
    """Count a request for a code; seconds to wait when there were too many, else None.

    For one address from one network 5 in a quarter of an hour; for one address 10 an hour and 30 a day, so that guessing succeeds
    at most once in 6,600 days; for one network 40 an hour.
    """
    limits = [
        Limit(key=_key(vault, f"ask:{address}:{network}"), uses=5 * factor, window=timedelta(minutes=15)),
        Limit(key=_key(vault, f"ask:{address}"), uses=10 * factor, window=timedelta(hours=1)),
        Limit(key=_key(vault, f"ask-day:{address}"), uses=30 * factor, window=timedelta(days=1)),
        Limit(key=_key(vault, f"ask-from:{network}"), uses=40 * factor, window=timedelta(hours=1)),
    ]
    return await _count(tx, limits, now)


async def admit_attempt(tx: Tx, vault: Vault, network: str, now: datetime, factor: float) -> float | None:
    """Count an entry of a code; seconds to wait when there were too many (60 an hour for one network), else None."""
    limit = Limit(key=_key(vault, f"try-from:{network}"), uses=60 * factor, window=timedelta(hours=1))
    return await _count(tx, [limit], now)


async def put_code(
    tx: Tx, vault: Vault, address: str, code: str, code_hash: str, *, locale: str, now: datetime
) -> None:
    """Make a code the only live one of an address and have it mailed (CodeRequested): the same work for every address."""
    expires_at = await keep_code(tx, address, code_hash, now)
    sealed = vault.seal(_SEAL, code, address)
    await outbox.append(
        tx, [CodeRequested(address=address, locale=locale, sealed=sealed, expires_at=expires_at)]
    )


async def keep_code(tx: Tx, address: str, code_hash: str, now: datetime) -> datetime:
    """Make a code the only live one of an address, and mail nothing: whoever made it hands it over. Gives when it ends."""
    expires_at = now + CODE_LIFE
    await store.put_code(tx, address, code_hash, expires_at)
    return expires_at


async def try_code(tx: Tx, address: str, now: datetime) -> str | None:
    """Count an attempt, to be committed whatever follows; the hash to compare with, or None."""
    return await store.try_code(tx, address, CODE_ATTEMPTS, now)


async def take_code(tx: Tx, address: str, code_hash: str, now: datetime) -> bool:
    """Use a code up in the transaction that signs in; False when another request was first."""
    return await store.take_code(tx, address, code_hash, now)


class CodeSender:
    """The reaction that mails a code. Runs outside any transaction; a retry sends the same message id."""

    def __init__(self, mailer: Mailer, vault: Vault, clock: Clock) -> None:
        self._mailer, self._vault, self._clock = mailer, vault, clock

    async def __call__(self, events: Sequence[CodeRequested], delivery: Delivery) -> None:
        """One mail an event; wired to get one at a time, since a mail that was sent is not sent again for another's failure."""
        for event, event_id in zip(events, delivery.event_ids, strict=True):
            await self._send(event, event_id)

    async def _send(self, event: CodeRequested, event_id: UUID) -> None:
        if event.expires_at <= self._clock():
            log.info("identity.code_too_late", event_id=str(event_id))
            return
        code = self._vault.open(_SEAL, event.sealed, event.address)
        if code is None:
            log.warning("identity.seal_broken", event_id=str(event_id))
            return
        await self._mailer.send(rules.code_mail(event.address, event.locale, code, str(event_id)))


def _key(vault: Vault, text: str) -> bytes:
    return vault.mark("identity.throttle", text)[:16]


async def _count(tx: Tx, limits: Sequence[Limit], now: datetime) -> float | None:
    used = {
        row.key: row
        for row in await store.use(
            tx, [limit.key for limit in limits], [limit.window for limit in limits], now
        )
    }
    over = [used[limit.key].ends_at - now for limit in limits if used[limit.key].used > limit.uses]
    return max(wait.total_seconds() for wait in over) if over else None
