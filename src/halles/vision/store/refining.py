"""The SQL of second looks: an answer that is replaced by a better one while nobody has acted on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx, command, query
from halles.vision.store import shown
from halles.vision.types import MatchId, PhotoMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMatch:
    """A photo's answer as it lies in the store; `candidates` as JSON."""

    seller_id: int
    outcome: str
    found_by: str
    gtin: str | None
    candidates: str
    refined: bool | None


_BEGIN = command(
    "update vision.photo_match set refined = false where seller_id = %(seller_id)s and match_id = %(match_id)s"
)
_END = command(
    """update vision.photo_match set refined = true
    where seller_id = %(seller_id)s and match_id = %(match_id)s and refined is false"""
)
_REPLACE = command(
    """update vision.photo_match set outcome = %(outcome)s, found_by = %(found_by)s, gtin = %(gtin)s,
      candidates = %(candidates)s::text::jsonb, cpu_ms = cpu_ms + %(cpu_ms)s
    where seller_id = %(seller_id)s and match_id = %(match_id)s and refined is false
      and chosen_variant_id is null and order_id is null"""
)
_LOAD = query(
    """select seller_id, outcome, found_by, gtin, candidates::text as candidates, refined
    from vision.photo_match where match_id = %(match_id)s""",
    StoredMatch,
)


async def begin(tx: Tx, seller_id: int, match_id: MatchId) -> None:
    """A second look at this photo is under way. One statement."""
    await tx.run(_BEGIN, {"seller_id": seller_id, "match_id": match_id})


async def end(tx: Tx, seller_id: int, match_id: MatchId) -> None:
    """The second look is over. One statement."""
    await tx.run(_END, {"seller_id": seller_id, "match_id": match_id})


async def replace(tx: Tx, match: PhotoMatch) -> bool:
    """Puts the second answer in the place of the first, unless somebody tapped or bought meanwhile. One statement."""
    params = {
        "seller_id": match.seller_id,
        "match_id": match.match_id,
        "outcome": match.outcome.value,
        "found_by": match.found_by.value,
        "gtin": match.gtin,
        "candidates": shown.kept(match.candidates),
        "cpu_ms": match.cpu_ms,
    }
    return await tx.run(_REPLACE, params) == 1


async def load(tx: Tx, match_id: UUID) -> StoredMatch | None:
    """A photo's present answer. One query."""
    return await tx.first(_LOAD, {"match_id": match_id})
