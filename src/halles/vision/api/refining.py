"""The door to second looks at photos that were answered already."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx
from halles.vision.store import refining as store
from halles.vision.store import shown
from halles.vision.types import Candidate, FoundBy, MatchId, MatchNotFound, Outcome, PhotoMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentAnswer:
    """What a photo is answered with at present; `refines`: a second look is under way and may change it."""

    match_id: MatchId
    seller_id: int
    outcome: Outcome
    found_by: FoundBy
    gtin: str | None
    candidates: tuple[Candidate, ...]
    refines: bool


async def begin_second_look(tx: Tx, match: PhotoMatch) -> None:
    """Says that the answer may change. One statement."""
    await store.begin(tx, match.seller_id, match.match_id)


async def end_second_look(tx: Tx, match: PhotoMatch, better: PhotoMatch | None) -> bool:
    """The second look is over, with `better` in the place of `match`; None: it told nothing. Answers whether it changed.

    An answer on which somebody acted (a tap, an order) stays as it was. Two statements. Idempotent.
    """
    changed = better is not None and await store.replace(tx, better)
    await store.end(tx, match.seller_id, match.match_id)
    return changed


async def present_answer(tx: Tx, match_id: UUID) -> PresentAnswer:
    """What a photo is answered with now. One query. Raises MatchNotFound."""
    row = await store.load(tx, match_id)
    if row is None:
        raise MatchNotFound("no photo match has this id", match_id=str(match_id))
    return PresentAnswer(
        match_id=MatchId(match_id),
        seller_id=row.seller_id,
        outcome=Outcome(row.outcome),
        found_by=FoundBy(row.found_by),
        gtin=row.gtin,
        candidates=shown.read(row.candidates),
        refines=row.refined is False,
    )
