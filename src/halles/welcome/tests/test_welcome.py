"""Counts, bookings and the queue against PostgreSQL: any order, any number at once."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7
from halles.welcome import api as welcome
from halles.welcome import store
from halles.welcome.rules import counting
from halles.welcome.types import (
    BookingOver,
    BookingReused,
    BookingState,
    Crossing,
    Door,
    DoorTaken,
    HeadcountReused,
    Here,
    InQueueAlready,
    NoSuchBooking,
    NoSuchSlot,
    NotWelcoming,
    SlotFull,
    Source,
    Terms,
    Ticket,
    TicketOver,
    TicketReused,
    TicketState,
    TooManyBookings,
    UnknownDoor,
    WelcomeChangedMeanwhile,
    Zone,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
AT_TWO = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)
HERE = Here(
    seller_id=1001,
    place_id=1,
    timezone="Europe/Paris",
    hours={day: [["10:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")},
    capacity=20,
)
ZONES = [
    Zone(zone=name, name_fr=name, name_en=name, capacity=None, rank=rank)
    for rank, name in enumerate(("hall", "cellar"))
]


def _door(code: str, from_zone: str | None, to_zone: str, place_id: int = 1) -> Door:
    return Door(
        door=code,
        place_id=place_id,
        name_fr=code,
        name_en=code,
        from_zone=from_zone,
        to_zone=to_zone,
        rank=0,
    )


DOORS = [_door("street", None, "hall"), _door("stairs", "hall", "cellar")]
TERMS = Terms(slot_min=30, stay_min=60, bookable_pct=50, largest_party=6, open_bookings=2)


@pytest.fixture(autouse=True)
async def settings(db: Database) -> None:
    async with db.transaction() as tx:
        await welcome.put(tx, HERE, zones=ZONES, doors=DOORS, terms=TERMS, now=NOW)


async def _cross(db: Database, door: str, *crossings: Crossing, now: datetime = NOW) -> int:
    async with db.transaction() as tx:
        return await welcome.record_crossings(tx, 1001, door, crossings, source=Source.CAMERA, now=now)


def _crossing(minutes: float, inward: int, outward: int = 0) -> Crossing:
    return Crossing(event_id=uuid7(), at=NOW + timedelta(minutes=minutes), inward=inward, outward=outward)


async def _people(db: Database, now: datetime = NOW) -> dict[str, tuple[int, int]]:
    async with db.reading() as tx:
        empty = welcome.emptied_at(HERE.hours, HERE.timezone, now)
        counts = await welcome.occupancy(tx, 1001, 1, ["hall", "cellar"], empty=empty, now=now)
    return {one.zone: (one.people, one.drift) for one in counts}


async def test_crossings_count_once_in_any_order_and_as_the_rule_says(db: Database) -> None:
    chance = random.Random(7)
    told = {
        "street": [_crossing(-minute, chance.randrange(4), chance.randrange(4)) for minute in range(30)],
        "stairs": [_crossing(-minute, chance.randrange(3), chance.randrange(3)) for minute in range(30)],
    }
    batches = [(door, told[door][at : at + 7]) for door in told for at in range(0, 30, 5)]
    chance.shuffle(batches)
    await asyncio.gather(*(_cross(db, door, *batch) for door, batch in batches))
    assert await _cross(db, "street", *told["street"]) == 0
    street = [(one.at, one.inward - one.outward) for one in told["street"]]
    stairs = [(one.at, one.inward - one.outward) for one in told["stairs"]]
    hall = counting.level(0, street + [(at, -change) for at, change in stairs])
    assert await _people(db) == {"hall": hall, "cellar": counting.level(0, stairs)}


async def _headcount(db: Database, people: int, minutes: int, event_id: UUID | None = None) -> None:
    async with db.transaction() as tx:
        await welcome.record_headcount(
            tx,
            1001,
            1,
            event_id=event_id or UUID(int=people),
            zone="hall",
            people=people,
            at=NOW + timedelta(minutes=minutes),
            by=None,
            now=NOW,
        )


async def test_a_headcount_begins_anew_and_a_late_crossing_before_it_changes_nothing(db: Database) -> None:
    await _cross(db, "street", _crossing(-30, 3))
    await _headcount(db, 8, -10)
    await _headcount(db, 5, -20)
    await _headcount(db, 8, -10)
    with pytest.raises(HeadcountReused):
        await _headcount(db, 9, -10, UUID(int=8))
    await _cross(db, "street", _crossing(-15, 4), _crossing(-5, 2))
    assert (await _people(db))["hall"] == (10, 0)
    await _cross(db, "street", _crossing(-4, 0, 13))
    assert (await _people(db))["hall"] == (0, 3)
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (await _people(db, monday))["hall"] == (0, 0)


async def test_a_door_is_a_seller_s_own_and_settings_have_a_version(db: Database) -> None:
    with pytest.raises(UnknownDoor):
        await _cross(db, "back", _crossing(0, 1))
    async with db.transaction() as tx:
        with pytest.raises(WelcomeChangedMeanwhile):
            await welcome.put(tx, HERE, zones=ZONES, doors=DOORS, terms=TERMS, now=NOW)
        other = Here(seller_id=1001, place_id=2, timezone="UTC", hours={}, capacity=None)
        with pytest.raises(DoorTaken):
            await welcome.put(
                tx, other, zones=ZONES, doors=[_door("street", None, "hall", 2)], terms=TERMS, now=NOW
            )


async def _book(
    db: Database, party: int, size: int, starts: datetime = AT_TWO, booking_id: UUID | None = None
) -> str:
    async with db.transaction() as tx:
        try:
            made = await welcome.bookings.book(
                tx,
                HERE,
                booking_id=booking_id or uuid7(),
                party_id=party,
                starts_at=starts,
                size=size,
                now=NOW,
            )
        except Refusal as refusal:
            return refusal.code
    return made.state


async def test_a_crowd_never_overbooks_overlapping_slots(db: Database) -> None:
    chance = random.Random(11)
    starts = [AT_TWO + n * HALF for n in range(4)]
    asked = [(party, chance.randrange(1, 6), chance.choice(starts)) for party in range(60)]
    answers = await asyncio.gather(*(_book(db, *one) for one in asked))
    assert set(answers) == {"booked", SlotFull.code}
    booked: dict[datetime, int] = dict.fromkeys(starts, 0)
    for (_, size, at), answer in zip(asked, answers, strict=True):
        booked[at] += size if answer == "booked" else 0
    for first, second in itertools.pairwise(starts):
        assert booked[first] + booked[second] <= 10
    assert max(booked[a] + booked[b] for a, b in itertools.pairwise(starts)) >= 6
    async with db.reading() as tx:
        assert await welcome.slot_faults(tx) == []


async def test_the_same_id_books_once_and_one_person_does_not_hoard(db: Database) -> None:
    first = uuid7()
    answers = await asyncio.gather(*(_book(db, 7, 2, booking_id=first) for _ in range(8)))
    assert set(answers) == {"booked"}
    assert await _book(db, 7, 3, booking_id=first) == BookingReused.code
    assert await _book(db, 8, 2, booking_id=first) == BookingReused.code
    answers = await asyncio.gather(*(_book(db, 7, 1, AT_TWO + 4 * HALF) for _ in range(6)))
    assert sorted(answers) == ["booked"] + [TooManyBookings.code] * 5
    assert await _book(db, 9, 1, AT_TWO + timedelta(minutes=7)) == NoSuchSlot.code
    assert await _book(db, 9, 1, AT_TWO - timedelta(days=1)) == NoSuchSlot.code
    assert await _book(db, 9, 1, AT_TWO + timedelta(days=40)) == NoSuchSlot.code
    assert await _book(db, 9, 7) == "welcome.bad_party"


async def test_cancelled_and_missed_bookings_free_their_places(db: Database) -> None:
    booking = uuid7()
    assert await _book(db, 7, 6, booking_id=booking) == "booked"
    assert await _book(db, 8, 4) == "booked"
    assert await _book(db, 9, 1) == SlotFull.code
    async with db.transaction() as tx:
        with pytest.raises(NoSuchBooking):
            await welcome.bookings.cancel(tx, HERE, 8, booking, NOW)
        for _ in range(2):
            assert (await welcome.bookings.cancel(tx, HERE, 7, booking, NOW)).state == "cancelled"
    assert await _book(db, 9, 6) == "booked"
    late = AT_TWO + timedelta(minutes=TERMS.grace_min, seconds=1)
    async with db.transaction() as tx:
        await welcome.queue.advance(tx, HERE, AT_TWO + timedelta(minutes=TERMS.grace_min))
        (mine,) = await welcome.bookings.mine(tx, 9, since=NOW)
        assert mine.state == BookingState.BOOKED
        assert (await welcome.bookings.arrive(tx, HERE, mine.code.lower(), AT_TWO)).state == "arrived"
        assert (await welcome.bookings.arrive(tx, HERE, mine.code, AT_TWO)).state == "arrived"
        await welcome.queue.advance(tx, HERE, late)
        (other,) = await welcome.bookings.mine(tx, 8, since=NOW)
        assert other.state == BookingState.MISSED
        with pytest.raises(BookingOver):
            await welcome.bookings.arrive(tx, HERE, other.code, late)
        assert await welcome.slot_faults(tx) == []


async def _join(
    db: Database, party: int | None, size: int, ticket_id: UUID | None = None, now: datetime = NOW
) -> Ticket:
    async with db.transaction() as tx:
        return await welcome.queue.join(
            tx, HERE, ticket_id=ticket_id or uuid7(), party_id=party, size=size, now=now
        )


async def _advance(db: Database, now: datetime) -> list[tuple[int, str]]:
    async with db.transaction() as tx:
        return [(one.number, one.state) for one in await welcome.queue.advance(tx, HERE, now)]


async def test_numbers_are_given_once_and_called_in_order_as_room_appears(db: Database) -> None:
    await _cross(db, "street", _crossing(-1, 18))
    made = await asyncio.gather(*(_join(db, party, 2) for party in range(1, 9)))
    assert sorted(one.number for one in made) == list(range(1, 9))
    assert await _advance(db, NOW) == [(1, "called")]
    assert await _advance(db, NOW) == []
    await _cross(db, "street", _crossing(0, 0, 5))
    await asyncio.gather(*(_advance(db, NOW) for _ in range(4)))
    async with db.reading() as tx:
        tickets = await welcome.queue.open_tickets(tx, HERE)
    assert [one.state for one in tickets] == ["called"] * 3 + ["waiting"] * 5
    later = NOW + timedelta(minutes=TERMS.come_min)
    moved = await _advance(db, later)
    assert moved == [(n, "expired") for n in (1, 2, 3)] + [(n, "called") for n in (4, 5, 6)]
    async with db.reading() as tx:
        assert await welcome.ticket_faults(tx) == []


async def test_a_ticket_ends_once(db: Database) -> None:
    mine = await _join(db, 7, 2)
    assert (await _join(db, 7, 2, mine.ticket_id)).number == mine.number
    with pytest.raises(TicketReused):
        await _join(db, 7, 3, mine.ticket_id)
    with pytest.raises(InQueueAlready):
        await _join(db, 7, 2)
    async with db.transaction() as tx:
        with pytest.raises(TicketOver):
            await welcome.queue.end(tx, HERE, mine, TicketState.ENTERED, NOW)

    async def end(state: TicketState) -> str:
        async with db.transaction() as tx:
            await welcome.lock(tx, HERE)
            now = await welcome.queue.ticket_here(tx, HERE, mine.ticket_id)
            try:
                return (await welcome.queue.end(tx, HERE, now, state, NOW)).state
            except TicketOver:
                return "over"

    await _advance(db, NOW)
    ends = [TicketState.ENTERED, TicketState.LEFT, TicketState.EXPIRED] * 3
    answers = await asyncio.gather(*(end(state) for state in ends))
    assert len({one for one in answers if one != "over"}) == 1
    assert answers.count("over") == 6


async def test_booked_parties_go_first_and_closing_ends_the_queue(db: Database) -> None:
    assert await _book(db, 9, 6, datetime(2026, 11, 21, 10, 30, tzinfo=UTC)) == "booked"
    await _cross(db, "street", _crossing(-1, 12))
    waiting = await _join(db, 7, 6)
    assert await _advance(db, NOW) == [(waiting.number, "called")]
    async with db.transaction() as tx:
        await welcome.queue.end(tx, HERE, waiting, TicketState.LEFT, NOW)
    before = datetime(2026, 11, 21, 10, 26, tzinfo=UTC)
    behind = await _join(db, 7, 6, now=before)
    assert await _advance(db, before) == []
    after = datetime(2026, 11, 21, 10, 46, tzinfo=UTC)
    assert await _advance(db, after) == [(behind.number, "called")]
    last = await _join(db, 8, 6, now=after)
    assert (last.number, "expired") in await _advance(db, datetime(2026, 11, 21, 19, 1, tzinfo=UTC))


async def test_people_are_forgotten_and_counts_stay(db: Database) -> None:
    booking = uuid7()
    assert await _book(db, 7, 2, booking_id=booking) == "booked"
    await _join(db, 7, 1)
    await _advance(db, datetime(2026, 11, 21, 19, 1, tzinfo=UTC))
    async with db.transaction() as tx:
        await welcome.hand_over(tx, 7, 8)
        assert [one.booking_id for one in await welcome.bookings.mine(tx, 8, since=NOW)] == [booking]
        assert await welcome.forget_old(tx, NOW + timedelta(days=29)) == 0
        assert await welcome.forget_old(tx, NOW + timedelta(days=31)) == 2
        kept = await tx.one(store.BOOKING, {"seller_id": 1001, "booking_id": booking})
    assert (kept.party_id, kept.size, kept.state) == (None, 2, "missed")


async def test_without_terms_nobody_books_or_queues(db: Database) -> None:
    silent = Here(seller_id=1001, place_id=9, timezone="UTC", hours={}, capacity=None)
    async with db.transaction() as tx:
        with pytest.raises(NotWelcoming):
            await welcome.queue.join(tx, silent, ticket_id=uuid7(), party_id=7, size=1, now=NOW)
        with pytest.raises(NotWelcoming):
            await welcome.bookings.book(
                tx, silent, booking_id=uuid7(), party_id=7, starts_at=AT_TWO, size=1, now=NOW
            )
