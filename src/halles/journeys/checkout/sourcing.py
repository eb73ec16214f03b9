"""Which location serves a line. Pure, and simple enough to explain to a shopkeeper."""

from __future__ import annotations

from collections.abc import Iterable


class Source:
    """A location that could serve a line: the lane its goods take, and what it can still sell; orders take it down."""

    __slots__ = ("lane", "location_id", "sellable")

    def __init__(self, location_id: int, lane: str, sellable: int) -> None:
        self.location_id, self.lane, self.sellable = location_id, lane, sellable


def source(quantity: int, lane: str, sources: Iterable[Source]) -> Source | None:
    """The location for `quantity` pieces: one of the promised `lane` that has enough, else any that has enough.

    Among equals the fullest, then the lowest id, so that the answer never depends on the order of rows. None: none has enough.
    A line is never divided between locations.
    """
    best: Source | None = None
    for candidate in sources:
        if candidate.sellable >= quantity and (best is None or _rank(candidate, lane) > _rank(best, lane)):
            best = candidate
    return best


def _rank(candidate: Source, lane: str) -> tuple[bool, int, int]:
    return (candidate.lane == lane, candidate.sellable, -candidate.location_id)
