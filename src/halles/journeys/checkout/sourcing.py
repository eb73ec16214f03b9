"""Which location serves a line, or an order. Pure, and simple enough to explain to a shopkeeper.

`source` is what every seller has at first; `allocate` is for one who has made a rule. Told in docs/algorithms/sourcing.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from halles.inventory.types import SourcingRule, Split


class Source:
    """A location that could serve a line: the lane its goods take, and what it can still sell; orders take it down."""

    __slots__ = ("lane", "location_id", "sellable")

    def __init__(self, location_id: int, lane: str, sellable: int) -> None:
        self.location_id, self.lane, self.sellable = location_id, lane, sellable


def source(quantity: int, lane: str, sources: Sequence[Source]) -> Source | None:
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


EXACT = 8
"""Locations among which every combination is tried; of more, the best by `Spot.rank` that hold something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A location as one order sees it. `late`: it cannot keep the promise. `full`: it has packed its day's orders.

    `distance_km`: to the shopper, None when unknown. `cost_minor`: handling and one parcel. `load`: packed today, in percent of
    what it can; 0 without a limit. `score`: what the rule's weights make of the three, lower is better.
    """

    location_id: int
    late: bool
    full: bool
    distance_km: float | None
    cost_minor: int
    load: float
    score: float

    @property
    def rank(self) -> tuple[bool, bool, float, int]:
        return (self.late, self.full, self.score, self.location_id)


def score(rule: SourcingRule, distance_km: float | None, cost_minor: int, load: float) -> float:
    """Points against a location: a weight for 100 km, for 1 unit of money (100 minor units), for 10 % of the day's capacity.

    An unknown distance counts as none: where a shopper cannot be placed, distance decides nothing.
    """
    return (
        rule.distance_weight * (distance_km or 0.0) / 100
        + rule.cost_weight * cost_minor / 100
        + rule.load_weight * load / 10
    )


@dataclass(frozen=True, slots=True)
class Portion:
    """`quantity` pieces of a line (by its number) from a location."""

    line: int
    location_id: int
    quantity: int


def allocate(
    lines: Sequence[int], sellable: Sequence[Mapping[int, int]], spots: Mapping[int, Spot], split: Split
) -> list[Portion] | None:
    """Who serves what: `lines[i]` pieces, of which location l can still sell `sellable[i][l]`. None: it cannot be served so.

    Of all ways to serve everything, the one with the fewest parcels that come late; then the fewest from locations that are full;
    then the fewest parcels, which are the locations used; then the lowest sum of their scores; then the lowest ids. Exact for
    up to EXACT locations. What a way costs hangs only on the set of locations it uses, so the sets are what is searched.
    """
    holding = {place for row in sellable for place, pieces in row.items() if pieces > 0 and place in spots}
    ranked = sorted((spots[place] for place in holding), key=lambda spot: spot.rank)
    serves = _server(lines, sellable, split)
    most = 1 if split is Split.NEVER else len(ranked)
    if len(ranked) > EXACT and most > 1:
        ranked = _enough(ranked, serves)
    best: tuple[tuple[int, int, int, float, tuple[int, ...]], Sequence[Spot]] | None = None
    for size in range(1, min(most, len(ranked)) + 1):
        for chosen in combinations(ranked, size):
            if serves([spot.location_id for spot in chosen]):
                key = cost_of(chosen)
                if best is None or key < best[0]:
                    best = (key, chosen)
        if best is not None and best[0][:2] == (0, 0):
            break
    return None if best is None else _portions(lines, sellable, best[1], split)


def cost_of(chosen: Collection[Spot]) -> tuple[int, int, int, float, tuple[int, ...]]:
    """What `allocate` makes as small as it can, the first number first."""
    return (
        sum(spot.late for spot in chosen),
        sum(spot.full for spot in chosen),
        len(chosen),
        round(sum(spot.score for spot in chosen), 6),
        tuple(sorted(spot.location_id for spot in chosen)),
    )


def _server(
    lines: Sequence[int], sellable: Sequence[Mapping[int, int]], split: Split
) -> Callable[[Sequence[int]], bool]:
    """Whether a set of locations can serve everything."""

    def whole(places: Iterable[int]) -> bool:
        return all(
            any(row.get(place, 0) >= quantity for place in places)
            for quantity, row in zip(lines, sellable, strict=True)
        )

    def in_pieces(places: Iterable[int]) -> bool:
        return all(
            sum(max(0, row.get(place, 0)) for place in places) >= quantity
            for quantity, row in zip(lines, sellable, strict=True)
        )

    return in_pieces if split is Split.PIECES else whole


def _enough(ranked: Sequence[Spot], serves: Callable[[Sequence[int]], bool]) -> list[Spot]:
    """The best EXACT of many locations; where they cannot serve everything, those that a pass from the worst does not spare."""
    best = list(ranked[:EXACT])
    if serves([spot.location_id for spot in best]):
        return best
    kept = list(ranked)
    for spot in reversed(ranked):
        others = [other for other in kept if other is not spot]
        if serves([other.location_id for other in others]):
            kept = others
    return kept if len(kept) <= EXACT else []


def _portions(
    lines: Sequence[int], sellable: Sequence[Mapping[int, int]], chosen: Sequence[Spot], split: Split
) -> list[Portion]:
    """Each line from the best of the chosen locations that has enough; one that is divided, from the best first."""
    found: list[Portion] = []
    ranked = sorted(chosen, key=lambda spot: spot.rank)
    for number, (quantity, row) in enumerate(zip(lines, sellable, strict=True)):
        whole = next((spot for spot in ranked if row.get(spot.location_id, 0) >= quantity), None)
        if whole is not None:
            found.append(Portion(number, whole.location_id, quantity))
            continue
        assert split is Split.PIECES
        left = quantity
        for spot in ranked:
            pieces = min(left, max(0, row.get(spot.location_id, 0)))
            if pieces:
                found.append(Portion(number, spot.location_id, pieces))
                left -= pieces
    return found
