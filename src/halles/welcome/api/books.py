"""What time brings to all places, what is forgotten, and what the doctor looks at."""

from __future__ import annotations

from datetime import datetime

from halles.kernel.db import Tx
from halles.welcome import store
from halles.welcome.types import COUNTS_KEPT, REMEMBERED, BookingTally, DoorFault, TicketTally


async def to_look_at(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(seller, place) of every queue, and of bookings whose time has come. One statement."""
    return [(row.seller_id, row.place_id) for row in await tx.all(store.TO_LOOK_AT, {"now": now})]


async def hand_over(tx: Tx, old_party_id: int, party_id: int) -> None:
    """A guest turned out to be somebody: bookings and tickets follow. Two statements."""
    params = {"old_party_id": old_party_id, "party_id": party_id}
    await tx.run(store.HAND_OVER_BOOKINGS, params)
    await tx.run(store.HAND_OVER_TICKETS, params)


async def forget_old(tx: Tx, now: datetime) -> int:
    """Forget who booked and queued after REMEMBERED, and single counts after COUNTS_KEPT; gives how many rows. Four
    statements."""
    people, counts = {"before": now - REMEMBERED}, {"before": now - COUNTS_KEPT}
    return (
        await tx.run(store.FORGET_BOOKERS, people)
        + await tx.run(store.FORGET_QUEUERS, people)
        + await tx.run(store.FORGET_CROSSINGS, counts)
        + await tx.run(store.FORGET_HEADCOUNTS, counts)
    )


async def slot_faults(tx: Tx) -> list[BookingTally]:
    """Slots whose count and bookings differ, or that hold more than they may."""
    return await tx.all(store.SLOT_TALLIES)


async def ticket_faults(tx: Tx) -> list[TicketTally]:
    """Tickets that have not exactly one state."""
    return await tx.all(store.TICKET_FAULTS)


async def door_faults(tx: Tx) -> list[DoorFault]:
    """Doors that lead nowhere."""
    return await tx.all(store.DOOR_FAULTS)


async def count_open(tx: Tx) -> int:
    """Bookings and tickets that are open."""
    return await tx.one(store.COUNT_ALL)
