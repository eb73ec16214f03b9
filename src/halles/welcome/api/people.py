"""What the doors of places hold of a person: visits that they booked, tickets of queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held
from halles.welcome import store
from halles.welcome.api.bookings import end as end_bookings
from halles.welcome.api.queue import end as end_ticket
from halles.welcome.api.settings import lock
from halles.welcome.types import Booking, BookingState, Here, Ticket, TicketState

HELD = (
    Held("welcome.booking.party_id", Fate.ERASED, "an open booking is given back, the rest belong to nobody"),
    Held("welcome.ticket.party_id", Fate.ERASED, "an open ticket is given back, the rest belong to nobody"),
    Held("welcome.headcount.noted_by", Fate.KEPT, "which of the staff counted, by number", given=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVisits:
    """All that places' doors hold of a person."""

    bookings: list[Booking]
    tickets: list[Ticket]


async def own(tx: Tx, parties: Sequence[int]) -> OwnVisits:
    """All that doors hold of these people. Two statements."""
    mine = {"parties": list(parties)}
    return OwnVisits(
        bookings=await tx.all(store.BOOKINGS_OF_PEOPLE, mine),
        tickets=await tx.all(store.TICKETS_OF_PEOPLE, mine),
    )


async def give_back(tx: Tx, here: Here, parties: Sequence[int], now: datetime) -> None:
    """End what these people have open at one place. At most seven statements, repeatable."""
    await lock(tx, here)
    mine = await own(tx, parties)
    open_bookings = [
        one for one in mine.bookings if one.place_id == here.place_id and one.state == BookingState.BOOKED
    ]
    if open_bookings:
        await end_bookings(tx, here, open_bookings, BookingState.CANCELLED, now)
    for ticket in mine.tickets:
        if ticket.place_id == here.place_id and ticket.ended_at is None:
            await end_ticket(tx, here, ticket, TicketState.LEFT, now)


async def forget_person(tx: Tx, parties: Sequence[int]) -> None:
    """What they booked and queued for, and is over, is nobody's any more. Two statements, repeatable."""
    await tx.run(store.FORGET_BOOKINGS_OF, {"parties": list(parties)})
    await tx.run(store.FORGET_TICKETS_OF, {"parties": list(parties)})
