"""The draw: who joined before the start is put in an order that nobody chose. Told in docs/algorithms/waiting-room.md."""

from __future__ import annotations

import hashlib
from array import array
from uuid import UUID


def commitment(seed: bytes) -> str:
    """What is shown before the draw: SHA-256 of the seed, in hexadecimal."""
    return hashlib.sha256(seed).hexdigest()


def draw(seed: bytes, sale_id: UUID, tickets: int) -> array[int]:
    """The place (from 1) of ticket n at index n-1. Ticket n's lot is SHA-256(seed, sale id, tickets as 8 bytes, n as 8 bytes);
    the lowest lot comes first. About a second for a million tickets.
    """
    base = hashlib.sha256(seed + sale_id.bytes + tickets.to_bytes(8, "big"))
    lots: list[tuple[bytes, int]] = []
    for number in range(1, tickets + 1):
        lot = base.copy()
        lot.update(number.to_bytes(8, "big"))
        lots.append((lot.digest(), number))
    lots.sort()
    places = array("Q", bytes(8 * tickets))
    for place, (_, number) in enumerate(lots, start=1):
        places[number - 1] = place
    return places


def place_of(number: int, places: array[int] | None) -> int | None:
    """The place of a ticket: drawn if it was there at the draw, else its number, since the rest come after in order of arrival.

    None before the draw (`places` None).
    """
    if places is None:
        return None
    return places[number - 1] if number <= len(places) else number
