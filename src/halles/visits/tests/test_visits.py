"""Counted once, named never, forgotten in time."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting, query
from halles.kernel.ids import uuid7
from halles.visits import api, rules
from halles.visits.types import OLDEST, RETENTION, VisitEvent, VisitKind

SELLER, PLACE = 1001, 7
_EVENTS = query("select count(*)::int from visits.event", int)
_ANNOUNCED = query("select count(*)::int from kernel.waiting_event where kind = 'visits.recorded'", int)


def event(
    at: datetime,
    kind: VisitKind = VisitKind.OPENED,
    visitor: str | None = "v1",
    place: int | None = PLACE,
    event_id: UUID | None = None,
    day: date | None = None,
) -> VisitEvent:
    return VisitEvent(
        seller_id=SELLER,
        event_id=event_id or uuid7(),
        kind=kind,
        place_id=place,
        touchpoint_id=3,
        visitor=visitor,
        product_id=None,
        at=at,
        day=day or at.date(),
    )


async def totals(db: Database, clock: FixedClock) -> dict[str, int]:
    async with db.reading() as tx:
        found = await api.live(
            tx, SELLER, place_id=None, since=clock() - timedelta(days=30), until=clock() + timedelta(days=30)
        )
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + one.count
    return counts


async def test_an_event_counts_once_however_often_it_is_told(db: Database, clock: FixedClock) -> None:
    events = [event(clock()), event(clock(), VisitKind.PHOTO), event(clock(), VisitKind.PHOTO)]
    for _ in range(3):
        async with db.transaction() as tx:
            await api.record(tx, events)
    assert await totals(db, clock) == {"opened": 1, "photo": 2, "visit": 1}
    async with db.reading() as tx:
        assert await tx.one(_ANNOUNCED) == 1


async def test_the_same_event_twice_in_one_message_counts_once(db: Database, clock: FixedClock) -> None:
    twice = uuid7()
    async with db.transaction() as tx:
        assert await api.record(tx, [event(clock(), event_id=twice), event(clock(), event_id=twice)]) == 1
    assert await totals(db, clock) == {"opened": 1, "visit": 1}


async def test_a_visit_is_a_visitor_at_a_place_on_a_day(db: Database, clock: FixedClock) -> None:
    tomorrow = clock() + timedelta(days=1)
    async with db.transaction() as tx:
        await api.record(
            tx,
            [
                event(clock()),
                event(clock() + timedelta(hours=2)),
                event(clock(), visitor="v2"),
                event(clock(), place=8),
                event(tomorrow),
                event(clock(), visitor=None),
                event(clock(), VisitKind.PRODUCT_SEEN, visitor="v3"),
            ],
        )
    assert (await totals(db, clock))["visit"] == 4


async def test_tellers_at_the_same_moment_lose_nothing(db: Database, clock: FixedClock) -> None:
    async def tell(number: int) -> None:
        async with db.transaction() as tx:
            await api.record(tx, [event(clock(), visitor=f"v{number % 10}") for _ in range(5)])

    await asyncio.gather(*(tell(number) for number in range(40)))
    assert await totals(db, clock) == {"opened": 200, "visit": 10}


async def test_counts_are_by_the_hour_and_the_place(db: Database, clock: FixedClock) -> None:
    async with db.transaction() as tx:
        await api.record(
            tx, [event(clock()), event(clock() + timedelta(hours=1), place=8), event(clock(), place=None)]
        )
    async with db.reading() as tx:
        with counting() as counter:
            found = await api.live(tx, SELLER, place_id=8, since=clock(), until=clock() + timedelta(hours=2))
        assert counter.statements == 1
        assert {(one.hour, one.place_id, one.kind, one.count) for one in found} == {
            (clock() + timedelta(hours=1), 8, "opened", 1),
            (clock() + timedelta(hours=1), 8, "visit", 1),
        }
        assert (
            await api.live(tx, SELLER + 1, place_id=None, since=clock(), until=clock() + timedelta(hours=2))
            == []
        )


async def test_old_events_are_forgotten_and_their_counts_stay(db: Database, clock: FixedClock) -> None:
    async with db.transaction() as tx:
        await api.record(tx, [event(clock()), event(clock() + timedelta(days=10))])
    before = await totals(db, clock)
    async with db.transaction() as tx:
        await api.forget_old(tx, clock() + RETENTION + timedelta(days=5))
    async with db.reading() as tx:
        assert await tx.one(_EVENTS) == 1
    assert await totals(db, clock) == before


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_a_phones_clock_is_believed_within_reason(off: timedelta) -> None:
    now = datetime.fromisoformat("2026-11-21T10:00:00+00:00")
    believed = rules.believed(now + off, now)
    assert now - OLDEST <= believed <= now
    if -OLDEST <= off <= timedelta(0):
        assert believed == now + off


def test_a_day_is_the_places_day() -> None:
    late = datetime.fromisoformat("2026-11-21T23:30:00+00:00")
    assert rules.local_day(late, "Europe/Paris") == date(2026, 11, 22)
    assert rules.local_day(late, None) == date(2026, 11, 21)
    assert rules.local_day(late, "Not/AZone") == date(2026, 11, 21)
