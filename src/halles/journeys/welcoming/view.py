"""What is read for a place's door, put together for who looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from halles.journeys.welcoming.models import (
    BookingDesk,
    BookingView,
    CounterDesk,
    DeskState,
    DoorDesk,
    DoorState,
    Level,
    MyTicket,
    QueueView,
    RuleView,
    TermsView,
    Text,
    TicketDesk,
    ZoneDesk,
    ZoneView,
)
from halles.journeys.welcoming.words import ENFORCED, text_of
from halles.kernel.db import Tx
from halles.places import api as places
from halles.places.types import Place
from halles.welcome import api as welcome
from halles.welcome.types import (
    Booking,
    BookingState,
    Door,
    DoorCount,
    Heard,
    Here,
    QueueState,
    Rule,
    Source,
    Terms,
    Ticket,
    TicketState,
    Zone,
    ZoneCount,
)

SILENT = timedelta(minutes=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """All that is known of a place's door at one moment."""

    place: Place
    here: Here
    terms: Terms | None
    zones: list[Zone]
    counts: dict[str, ZoneCount]
    queue: QueueState
    now: datetime

    @property
    def people(self) -> int | None:
        return sum(one.people for one in self.counts.values()) if self.zones else None


def here_of(place: Place, zones: Sequence[Zone]) -> Here:
    """A place as welcome needs it: its capacity, else what its zones take together when each says it."""
    summed = sum(zone.capacity or 0 for zone in zones)
    every = bool(zones) and all(zone.capacity is not None for zone in zones)
    return Here(
        seller_id=place.seller_id,
        place_id=place.place_id,
        timezone=place.timezone,
        hours=place.opening_hours,
        capacity=place.capacity if place.capacity is not None else summed if every else None,
    )


async def here(tx: Tx, place_id: int, seller_id: int | None = None) -> Here:
    """A place as welcome needs it. Two statements. Raises UnknownPlace."""
    place = await places.place(tx, place_id, seller_id)
    return here_of(place, await welcome.zones(tx, place.seller_id, place.place_id))


async def look(tx: Tx, place_id: int, now: datetime, seller_id: int | None = None) -> Entrance:
    """A place's door now. Eight statements. Raises UnknownPlace."""
    place = await places.place(tx, place_id, seller_id)
    zones = await welcome.zones(tx, place.seller_id, place.place_id)
    terms = await welcome.terms(tx, place.seller_id, place.place_id)
    at = here_of(place, zones)
    counts = await welcome.occupancy(
        tx,
        place.seller_id,
        place_id,
        [zone.zone for zone in zones],
        empty=welcome.emptied_at(at.hours, at.timezone, now),
        now=now,
    )
    tickets = await welcome.queue.open_tickets(tx, at)
    people = sum(one.people for one in counts)
    queue = await welcome.queue.state(tx, at, terms or Terms(), people=people, tickets=tickets, now=now)
    return Entrance(
        place=place,
        here=at,
        terms=terms,
        zones=zones,
        counts={one.zone: one for one in counts},
        queue=queue,
        now=now,
    )


def door_state(found: Entrance) -> DoorState:
    """What everybody may see."""
    place, at, now = found.place, found.here, found.now
    span = welcome.open_now(at.hours, at.timezone, now)
    zones = [_zone(zone, found.counts.get(zone.zone), at.capacity) for zone in found.zones]
    return DoorState(
        place_id=place.place_id,
        seller_id=place.seller_id,
        code=place.code,
        name=place.name,
        line1=place.line1,
        postcode=place.postcode,
        city=place.city,
        timezone=place.timezone,
        now=now,
        open=span is not None or not at.hours,
        closes_at=None if span is None or span[1] - now > _DAY else span[1],
        opens_at=_opens_at(at, now),
        capacity=at.capacity,
        people=found.people,
        level=level_of(found.people, at.capacity),
        sure=all(zone.sure for zone in zones),
        zones=zones,
        queue=_queue(found),
        terms=None if found.terms is None else _terms(found.terms, at),
        rules=[] if found.terms is None else [rule_view(rule) for rule in found.terms.rules],
    )


def level_of(people: int | None, capacity: int | None) -> Level:
    """How full, in a word."""
    if people is None or capacity is None:
        return "unknown"
    if people >= capacity:
        return "full"
    if 5 * people >= 4 * capacity:
        return "crowded"
    return "busy" if 2 * people >= capacity else "quiet"


def desk_state(
    found: Entrance,
    doors: Sequence[Door],
    counted: dict[str, DoorCount],
    heard: Sequence[Heard],
    bookings: Sequence[Booking],
) -> DeskState:
    """What the place's staff see besides."""
    return DeskState(
        door=door_state(found),
        zones=[
            ZoneDesk(
                zone=one.zone, people=one.people, drift=one.drift, since=one.anchored_at, counted=one.counted
            )
            for one in found.counts.values()
        ],
        doors=[_door(door, counted.get(door.door), heard, found) for door in doors],
        room=found.queue.room,
        tickets=[
            TicketDesk(
                ticket_id=one.ticket_id,
                number=one.number,
                size=one.size,
                state=TicketState(one.state),
                passed=one.passed,
                joined_at=one.joined_at,
                come_by=one.come_by,
            )
            for one in found.queue.tickets
        ],
        bookings=[
            BookingDesk(
                booking_id=one.booking_id,
                starts_at=one.starts_at,
                size=one.size,
                code=one.code,
                state=BookingState(one.state),
            )
            for one in bookings
        ],
    )


def booking_view(booking: Booking, place: Place, terms: Terms | None) -> BookingView:
    """A booking for its owner."""
    grace = timedelta(minutes=(terms or Terms()).grace_min)
    return BookingView(
        booking_id=booking.booking_id,
        place_id=place.place_id,
        place=place.name,
        place_code=place.code,
        timezone=place.timezone,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        come_by=booking.starts_at + grace,
        size=booking.size,
        code=booking.code,
        state=BookingState(booking.state),
    )


def my_ticket(ticket: Ticket, found: Entrance) -> MyTicket:
    """A ticket for its owner: how many parties wait before it, and how long that may take."""
    waits = ticket.state == TicketState.WAITING
    eta = welcome.eta_s(found.queue, ticket.size, ticket) if waits else None
    span = welcome.open_now(found.here.hours, found.here.timezone, found.now)
    late = eta is not None and span is not None and found.now + timedelta(seconds=eta) > span[1]
    return MyTicket(
        ticket_id=ticket.ticket_id,
        place_id=ticket.place_id,
        place=found.place.name,
        place_code=found.place.code,
        number=ticket.number,
        size=ticket.size,
        state=TicketState(ticket.state),
        ahead=len(welcome.ahead(found.queue.tickets, ticket)) if waits else None,
        eta_s=eta,
        before_close=not late,
        joined_at=ticket.joined_at,
        come_by=ticket.come_by if ticket.state == TicketState.CALLED else None,
    )


def rule_view(rule: Rule) -> RuleView:
    """A rule with its words and how it is kept."""
    french, english = text_of(rule)
    kept = ENFORCED.get(rule.kind)
    return RuleView(
        kind=rule.kind,
        value=rule.value,
        text=Text(fr=french, en=english),
        kept_by=None if kept is None else Text(fr=kept[0], en=kept[1]),
    )


def _zone(zone: Zone, count: ZoneCount | None, whole: int | None) -> ZoneView:
    capacity = zone.capacity if zone.capacity is not None else whole
    people = None if count is None else count.people
    return ZoneView(
        zone=zone.zone,
        name=Text(fr=zone.name_fr, en=zone.name_en),
        people=people,
        capacity=capacity,
        level=level_of(people, capacity),
        sure=count is None or count.drift == 0,
    )


def _queue(found: Entrance) -> QueueView:
    waiting = [one for one in found.queue.tickets if one.state == TicketState.WAITING]
    span = welcome.open_now(found.here.hours, found.here.timezone, found.now)
    return QueueView(
        open=found.terms is not None and found.terms.queue and (span is not None or not found.here.hours),
        parties=len(waiting),
        people=sum(one.size for one in waiting),
        called=[one.number for one in found.queue.tickets if one.state == TicketState.CALLED],
        eta_s=welcome.eta_s(found.queue, 1),
    )


def _terms(terms: Terms, at: Here) -> TermsView:
    return TermsView(
        booking=welcome.bookable(at.capacity, terms) > 0,
        queue=terms.queue,
        largest_party=terms.largest_party,
        days_ahead=terms.days_ahead,
        slot_min=terms.slot_min,
        stay_min=terms.stay_min,
        grace_min=terms.grace_min,
        come_min=terms.come_min,
    )


def _door(door: Door, count: DoorCount | None, heard: Sequence[Heard], found: Entrance) -> DoorDesk:
    span = welcome.open_now(found.here.hours, found.here.timezone, found.now)
    last = None if count is None else count.last_at

    def quiet(since: datetime | None) -> bool:
        """Nothing for so long of opening."""
        return span is not None and found.now - max(since or span[0], span[0]) >= SILENT

    return DoorDesk(
        door=door.door,
        name=Text(fr=door.name_fr, en=door.name_en),
        from_zone=door.from_zone,
        to_zone=door.to_zone,
        inward=0 if count is None else count.inward,
        outward=0 if count is None else count.outward,
        last_at=last,
        sources=[] if count is None else [Source(one) for one in count.sources],
        silent=bool(found.people) and quiet(last),
        counters=[
            CounterDesk(
                source=Source(one.source),
                last_at=one.last_at,
                silent=quiet(one.last_at) and (one.source == Source.CAMERA or bool(found.people)),
            )
            for one in heard
            if one.door == door.door
        ],
    )


def _opens_at(at: Here, now: datetime) -> datetime | None:
    """The next opening within a week."""
    today = welcome.local_day(now, at.timezone)
    coming = welcome.spans(at.hours, at.timezone, today, today + timedelta(days=8))
    return next((opens for opens, _ in coming if opens > now), None)
