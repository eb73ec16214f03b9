"""Closings against what happens at the same moment: orders, and the end of a process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import msgspec
import pytest

from halles.identity import api as identity
from halles.identity.api import closing
from halles.identity.types import AccountClosed
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.leaving import api
from halles.journeys.leaving.tests.test_closing import rows_with
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.web import Services
from halles.orders import api as orders


async def test_a_closing_that_a_crash_stopped_is_finished(
    services: Services, client: httpx.AsyncClient, db: Database, clock: FixedClock, shop: Shop, shopper: int
) -> None:
    """The closing is committed; nothing else is: as after kill -9 at that moment."""
    await client.patch("/api/me", json={"name": "Zoé Marquand-Ravel"})
    await client.put(f"/api/basket/lines/{shop.variants[1]}", json={"quantity": 2})
    async with db.transaction() as tx:
        await api.close(tx, shopper, closure_id=uuid7(), given_up=[], by="post", now=clock())
    assert await rows_with(db, ["Zoé Marquand"]) == []
    async with db.reading() as tx:
        assert await orders.baskets(tx, shopper)
    await api.go_on_forgetting(services)
    async with db.reading() as tx:
        assert not await orders.baskets(tx, shopper)
        (closure,) = await closing.closures(tx)
    assert closure.passes == 1
    assert await api.forget_closed(db, clock()) == 0
    assert await api.forget_closed(db, clock() + timedelta(hours=2)) == 1
    assert await api.forget_closed(db, clock() + timedelta(days=8)) == 1
    assert await api.forget_closed(db, clock() + timedelta(days=80)) == 0


async def test_of_a_closing_and_an_order_exactly_one_wins(db: Database, clock: FixedClock) -> None:
    """Both at the same moment, many times over: an order stands and the account is open, or it is closed and nothing was
    bought."""
    shop = await open_shop(db, stock=100, name="Large")
    intake = Intake(db, clock)
    async with db.transaction() as tx:
        people = [(await identity.start_guest(tx, agent="", now=clock(), days=1)).party_id for _ in range(24)]

    async def shut(party: int, wait: int) -> bool:
        for _ in range(wait):
            await asyncio.sleep(0)
        try:
            async with db.transaction() as tx:
                await api.close(tx, party, closure_id=uuid7(), given_up=[], by="guest", now=clock())
        except Refusal:
            return False
        return True

    async def order(party: PartyId) -> bool:
        wanted = msgspec.structs.replace(shop.order((2, 1)), payment="card")
        try:
            await intake.place(wanted, party)
        except AccountClosed:
            return False
        return True

    try:
        for start in range(0, len(people), 6):
            some = people[start : start + 6]
            results = await asyncio.gather(
                *(asyncio.gather(order(p), shut(p, 3 * n)) for n, p in enumerate(some))
            )
            for ordered, closed in results:
                assert ordered != closed
    finally:
        await intake.close()
    async with db.reading() as tx:
        assert await orders.count_orders(tx) + len(await closing.closures(tx)) == len(people)
    assert (await examine(db)).findings == []


async def test_nothing_begins_after_the_gate_is_shut(
    services: Services, db: Database, clock: FixedClock, shop: Shop
) -> None:
    """An order sent while a closing holds the gate waits for it, and finds the account closed."""
    intake = Intake(db, clock)
    async with db.transaction() as tx:
        guest = (await identity.start_guest(tx, agent="", now=clock(), days=1)).party_id
    try:
        async with db.transaction() as tx:
            await api.close(tx, guest, closure_id=uuid7(), given_up=[], by="guest", now=clock())
            wanted = msgspec.structs.replace(shop.order((2, 1)), payment="card")
            sent = asyncio.ensure_future(intake.place(wanted, guest))
            done, _ = await asyncio.wait([sent], timeout=0.3)
            assert not done
        with pytest.raises(AccountClosed):
            await sent
    finally:
        await intake.close()
