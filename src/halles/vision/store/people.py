"""Photos that led somebody to what they put in a basket or bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.db import query


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPhoto:
    """What a photo was answered with. `candidates`: product, variant or null, score from 0 to 1; the best first. The photo itself
    was never kept."""

    seller_id: int
    match_id: UUID
    place_id: int | None
    taken_at: datetime
    outcome: str
    found_by: str
    gtin: str | None
    candidates: list[Any]
    chosen_variant_id: int | None
    order_id: UUID | None


PHOTOS = query(
    """select seller_id, match_id, place_id, taken_at, outcome, found_by, gtin, candidates, chosen_variant_id, order_id
    from vision.photo_match where match_id = any(%(matches)s::uuid[]) order by taken_at, match_id""",
    OwnPhoto,
)
