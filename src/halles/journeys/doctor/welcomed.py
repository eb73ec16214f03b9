"""Bookings against their slots, tickets against themselves, doors against zones."""

from __future__ import annotations

from collections.abc import Sequence

from halles.journeys.doctor.types import Finding
from halles.kernel.db import Database
from halles.welcome import api as welcome
from halles.welcome.types import BookingTally, DoorFault, TicketTally


async def at_the_door(db: Database) -> tuple[dict[str, int], list[Finding]]:
    """What was counted and found, on a snapshot of its own: four queries over everything."""
    async with db.snapshot() as tx:
        open_ = await welcome.count_open(tx)
        slots, tickets, doors = (
            await welcome.slot_faults(tx),
            await welcome.ticket_faults(tx),
            await welcome.door_faults(tx),
        )
    return ({"visits booked or waiting": open_} if open_ else {}), compare(slots, tickets, doors)


def compare(
    slots: Sequence[BookingTally], tickets: Sequence[TicketTally], doors: Sequence[DoorFault]
) -> list[Finding]:
    """No slot holds more than it may, or other people than its bookings; a ticket has one state; a door leads to zones. Pure."""
    found: list[Finding] = []
    for slot in slots:
        subject = f"slot {slot.starts_at.isoformat()} of place {slot.place_id}"
        if slot.booked > slot.most:
            text = f"{slot.booked} booked of {slot.most}"
            found.append(Finding(check="welcome.overbooked", subject=subject, text=text))
        if slot.booked != slot.people:
            text = f"{slot.booked} counted as booked, but its bookings add up to {slot.people}"
            found.append(Finding(check="welcome.slot", subject=subject, text=text))
    for ticket in tickets:
        subject = f"ticket {ticket.ticket_id} of seller {ticket.seller_id}"
        found.append(Finding(check="welcome.ticket", subject=subject, text=ticket.text))
    for door in doors:
        subject = f"door {door.door} of seller {door.seller_id}"
        text = f"it leads to {door.zone}, which is no zone of its place"
        found.append(Finding(check="welcome.door", subject=subject, text=text))
    return found
