"""Several processes share the work: orders handed over, a writer killed, a lease that moved, strangers at the door."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import blake2b
from pathlib import Path

import pytest

from halles.inventory.types import InsufficientStock
from halles.journeys.checkout.desk import CELLS, POOL, Desk, NoWriter, prover
from halles.journeys.checkout.handoff import Link
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, money_sums, open_shop, stock_sums
from halles.journeys.checkout.types import NotHere, Outcome
from halles.journeys.doctor.api import examine
from halles.kernel.clock import FixedClock, system_clock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal, Unavailable
from halles.kernel.lease import Member, holders
from halles.orders import api as orders
from halles.orders.types import BadOrder

SECRET = "s" * 40

_WRITER = """
import asyncio, sys
from halles.edge.writer import run
from halles.kernel.settings import load
from pathlib import Path
asyncio.run(run(load(database_url=sys.argv[1], data=Path(sys.argv[2]), secret=sys.argv[3], log_level="warning")))
"""


def mark(purpose: str, text: str) -> bytes:
    return blake2b(text.encode(), key=purpose.encode(), digest_size=32).digest()


def desk_of(db: Database, secret: str = SECRET) -> Desk:
    from halles.identity.api import vault
    from halles.kernel.settings import load

    settings = load(secret=secret, data=Path("unused"))
    return Desk(db, Intake(db, system_clock), prover(vault(settings).mark))


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Wait for something that another process does."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  another process does not set our events
            await asyncio.sleep(0.02)


class Writers:
    """Writer processes on the test's database."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db, self._folder = db, folder
        self.processes: list[Process] = []

    async def start(self) -> None:
        folder = str(self._folder / str(len(self.processes)))
        command = (sys.executable, "-c", _WRITER, self._db.dsn, folder, SECRET)
        self.processes.append(await asyncio.create_subprocess_exec(*command, stderr=PIPE))

    async def kill_oldest(self) -> None:
        process = next(process for process in self.processes if process.returncode is None)
        process.send_signal(signal.SIGKILL)
        await process.wait()


@pytest.fixture
async def writers(db: Database, tmp_path: Path) -> AsyncIterator[Writers]:
    made = Writers(db, tmp_path)
    await made.start()
    await until(lambda: _all_held(db))
    yield made
    for process in made.processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _all_held(db: Database) -> bool:
    async with db.reading() as tx:
        found = await holders(tx, POOL)
    return len(found) == CELLS and all(one.member is not None for one in found)


async def test_orders_are_handed_over_and_refusals_come_back(db: Database, writers: Writers) -> None:
    shop = await open_shop(db, stock=5, funds_minor=10**9)
    desk = desk_of(db)
    async with desk.shared(writes=False):
        asked = [desk.place(shop.order((1, 1)), shop.shoppers[n % 3]) for n in range(8)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        placed = [answer for answer in answers if isinstance(answer, Outcome)]
        refused = [answer for answer in answers if isinstance(answer, InsufficientStock)]
        assert (len(placed), len(refused)) == (5, 3)
        assert refused[0].fields == {"variant_id": shop.variants[1], "sellable": 0}
        assert all(answer.first and answer.placed.total.minor == PRICE for answer in placed)
        twice = shop.order((2, 1))
        assert (await desk.place(twice, shop.shoppers[0])).first
        assert not (await desk.place(twice, shop.shoppers[0])).first
        with pytest.raises(BadOrder):
            await desk.place(shop.order((0, 1), (0, 1)), shop.shoppers[0])


async def test_a_writer_killed_loses_and_doubles_nothing(db: Database, writers: Writers) -> None:
    shops = [await open_shop(db, stock=10_000, funds_minor=10**9, name=f"Maison{n}") for n in range(4)]
    desk, done = desk_of(db), asyncio.Event()
    placed: list[Outcome] = []

    async def shopper(shop: Shop, owner: int) -> None:
        while not done.is_set():
            order = shop.order((1, 1))
            while True:
                try:
                    placed.append(await desk.place(order, owner))
                    break
                except Unavailable:
                    await asyncio.sleep(0.02)

    async def more(count: int) -> None:
        target = len(placed) + count

        async def reached() -> bool:
            return len(placed) >= target

        await until(reached, 60)

    async with desk.shared(writes=False):
        running = [asyncio.create_task(shopper(shop, shop.shoppers[n])) for shop in shops for n in range(3)]
        for _ in range(2):
            await writers.start()
            await more(50)
            await writers.kill_oldest()
        await more(100)
        assert await _all_held(db)
        done.set()
        await asyncio.gather(*running)
    assert len({outcome.placed.order_id for outcome in placed}) == len(placed)
    async with db.reading() as tx:
        assert await orders.count_orders(tx) == len(placed)
    assert (await stock_sums(db))[1] == len(placed)
    assert (await money_sums(db))[1] == len(placed) * PRICE
    assert (await examine(db)).findings == []


async def test_two_processes_divide_the_cells_and_serve_each_other(db: Database) -> None:
    shops = [await open_shop(db, name=f"Maison{n}") for n in range(3)]
    first, second = desk_of(db), desk_of(db)
    async with first.shared(writes=True) as one, second.shared(writes=True) as two:
        assert one is not None
        assert two is not None
        await until(lambda: _all_held(db))
        assert not one.held.keys() & two.held.keys()
        for desk in (first, second):
            for shop in shops:
                assert (await desk.place(shop.order((1, 1)), shop.shoppers[0])).first
    assert (await examine(db)).findings == []


async def test_a_holder_whose_share_moved_places_nothing(db: Database, clock: FixedClock) -> None:
    shop, intake = await open_shop(db), Intake(db, clock)
    member = Member(db, POOL, CELLS, "127.0.0.1:1")
    stop = asyncio.Event()
    running = asyncio.create_task(member.run(stop))
    intake.fence(member)
    await until(lambda: _all_held(db))
    assert (await intake.place(shop.order(), shop.shoppers[0])).first
    async with db.transaction() as tx:
        await tx.connection.execute("update kernel.lease set epoch = epoch + 1")
    with pytest.raises(NotHere):
        await intake.place(shop.order(), shop.shoppers[0])
    assert shop.seller_id % CELLS not in member.held
    assert (await stock_sums(db))[1] == 1
    stop.set()
    await running
    await intake.close()


async def test_strangers_are_not_served(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.journeys.checkout.desk.PATIENCE_S", 0.5)
    shop = await open_shop(db)
    ours, stranger = desk_of(db), desk_of(db, "t" * 40)
    async with ours.shared(writes=True) as member, stranger.shared(writes=False):
        assert member is not None
        await until(lambda: _all_held(db))
        with pytest.raises(NoWriter):
            await stranger.place(shop.order(), shop.shoppers[0])
    assert (await stock_sums(db))[1] == 0


async def test_nobody_places_orders(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.journeys.checkout.desk.PATIENCE_S", 0.2)
    shop, desk = await open_shop(db), desk_of(db)
    async with desk.shared(writes=False):
        with pytest.raises(NoWriter):
            await desk.place(shop.order(), shop.shoppers[0])


async def test_a_link_to_nowhere_fails_what_was_asked(db: Database) -> None:
    shop = await open_shop(db)
    link = Link(lambda role, challenge: mark(role, challenge.hex()), "127.0.0.1:1")
    with pytest.raises(ConnectionError):
        await link.ask(shop.order(), shop.shoppers[0])
    with pytest.raises(ConnectionError):
        await link.ask(shop.order(), shop.shoppers[0])
    link.close()


async def test_refusals_survive_the_way() -> None:
    from halles.journeys.checkout.handoff import refusal, refused

    sent = InsufficientStock(variant_id=7, sellable=3)
    back = refusal(refused(sent))
    assert type(back) is InsufficientStock
    assert (str(back), back.fields, back.retry_after_s) == (str(sent), sent.fields, sent.retry_after_s)
    assert isinstance(refusal(refused(RuntimeError("a bug"))), Unavailable)
    assert isinstance(refusal(refused(Unavailable("x"))), Refusal)
