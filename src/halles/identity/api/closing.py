"""Closing accounts: the gate, the entry that stays, and what identity forgets.

Statements of the order path, sent by checkout through its own pipeline: HOLD (before every other lock) keeps closings of these
stripes out until commit, CLOSED gives those of `parties` that are closed, read after the gate is held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from halles.identity.store import closures as store
from halles.identity.store.closures import CLOSED, HOLD
from halles.identity.types import AccountClosed, Closure, ClosureIdReused, OwnIdentity
from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held

__all__ = [
    "CLOSED",
    "HOLD",
    "alive",
    "close",
    "closings_of",
    "closures",
    "count",
    "due",
    "family",
    "find_closure",
    "forget",
    "hold_open",
    "own",
    "passed",
    "shut",
    "sole",
    "stripes",
]

STRIPES = 64
_RULING = 64
"""The stripe behind the parties': of those who run a seller."""
_NAMELESS = "a number; nothing says any more whose it was"

HELD = (
    Held("identity.party.party_id", Fate.KEPT, "orders and the ledger name the party by it"),
    Held("identity.party.name", Fate.ERASED, "it says who somebody is"),
    Held("identity.party.merged_into", Fate.KEPT, _NAMELESS),
    Held("identity.closure.party_id", Fate.KEPT, "the entry that proves the closing", given=False),
    Held("identity.closure.by", Fate.KEPT, "through which door it was asked for, not who asked", given=False),
    Held("identity.email.address", Fate.ERASED, "it says who somebody is"),
    Held("identity.email.party_id", Fate.ERASED, "its row is deleted"),
    Held("identity.role_grant.party_id", Fate.ERASED, "its row is deleted"),
    Held("identity.passkey.party_id", Fate.ERASED, "its row is deleted"),
    Held("identity.passkey.name", Fate.ERASED, "its row is deleted"),
    Held("identity.challenge.party_id", Fate.ERASED, "its row is deleted", given=False),
    Held("identity.email_code.address", Fate.ERASED, "its row is deleted", given=False),
    Held("identity.session.party_id", Fate.ERASED, "its row is deleted"),
    Held("identity.session.agent", Fate.ERASED, "its row is deleted"),
    Held(
        "identity.api_key.party_id", Fate.KEPT, "which party a revoked key acted for is its seller's record"
    ),
    Held("identity.api_key.name", Fate.ERASED, "its owner wrote it"),
    Held(
        "identity.mailbox.recipient", Fate.ERASED, "the demo's mails to the address are deleted", given=False
    ),
)


def stripes(parties: Iterable[int]) -> list[int]:
    """The stripes of the gate that these parties stand on, in the order in which everybody takes them."""
    return sorted({party % STRIPES for party in parties})


async def hold_open(tx: Tx, parties: Collection[int]) -> None:
    """Keep these accounts from being closed until the transaction ends. Call it before other locks. Two statements. Raises
    AccountClosed."""
    await tx.one(store.HOLD, {"stripes": stripes(parties)})
    if await tx.all(store.CLOSED, {"parties": sorted(parties)}):
        raise AccountClosed("This account is closed.")


async def shut(tx: Tx, parties: Collection[int], *, ruling: bool) -> None:
    """Wait until nothing is under way for these accounts, and let nothing begin until the transaction ends. `ruling`: they may
    run a seller, so that of two who leave it at once the second finds itself the last. One statement."""
    wanted = [*stripes(parties), *([_RULING] if ruling else [])]
    await tx.one(store.SHUT, {"stripes": wanted})


async def family(tx: Tx, party_id: int) -> list[int]:
    """An account and every guest that it was. One statement."""
    return await tx.all(store.FAMILY, {"party_id": party_id})


async def sole(tx: Tx, party_id: int) -> list[int]:
    """Sellers that nobody else runs; 0 is the installation. One statement."""
    return await tx.all(store.SOLE, {"party_id": party_id})


async def find_closure(
    tx: Tx, *, closure_id: UUID | None = None, party_id: int | None = None, fingerprint: bytes | None = None
) -> Closure | None:
    """A closing by its id or its party. One statement. Raises ClosureIdReused when `fingerprint` is another."""
    if closure_id is not None:
        found = await tx.first(store.BY_ID, {"closure_id": closure_id})
    else:
        found = await tx.first(store.BY_PARTY, {"party_id": party_id})
    if found is not None and fingerprint is not None and bytes(found.fingerprint) != fingerprint:
        raise ClosureIdReused("Another closing was asked for under this id.")
    return found


async def closings_of(tx: Tx, closure_id: UUID) -> list[Closure]:
    """The entries of an account and of the guests that were closed with it. One statement."""
    return await tx.all(store.BY_ID, {"closure_id": closure_id})


async def close(
    tx: Tx,
    parties: Sequence[int],
    *,
    closure_id: UUID,
    fingerprint: bytes,
    by: str,
    money: str,
    now: datetime,
) -> None:
    """Close accounts whose gate is shut: the entries, and all that identity forgets. Nobody is signed in to them any more."""
    params = {"closure_id": closure_id, "fingerprint": fingerprint, "by": by, "money": money, "now": now}
    await tx.run(store.CLOSE, {**params, "parties": list(parties)})
    await forget(tx, parties, now)


async def forget(tx: Tx, parties: Sequence[int], now: datetime) -> None:
    """Delete who these parties are and how they sign in. Nine statements; repeating it changes nothing."""
    for statement in store.FORGET:
        await tx.run(statement, {"parties": list(parties), "now": now})


async def due(tx: Tx, now: datetime, limit: int = 20) -> list[Closure]:
    """Closings whose forgetting goes on now. One statement."""
    return await tx.all(store.DUE, {"now": now, "limit": limit})


async def passed(tx: Tx, closure: Closure, next_at: datetime | None) -> None:
    """Note that a pass of forgetting is over; another worker's same pass counts once. One statement."""
    params = {"party_id": closure.party_id, "passes": closure.passes, "next_at": next_at}
    await tx.run(store.PASSED, params)


async def closures(tx: Tx, limit: int = 100) -> list[Closure]:
    """The latest closings. One statement."""
    return await tx.all(store.ALL, {"limit": limit})


async def alive(tx: Tx) -> list[int]:
    """Closed accounts to which somebody could still sign in. One statement over everything that is closed."""
    return await tx.all(store.ALIVE)


async def count(tx: Tx) -> int:
    """How many accounts were closed. One statement."""
    return await tx.one(store.COUNT)


async def own(tx: Tx, parties: Sequence[int]) -> OwnIdentity:
    """All that identity holds of these parties. Six statements."""
    mine = {"parties": list(parties)}
    return OwnIdentity(
        parties=await tx.all(store.OWN_PARTIES, mine),
        emails=await tx.all(store.OWN_EMAILS, mine),
        passkeys=await tx.all(store.OWN_PASSKEYS, mine),
        sessions=await tx.all(store.OWN_SESSIONS, mine),
        roles=await tx.all(store.OWN_ROLES, mine),
        api_keys=await tx.all(store.OWN_KEYS, mine),
    )
