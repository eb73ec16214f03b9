"""A real installation for tests: `halles serve` with its processes and its own database, and shoppers who order all the time."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from halles.identity import api as identity
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel import migrate
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.postgres import ensure_running, stop

START_S = 90.0
_PERSONAL = ("HALLES_", "PG", "PROMETHEUS_")


class Serving:
    """`halles serve` on a data folder, until `close`. Its log is in `log`. `empty`: nothing is made beforehand."""

    def __init__(self, folder: Path, *, empty: bool = False) -> None:
        self.data, self.log = folder / "data", folder / "log.txt"
        self.dsn = ""
        if not empty:
            self.dsn = ensure_running(self.data, durable=False).dsn
            migrate.upgrade(self.dsn)
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self, *arguments: str, **settings: str) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "halles", "serve", "--port", str(self.port), *arguments],
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
            )
        until = time.monotonic() + START_S
        while self.process.poll() is None and time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"it did not start:\n{self.log.read_text()[-4000:]}")

    def environment(self, **settings: str) -> dict[str, str]:
        """What its processes, and commands on it, are told."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(_PERSONAL)}
        told = {"data": str(self.data), "rate_limit_factor": "100000", "public_url": self.url, **settings}
        return {**env, **{f"HALLES_{name.upper()}": value for name, value in told.items()}}

    def command(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """`halles …` on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "halles", *arguments],
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Its exit status. Raises TimeoutExpired when it has not ended by then."""
        assert self.process is not None
        return self.process.wait(seconds)

    def close(self) -> None:
        """End it politely: a child that is just starting when its supervisor is killed would start the database again."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(30)
        stop(self.data, mode="immediate")


@dataclass(slots=True)
class Journal:
    """What the shoppers saw, written down on their side. `odd`: answers that are neither a yes nor an honest no."""

    acknowledged: dict[UUID, float] = field(default_factory=dict[UUID, float])
    refused: list[str] = field(default_factory=list[str])
    unanswered: list[UUID] = field(default_factory=list[UUID])
    odd: list[str] = field(default_factory=list[str])

    async def until(self, orders: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acknowledged) < orders:
            assert not self.odd, self.odd
            await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoppers:
    """People with sessions and full wallets before full shelves."""

    shop: Shop
    tokens: Sequence[str]
    url: str

    async def buy(self, journal: Journal, stop: asyncio.Event, *, connections: int) -> None:
        """Order without a pause over so many connections until `stop`, or until the server is gone."""
        await asyncio.gather(*(self._one(number, journal, stop) for number in range(connections)))

    async def place(self, journal: Journal) -> UUID:
        """One order of the first shopper; gives its id."""
        order = self.shop.order()
        async with self.client() as client:
            _write(
                journal, order.order_id, await client.post("/api/orders", content=msgspec.json.encode(order))
            )
        assert order.order_id in journal.acknowledged, journal.odd
        return order.order_id

    async def _one(self, number: int, journal: Journal, stop: asyncio.Event) -> None:
        async with self.client(number) as client:
            while not stop.is_set():
                order = self.shop.order((number % len(self.shop.variants), 1))
                try:
                    answer = await client.post("/api/orders", content=msgspec.json.encode(order))
                except httpx.ConnectError:
                    journal.unanswered.append(order.order_id)
                    await asyncio.sleep(0.05)
                except httpx.TransportError:
                    journal.unanswered.append(order.order_id)
                else:
                    _write(journal, order.order_id, answer)

    def client(self, number: int = 0) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url,
            headers={"origin": self.url, "content-type": "application/json"},
            cookies={"halles_session": self.tokens[number % len(self.tokens)]},
            trust_env=False,
            timeout=30,
        )


def _write(journal: Journal, order_id: UUID, answer: httpx.Response) -> None:
    if answer.status_code in {200, 201}:
        journal.acknowledged[order_id] = time.time()
    elif answer.status_code == 503 and answer.headers.get("retry-after"):
        journal.refused.append(f"{order_id} {answer.text[:300]}")
    else:
        journal.odd.append(f"{answer.status_code} {answer.text[:300]}")


async def people_before_shelves(serving: Serving, *, shoppers: int = 8) -> Shoppers:
    db = await Database.open(serving.dsn, min_size=1, max_size=2)
    try:
        shop = await open_shop(db, variants=4, stock=1_000_000, shoppers=shoppers, funds_minor=1_000_000_000)
        tokens: list[str] = []
        async with db.transaction() as tx:
            for party in shop.shoppers:
                signed = await identity.start_session(tx, party, agent="test", now=system_clock(), days=1)
                tokens.append(signed.token)
    finally:
        await db.close()
    return Shoppers(shop=shop, tokens=tokens, url=serving.url)


async def orders_in(dsn: str) -> set[UUID]:
    db = await Database.open(dsn, min_size=1, max_size=1)
    try:
        async with db.reading() as tx:
            cursor = await tx.connection.execute('select order_id from orders."order"')
            return {row[0] for row in await cursor.fetchall()}
    finally:
        await db.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
