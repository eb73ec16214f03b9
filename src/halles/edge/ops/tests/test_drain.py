"""Ending and replacing a real installation under load: what was acknowledged stands, what was not has had an honest answer."""

from __future__ import annotations

import asyncio
import signal
from uuid import UUID

import httpx
import psycopg
import pytest

from halles.edge.ops.drain import Drain, Draining
from halles.edge.ops.tests.serving import Journal, Serving, Shoppers, orders_in, people_before_shelves
from halles.journeys.doctor.api import examine
from halles.kernel.db import Database

END_S = 60.0


@pytest.mark.slow
async def test_sigterm_under_load_loses_nothing(serving: Serving) -> None:
    shoppers = await people_before_shelves(serving)
    serving.start("--web", "2", drain_s="1")
    journal, stop = Journal(), asyncio.Event()
    buying = asyncio.create_task(shoppers.buy(journal, stop, connections=24))
    await journal.until(100)
    page = asyncio.create_task(_watch(shoppers, await shoppers.place(journal)))
    await journal.until(200)
    readiness = asyncio.create_task(_ask_until_gone(serving.url))
    serving.signal(signal.SIGTERM)
    status = await asyncio.to_thread(serving.wait, END_S)
    stop.set()
    await buying
    assert status == 0
    assert not journal.odd
    assert len(journal.acknowledged) > 200
    assert await orders_in(serving.dsn) == journal.acknowledged.keys(), (
        "what stands is what was said, and no more"
    )
    assert "503 edge.draining" in await readiness
    assert (await page).rstrip().splitlines()[-1].startswith("retry: ")
    await _healthy(serving.dsn)


@pytest.mark.slow
async def test_orders_in_flight_are_answered_before_the_end(serving: Serving) -> None:
    """They wait for stock that somebody holds; the door closes meanwhile; every one of them still gets its yes."""
    shoppers = await people_before_shelves(serving)
    serving.start("--web", "2", drain_s="2")
    journal = Journal()
    await shoppers.place(journal)
    async with await psycopg.AsyncConnection.connect(serving.dsn) as holder:
        await holder.execute("select from inventory.stock for update")
        waiting = [asyncio.create_task(shoppers.place(journal)) for _ in range(12)]
        await _until_somebody_waits(serving.dsn)
        serving.signal(signal.SIGTERM)
        await _ask_until_gone(serving.url)
        assert len(journal.acknowledged) == 1
    placed = set(await asyncio.gather(*waiting))
    assert await asyncio.to_thread(serving.wait, END_S) == 0
    assert len(placed) == 12
    assert await orders_in(serving.dsn) == journal.acknowledged.keys() > placed
    await _healthy(serving.dsn)


@pytest.mark.slow
async def test_sighup_replaces_every_process_while_orders_go_on(serving: Serving) -> None:
    shoppers = await people_before_shelves(serving)
    serving.start("--web", "2")
    journal, stop = Journal(), asyncio.Event()
    buying = asyncio.create_task(shoppers.buy(journal, stop, connections=8))
    await journal.until(50)
    serving.signal(signal.SIGHUP)
    await _until_logged(serving, "supervisor.replaced_all", never="supervisor.replacement_failed")
    await journal.until(len(journal.acknowledged) + 50)
    stop.set()
    await buying
    assert (journal.odd, journal.refused) == ([], [])
    assert await orders_in(serving.dsn) == journal.acknowledged.keys()
    await _healthy(serving.dsn)


@pytest.mark.slow
async def test_what_cannot_start_replaces_nothing(serving: Serving) -> None:
    """A setting that does not work is found out by the first successor; everything old serves on."""
    serving.start("--web", "2")
    for started in ("worker.started", "inference.serves"):
        await _until_logged(serving, started, never="child_died")
    (serving.data / "halles.toml").write_text('database_connections = "many"\n')
    serving.signal(signal.SIGHUP)
    await _until_logged(serving, "supervisor.replacement_failed", never="supervisor.replaced_all")
    async with httpx.AsyncClient(base_url=serving.url, trust_env=False) as client:
        for _ in range(6):
            assert (await client.get("/readyz")).status_code == 200
    said = serving.log.read_text()
    assert "child=web-1" in said or '"child": "web-1"' in said
    assert "child_died" not in said


@pytest.mark.slow
async def test_metrics_tell_of_every_process(serving: Serving) -> None:
    shoppers = await people_before_shelves(serving)
    serving.start("--web", "3")
    journal, stop = Journal(), asyncio.Event()
    buying = asyncio.create_task(shoppers.buy(journal, stop, connections=12))
    await journal.until(120)
    stop.set()
    await buying
    made = serving.command("identity", "create-user", "ops@test.example", "--role", "operator")
    assert made.returncode == 0, made.stderr
    key = serving.command(
        "identity", "api-key", "create", "ops@test.example", "--name", "p", "--scope", "read"
    )
    async with httpx.AsyncClient(
        base_url=serving.url, headers={"authorization": f"Bearer {key.stdout.split()[-1]}"}, trust_env=False
    ) as client:
        told = [(await client.get("/api/metrics")).raise_for_status().text for _ in range(4)]
    placed = f'halles_orders_total{{outcome="placed"}} {float(len(journal.acknowledged))}'
    assert all(placed in text for text in told), "every process tells the same, of all"
    for name in ("inference", "worker", "web-1", "web-2", "web-3"):
        assert f'halles_child_up{{child="{name}"}} 1.0' in told[0]


def test_a_drain_says_so_at_once_and_closes_later() -> None:
    now = 100.0
    drain = Drain(2.0, monotonic=lambda: now)
    drain.refuse()
    assert (drain.begun, drain.closed) == (False, False)
    drain.begin()
    with pytest.raises(Draining):
        drain.refuse()
    assert not drain.closed
    now = 101.0
    drain.begin()
    assert not drain.closed
    now = 102.0
    assert drain.closed


async def _watch(shoppers: Shoppers, order_id: UUID) -> str:
    """A live page, to its end."""
    async with (
        shoppers.client() as client,
        client.stream("GET", f"/api/orders/{order_id}/events", timeout=END_S) as stream,
    ):
        return "".join([text async for text in stream.aiter_text()])


async def _ask_until_gone(url: str) -> set[str]:
    """What /readyz says on new connections until nobody listens any more."""
    said: set[str] = set()
    while True:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{url}/readyz")
        except httpx.ConnectError:
            return said
        except httpx.TransportError:
            continue
        said.add(f"{answer.status_code} {answer.json().get('code', '')}".strip())
        await asyncio.sleep(0.02)


async def _until_logged(serving: Serving, wanted: str, *, never: str) -> None:
    while True:
        said = serving.log.read_text()
        assert never not in said, said[-2000:]
        if wanted in said:
            return
        await asyncio.sleep(0.1)


async def _until_somebody_waits(dsn: str) -> None:
    """Until a row that one wants is held by another."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as looking:
        while True:
            found = await looking.execute("select from pg_stat_activity where wait_event_type = 'Lock'")
            if found.rowcount:
                return
            await asyncio.sleep(0.05)


async def _healthy(dsn: str) -> None:
    db = await Database.open(dsn, min_size=1, max_size=1)
    try:
        assert (await examine(db)).findings == []
    finally:
        await db.close()
