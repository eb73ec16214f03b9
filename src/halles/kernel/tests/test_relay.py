"""The outbox and its relay on a real PostgreSQL: order per key, retries, parking, sharing, outside calls."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

import pytest

from halles.kernel import outbox
from halles.kernel.db import Database, Unstorable, command, query
from halles.kernel.errors import Invalid, NotFound, Unavailable
from halles.kernel.live import LiveHub, frame, pack
from halles.kernel.relay import Delivery, Reaction, Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """A bell rang."""

    kind: ClassVar[str] = "test.rang"
    bell: str
    n: int

    def key(self) -> str:
        return self.bell


@dataclass(frozen=True, slots=True, kw_only=True)
class Fell:
    """A bell fell."""

    kind: ClassVar[str] = "test.fell"
    bell: str
    n: int

    def key(self) -> str:
        return self.bell


_MEND = command("""update kernel.outbox set body = '{"bell": "cracked", "n": 2}' where body ->> 'n' = '1'""")
_ATTEMPTS = query("select attempts from kernel.outbox", int)
_IDS = query("select event_id from kernel.waiting_event", UUID)
_AS_BEFORE = command(
    """insert into kernel.outbox (partition, event_id, key, kind, body)
    values (%(partition)s, gen_random_uuid(), 'a', 'test.rang', '{"bell": "a", "n": 1}')"""
)
_HURRY = command("update kernel.outbox set next_at = null")
_COUNT = query("select count(*) from kernel.waiting_event", int)


async def _ring(db: Database, *rings: Rang | Fell) -> None:
    async with db.transaction() as tx:
        await outbox.append(tx, rings)


async def test_events_of_a_key_arrive_in_order_and_once(db: Database) -> None:
    heard: defaultdict[str, list[int]] = defaultdict(list)

    async def hear(events: Sequence[Rang], delivery: Delivery) -> None:
        for event in events:
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

    async def one(events: Sequence[Rang], delivery: Delivery) -> None:
        first.extend(event.n for event in events)

    async def two(events: Sequence[Rang], delivery: Delivery) -> None:
        if broken:
            raise RuntimeError("not today")
        second.extend(event.n for event in events)

    relay = Relay(db, [Reaction(event=Rang, name="one", run=one), Reaction(event=Rang, name="two", run=two)])
    await _ring(db, Rang(bell="a", n=1), Rang(bell="a", n=2))
    await relay.drain()
    assert (first, second) == ([1, 2], []), "the second reaction fails, the first heard both"
    broken = False
    async with db.transaction() as tx:
        await tx.run(_HURRY)
    await relay.drain()
    assert (first, second) == ([1, 2], [1, 2])


async def test_a_hopeless_event_is_parked_with_its_reason_and_can_be_tried_again(db: Database) -> None:
    async def refuse(events: Sequence[Rang], delivery: Delivery) -> None:
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
    async def write_then_fail(events: Sequence[Rang], delivery: Delivery) -> None:
        await outbox.append(delivery.inside(), [Rang(bell="b", n=2)])
        raise RuntimeError("after writing")

    await _ring(db, Rang(bell="a", n=1))
    await Relay(db, [Reaction(event=Rang, name="w", run=write_then_fail)]).drain()
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 1


async def test_an_inside_reaction_does_not_wait_behind_an_outside_one(db: Database) -> None:
    """Whichever is named first, and also for an event that waits alone with the outside one done."""
    seen: list[str] = []

    async def call(events: Sequence[Rang], delivery: Delivery) -> None:
        seen.append("outside")

    async def note(events: Sequence[Rang], delivery: Delivery) -> None:
        seen.append("inside")
        if seen.count("inside") == 1:
            raise ValueError("not yet")

    outside = Reaction(event=Rang, name="call", run=call, outside=True)
    relay = Relay(db, [outside, Reaction(event=Rang, name="note", run=note)])
    await _ring(db, Rang(bell="a", n=1))
    await relay.drain()
    async with db.transaction() as tx:
        await tx.run(_HURRY)
    await relay.drain()
    assert seen.count("inside") == 2
    assert seen.count("outside") == 1
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 0


async def test_outside_reactions_run_with_no_transaction_open(db: Database) -> None:
    calls: list[int] = []

    async def call(events: Sequence[Rang], delivery: Delivery) -> None:
        assert delivery.tx is None
        (event,) = events
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


async def test_of_a_set_only_the_bad_event_and_its_key_wait(db: Database) -> None:
    heard: list[tuple[str, int]] = []
    sets: list[int] = []

    async def hear(events: Sequence[Rang], delivery: Delivery) -> None:
        sets.append(len(events))
        if any(event.bell == "cracked" and event.n == 1 for event in events):
            raise Invalid("the bell is cracked")
        heard.extend((event.bell, event.n) for event in events)

    rings = [Rang(bell="cracked" if n % 10 == 1 else f"bell-{n % 7}", n=n) for n in range(200)]
    await _ring(db, *rings)
    relay = Relay(db, [Reaction(event=Rang, name="hear", run=hear)])
    await relay.drain()
    assert sets[0] == 200, "one set, then its halves"
    assert sorted(heard) == sorted((ring.bell, ring.n) for ring in rings if ring.bell != "cracked")
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 20, "the bad event and all that wait behind it"
        assert (await outbox.backlog(tx)).waiting == 20
    await _ring(db, Rang(bell="cracked", n=1000), Rang(bell="whole", n=1001))
    await relay.drain()
    assert heard[-1] == ("whole", 1001)
    async with db.transaction() as tx:
        await tx.run(_MEND)
        await tx.run(_HURRY)
    heard.clear()
    await relay.drain()
    assert heard == [("cracked", n) for n in [2, *range(11, 200, 10), 1000]]


async def test_kinds_of_one_key_stay_in_order(db: Database) -> None:
    heard: list[str] = []

    async def rang(events: Sequence[Rang], delivery: Delivery) -> None:
        heard.extend(f"{event.bell}{event.n}" for event in events)

    async def fell(events: Sequence[Fell], delivery: Delivery) -> None:
        heard.extend(f"{event.bell}{event.n}" for event in events)

    await _ring(db, Rang(bell="a", n=1), Fell(bell="b", n=2), Fell(bell="a", n=3), Rang(bell="a", n=4))
    await _ring(db, Rang(bell="b", n=5))
    both = [Reaction(event=Rang, name="rang", run=rang), Reaction(event=Fell, name="fell", run=fell)]
    await Relay(db, both).drain()
    assert [one for one in heard if one[0] == "a"] == ["a1", "a3", "a4"]
    assert [one for one in heard if one[0] == "b"] == ["b2", "b5"]


async def test_where_the_world_is_away_each_key_counts_one_attempt(db: Database) -> None:
    calls: list[int] = []

    async def call(events: Sequence[Rang], delivery: Delivery) -> None:
        calls.append(len(events))
        raise Unavailable("the courier sleeps")

    await _ring(db, *(Rang(bell=f"bell-{n % 3}", n=n) for n in range(9)))
    await Relay(db, [Reaction(event=Rang, name="call", run=call, outside=True, most=50)]).drain()
    assert sum(calls) == 9, "nothing is divided for what dividing cannot help"
    async with db.reading() as tx:
        assert sorted(await tx.all(_ATTEMPTS)) == [0] * 6 + [1] * 3


async def test_one_call_an_event_is_not_repeated_for_anothers_failure(db: Database) -> None:
    sent: list[int] = []

    async def send(events: Sequence[Rang], delivery: Delivery) -> None:
        (event,) = events
        if event.n == 5:
            raise Invalid("no such address")
        sent.append(event.n)

    await _ring(db, *(Rang(bell=f"bell-{n}", n=n) for n in range(12)))
    relay = Relay(db, [Reaction(event=Rang, name="send", run=send, outside=True, most=1)])
    await relay.drain()
    await relay.drain()
    assert sorted(sent) == [n for n in range(12) if n != 5]


async def test_what_the_release_before_wrote_is_delivered_too(db: Database) -> None:
    heard: list[int] = []

    async def hear(events: Sequence[Rang], delivery: Delivery) -> None:
        assert len(delivery.event_ids) == len(events)
        heard.extend(event.n for event in events)

    await _ring(db, Rang(bell="a", n=2))
    async with db.transaction() as tx:
        await tx.run(_AS_BEFORE, {"partition": outbox.partition_of("a")})
    await Relay(db, [Reaction(event=Rang, name="hear", run=hear)]).drain()
    assert sorted(heard) == [1, 2]
    async with db.reading() as tx:
        assert await tx.one(_COUNT) == 0


async def test_event_ids_are_their_parcels_and_their_own(db: Database) -> None:
    seen: list[UUID] = []

    async def hear(events: Sequence[Rang], delivery: Delivery) -> None:
        seen.extend(delivery.event_ids)

    await _ring(db, *(Rang(bell=f"bell-{n % 50}", n=n) for n in range(3000)))
    async with db.reading() as tx:
        written = await tx.all(_IDS)
    await Relay(db, [Reaction(event=Rang, name="hear", run=hear)]).drain()
    assert len(set(seen)) == 3000
    assert sorted(seen) == sorted(written)


async def test_a_body_that_jsonb_cannot_keep_holds_nobody_up(db: Database) -> None:
    async def refuse(events: Sequence[Rang], delivery: Delivery) -> None:
        raise Invalid("zero\0byte")

    with pytest.raises(Unstorable):
        await _ring(db, Rang(bell="a\0b", n=1))
    batch = outbox.Batch()
    batch.add_encoded("a", Rang.kind, rb'{"bell":"a\u0000b","n":1}')
    async with db.transaction() as tx:
        await tx.run(outbox.APPEND, batch.params())
    await Relay(db, [Reaction(event=Rang, name="refuse", run=refuse)]).drain()
    async with db.reading() as tx:
        assert (await outbox.backlog(tx)).waiting == 1


def test_many_topics_are_few_messages() -> None:
    topics = [f"order:{n:036}" for n in range(1000)]
    messages = pack(topics)
    assert max(len(message.encode()) for message in messages) < 8000
    assert [topic for message in messages for topic in message.split("\n")] == topics
    assert len(messages) < 8
    assert pack([]) == []


async def test_a_thousand_followers_cost_one_reading_a_change(db: Database) -> None:
    hub, reads = LiveHub(db), list[int]()

    async def render() -> str:
        reads.append(len(reads) + 1)
        return frame("changed", str(len(reads)))

    def follow() -> AsyncIterator[str]:
        return hub.follow("sale:1:fr", ["sale:1"], render, pace_s=0.01)

    pages = [follow() for _ in range(1000)]
    firsts = await asyncio.gather(*(anext(page) for page in pages))
    assert set(firsts) == {frame("changed", "1")}
    seconds = asyncio.gather(*(anext(page) for page in pages))
    await asyncio.sleep(0.05)
    hub.publish("sale:1")
    assert set(await seconds) == {frame("changed", "2")}
    for _ in range(5):
        hub.publish("sale:1")
        await asyncio.sleep(0.03)
    slow = pages[0]
    assert await anext(slow) == frame("changed", str(len(reads))), "a slow reader gets the latest"
    for page in pages:
        await cast("AsyncGenerator[str]", page).aclose()
    hub.publish("sale:1")
    hub.admit("anybody")
    late = follow()
    assert await anext(late) == frame("changed", str(len(reads))), (
        "an empty room is closed, the next opens anew"
    )
    hub.close()


async def test_following_ends_with_what_was_followed(db: Database) -> None:
    class Over(NotFound):
        code, title = "test.over", "Over"

    hub, state = LiveHub(db), ["on"]

    async def render() -> str:
        if state[0] == "over":
            raise Over("It is over.")
        return state[0]

    page = hub.follow("sale:1", ["sale:1"], render, pace_s=0.0)
    assert await anext(page) == "on"
    state[0] = "over"
    await asyncio.sleep(0.01)
    hub.publish("sale:1")
    with pytest.raises(StopAsyncIteration):
        await anext(page)


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
