"""A place's door for shoppers: how full it is, booking a visit, the queue."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from halles.identity import api as identity
from halles.journeys.welcoming.calendar import visit_ics
from halles.journeys.welcoming.models import (
    BookingAsked,
    BookingView,
    DaySlots,
    DoorState,
    Mine,
    MyTicket,
    PlaceBriefly,
    QueueJoin,
    SlotView,
)
from halles.journeys.welcoming.notices import describe
from halles.journeys.welcoming.view import booking_view, door_state, here, look, my_ticket
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.language import LanguageDep
from halles.kernel.live import LiveHub, frame, sse
from halles.kernel.web import PROBLEM_RESPONSES, Services, ServicesDep, allow
from halles.places import api as places
from halles.welcome import api as welcome
from halles.welcome.types import Booking, Terms, Ticket, TicketState

router = APIRouter(prefix="/api/welcome", tags=["welcome"], responses=PROBLEM_RESPONSES)
PlaceId = Annotated[int, Path(ge=1, le=2**62)]
OfSeller = Annotated[int, Query(ge=1, le=2**62, description="Whose places.")]
_RECENT = timedelta(days=1)
_PACE_S = 0.5
_ICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}, "description": "One event (RFC 5545)"}
}


@router.get("/places", dependencies=[allow()], operation_id="welcome_places")
async def list_places(
    services: ServicesDep, seller_id: OfSeller, code: Annotated[str | None, Query(max_length=40)] = None
) -> list[PlaceBriefly]:
    """A seller's places by name, or the one with a code. Two statements."""
    async with services.db.reading() as tx:
        found = await places.list_places(tx, seller_id)
        set_up = await welcome.set_up(tx, seller_id)
    return [
        PlaceBriefly(
            place_id=one.place_id,
            code=one.code,
            name=one.name,
            city=one.city,
            set_up=one.place_id in set_up,
        )
        for one in found
        if code in {None, one.code}
    ]


@router.get("/places/{place_id}", dependencies=[allow()], operation_id="welcome_place")
async def show_place(place_id: PlaceId, services: ServicesDep) -> DoorState:
    """How full a place is now, zone by zone, its queue, its terms and rules. Eight statements."""
    async with services.db.snapshot() as tx:
        return door_state(await look(tx, place_id, services.clock()))


@router.get(
    "/places/{place_id}/events",
    dependencies=[allow()],
    operation_id="watch_welcome_place",
    response_class=StreamingResponse,
)
async def watch_place(place_id: PlaceId, request: Request, services: ServicesDep) -> StreamingResponse:
    """A stream of `changed` events, each the whole state of the place's door, twice a second at most. Rendered once for all who
    watch."""
    network, hub = str(request.scope["halles.client"]), services.port(LiveHub)
    async with services.db.reading() as tx:
        await places.place(tx, place_id)
    hub.admit("", network)
    return sse(states(services, hub, place_id, network))


async def states(services: Services, hub: LiveHub, place_id: int, network: str) -> AsyncGenerator[str]:
    """Frames of the door's state, as long as somebody reads them."""

    async def render() -> str:
        async with services.db.snapshot() as tx:
            state = door_state(await look(tx, place_id, services.clock()))
        return frame("changed", state.model_dump_json())

    yield frame("", "")
    name = f"welcome:{place_id}"
    async for text in hub.follow(name, [name], render, network=network, pace_s=_PACE_S):
        yield text or frame("", "")


@router.get("/places/{place_id}/slots", dependencies=[allow()], operation_id="welcome_slots")
async def list_slots(
    place_id: PlaceId,
    services: ServicesDep,
    day: Annotated[date | None, Query(description="On the place's calendar; absent: today there.")] = None,
) -> DaySlots:
    """The times of a day at which a visit can still begin, full ones too. Four statements."""
    now = services.clock()
    async with services.db.reading() as tx:
        at = await here(tx, place_id)
        terms = await welcome.terms(tx, at.seller_id, place_id)
        today = welcome.local_day(now, at.timezone)
        found = [] if terms is None else await welcome.bookings.slots(tx, at, terms, day or today, now)
    last = today + timedelta(days=0 if terms is None else terms.days_ahead)
    slots = [SlotView(starts_at=one.starts_at, ends_at=one.ends_at, left=one.left) for one in found]
    return DaySlots(day=day or today, first_day=today, last_day=last, slots=slots)


@router.get("/mine", operation_id="my_visits")
async def mine(
    services: ServicesDep,
    place_id: Annotated[int | None, Query(ge=1, le=2**62, description="Only at this place.")] = None,
    caller: Caller = allow(Role.SHOPPER),
) -> Mine:
    """The caller's bookings that are still to end, and their tickets of the last day. Two statements and eight a place."""
    now, me = services.clock(), caller.party()
    async with services.db.snapshot() as tx:
        booked = await welcome.bookings.mine(tx, me, place_id=place_id, since=now)
        queued = await welcome.queue.tickets_of(tx, me, place_id=place_id, since=now - _RECENT)
        doors = {one.place_id: one.seller_id for one in (*booked, *queued)}
        seen = {at: await look(tx, at, now, seller) for at, seller in doors.items()}
        return Mine(
            bookings=[
                booking_view(one, seen[one.place_id].place, seen[one.place_id].terms) for one in booked
            ],
            tickets=[my_ticket(one, seen[one.place_id]) for one in queued],
        )


@router.post("/bookings", status_code=201, operation_id="book_visit")
async def book(
    body: BookingAsked, request: Request, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> BookingView:
    """Book a visit. Refused with 409 when fewer places are left than the party needs: nothing is booked in part. What the guests
    of one network book together is limited (429)."""
    _count(request, caller, body.size)
    async with services.db.transaction() as tx:
        at = await here(tx, body.place_id)
        made = await welcome.bookings.book(
            tx,
            at,
            booking_id=body.booking_id,
            party_id=await identity.current_party(tx, caller.party()),
            starts_at=body.starts_at,
            size=body.size,
            now=services.clock(),
        )
        return await _shown(tx, made)


@router.get("/bookings/{booking_id}", operation_id="booked_visit")
async def show_booking(
    booking_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> BookingView:
    """A booking of the caller; another's does not exist. Three statements."""
    async with services.db.reading() as tx:
        return await _shown(tx, await welcome.bookings.booking_of(tx, caller.party(), booking_id))


@router.get(
    "/bookings/{booking_id}/visit.ics",
    operation_id="visit_for_calendar",
    response_class=Response,
    responses=_ICS,
)
async def calendar(
    booking_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    caller: Caller = allow(Role.SHOPPER),
) -> Response:
    """A booking of the caller for their calendar (RFC 5545). Fetched again it replaces itself there."""
    async with services.db.reading() as tx:
        found = await welcome.bookings.booking_of(tx, caller.party(), booking_id)
        place = await places.place(tx, found.place_id)
        terms = await welcome.terms(tx, found.seller_id, found.place_id)
    told = describe(found, place, terms or Terms(), language, services.settings.public_url)
    host = urlsplit(services.settings.public_url).hostname or "halles.invalid"
    text = visit_ics(found, summary=told.title, where=told.where, text=told.text, url=told.link, host=host)
    return Response(
        text,
        media_type="text/calendar; charset=utf-8",
        headers={
            "content-disposition": 'attachment; filename="visit.ics"',
            "cache-control": "private, no-store",
        },
    )


@router.post("/bookings/{booking_id}/cancel", operation_id="cancel_visit")
async def cancel(
    booking_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> BookingView:
    """Give a booking back: its places are free for others at once. Told again, it stays so."""
    async with services.db.transaction() as tx:
        found = await welcome.bookings.booking_of(tx, caller.party(), booking_id)
        at = await here(tx, found.place_id, found.seller_id)
        return await _shown(
            tx, await welcome.bookings.cancel(tx, at, caller.party(), booking_id, services.clock())
        )


@router.post("/tickets", status_code=201, operation_id="join_queue")
async def join(
    body: QueueJoin, request: Request, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> MyTicket:
    """Join the queue at a door; who waits there already is refused (409). When there is room the answer is already called. What
    guests of one network queue for together is limited (429)."""
    _count(request, caller, body.size)
    now = services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, body.place_id)
        made = await welcome.queue.join(
            tx,
            at,
            ticket_id=body.ticket_id,
            party_id=await identity.current_party(tx, caller.party()),
            size=body.size,
            now=now,
        )
        await welcome.queue.advance(tx, at, now)
        return await _my_ticket(tx, services, await welcome.queue.ticket_here(tx, at, made.ticket_id))


@router.get("/tickets/{ticket_id}", operation_id="my_queue_ticket")
async def show_ticket(
    ticket_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)
) -> MyTicket:
    """A ticket of the caller: its number, who waits before it, and how long that may take."""
    async with services.db.snapshot() as tx:
        return await _my_ticket(tx, services, await welcome.queue.ticket_of(tx, caller.party(), ticket_id))


@router.post("/tickets/{ticket_id}/leave", operation_id="leave_queue")
async def leave(ticket_id: UUID, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> MyTicket:
    """Give a ticket back. Told again, it stays so."""
    now = services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, (await welcome.queue.ticket_of(tx, caller.party(), ticket_id)).place_id)
        await welcome.lock(tx, at)
        found = await welcome.queue.ticket_of(tx, caller.party(), ticket_id)
        ended = await welcome.queue.end(tx, at, found, TicketState.LEFT, now)
        await welcome.queue.advance(tx, at, now)
        return await _my_ticket(tx, services, ended)


def _count(request: Request, caller: Caller, people: int) -> None:
    """Raises RateLimited: whoever asks may become any number of guests."""
    if caller.guest:
        request.scope["halles.booked"](people)


async def _shown(tx: Tx, booking: Booking) -> BookingView:
    place = await places.place(tx, booking.place_id)
    return booking_view(booking, place, await welcome.terms(tx, booking.seller_id, booking.place_id))


async def _my_ticket(tx: Tx, services: Services, ticket: Ticket) -> MyTicket:
    return my_ticket(ticket, await look(tx, ticket.place_id, services.clock(), ticket.seller_id))
