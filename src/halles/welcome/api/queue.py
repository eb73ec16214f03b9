"""The queue at the door: joining, calling, coming in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.welcome import store
from halles.welcome.api import bookings, counting
from halles.welcome.api.settings import lock, zones
from halles.welcome.rules import counting as hours
from halles.welcome.rules import queue as rules
from halles.welcome.rules import slots as slot_rules
from halles.welcome.types import (
    BadParty,
    BookingState,
    Here,
    InQueueAlready,
    NoSuchTicket,
    NotWelcoming,
    PlaceClosed,
    QueueState,
    Terms,
    Ticket,
    TicketMoved,
    TicketOver,
    TicketReused,
    TicketState,
)

WINDOW = timedelta(minutes=30)
_SHORTEST = timedelta(minutes=5)
_LONGEST = timedelta(hours=12)
"""Nobody waits so long, where no opening hours end the queue."""
_OPEN = (TicketState.WAITING, TicketState.CALLED)


async def join(
    tx: Tx, here: Here, *, ticket_id: UUID, party_id: int | None, size: int, now: datetime
) -> Ticket:
    """A ticket with the next number of the day; the same id for the same party gives it as it stands. `party_id` None: staff give
    it to somebody without a phone. Six statements. Raises NotWelcoming, TicketReused, BadParty, PlaceClosed, InQueueAlready."""
    terms = await lock(tx, here)
    known = await tx.first(store.TICKET, {"seller_id": here.seller_id, "ticket_id": ticket_id})
    if known is not None:
        if (known.place_id, known.party_id, known.size) != (here.place_id, party_id, size):
            raise TicketReused("This id was used for another party.", ticket_id=str(ticket_id))
        return known
    if not terms.queue:
        raise NotWelcoming("This place has no queue.", place_id=here.place_id)
    largest = min(terms.largest_party, here.capacity or terms.largest_party)
    if size > largest:
        raise BadParty(f"At most {largest} people come together.", largest=largest)
    if here.hours and hours.open_now(here.hours, here.timezone, now) is None:
        raise PlaceClosed("The place is closed now; nobody can queue.", place_id=here.place_id)
    waiting = await open_tickets(tx, here)
    if party_id is not None and any(one.party_id == party_id for one in waiting):
        raise InQueueAlready("You wait here already.", place_id=here.place_id)
    day = hours.local_day(now, here.timezone)
    number = await tx.one(store.NEXT_NUMBER, {**_at(here), "day": day})
    params = {"ticket_id": ticket_id, "party_id": party_id, "day": day, "number": number, "size": size}
    made = await tx.first(store.ADD_TICKET, {**_at(here), **params, "now": now})
    if made is None:  # another place, which has a lock of its own, took the id at this moment
        raise TicketReused("This id was used for another party.", ticket_id=str(ticket_id))
    await _told(tx, [made])
    return made


async def open_tickets(tx: Tx, here: Here) -> list[Ticket]:
    """Who waits or was called, in order. One statement."""
    return await tx.all(store.OPEN_TICKETS, _at(here))


async def ticket_of(tx: Tx, party_id: int, ticket_id: UUID) -> Ticket:
    """A ticket of this person; another's does not exist. One statement. Raises NoSuchTicket."""
    found = await tx.first(store.TICKET_OF_PARTY, {"party_id": party_id, "ticket_id": ticket_id})
    if found is None:
        raise NoSuchTicket("You have no ticket with this id.", ticket_id=str(ticket_id))
    return found


async def tickets_of(tx: Tx, party_id: int, *, place_id: int | None = None, since: datetime) -> list[Ticket]:
    """A person's tickets given after `since`, the latest first. One statement."""
    params = {"party_id": party_id, "place_id": place_id, "since": since}
    return await tx.all(store.TICKETS_OF_PARTY, params)


async def ticket_here(tx: Tx, here: Here, ticket_id: UUID) -> Ticket:
    """A ticket of this place, for its staff. One statement. Raises NoSuchTicket."""
    found = await tx.first(store.TICKET, {"seller_id": here.seller_id, "ticket_id": ticket_id})
    if found is None or found.place_id != here.place_id:
        raise NoSuchTicket("This place gave no ticket with this id.", ticket_id=str(ticket_id))
    return found


async def call(tx: Tx, here: Here, ticket_id: UUID, now: datetime) -> Ticket:
    """Staff call a party, whatever the room; called again, it stays so. Four statements. Raises NoSuchTicket, TicketOver."""
    terms = await lock(tx, here)
    found = await ticket_here(tx, here, ticket_id)
    if found.state == TicketState.CALLED:
        return found
    if found.state != TicketState.WAITING:
        raise TicketOver("This ticket is over.", state=found.state)
    return (await _call(tx, here, terms, [ticket_id], now))[0]


async def end(tx: Tx, here: Here, ticket: Ticket, state: TicketState, now: datetime) -> Ticket:
    """End a ticket of a place whose lock is held: a party that was called enters, or any leaves or expires. Ended so before, it
    stays so. Two statements. Raises TicketOver."""
    if ticket.state == state:
        return ticket
    may = (TicketState.CALLED,) if state is TicketState.ENTERED else _OPEN
    if ticket.state not in may:
        raise TicketOver("This ticket is over, or was not called.", state=ticket.state)
    return (await _end(tx, here, [ticket.ticket_id], state, now))[0]


async def state(
    tx: Tx, here: Here, terms: Terms, *, people: int, tickets: Sequence[Ticket], now: datetime
) -> QueueState:
    """The room beside who was called or booked, and how fast people leave. Two statements."""
    lead = timedelta(minutes=terms.come_min)
    expected = [
        one for one in await bookings.due(tx, here, now + lead) if not slot_rules.missed(one, terms, now)
    ]
    called = sum(one.size for one in tickets if one.state == TicketState.CALLED)
    window = _window(here, now)
    return QueueState(
        tickets=tuple(tickets),
        room=rules.room(here.capacity, people, called, sum(one.size for one in expected)),
        left_within=await counting.departed(tx, here.seller_id, here.place_id, within=window, now=now),
        window_s=window.total_seconds(),
    )


async def advance(tx: Tx, here: Here, now: datetime) -> list[Ticket]:
    """What time and room bring: called parties that did not come expire, at closing all do; bookings past their grace are missed;
    then whoever fits is called. Gives the tickets that moved. At most twelve statements, under the place's lock."""
    terms = await lock(tx, here)
    late = [one for one in await bookings.due(tx, here, now) if slot_rules.missed(one, terms, now)]
    if late:
        await bookings.end(tx, here, late, BookingState.MISSED, now)
    tickets = await open_tickets(tx, here)
    if not tickets:
        return []
    closed = bool(here.hours) and hours.open_now(here.hours, here.timezone, now) is None
    over = [
        one.ticket_id
        for one in tickets
        if (one.state == TicketState.WAITING and (closed or one.joined_at <= now - _LONGEST))
        or (one.state == TicketState.CALLED and one.come_by is not None and one.come_by <= now)
    ]
    moved = await _end(tx, here, over, TicketState.EXPIRED, now) if over else []
    tickets = [one for one in tickets if one.ticket_id not in over]
    waiting = [
        one
        for one in tickets
        if one.state == TicketState.WAITING and (here.capacity is None or one.size <= here.capacity)
    ]  # who fits no more, since the place takes fewer now, keeps nobody waiting: staff call them
    if not waiting or not terms.auto_call:
        return moved
    free = (await state(tx, here, terms, people=await inside(tx, here, now), tickets=tickets, now=now)).room
    called, passed = rules.to_call(waiting, free)
    if passed:
        params = {"ticket_ids": list(passed), "passed": list(passed.values())}
        await tx.run(store.PASS, {"seller_id": here.seller_id, **params})
    return moved + (await _call(tx, here, terms, called, now) if called else [])


async def inside(tx: Tx, here: Here, now: datetime) -> int:
    """How many are in the place. Three statements."""
    found = [one.zone for one in await zones(tx, here.seller_id, here.place_id)]
    empty = hours.emptied_at(here.hours, here.timezone, now)
    counts = await counting.occupancy(tx, here.seller_id, here.place_id, found, empty=empty, now=now)
    return sum(one.people for one in counts)


def _window(here: Here, now: datetime) -> timedelta:
    """Over how long departures are counted: half an hour, less after opening."""
    span = hours.open_now(here.hours, here.timezone, now)
    return WINDOW if span is None else max(_SHORTEST, min(WINDOW, now - span[0]))


async def _call(tx: Tx, here: Here, terms: Terms, ticket_ids: Sequence[UUID], now: datetime) -> list[Ticket]:
    come_by = now + timedelta(minutes=terms.come_min)
    params = {"ticket_ids": list(ticket_ids), "now": now, "come_by": come_by}
    return await _told(tx, await tx.all(store.CALL, {"seller_id": here.seller_id, **params}))


async def _end(
    tx: Tx, here: Here, ticket_ids: Sequence[UUID], state: TicketState, now: datetime
) -> list[Ticket]:
    params = {
        "seller_id": here.seller_id,
        "ticket_ids": list(ticket_ids),
        "state": state.value,
        "now": now,
        "from_states": [one.value for one in _OPEN],
    }
    return await _told(tx, await tx.all(store.END_TICKETS, params))


async def _told(tx: Tx, moved: Sequence[Ticket]) -> list[Ticket]:
    """The tickets in order, each with its event."""
    tickets = sorted(moved, key=lambda one: (one.day, one.number))
    events = [
        TicketMoved(seller_id=one.seller_id, place_id=one.place_id, ticket_id=one.ticket_id, state=one.state)
        for one in tickets
    ]
    await outbox.append(tx, events)
    return tickets


def _at(here: Here) -> dict[str, int]:
    return {"seller_id": here.seller_id, "place_id": here.place_id}
