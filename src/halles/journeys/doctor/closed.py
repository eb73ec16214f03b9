"""Closed accounts: nobody signs in to them."""

from __future__ import annotations

from halles.identity.api import closing
from halles.journeys.doctor.types import Finding
from halles.kernel.db import Database


async def closings_of(db: Database) -> tuple[dict[str, int], list[Finding]]:
    """What was counted and found, on a snapshot of its own: two queries over what is closed."""
    async with db.snapshot() as tx:
        many, alive = await closing.count(tx), await closing.alive(tx)
    counted = {"closed accounts": many} if many else {}
    return counted, [
        Finding(
            check="identity.closed",
            subject=f"party {one}",
            text="the account is closed, and somebody could still sign in to it",
        )
        for one in alive
    ]
