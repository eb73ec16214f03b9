"""A place's door for its staff: live counts, the queue, arrivals; and its settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path

from halles.journeys.welcoming.models import (
    Arrival,
    BookingView,
    DeskState,
    DeskTicket,
    DoorEdit,
    DoorTermsEdit,
    HeadcountTold,
    NameEdit,
    Passing,
    RuleEdit,
    WelcomeEdit,
    WelcomeSettings,
    WordsEdit,
    ZoneEdit,
)
from halles.journeys.welcoming.view import booking_view, desk_state, here, look, rule_view
from halles.kernel.caller import Caller, Role
from halles.kernel.clock import Clock
from halles.kernel.db import Tx
from halles.kernel.ids import derived_uuid
from halles.kernel.web import PROBLEM_RESPONSES, VERSIONED_RESPONSES, Seller, ServicesDep, allow
from halles.places import api as places
from halles.welcome import api as welcome
from halles.welcome.types import (
    Crossing,
    Door,
    Here,
    Rule,
    RuleKind,
    Source,
    Terms,
    TicketState,
    UnknownDoor,
    Zone,
)

router = APIRouter(prefix="/api/console/welcome", tags=["console: door"], responses=PROBLEM_RESPONSES)
PlaceId = Annotated[int, Path(ge=1, le=2**62)]
_STAFF = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_MANAGERS = (Role.HEAD_OFFICE, Role.MERCHANT)
_DAY = timedelta(days=1)
Deed = Literal["call", "enter", "leave", "expire"]


@router.get("/{place_id}", operation_id="door_desk")
async def desk(
    place_id: PlaceId, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_STAFF)
) -> DeskState:
    """The door now: zones with their drift, doors with what they counted today, the queue, today's bookings. Twelve
    statements."""
    seller = caller.need_seller(seller_id)
    async with services.db.snapshot() as tx:
        return await _desk(tx, place_id, seller, services.clock)


@router.post("/{place_id}/headcounts", operation_id="record_headcount")
async def headcount(
    place_id: PlaceId,
    body: HeadcountTold,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_STAFF),
) -> DeskState:
    """Say how many people a person counted in a zone: from then on, only later crossings change it. Told twice it counts once."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, place_id, seller)
        await welcome.record_headcount(
            tx,
            seller,
            at.place_id,
            event_id=body.event_id,
            zone=body.zone,
            people=body.people,
            at=body.at or now,
            by=caller.party(),
            now=now,
        )
        return await _desk(tx, place_id, seller, services.clock)


@router.post("/{place_id}/tickets", status_code=201, operation_id="give_ticket")
async def give_ticket(
    place_id: PlaceId,
    body: DeskTicket,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_STAFF),
) -> DeskState:
    """A ticket for somebody without a phone; sent again, it queues once."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, place_id, seller)
        await welcome.queue.join(tx, at, ticket_id=body.ticket_id, party_id=None, size=body.size, now=now)
        await welcome.queue.advance(tx, at, now)
        return await _desk(tx, place_id, seller, services.clock)


@router.post("/{place_id}/tickets/{ticket_id}/{deed}", operation_id="move_ticket")
async def move_ticket(
    place_id: PlaceId,
    ticket_id: UUID,
    deed: Deed,
    body: Passing,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_STAFF),
) -> DeskState:
    """Call a party, let a called one in, or end its ticket. Done again, it stays so. With `door`, who enters is counted there."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, place_id, seller)
        if deed == "call":
            await welcome.queue.call(tx, at, ticket_id, now)
        else:
            await welcome.lock(tx, at)
            ticket = await welcome.queue.ticket_here(tx, at, ticket_id)
            ended = {
                "enter": TicketState.ENTERED,
                "leave": TicketState.LEFT,
                "expire": TicketState.EXPIRED,
            }[deed]
            await welcome.queue.end(tx, at, ticket, ended, now)
            if deed == "enter":
                await _count_in(tx, at, body.door, ticket_id, ticket.size, services.clock)
        await welcome.queue.advance(tx, at, now)
        return await _desk(tx, place_id, seller, services.clock)


@router.post("/{place_id}/arrivals", operation_id="arrive")
async def arrive(
    place_id: PlaceId,
    body: Arrival,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_STAFF),
) -> BookingView:
    """A booked party is here and shows its code. Told again, it stays so; a code of another day is refused."""
    seller, now = caller.need_seller(seller_id), services.clock()
    async with services.db.transaction() as tx:
        at = await here(tx, place_id, seller)
        found = await welcome.bookings.arrive(tx, at, body.code, now)
        await _count_in(tx, at, body.door, found.booking_id, found.size, services.clock)
        await welcome.queue.advance(tx, at, now)
        place = await places.place(tx, place_id, seller)
        return booking_view(found, place, await welcome.terms(tx, seller, place_id))


@router.get("/{place_id}/settings", operation_id="welcome_settings")
async def settings(
    place_id: PlaceId, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_MANAGERS)
) -> WelcomeSettings:
    """Zones, doors, terms and rules of a place; version 0 where nobody set them. Four statements."""
    async with services.db.reading() as tx:
        return await _settings(tx, place_id, caller.need_seller(seller_id))


@router.put(
    "/{place_id}/settings", operation_id="change_welcome_settings", responses={412: VERSIONED_RESPONSES[412]}
)
async def change_settings(
    place_id: PlaceId,
    body: WelcomeEdit,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_MANAGERS),
) -> WelcomeSettings:
    """Change all of them from the version that was seen; 412 when somebody was faster. Counts, bookings and tickets stay."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        place = await places.place(tx, place_id, seller)
        at = Here(
            seller_id=seller,
            place_id=place_id,
            timezone=place.timezone,
            hours=place.opening_hours,
            capacity=place.capacity,
        )
        await welcome.put(
            tx,
            at,
            zones=[_zone(zone, rank) for rank, zone in enumerate(body.zones)],
            doors=[_door(door, place_id, rank) for rank, door in enumerate(body.doors)],
            terms=Terms(
                **body.terms.model_dump(),
                rules=tuple(_rule(rule) for rule in body.rules),
                version=body.version,
            ),
            now=services.clock(),
        )
        return await _settings(tx, place_id, seller)


async def _desk(tx: Tx, place_id: int, seller_id: int, clock: Clock) -> DeskState:
    found = await look(tx, place_id, clock(), seller_id)
    at, now = found.here, found.now
    since = welcome.emptied_at(at.hours, at.timezone, now) or now - _DAY
    doors = await welcome.doors(tx, seller_id, place_id)
    counted = await welcome.door_counts(tx, seller_id, place_id, since=since, now=now)
    heard = await welcome.heard(tx, seller_id, place_id, now)
    bookings = await welcome.bookings.of_day(tx, at, welcome.local_day(now, at.timezone))
    return desk_state(found, doors, counted, heard, bookings)


async def _count_in(tx: Tx, at: Here, door: str | None, cause: UUID, people: int, clock: Clock) -> None:
    """Count a party that staff let in, once whatever is pressed twice. Raises UnknownDoor for a door of another place."""
    if door is None:
        return
    if (await welcome.door(tx, at.seller_id, door)).place_id != at.place_id:
        raise UnknownDoor("The place has no door with this code.", door=door)
    crossing = Crossing(event_id=derived_uuid("welcome.entered", cause), at=clock(), inward=people, outward=0)
    await welcome.record_crossings(tx, at.seller_id, door, [crossing], source=Source.MANUAL, now=clock())


async def _settings(tx: Tx, place_id: int, seller_id: int) -> WelcomeSettings:
    place = await places.place(tx, place_id, seller_id)
    zones = await welcome.zones(tx, seller_id, place_id)
    doors = await welcome.doors(tx, seller_id, place_id)
    terms = await welcome.terms(tx, seller_id, place_id) or Terms()
    kinds = [Rule(kind=kind) for kind in RuleKind if kind is not RuleKind.OTHER]
    return WelcomeSettings(
        version=terms.version,
        zones=[
            ZoneEdit(zone=one.zone, name=NameEdit(fr=one.name_fr, en=one.name_en), capacity=one.capacity)
            for one in zones
        ],
        doors=[
            DoorEdit(
                door=one.door,
                name=NameEdit(fr=one.name_fr, en=one.name_en),
                from_zone=one.from_zone,
                to_zone=one.to_zone,
            )
            for one in doors
        ],
        terms=DoorTermsEdit(**{name: getattr(terms, name) for name in DoorTermsEdit.model_fields}),
        rules=[
            RuleEdit(
                kind=one.kind,
                value=one.value,
                text=WordsEdit(fr=one.text_fr, en=one.text_en) if one.text_fr and one.text_en else None,
            )
            for one in terms.rules
        ],
        capacity=place.capacity,
        kinds=[rule_view(rule) for rule in kinds],
    )


def _zone(zone: ZoneEdit, rank: int) -> Zone:
    return Zone(zone=zone.zone, name_fr=zone.name.fr, name_en=zone.name.en, capacity=zone.capacity, rank=rank)


def _door(door: DoorEdit, place_id: int, rank: int) -> Door:
    return Door(
        door=door.door,
        place_id=place_id,
        name_fr=door.name.fr,
        name_en=door.name.en,
        from_zone=door.from_zone,
        to_zone=door.to_zone,
        rank=rank,
    )


def _rule(rule: RuleEdit) -> Rule:
    return Rule(
        kind=rule.kind,
        value=rule.value,
        text_fr=rule.text.fr if rule.text else None,
        text_en=rule.text.en if rule.text else None,
    )
