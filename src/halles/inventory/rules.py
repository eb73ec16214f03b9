"""Small pure decisions about stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from halles.inventory.types import BadFence, RingFence, TooMuchReserved

MAX_QUANTITY = 1_000_000_000
"""Pieces in one command; far above any delivery, far below what a bigint holds."""


def merged(items: Sequence[tuple[int, int, int]]) -> Mapping[tuple[int, int], int]:
    """(location, variant, quantity) triples with the same item added up, sorted as rows are locked."""
    total: dict[tuple[int, int], int] = {}
    for location_id, variant_id, quantity in items:
        total[location_id, variant_id] = total.get((location_id, variant_id), 0) + quantity
    return dict(sorted(total.items()))


RENEWALS = 2
"""How often a reservation can be made to last longer."""
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 6
"""Reservations of one person within an hour: who lets them expire again and again keeps goods from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLimits:
    """How much may be set aside at a time. `lasts`: until it expires, counted from when it was made or renewed."""

    lasts: timedelta
    pieces_per_person: int
    pieces_per_network: int


def check_reservation(limits: ReservationLimits, *, recent: int, pieces: int, network: int) -> None:
    """Whether one person may set `pieces` aside: `recent`: what they reserved within the hour, `network`: pieces that others of
    their network have reserved now. Raises TooMuchReserved."""
    if recent >= MOST_AN_HOUR:
        raise TooMuchReserved(
            "You have reserved often enough for now; you can still order.",
            retry_after_s=AN_HOUR.total_seconds() / MOST_AN_HOUR, per="hour", most=MOST_AN_HOUR,
        )  # fmt: skip
    if pieces > limits.pieces_per_person:
        raise TooMuchReserved(
            f"At most {limits.pieces_per_person} pieces can be reserved; you can still order more.",
            retry_after_s=limits.lasts.total_seconds(), per="person", most=limits.pieces_per_person,
        )  # fmt: skip
    if network + pieces > limits.pieces_per_network:
        raise TooMuchReserved(
            "Too much is reserved from your network; you can still order.",
            retry_after_s=limits.lasts.total_seconds(), per="network", most=limits.pieces_per_network,
        )  # fmt: skip


def spread(pieces: int, sellable: Mapping[int, int]) -> dict[int, int]:
    """How many of `pieces` to keep at each location, of what it can sell: in proportion, by largest remainder, so that none is
    emptied for the others' sake; ties to the lowest id. Fewer in all where there are fewer."""
    free = {place: many for place, many in sorted(sellable.items()) if many > 0}
    total = sum(free.values())
    if not pieces or not total:
        return {}
    wanted = min(pieces, total)
    given = {place: wanted * many // total for place, many in free.items()}
    rest = sorted(free, key=lambda place: (-(wanted * free[place] % total), place))
    for place in rest[: wanted - sum(given.values())]:
        given[place] += 1
    return {place: many for place, many in given.items() if many}


def check_fence(fence: RingFence, now: datetime, *, sold: int = 0) -> None:
    """Whether a fence can be as it is described, of which `sold` pieces are gone. Raises BadFence."""
    if not 1 <= fence.quantity <= MAX_QUANTITY:
        raise BadFence("A ring-fence keeps one piece at least.", field="quantity")
    if fence.quantity < sold:
        raise BadFence("The channel has sold more than that already.", field="quantity", sold=sold)
    if fence.ends_at is not None and fence.ends_at <= max(now, fence.starts_at):
        raise BadFence("A ring-fence ends after it starts, and later than now.", field="ends_at")
    if fence.note is not None and "\x00" in fence.note:
        raise BadFence("A text holds a character that cannot be stored.", field="note")
