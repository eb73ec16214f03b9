"""What visitors photographed, for those who measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from halles.kernel.db import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Photographed:
    """A product that a visitor's photo was recognised as."""

    visitor: str
    product_id: UUID
    at: datetime


PHOTOGRAPHED = query(
    """select visitor, (candidates -> 0 ->> 0)::uuid as product_id, taken_at as at from vision.photo_match
    where seller_id = %(seller_id)s and (%(place_id)s::bigint is null or place_id = %(place_id)s)
      and taken_at >= %(since)s and taken_at < %(until)s
      and outcome = 'product' and visitor = any(%(visitors)s::text[])
    order by taken_at""",
    Photographed,
)
FORGET_VISITORS = command(
    "update vision.photo_match set visitor = null where taken_at < %(before)s and visitor is not null"
)
