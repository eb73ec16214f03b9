"""Visits tied to people, against what these people agreed to."""

from __future__ import annotations

from halles.journeys.doctor.types import Finding
from halles.kernel.db import Database
from halles.visits import api as visits

_TEXTS = {
    "unagreed": "visits are tied to this person, who did not agree or has withdrawn",
    "overlap": "a browser is tied to this person and to another at one moment",
    "answer": "the last answer and the standing agreement do not say the same",
}


async def ties_of(db: Database) -> tuple[dict[str, int], list[Finding]]:
    """What was counted and found, on a snapshot of its own: two queries over everything."""
    async with db.snapshot() as tx:
        agreed, faults = await visits.count_agreed(tx), await visits.faults(tx)
    counted = {"people who agreed to be measured": agreed} if agreed else {}
    return counted, [
        Finding(
            check=f"visits.{one.what}",
            subject=f"party {one.party_id} with seller {one.seller_id}",
            text=_TEXTS[one.what],
        )
        for one in faults
    ]
