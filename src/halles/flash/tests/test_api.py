"""Sales in the database: what orders take and give back, who may change what, one ticket a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from halles.flash import api as flash
from halles.flash import rules
from halles.flash.api.room import Joining
from halles.flash.rules import Takings
from halles.flash.types import (
    AlreadyInSale,
    NoSuchSale,
    Sale,
    SaleChanged,
    SaleDraft,
    SaleItem,
    SaleStarted,
)
from halles.kernel.arrays import Bigints, Uuids
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import uuid7

NOW = datetime(2026, 11, 11, 9, 0, tzinfo=UTC)
START = NOW + timedelta(hours=1)
DURING = START + timedelta(minutes=5)
DRAFT = SaleDraft(
    title={"en": "Coats"},
    currency="EUR",
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    quantity=10,
    per_customer=2,
    waiting_room=True,
    prequeue_s=600,
    admit_per_s=2.0,
    hold_s=120,
    items=(SaleItem(variant_id=1), SaleItem(variant_id=2, location_id=4, fenced=3)),
)


async def planned(db: Database, draft: SaleDraft = DRAFT, seller_id: int = 5) -> UUID:
    sale_id = uuid7()
    async with db.transaction() as tx:
        await flash.create(tx, seller_id, sale_id, draft, seed=bytes(32), now=NOW)
    return sale_id


async def read(tx: Tx, owners: Sequence[int], now: datetime, seller_id: int = 5) -> Takings:
    """As the order path reads, locking in its order."""
    sales = await flash.running(tx, [seller_id], now)
    ids = sorted({one.sale_id for one in sales})
    counters = await tx.all(
        flash.LOCK_SALES, {"sellers": Bigints([seller_id] * len(ids)), "sales": Uuids(ids)}
    )
    pairs = [(sale_id, owner) for sale_id in ids for owner in owners]
    taken = await tx.all(
        flash.LOCK_TAKEN,
        {
            "sellers": Bigints([seller_id] * len(pairs)),
            "sales": Uuids(pair[0] for pair in pairs),
            "owners": Bigints(pair[1] for pair in pairs),
        },
    )
    return flash.takings(sales, counters, taken, now)


async def order(db: Database, owner: int, many: int, now: datetime = DURING, variant: int = 1) -> bool:
    """One order, alone in its batch. The draft has a waiting room, which these tests leave out."""
    async with db.transaction() as tx:
        takings = await read(tx, [owner], now)
        takings = replace(takings, sales={k: replace(v, admission=False) for k, v in takings.sales.items()})
        try:
            takings.check(5, owner, [(variant, many)], None, now)
        except Refusal:
            return False
        takings.take(5, owner, [(variant, many)], now)
        for statement, params in flash.take_steps(takings, now):
            await tx.run(statement, params)
        return True


async def taken(db: Database) -> tuple[int, int]:
    """(the counter, the customers' sum), which must agree."""
    async with db.reading() as tx:
        (row,) = await flash.tallies(tx)
    return row.taken, row.by_customers


async def test_many_at_once_take_no_more_than_there_is_and_each_no_more_than_the_limit(db: Database) -> None:
    await planned(db)
    wants = [(owner, many) for owner in range(1, 9) for many in (1, 2, 1)]
    done = await asyncio.gather(*(order(db, owner, many) for owner, many in wants))
    assert sum(many for (_, many), ok in zip(wants, done, strict=True) if ok) == 10
    by_owner: dict[int, int] = {}
    for (owner, many), ok in zip(wants, done, strict=True):
        by_owner[owner] = by_owner.get(owner, 0) + many * ok
    assert max(by_owner.values()) <= 2
    assert await taken(db) == (10, 10)


async def test_the_table_itself_refuses_what_no_order_may_do(db: Database) -> None:
    """The last line of defence: a writer that forgot to check cannot oversell."""
    await planned(db)
    with pytest.raises(psycopg.errors.CheckViolation, match="never_more"):
        async with db.transaction() as tx:
            takings = await read(tx, [1], DURING)
            takings.take(5, 1, [(1, 11)], DURING)
            for statement, params in flash.take_steps(takings, DURING):
                await tx.run(statement, params)


async def test_a_cancelled_order_gives_back_and_the_next_may_take(db: Database) -> None:
    await planned(db)
    for owner in range(1, 6):
        assert await order(db, owner, 2)
    assert not await order(db, 9, 1)
    back = flash.Cancelled(seller_id=5, owner_id=3, lines=[(1, 2), (77, 4)], placed_at=DURING)
    async with db.transaction() as tx:
        await flash.give_back(tx, [back])
    assert await taken(db) == (8, 8)
    assert await order(db, 3, 2, variant=2)
    assert await taken(db) == (10, 10)


async def test_an_order_of_before_the_sale_gives_nothing_back(db: Database) -> None:
    await planned(db)
    assert await order(db, 1, 2)
    before = flash.Cancelled(seller_id=5, owner_id=1, lines=[(1, 2)], placed_at=START - timedelta(seconds=1))
    async with db.transaction() as tx:
        await flash.give_back(tx, [before])
        await flash.give_back(tx, [])
    assert await taken(db) == (2, 2)


async def test_what_a_guest_took_counts_as_the_accounts(db: Database) -> None:
    await planned(db)
    assert await order(db, 1, 1)
    assert await order(db, 2, 1)
    for _ in range(2):
        async with db.transaction() as tx:
            await flash.hand_over(tx, 1, 2)
    assert not await order(db, 2, 1)
    assert await taken(db) == (2, 2)


async def test_a_stop_comes_after_every_order_it_let_through_whatever_the_clocks_say(db: Database) -> None:
    sale_id = await planned(db)
    late = DURING + timedelta(seconds=3)
    assert await order(db, 1, 1, now=late)
    async with db.transaction() as tx:
        stopped = await flash.stop(tx, 5, sale_id, DURING)
    assert stopped.stopped_at is not None
    assert stopped.stopped_at > late
    assert not await order(db, 2, 1, now=late)
    assert await order(db, 2, 99, now=stopped.stopped_at), "after a stop the article is ordinary"
    async with db.transaction() as tx:
        await flash.give_back(tx, [flash.Cancelled(seller_id=5, owner_id=1, lines=[(1, 1)], placed_at=late)])
        again = await flash.stop(tx, 5, sale_id, DURING)
    assert again == stopped
    assert await taken(db) == (0, 0)


async def test_a_sale_is_changed_before_it_starts_by_who_has_seen_it(db: Database) -> None:
    sale_id = await planned(db)
    more = replace(DRAFT, quantity=20, items=(SaleItem(variant_id=9),))
    async with db.transaction() as tx:
        with pytest.raises(SaleChanged):
            await flash.edit(tx, 5, sale_id, more, version=7, now=NOW)
        with pytest.raises(NoSuchSale):
            await flash.edit(tx, 6, sale_id, more, version=1, now=NOW)
        await flash.edit(tx, 5, sale_id, more, version=1, now=NOW)
        found = await flash.sale(tx, 5, sale_id)
        assert (found.quantity, found.version) == (20, 2)
        assert [item.variant_id for item in (await flash.items_of(tx, [found]))[sale_id]] == [9]
        with pytest.raises(SaleStarted):
            await flash.edit(tx, 5, sale_id, more, version=2, now=START - timedelta(seconds=9))


async def test_an_article_is_in_one_sale_at_a_time(db: Database) -> None:
    await planned(db)
    with pytest.raises(AlreadyInSale):
        await planned(
            db, replace(DRAFT, starts_at=START + timedelta(minutes=59), ends_at=START + timedelta(hours=2))
        )
    await planned(
        db, replace(DRAFT, starts_at=START + timedelta(hours=1), ends_at=START + timedelta(hours=2))
    )
    await planned(db, seller_id=6)


async def test_a_sale_is_settled_once(db: Database) -> None:
    sale_id = await planned(db)
    end = START + timedelta(hours=1)
    async with db.transaction() as tx:
        assert await flash.due(tx, end - timedelta(seconds=1)) == []
        assert await flash.due(tx, end) == [(5, sale_id)]
        assert await flash.fences(tx, 5, [1, 2], DURING) == {(4, 2): 3}
        assert await flash.settle(tx, 5, sale_id, end)
        assert not await flash.settle(tx, 5, sale_id, end)
        assert await flash.due(tx, end) == []


async def the_sale(db: Database, sale_id: UUID) -> Sale:
    async with db.reading() as tx:
        return await flash.sale(tx, 5, sale_id)


def asks(person: str, *also: str, again: bool = False) -> Joining:
    return Joining(people=(person, *also), owner_id=len(person), again=again)


async def test_one_ticket_a_person_numbered_in_order_of_arrival(db: Database) -> None:
    sale = await the_sale(db, await planned(db))
    async with db.transaction() as tx:
        first = await flash.join(tx, sale, [asks("v:a"), asks("p:b"), asks("v:a")], NOW)
    async with db.transaction() as tx:
        second = await flash.join(tx, sale, [asks("p:1", "v:a"), asks("p:c")], NOW)
    assert [row.number for row in first] == [1, 2, 1]
    assert [row.number for row in second] == [1, 3], "who signs in keeps the browser's ticket"


async def test_many_who_join_at_once_get_different_numbers(db: Database) -> None:
    sale = await the_sale(db, await planned(db))

    async def come(person: str) -> int:
        async with db.transaction() as tx:
            (row,) = await flash.join(tx, sale, [asks(person)], NOW)
        return row.number

    numbers = await asyncio.gather(*(come(f"p:{n}") for n in range(30)))
    assert sorted(numbers) == list(range(1, 31))


async def test_a_turn_is_taken_up_once_and_lost_after_its_time(db: Database) -> None:
    sale = await the_sale(db, await planned(db))
    async with db.transaction() as tx:
        await flash.join(tx, sale, [asks("p:1"), asks("p:2")], NOW)
        first = await flash.claim(tx, sale, "p:1", 1, owner_id=1, now=DURING)
        again = await flash.claim(tx, sale, "p:1", 1, owner_id=66, now=DURING + timedelta(seconds=60))
        assert first is not None
        assert first.owner_id == 1, "whoever took it up, and nobody after"
        assert again == first
        assert await flash.claim(tx, sale, "p:1", 99, owner_id=1, now=DURING) is None
        assert await flash.open_claims(tx, sale, DURING + timedelta(seconds=5)) == (1, 1)
        early = await flash.join(tx, sale, [asks("p:1", again=True)], DURING + timedelta(seconds=119))
        late = await flash.join(tx, sale, [asks("p:1", again=True)], DURING + timedelta(seconds=120))
    assert [early[0].number, late[0].number] == [1, 3]
    assert late[0].claimed_at is None


async def test_who_has_bought_no_longer_holds_a_slot(db: Database) -> None:
    sale = await the_sale(db, await planned(db))
    async with db.transaction() as tx:
        await flash.join(tx, sale, [Joining(people=("p:8",), owner_id=8)], NOW)
        await flash.claim(tx, sale, "p:8", 1, owner_id=8, now=DURING)
    assert await order(db, 8, 1, now=DURING + timedelta(seconds=2))
    async with db.transaction() as tx:
        assert await flash.open_claims(tx, sale, DURING + timedelta(seconds=30)) == (0, 0)


async def test_one_process_steps_a_room_and_the_first_step_is_the_draw(db: Database) -> None:
    sale = await the_sale(db, await planned(db))
    async with db.transaction() as tx:
        await flash.join(tx, sale, [asks("p:1"), asks("p:2")], NOW)
    async with db.transaction() as one, db.transaction() as other:
        room = await flash.lock_due(one, sale, START)
        assert room is not None
        assert await flash.lock_due(other, sale, START) is None
        stepped = rules.step(room, now=START, rate_per_s=1.0, left=10, open_slots=0, unclaimed=0, busy=False)
        await flash.save_step(one, sale, stepped)
    async with db.transaction() as tx:
        await flash.join(tx, sale, [asks("p:3")], START)
        assert await flash.lock_due(tx, sale, START + timedelta(seconds=0.5)) is None
        stands = (await flash.standing(tx, [sale], START))[sale.sale_id]
    assert (stands.drawn, stands.next_number, stands.admitted_to) == (2, 4, stepped.admitted_to)


async def test_watchers_of_all_processes_are_added_up_and_old_ones_forgotten(db: Database) -> None:
    sale = await the_sale(db, await planned(db))
    async with db.transaction() as tx:
        await flash.attend(tx, uuid7(), [(5, sale.sale_id, 40, 2)], NOW)
        await flash.attend(tx, uuid7(), [(5, sale.sale_id, 2, 1)], NOW - timedelta(seconds=9))
        stands = (await flash.standing(tx, [sale], NOW))[sale.sale_id]
    assert (stands.watchers, stands.refused) == (40, 3)
