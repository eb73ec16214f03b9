"""Letters in a real database: queued once, taken by one, ended once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.letters import api
from halles.letters.rules import MOST_FAILURES, pause
from halles.letters.types import (
    Backlog,
    Kind,
    Letter,
    LetterState,
    NewLetter,
    NoSuchLetter,
    Terms,
    TermsChangedMeanwhile,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SELLER = 7


def new(order_id: UUID | None = None, kind: Kind = Kind.CONFIRMATION) -> NewLetter:
    return NewLetter(seller_id=SELLER, order_id=order_id or uuid7(), kind=kind)


async def queue(db: Database, *found: NewLetter, now: datetime = NOW) -> None:
    async with db.transaction() as tx:
        await api.queue(tx, found, now)


async def claim(db: Database, now: datetime = NOW, limit: int = 100) -> list[Letter]:
    async with db.transaction() as tx:
        return await api.claim(tx, now, limit)


async def only(db: Database, letter: NewLetter) -> Letter:
    async with db.reading() as tx:
        (found,) = await api.of_order(tx, SELLER, letter.order_id)
    return found


async def test_an_event_that_comes_twice_queues_one_letter(db: Database) -> None:
    letter = new()
    await queue(db, letter, letter)
    await queue(db, letter)
    assert len(await claim(db)) == 1
    await queue(db, letter)
    assert await claim(db) == [], "taken, it is not due again"
    assert await claim(db, NOW + api.LEASE + timedelta(seconds=1)) != [], "but when its worker died"


async def test_workers_share_what_is_due(db: Database) -> None:
    await queue(db, *(new() for _ in range(60)))

    async def worker() -> Sequence[Letter]:
        mine: list[Letter] = []
        for _ in range(30):
            mine += await claim(db, limit=7)
        return mine

    taken = [
        letter.order_id for mine in await asyncio.gather(*(worker() for _ in range(4))) for letter in mine
    ]
    assert len(taken) == len(set(taken)) == 60


async def test_who_lost_its_claim_ends_nothing(db: Database) -> None:
    letter = new()
    await queue(db, letter)
    (slow,) = await claim(db)
    later = NOW + api.LEASE + timedelta(seconds=1)
    (quick,) = await claim(db, later)
    async with db.transaction() as tx:
        assert not await api.end(tx, slow, LetterState.PARKED, later, "refused")
        assert await api.end(tx, quick, LetterState.SENT, later)
        assert not await api.end(tx, quick, LetterState.SENT, later)
    found = await only(db, letter)
    assert (found.state, found.sent_at, found.why) == (LetterState.SENT, later, None)


async def test_a_payment_wakes_what_waits_for_it_and_nothing_else(db: Database) -> None:
    unpaid, failed = new(), new()
    await queue(db, unpaid, failed)
    first, second = sorted(await claim(db), key=lambda one: one.order_id != unpaid.order_id)
    async with db.transaction() as tx:
        await api.await_payment(tx, first, NOW + timedelta(minutes=5))
        assert await api.fail(tx, second, NOW, "unavailable") is LetterState.WAITING
    assert await claim(db) == []
    await queue(db, unpaid, failed)
    assert [one.order_id for one in await claim(db)] == [unpaid.order_id]
    await queue(db, unpaid)
    assert await claim(db) == [], "a worker has it"


async def test_what_fails_too_often_is_parked_and_comes_back_by_hand(db: Database) -> None:
    letter, now = new(), NOW
    await queue(db, letter)
    for failures in range(1, MOST_FAILURES + 1):
        (mine,) = await claim(db, now)
        async with db.transaction() as tx:
            state = await api.fail(tx, mine, now, "unavailable")
        assert (state is LetterState.PARKED) == (failures == MOST_FAILURES)
        now += pause(failures) or timedelta(days=30)
    assert await claim(db, now) == []
    async with db.transaction() as tx:
        assert [one.why for one in await api.parked(tx, SELLER)] == ["unavailable"]
        assert await api.parked(tx, SELLER + 1) == []
        with pytest.raises(NoSuchLetter):
            await api.retry(tx, SELLER + 1, letter.order_id, Kind.CONFIRMATION, UUID(int=0), now)
        assert await api.backlog(tx, now) == Backlog(lag_s=0, parked=1)
        await api.retry(tx, SELLER, letter.order_id, Kind.CONFIRMATION, UUID(int=0), now)
        assert await api.retry_all(tx, SELLER, now) == 0
        assert await api.backlog(tx, now - timedelta(hours=1)) == Backlog(lag_s=0, parked=0)
        assert await api.backlog(tx, now + timedelta(hours=1)) == Backlog(lag_s=3600, parked=0)
    (again,) = await claim(db, now)
    assert again.failures == 0


async def test_two_who_decide_at_once_are_told(db: Database) -> None:
    wanted = Terms(
        seller_id=SELLER, off=[4], legal="Maison", withdrawal_days=30, withdrawal_fr="", withdrawal_en="", version=0
    )  # fmt: skip
    async with db.transaction() as tx:
        assert (await api.terms(tx, [SELLER]))[SELLER].version == 0
        saved = await api.save_terms(tx, wanted, NOW)
        assert saved == replace(wanted, version=1)
        assert await api.save_terms(tx, wanted, NOW) == saved, "a lost answer may be asked for again"
        with pytest.raises(TermsChangedMeanwhile):
            await api.save_terms(tx, replace(wanted, legal="Another"), NOW)
        with pytest.raises(TermsChangedMeanwhile):
            await api.save_terms(tx, replace(wanted, seller_id=8, version=3), NOW)
        assert (await api.save_terms(tx, replace(saved, off=[]), NOW)).version == 2
