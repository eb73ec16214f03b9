"""Small pure decisions about stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from halles.inventory.types import TooMuchReserved

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
