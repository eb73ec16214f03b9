"""What of a basket can be set aside, and where. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.sourcing import Source, source

Items = dict[int, list[tuple[int, int, int]]]
"""(location, variant, quantity) by seller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A basket line. `lane`: the way its goods usually take. `open` False: nothing of it can be set aside."""

    seller_id: int
    variant_id: int
    quantity: int
    lane: str
    open: bool


def plan(
    wanted: Sequence[Wanted],
    sellable: Mapping[tuple[int, int], Sequence[tuple[int, int]]],
    lanes: Mapping[tuple[int, int], str],
    *,
    partial: bool,
) -> Items:
    """Where each line's pieces are set aside: at the location that an order would choose, a line never divided.

    `sellable`: (location, pieces) by (seller, variant). `lanes`: by (seller, location). Where no location has enough: with
    `partial` as many as one has, else nothing at all. Raises InsufficientStock, also when all of it would be nothing.
    """
    found: Items = {}
    for line in wanted:
        key = (line.seller_id, line.variant_id)
        rows = sellable.get(key, ()) if line.open else ()
        sources = [Source(where, lanes.get((line.seller_id, where), ""), pieces) for where, pieces in rows]
        most = max((one.sellable for one in sources), default=0)
        quantity = min(line.quantity, most) if partial else line.quantity
        best = source(quantity, line.lane, sources) if quantity > 0 else None
        if best is not None:
            found.setdefault(line.seller_id, []).append((best.location_id, line.variant_id, quantity))
        elif not partial:
            raise InsufficientStock(variant_id=line.variant_id, sellable=max(0, most))
    if not found:
        raise InsufficientStock(variant_id=wanted[0].variant_id, sellable=0)
    return found
