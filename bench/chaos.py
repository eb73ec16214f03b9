"""Chaos: an installation under load from several processes while its parts are killed, cut off and put into the wrong time; then
every promise that a client was given is held against the database. Told in docs/explanation/chaos.md.

    ./halles bench chaos --kills 200          # the long run
    ./halles bench chaos --kills 12 --pace 0.9  # what the tests run
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from chaos_books import Audit, doctor, load, read, recovery
from chaos_checks import Checks, rows_of
from chaos_psp import HOOK, KEY, Provider
from chaos_shops import open_shops, plan_sales
from chaos_world import World
from psycopg.conninfo import make_conninfo

from halles.kernel import migrate
from halles.kernel.postgres import stop

HERE = Path(__file__).resolve().parent
KINDS = {"web": 25, "writer": 20, "worker": 15, "backend": 20, "postmaster": 12}
"""How often what is killed, in parts."""
PATIENT = 0.7
"""How often a kill waits until orders go through again; the others fall into the recovery of the one before."""
FINISH_S = 120.0
"""Seconds that clients have to finish what they had begun, once nothing breaks any more."""
SETTLE_S = 90.0
LATER_S = 7200.0
"""By how much all clocks are put forward at the end: what waits for a card expires, and the provider is asked."""


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kills", type=int, default=200, help="end after so many kills")
    parser.add_argument("--minutes", type=float, help="end after so many minutes instead")
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between kills, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--think", type=float, default=0.25, help="a shopper's longest pause, in seconds")
    parser.add_argument("--keep", action="store_true", help="leave journals and logs where they are")
    return parser.parse_args()


class Clients:
    """The processes that load and write journals."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stop = folder, folder / "stop"
        self.journals: list[Path] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._seen, self._read = 0, dict[Path, int]()

    def start(
        self, tasks: Sequence[dict[str, Any]], world: World, provider: Provider, think_s: float
    ) -> None:
        ports = [proxy.port for proxy in world.webs]
        for number, task in enumerate(tasks):
            journal = self._folder / f"client-{number}.jsonl"
            process = subprocess.Popen(
                [sys.executable, str(HERE / "chaos_client.py")],
                stdin=subprocess.PIPE,
                stderr=journal.with_suffix(".log").open("wb"),
            )
            told = {"ports": ports, "journal": str(journal), "think_s": think_s, "stop": str(self._stop)}
            told["provider"] = provider.port
            assert process.stdin is not None
            process.stdin.write(json.dumps({**task, **told, "finish_s": FINISH_S}).encode())
            process.stdin.close()
            self.journals.append(journal)
            self._processes.append(process)

    def kill(self) -> None:
        """Nothing is left running, however the run ended."""
        for process in self._processes:
            process.kill()
            process.wait()

    def acknowledged(self) -> int:
        """Answers of 201 and 200 so far, by the size of the journals' news."""
        for journal in self.journals:
            if journal.exists():
                with journal.open("rb") as file:
                    file.seek(self._read.get(journal, 0))
                    news = file.read()
                self._read[journal] = self._read.get(journal, 0) + len(news)
                self._seen += news.count(b'"status": 20')
        return self._seen

    async def finish(self) -> None:
        """No new commands; what was begun is finished. Raises when a client died of something."""
        self._stop.touch()
        for process, journal in zip(self._processes, self.journals, strict=True):
            code = await asyncio.to_thread(process.wait, FINISH_S + 60)
            if code:
                raise RuntimeError(journal.with_suffix(".log").read_text()[-3000:])


@dataclass(slots=True)
class Monkey:
    """Breaks things, and remembers what and when."""

    world: World
    dice: random.Random
    pace_s: float
    orders: Callable[[], int]
    kills: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    jumps: int = 0
    stalls: int = 0

    async def run(self, *, kills: int, until: float) -> None:
        """Until so many kills, or a moment."""
        other = asyncio.create_task(self._lesser())
        try:
            while len(self.kills) < kills and time.time() < until:
                await asyncio.sleep(self.dice.uniform(0.4, 1.6) * self.pace_s)
                if self.dice.random() < PATIENT:
                    await self._sold()
                (kind,) = self.dice.choices(list(KINDS), list(KINDS.values()))
                at, hit = time.time(), self.world.kill(kind)
                if hit is not None:
                    self.kills.append((at, kind))
        finally:
            other.cancel()
            with suppress(asyncio.CancelledError):
                await other

    async def _sold(self) -> None:
        """Wait until an order was placed after the last kill, but not for ever."""
        before = self.orders()
        for _ in range(round(80 * self.pace_s)):
            if self.orders() >= before + 5:
                return
            await asyncio.sleep(0.1)

    async def _lesser(self) -> None:
        """Cuts, stalls and clocks."""
        world, dice = self.world, self.dice
        while True:
            await asyncio.sleep(dice.uniform(0.2, 1.0) * self.pace_s)
            roll, proxy = dice.random(), dice.choice(world.proxies)
            if roll < 0.5:
                proxy.cut(dice.choice([0.0, 0.1, 0.5, 1.0]))
            elif roll < 0.7:
                self.stalls += 1
                proxy.stall(dice.uniform(0.1, 2.0))
            else:
                self.jumps += 1
                dice.choice(world.processes).jump(
                    dice.choice([0.0, 0.0, 0.7, -0.7, 5.0, -5.0, 90.0, -90.0, 2700.0])
                )


async def settle(world: World, provider: Provider, dsn: str) -> float | None:
    """Put all clocks forward and wait until nothing waits any more: the seconds that took; None when it never came to that."""
    for process in world.processes:
        process.jump(LATER_S)
    began = time.monotonic()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as admin:
        while time.monotonic() < began + SETTLE_S:
            row = await (await admin.execute(_UNSETTLED)).fetchone()
            if row is not None and not any(row) and provider.silent():
                return time.monotonic() - began
            await asyncio.sleep(0.2)
    return None


_UNSETTLED = """select (select count(*) from kernel.waiting_event where parked_at is null),
  (select count(*) from orders."order" where payment = 5),
  (select count(*) from payments.topup where next_ask_at is not null and provider_ref is not null and state <> 'pending'),
  (select count(*) from payments.order_payment where next_ask_at is not null),
  (select count(*) from payments.card_refund where next_ask_at is not null),
  (select count(*) from inventory.reservation where state = 1),
  (select count(*) from flash.sale where settled_at is null)"""


async def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    dice = random.Random(options.seed)
    world, provider = World(folder, dice), Provider(random.Random(options.seed))
    with psycopg.connect(world.postgres.dsn, autocommit=True) as admin:
        admin.execute("create database chaos")
    dsn = make_conninfo(world.postgres.dsn, dbname="chaos")
    migrate.upgrade(dsn)
    shops = await open_shops(dsn, options.clients, options.seed)
    clients = Clients(folder)
    monkey = Monkey(world, dice, options.pace, clients.acknowledged)
    try:
        await provider.start()
        await world.start("chaos", settings=_cards(provider))
        provider.hooks = [proxy.port for proxy in world.webs]
        await plan_sales(dsn, shops)
        clients.start(shops.tasks, world, provider, options.think)
        began = time.time()
        await asyncio.sleep(1.0)
        kills = 10**9 if options.minutes else options.kills
        await monkey.run(kills=kills, until=began + 60 * (options.minutes or 24 * 60))
        ended = time.time()
        await clients.finish()
        settled_s = await settle(world, provider, dsn)
    finally:
        clients.kill()
        await world.stop()
        await provider.close()
    asks, books = read(clients.journals), load(dsn)
    audit = Audit(asks, books, shops)
    audit.run()
    checks = Checks(asks, rows_of(dsn), shops, provider, audit.counted)
    checks.run()
    audit.findings += checks.findings + await doctor(dsn)
    if settled_s is None:
        audit.findings.append(f"not settled after {SETTLE_S:.0f} s")
    return report(options, world, monkey, audit, asks, began, ended, settled_s)


def _cards(provider: Provider) -> dict[str, str]:
    """Settings of every process: whom to ask about cards, and how long goods are set aside."""
    return {
        "HALLES_STRIPE_SECRET_KEY": KEY,
        "HALLES_STRIPE_PUBLISHABLE_KEY": "pk_test_chaos",
        "HALLES_STRIPE_WEBHOOK_SECRET": HOOK,
        "HALLES_STRIPE_API_BASE": f"http://127.0.0.1:{provider.port}",
        "HALLES_RESERVATION_MINUTES": "1",
    }


def report(
    options: argparse.Namespace,
    world: World,
    monkey: Monkey,
    audit: Audit,
    asks: Sequence[Any],
    began: float,
    ended: float,
    settled_s: float | None,
) -> dict[str, Any]:
    waits = sorted(recovery(asks, [at for at, _ in monkey.kills]))
    orders = [ask for ask in asks if ask.op == "order"]
    return {
        "seed": options.seed,
        "seconds": round(ended - began, 1),
        "kills": dict(Counter(kind for _, kind in monkey.kills)) | {"all": len(monkey.kills)},
        "connections_cut": sum(proxy.cuts for proxy in world.proxies),
        "stalls": monkey.stalls,
        "clock_jumps": monkey.jumps,
        "orders": {
            "ids": len({ask.key for ask in orders}),
            "sent": len(orders),
            "sent_again": len(orders) - len({ask.key for ask in orders}),
            "answers_lost": sum(ask.status is None for ask in orders),
            "answered_unavailable": sum(ask.status in {429, 503, 507} for ask in orders),
            "acknowledged": audit.counted["orders acknowledged"],
        },
        "unclear": dict(audit.unclear),
        "counted": dict(sorted(audit.counted.items())),
        "recovery_s": {
            "p50": round(waits[len(waits) // 2], 2) if waits else None,
            "max": round(waits[-1], 2) if waits else None,
        },
        "recovery_s_by_kind": {
            kind: [round(n, 2) for n in (found[len(found) // 2], found[-1])]
            for kind in KINDS
            if (found := sorted(recovery(asks, [at for at, one in monkey.kills if one == kind])))
        },
        "settled_s": None if settled_s is None else round(settled_s, 1),
        "ended_by_themselves": {
            process.name: len(process.own_ends) for process in world.processes if process.own_ends
        },
        "log_complaints": world.complaints(),
        "findings": len(audit.findings),
        "first_findings": audit.findings[:20],
    }


def main() -> int:
    options = read_arguments()
    folder = Path(tempfile.mkdtemp(prefix="halles-chaos-"))
    folder.chmod(0o755)
    try:
        found = asyncio.run(run(options, folder))
    finally:
        stop(folder / "data", mode="immediate")
        if not options.keep:
            subprocess.run(["rm", "-rf", str(folder)], check=False)
    print(json.dumps(found, indent=1, default=str))
    return 1 if found["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
