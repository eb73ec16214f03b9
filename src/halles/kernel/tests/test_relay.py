"""The outbox and its relay on a real PostgreSQL: order per key, retries, parking, sharing, outside calls."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

import pytest

from halles.kernel import outbox
from halles.kernel.db import Database, command, query
from halles.kernel.errors import Invalid, Unavailable
from halles.kernel.live import LiveHub
from halles.kernel.relay import Delivery, Reaction, Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """A bell rang."""

    kind: ClassVar[str] = "test.rang"
    bell: str
    n: int

    def key(self) -> str:
        return self.bell


_HURRY = command("update kernel.outbox set next_at = null")
_COUNT = query("select count(*) from kernel.outbox", int)


async def _ring(db: Database, *rings: Rang) -> None:
    async with db.transaction() as tx:
        await outbox.append(tx, rings)


async def test_events_of_a_key_arrive_in_order_and_once(db: Database) -> None:
    heard: defaultdict[str, list[int]] = defaultdict(list)

    async def hear(event: Rang, delivery: Delivery) -> None:
        heard[event.bell].append(event.n)

    await _ring(db, *(Rang(bell=f"bell-{n % 7}", n=n) for n in range(200)))
    relays = [Relay(db, [Reaction(event=Rang, name="hear", run=hear)]) for _ in range(3)]
    moved = await asyncio.gather(*(relay.drain() for relay in relays))
    assert sum(moved) == 200
    assert all(numbers == sorted(numbers) for numbers in heard.values())
    assert sum(map(len, heard.values())) == 200


async def test_an_event_of_an_undone_transaction_never_existed(db: Database) -> None:
    class Undo(Exception):
        pass

    with pytest.raises(Undo):
        async with db.transaction() as tx:
            await outbox.append(tx, [Rang(bell="a", n=1)])
            raise Undo
    assert await Relay(db, []).drain() == 0


async def test_a_failing_reaction_holds_its_key_back_and_only_the_failed_part_repeats(db: Database) -> None:
    first: list[int] = []
    second: list[int] = []
    broken = True

    async def one(event: Rang, delivery: Delivery) -> None:
        first.append(event.n)

    async def two(event: Rang, delivery: Delivery) -> None:
        if broken:
            raise RuntimeError("not today")
        second.append(event.n)

    relay = Relay(db, [Reaction(event=Rang, name="one", run=one), Reaction(event=Rang, name="two", run=two)])
    await _ring(db, Rang(bell="a", n=1), Rang(bell="a", n=2))
    await relay.drain()
    assert (first, second) == ([1], [])
    broken = False
    async with db.transaction() as tx:
        await tx.run(_HURRY)
    await relay.drain()
    assert (first, second) == ([1, 2], [1, 2])


async def test_a_hopeless_event_is_parked_with_its_reason_and_can_be_tried_again(db: Database) -> None:
    async def refuse(event: Rang, delivery: Delivery) -> None:
        raise Invalid("the bell is cracked")

    relay = Relay(db, [Reaction(event=Rang, name="refuse", run=refuse)])
    await _ring(db, Rang(bell="a", n=1))
    for _ in range(outbox.PARK_AFTER):
        await relay.drain()
        async with db.transaction() as tx:
            await tx.run(_HURRY)
    async with db.transaction() as tx:
        (parked,) = await outbox.parked(tx)
        assert "cracked" in (parked.error or "")
        await outbox.unpark(tx, parked.event_id)
        assert await outbox.parked(tx) == []
        with pytest.raises(outbox.NoSuchEvent):
            await outbox.unpark(tx, parked.event_id)


async def test_what_a_failed_reaction_wrote_is_undone(db: Database) -> None:
    async def write_then_fail(event: Rang, delivery: Delivery) -> None:
        await outbox.append(delivery.inside(), [Rang(bell="b", n=2)])
        raise RuntimeError("after writing")

    await _ring(db, Rang(bell="a", n=1))
    await Relay(db, [Reaction(event=Rang, name="w", run=write_then_fail)]).drain()
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 1


async def test_outside_reactions_run_with_no_transaction_open(db: Database) -> None:
    calls: list[int] = []

    async def call(event: Rang, delivery: Delivery) -> None:
        assert delivery.tx is None
        if not calls:
            calls.append(event.n)
            raise Unavailable("the courier sleeps")
        calls.append(event.n)

    relay = Relay(db, [Reaction(event=Rang, name="call", run=call, outside=True)])
    await _ring(db, Rang(bell="a", n=1))
    await relay.drain()
    async with db.transaction() as tx:
        await tx.run(_HURRY)
    await relay.drain()
    assert calls == [1, 1]
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 0


async def test_delivered_events_wake_live_pages(db: Database) -> None:
    hub = LiveHub(db)
    listening = asyncio.create_task(hub.run())
    relay = Relay(db, [], lambda kind, key, body: [f"bell:{key}"])
    watch = hub.watch(["bell:a"], keep_alive_s=10)
    first = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    while not first.done():
        await _ring(db, Rang(bell="a", n=1))
        await relay.drain()
    assert first.result() == "bell:a"
    hub.close()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
