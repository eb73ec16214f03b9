"""What visitors photographed, for those who measure; and forgetting who they were."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from halles.kernel.db import Tx
from halles.vision.store import touches
from halles.vision.store.touches import Photographed


async def photographed(
    tx: Tx,
    seller_id: int,
    *,
    place_id: int | None,
    since: datetime,
    until: datetime,
    visitors: Collection[str],
) -> list[Photographed]:
    """Products that photos of these visitors were recognised as, at a place (None: anywhere) in [since, until). One query
    over these photos."""
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until}
    if not visitors:
        return []
    return await tx.all(touches.PHOTOGRAPHED, {**params, "visitors": sorted(visitors)})


async def forget_visitors(tx: Tx, before: datetime) -> int:
    """Forget which browser took photos before a moment; what was recognised stays. One statement. Returns how many."""
    return await tx.run(touches.FORGET_VISITORS, {"before": before})
