"""Sharing a pool of work among processes: each share has one holder, who keeps it for as long as its connection lives.

A share is held by a session's advisory lock, so that PostgreSQL itself lets go of it when the holder dies, however it dies.
Whoever takes a share moves its epoch; work done under an older epoch is recognised and refused (see `EPOCHS`). What is free is
taken at once by whoever looks first; later, members that were seen lately divide the shares evenly: who holds more than its part
lets go of some.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from halles.kernel.db import Database, Statement, Tx, command, query
from halles.kernel.errors import DatabaseUnavailable
from halles.kernel.ids import uuid7

log = structlog.get_logger("halles.lease")

LOOK_S = 0.2
"""Seconds between looks at what is free; a dead holder's shares are taken within about this time."""
BEAT_S = 2.0
"""Seconds between a member's signs of life."""
GONE_S = 6.0
"""Seconds after which a member that was not seen counts as gone."""
SETTLED_S = 10.0
"""Seconds that a share is kept before it is given up for the sake of an even division, so that none goes to and fro."""
_LOCK_CLASS = 0x48414F


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a share. `address`: where others reach it."""

    share: int
    epoch: int
    member: UUID | None
    address: str | None


EPOCHS: Statement[tuple[Any, ...]] = query(
    "select share, epoch from kernel.lease where pool = %(pool)s and share = any(%(shares)s::bigint[])", tuple
)
"""(share, epoch) of shares: read it in the transaction that does the work, and compare with what is held."""

_HOLDERS = query(
    "select share, epoch, holder as member, address from kernel.lease where pool = %(pool)s order by share",
    Holder,
)
_OPEN = command(
    """insert into kernel.lease (pool, share) select %(pool)s, share from generate_series(0, %(shares)s - 1) share
    on conflict do nothing"""
)
_BEAT = query(
    """with me as (
      insert into kernel.member (pool, member, address, seen_at) values (%(pool)s, %(member)s, %(address)s, now())
      on conflict (pool, member) do update set seen_at = now(), address = excluded.address)
    select count(*) from kernel.member where pool = %(pool)s and member <> %(member)s
      and seen_at > now() - %(gone_s)s * interval '1 second'""",
    int,
)
_LEAVE = command("delete from kernel.member where pool = %(pool)s and member = %(member)s")
_FORGET = command("delete from kernel.member where pool = %(pool)s and seen_at < now() - interval '1 hour'")
_FREE = query(
    """select share::int from unnest(%(shares)s::bigint[]) share
    where pg_try_advisory_lock(%(cls)s, hashtext(%(pool)s) + share::int)""",
    int,
)
_UNLOCK = query("select pg_advisory_unlock(%(cls)s, hashtext(%(pool)s) + %(share)s)", bool)
_TAKE = query(
    """update kernel.lease set epoch = epoch + 1, holder = %(member)s, address = %(address)s, at = now()
    where pool = %(pool)s and share = %(share)s returning epoch""",
    int,
)
_DROP = command(
    """update kernel.lease set holder = null, address = null, at = now()
    where pool = %(pool)s and share = %(share)s and holder = %(member)s"""
)


async def holders(tx: Tx, pool: str) -> list[Holder]:
    """Who holds each share of a pool."""
    return await tx.all(_HOLDERS, {"pool": pool})


class Member:
    """A process's part in a pool. `held`: share → epoch, while it holds them."""

    def __init__(self, db: Database, pool: str, shares: int, address: str) -> None:
        self._db, self._pool, self._shares, self._address = db, pool, shares, address
        self.member = uuid7()
        self._held: dict[int, int] = {}
        self._since: dict[int, float] = {}
        self._not_before: dict[int, float] = {}

    @property
    def held(self) -> Mapping[int, int]:
        return self._held

    def lost(self, share: int) -> None:
        """Work found a newer epoch: this share is somebody else's."""
        self._held.pop(share, None)

    async def run(self, stop: asyncio.Event) -> None:
        """Take part until `stop`, then let go of everything. Survives restarts of the database."""
        while not stop.is_set():
            try:
                async with self._db.dedicated() as connection:
                    await Tx(connection).run(_OPEN, {"pool": self._pool, "shares": self._shares})
                    beat_at = 0.0
                    while not stop.is_set():
                        if time.monotonic() >= beat_at:
                            await self._beat(Tx(connection))
                            beat_at = time.monotonic() + BEAT_S
                        await self._look(Tx(connection))
                        await _rest(stop, LOOK_S)
                    await self._leave(Tx(connection))
            except DatabaseUnavailable as error:
                log.warning("lease.lost", pool=self._pool, error=str(error))
                await _rest(stop, LOOK_S)
            finally:
                self._held.clear()

    async def _look(self, tx: Tx) -> None:
        """Take what is free."""
        now = time.monotonic()
        missing = [
            n for n in range(self._shares) if n not in self._held and self._not_before.get(n, 0.0) <= now
        ]
        if not missing:
            return
        lock = {"cls": _LOCK_CLASS, "pool": self._pool}
        free = await tx.all(_FREE, {"shares": missing, **lock})
        for share in free:
            self._held[share] = await tx.one(_TAKE, {**self._me(), "address": self._address, "share": share})
            self._since[share] = now
        if free:
            log.info("lease.taken", pool=self._pool, shares=free)

    async def _beat(self, tx: Tx) -> None:
        """Be seen, and give up what is beyond an even part."""
        others = await tx.one(_BEAT, {**self._me(), "address": self._address, "gone_s": GONE_S})
        part, now = math.ceil(self._shares / (others + 1)), time.monotonic()
        for share in sorted(self._held)[part:]:
            if now - self._since[share] > SETTLED_S:
                await self._drop(tx, share)
                self._not_before[share] = now + BEAT_S
        if random.random() < 0.01:
            await tx.run(_FORGET, {"pool": self._pool})

    async def _drop(self, tx: Tx, share: int) -> None:
        del self._held[share]
        await tx.run(_DROP, {**self._me(), "share": share})
        await tx.one(_UNLOCK, self._lock(share))

    async def _leave(self, tx: Tx) -> None:
        await tx.run(_LEAVE, self._me())
        for share in sorted(self._held):
            await self._drop(tx, share)

    def _me(self) -> dict[str, object]:
        return {"pool": self._pool, "member": self.member}

    def _lock(self, share: int) -> dict[str, object]:
        return {"cls": _LOCK_CLASS, "pool": self._pool, "share": share}


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
