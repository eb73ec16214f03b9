"""When things break: a killed process, a restarted database, a full disk, an order that PostgreSQL will not take."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, money_sums, open_shop, stock_sums
from halles.journeys.checkout.types import Outcome, PlaceOrder
from halles.journeys.doctor.api import examine
from halles.kernel import migrate
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import DatabaseUnavailable, StorageFull, Unavailable
from halles.kernel.postgres import ensure_running, stop
from halles.orders import api as orders

# Places one order and is killed by the kernel at a point named on the command line.
_DOOMED = """
import asyncio, os, signal, sys
import msgspec
from halles.journeys.checkout import batch
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.types import PlaceOrder
from halles.kernel.clock import system_clock
from halles.kernel.db import Database

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "after commit":
    batch._outcome = die
else:
    batch.writes.send = die

async def main():
    db = await Database.open(sys.argv[2], min_size=1, max_size=2)
    await Intake(db, system_clock).place(msgspec.json.decode(sys.stdin.buffer.read(), type=PlaceOrder), int(sys.argv[3]))

asyncio.run(main())
"""


@pytest.mark.parametrize(("moment", "stands"), [("after commit", True), ("before the writes", False)])
async def test_a_process_killed_at_the_worst_moment(
    db: Database, clock: FixedClock, moment: str, stands: bool
) -> None:
    shop = await open_shop(db)
    order, owner = shop.order(), shop.shoppers[0]
    command = [sys.executable, "-c", _DOOMED, moment, db.dsn, str(owner)]
    died = await asyncio.to_thread(
        subprocess.run, command, input=msgspec.json.encode(order), check=False, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    intake = Intake(db, clock)
    again = await intake.place(order, owner)
    assert again.first is not stands
    assert not (await intake.place(order, owner)).first
    await intake.close()
    assert (await stock_sums(db))[1] == 1
    assert await money_sums(db) == (0, PRICE, PRICE)
    assert (await examine(db)).findings == []


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[tuple[Path, str]]:
    """A durable PostgreSQL that a test may kill: what it said was committed must stand."""
    folder = tmp_path / "pg"
    server = await asyncio.to_thread(ensure_running, folder, durable=True)
    await asyncio.to_thread(migrate.upgrade, server.dsn)
    yield folder, server.dsn
    await asyncio.to_thread(stop, folder, mode="immediate")


async def test_the_database_restarts_under_load(own_server: tuple[Path, str], clock: FixedClock) -> None:
    folder, dsn = own_server
    db = await Database.open(dsn, min_size=1, max_size=4)
    shop = await open_shop(db, stock=10_000, funds_minor=10**9)
    intake, done = Intake(db, clock, batch=10), asyncio.Event()
    placed: list[PlaceOrder] = []
    milestones: dict[int, asyncio.Event] = {}
    interruptions = 0

    async def shopper(owner: int) -> None:
        nonlocal interruptions
        while not done.is_set():
            order = shop.order((1, 1))
            while True:
                try:
                    await intake.place(order, owner)
                    break
                except Unavailable:
                    interruptions += 1
                    await asyncio.sleep(0.02)
            placed.append(order)
            if len(placed) in milestones:
                milestones[len(placed)].set()

    async def more(count: int) -> None:
        """Wait until `count` more orders stand."""
        reached = milestones[len(placed) + count] = asyncio.Event()
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait({waiting, *running}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        assert waiting.done(), [task.exception() for task in running if task.done()]

    running = [asyncio.create_task(shopper(shop.shoppers[n % 3])) for n in range(12)]
    await more(40)
    await asyncio.to_thread(stop, folder, mode="immediate")
    await asyncio.sleep(0.1)
    await asyncio.to_thread(ensure_running, folder, durable=True)
    await more(40)
    done.set()
    await asyncio.gather(*running)
    await intake.close()
    await db.close()
    db = await Database.open(dsn, min_size=1, max_size=2)
    async with db.reading() as tx:
        assert await orders.count_orders(tx) == len(placed)
    assert interruptions > 0
    assert (await stock_sums(db))[1] == len(placed)
    assert (await examine(db)).findings == []
    await db.close()


async def trap(db: Database, condition: str, state: str) -> None:
    """Make PostgreSQL refuse orders that meet a condition, with an SQLSTATE."""
    async with await psycopg.AsyncConnection.connect(db.dsn, autocommit=True) as connection:
        await connection.execute(
            f"""create function refuse() returns trigger language plpgsql as $$
            begin if {condition} then raise exception 'trap' using errcode = '{state}'; end if; return new; end $$;
            create trigger trap before insert on orders."order" for each row execute function refuse()""".encode()
        )


async def untrap(db: Database) -> None:
    async with await psycopg.AsyncConnection.connect(db.dsn, autocommit=True) as connection:
        await connection.execute('drop trigger trap on orders."order"')


async def test_one_poisonous_order_fails_alone(db: Database, clock: FixedClock) -> None:
    shop, intake = await open_shop(db), Intake(db, clock)
    await trap(db, "new.total_minor > 2000", "22003")
    commands = [shop.order((1, quantity)) for quantity in (1, 1, 2, 1)]
    found = await asyncio.gather(
        *(intake.place(c, shop.shoppers[0]) for c in commands), return_exceptions=True
    )
    assert [isinstance(answer, Outcome) for answer in found] == [True, True, False, True]
    assert isinstance(found[2], psycopg.DataError)
    await intake.close()
    assert (await stock_sums(db))[1] == 3
    assert (await examine(db)).findings == []


async def test_a_full_disk_is_said_and_passes(db: Database, clock: FixedClock) -> None:
    shop, intake = await open_shop(db), Intake(db, clock)
    await trap(db, "true", "53100")
    order = shop.order()
    with pytest.raises(StorageFull):
        await intake.place(order, shop.shoppers[0])
    await untrap(db)
    assert (await intake.place(order, shop.shoppers[0])).first
    await intake.close()
    assert await money_sums(db) == (0, PRICE, PRICE)


async def test_a_lost_connection_is_made_again(db: Database, clock: FixedClock) -> None:
    shop, intake = await open_shop(db), Intake(db, clock)
    await intake.place(shop.order(), shop.shoppers[0])
    async with await psycopg.AsyncConnection.connect(db.dsn, autocommit=True) as admin:
        await admin.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()"""
        )
    assert (await intake.place(shop.order(), shop.shoppers[0])).first
    await intake.close()


async def test_a_lock_held_too_long_is_said(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halles.journeys.checkout.intake.SESSION_SETTINGS", "set lock_timeout = '50ms'")
    shop, intake = await open_shop(db), Intake(db, clock)
    async with await psycopg.AsyncConnection.connect(db.dsn) as other:
        await other.execute("select * from inventory.stock for update")
        with pytest.raises(DatabaseUnavailable):
            await intake.place(shop.order(), shop.shoppers[0])
        await other.rollback()
    assert (await intake.place(shop.order(), shop.shoppers[0])).first
    await intake.close()


async def test_closing_answers_who_waits(db: Database, clock: FixedClock) -> None:
    shop: Shop = await open_shop(db)
    intake = Intake(db, clock)
    waiting = [asyncio.create_task(intake.place(shop.order(), shop.shoppers[0])) for _ in range(3)]
    await asyncio.sleep(0)
    await intake.close()
    assert [outcome.first for outcome in await asyncio.gather(*waiting)] == [True, True, True]
    with pytest.raises(Unavailable):
        await intake.place(shop.order(), shop.shoppers[0])
