"""Booked visits: slots, booking, cancelling, arriving."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.welcome import store
from halles.welcome.api.settings import lock
from halles.welcome.rules import slots as rules
from halles.welcome.rules.counting import local_day
from halles.welcome.types import (
    BadParty,
    Booking,
    BookingEnded,
    BookingOver,
    BookingReused,
    BookingState,
    Here,
    NoSuchBooking,
    NoSuchSlot,
    NotWelcoming,
    Slot,
    SlotFull,
    Terms,
    TooManyBookings,
    VisitBooked,
)


async def slots(tx: Tx, here: Here, terms: Terms, day: date, now: datetime) -> list[Slot]:
    """The slots of a local day that can still be booked, full ones too. None beyond the days ahead. One statement."""
    today = local_day(now, here.timezone)
    most = rules.bookable(here.capacity, terms)
    if not most or not today <= day <= today + timedelta(days=terms.days_ahead):
        return []
    begins = [starts for starts, _ in rules.grid(here.hours, here.timezone, day, terms)]
    if not begins:
        return []
    booked = await _booked(tx, here, terms, begins[0], begins[-1])
    return rules.day_slots(here.hours, here.timezone, day, terms, most, booked, now)


async def book(
    tx: Tx, here: Here, *, booking_id: UUID, party_id: int, starts_at: datetime, size: int, now: datetime
) -> Booking:
    """Book a visit. The same id for the same visit gives the booking as it stands. Six statements, under the place's lock.

    Raises NotWelcoming, BookingReused, BadParty, NoSuchSlot, TooManyBookings, SlotFull.
    """
    terms = await lock(tx, here)
    known = await tx.first(store.BOOKING, {"seller_id": here.seller_id, "booking_id": booking_id})
    if known is not None:
        asked = (here.place_id, party_id, starts_at, size)
        if (known.place_id, known.party_id, known.starts_at, known.size) != asked:
            raise BookingReused("This id was used for another visit.", booking_id=str(booking_id))
        return known
    most = rules.bookable(here.capacity, terms)
    if not most:
        raise NotWelcoming("This place takes no bookings.", place_id=here.place_id)
    if size > terms.largest_party:
        raise BadParty(f"At most {terms.largest_party} people come together.", largest=terms.largest_party)
    day, ends_at = _slot(here, terms, starts_at, now)
    at = {"seller_id": here.seller_id, "place_id": here.place_id}
    if await tx.one(store.OPEN_OF_PARTY, {**at, "party_id": party_id, "day": day}) >= terms.open_bookings:
        raise TooManyBookings("You have a booking for this day already.", most=terms.open_bookings)
    booked = await _booked(tx, here, terms, starts_at, starts_at)
    left = rules.left(booked, starts_at, timedelta(minutes=terms.stay_min), most)
    if size > left:
        raise SlotFull(f"{left} places are left at this time; nothing was booked.", left=left)
    await tx.run(store.TAKE_SLOT, {**at, "starts_at": starts_at, "size": size, "most": most})
    made = await _add(
        tx,
        {
            **at,
            "booking_id": booking_id,
            "party_id": party_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "day": day,
            "size": size,
            "now": now,
        },
    )
    await outbox.append(tx, [VisitBooked(**at, booking_id=booking_id)])
    return made


async def mine(tx: Tx, party_id: int, *, place_id: int | None = None, since: datetime) -> list[Booking]:
    """A person's bookings that end after `since`, the latest first. One statement."""
    params = {"party_id": party_id, "place_id": place_id, "since": since}
    return await tx.all(store.BOOKINGS_OF_PARTY, params)


async def booking_of(tx: Tx, party_id: int, booking_id: UUID) -> Booking:
    """A booking of this person; another's does not exist. One statement. Raises NoSuchBooking."""
    found = await tx.first(store.BOOKING_OF_PARTY, {"party_id": party_id, "booking_id": booking_id})
    if found is None:
        raise NoSuchBooking("You have no booking with this id.", booking_id=str(booking_id))
    return found


async def find_booking(tx: Tx, seller_id: int, booking_id: UUID) -> Booking | None:
    """A booking, for who acts on its events. One statement."""
    return await tx.first(store.BOOKING, {"seller_id": seller_id, "booking_id": booking_id})


async def of_day(tx: Tx, here: Here, day: date) -> list[Booking]:
    """A place's bookings of a local day, by time. One statement."""
    return await tx.all(store.BOOKINGS_OF_DAY, {**_at(here), "day": day})


async def cancel(tx: Tx, here: Here, party_id: int, booking_id: UUID, now: datetime) -> Booking:
    """Give a booking back; once given back, it stays so. Five statements. Raises NoSuchBooking, BookingOver."""
    await lock(tx, here)
    found = await booking_of(tx, party_id, booking_id)
    if found.state == BookingState.CANCELLED:
        return found
    if found.state != BookingState.BOOKED:
        raise BookingOver("This booking was used or missed.", state=found.state)
    return (await end(tx, here, [found], BookingState.CANCELLED, now))[0]


async def arrive(tx: Tx, here: Here, code: str, now: datetime) -> Booking:
    """The party with this code of today is here; told again, it stays so. Four statements. Raises NoSuchBooking, BookingOver."""
    await lock(tx, here)
    printed = rules.read_code(code)
    params = {**_at(here), "day": local_day(now, here.timezone), "code": printed}
    found = None if printed is None else await tx.first(store.BOOKING_BY_CODE, params)
    if found is None:
        raise NoSuchBooking("No booking of today has this code.", code=code[:20])
    if found.state == BookingState.ARRIVED:
        return found
    if found.state != BookingState.BOOKED:
        raise BookingOver("This booking was cancelled or missed.", state=found.state)
    return (await end(tx, here, [found], BookingState.ARRIVED, now))[0]


async def end(
    tx: Tx, here: Here, found: Sequence[Booking], state: BookingState, now: datetime
) -> list[Booking]:
    """End open bookings of a place whose lock is held, and free what nobody will use. Three statements."""
    ids = [one.booking_id for one in found]
    ended = await tx.all(
        store.END_BOOKINGS,
        {"seller_id": here.seller_id, "booking_ids": ids, "state": state.value, "now": now},
    )
    if ended and state is not BookingState.ARRIVED:
        params = {"starts": [one.starts_at for one in ended], "sizes": [one.size for one in ended]}
        await tx.run(store.FREE_SLOTS, {**_at(here), **params})
    events = [BookingEnded(**_at(here), booking_id=one.booking_id, state=state.value) for one in ended]
    await outbox.append(tx, events)
    return ended


async def due(tx: Tx, here: Here, until: datetime) -> list[Booking]:
    """Open bookings of a place that begin by then, in order. One statement."""
    return await tx.all(store.DUE_BOOKINGS, {**_at(here), "until": until})


async def _add(tx: Tx, params: dict[str, Any]) -> Booking:
    """With a code that no other booking of the place and day has; a collision draws again. Raises BookingReused: another place,
    which has a lock of its own, took the id at this moment."""
    while True:
        code = rules.code(secrets.randbelow(rules.CODES))
        made = await tx.first(store.ADD_BOOKING, {**params, "code": code})
        if made is not None:
            return made
        if await tx.first(store.BOOKING, params) is not None:
            raise BookingReused("This id was used for another visit.", booking_id=str(params["booking_id"]))


async def _booked(tx: Tx, here: Here, terms: Terms, first: datetime, last: datetime) -> dict[datetime, int]:
    """What is booked of every slot whose parties are inside together with one that comes from `first` to `last`."""
    stay = timedelta(minutes=terms.stay_min)
    params = {**_at(here), "since": first - stay, "until": last + stay}
    return {row.starts_at: row.booked for row in await tx.all(store.SLOTS, params)}


def _slot(here: Here, terms: Terms, starts_at: datetime, now: datetime) -> tuple[date, datetime]:
    """The local day of a slot and the end of a visit then. Raises NoSuchSlot."""
    if now < starts_at < now + timedelta(days=terms.days_ahead + 2):
        day, today = local_day(starts_at, here.timezone), local_day(now, here.timezone)
        ends = dict(rules.grid(here.hours, here.timezone, day, terms))
        if starts_at in ends and day <= today + timedelta(days=terms.days_ahead):
            return day, ends[starts_at]
    raise NoSuchSlot("No visit can begin at this time.", starts_at=starts_at.isoformat())


def _at(here: Here) -> dict[str, int]:
    return {"seller_id": here.seller_id, "place_id": here.place_id}
