"""Orders a second, beside pgbench on the same PostgreSQL in the same run.

    python bench/orders.py                      # a table
    python bench/orders.py --json               # one JSON document
    python bench/orders.py --only intake --seconds 5 --rounds 1

Interleaves, for each round: pgbench simple-update; the intake called in process (one hot article, many articles); and HTTP, a
whole uvicorn server with a separate load process (see bench/README.md). Everything is durable. At the end the books are proved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import Pgbench, cpu_s, own_postgres
from measure import database as new_database
from served import Server, load
from shop import Shop, audit, open_shop

from halles.journeys.checkout.api import Intake
from halles.kernel.clock import system_clock
from halles.kernel.db import Database

Result = dict[str, float]


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, default=50, help="pgbench's scale")
    parser.add_argument("--batch", type=int, default=300)
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--connections", type=int, default=64, help="HTTP connections at once")
    parser.add_argument("--variants", type=int, default=1000)
    parser.add_argument("--shoppers", type=int, default=500)
    parser.add_argument("--only", choices=("pgbench", "intake", "http"), action="append")
    parser.add_argument("--folder", help="where the database lives; default: the temporary folder")
    return parser.parse_args()


async def intake_run(
    db: Database, shop: Shop, mode: str, postmaster: int, options: argparse.Namespace
) -> Result:
    """Closed-loop callers in this process, two batches' worth of them."""
    intake, dice, waits = Intake(db, system_clock, batch=options.batch), random.Random(1), list[float]()
    await intake.place(shop.order(mode, dice, options.lines), shop.shoppers[0])
    stop = time.perf_counter() + options.seconds

    async def caller() -> None:
        while time.perf_counter() < stop:
            order, owner = (
                shop.order(mode, dice, options.lines),
                shop.shoppers[dice.randrange(len(shop.shoppers))],
            )
            began = time.perf_counter()
            await intake.place(order, owner)
            waits.append(time.perf_counter() - began)

    postgres_s, python_s, began = cpu_s(postmaster), time.process_time(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(2 * options.batch)))
    wall, python_s = time.perf_counter() - began, time.process_time() - python_s
    postgres_s = cpu_s(postmaster) - postgres_s
    await intake.close()
    return result(len(waits) + 1, len(waits) / wall, waits, postgres_s, python_s)


def http_run(server: Server, shop: Shop, mode: str, postmaster: int, options: argparse.Namespace) -> Result:
    """One uvicorn process with the whole application; the load comes from another process."""
    postgres_s, python_s = cpu_s(postmaster), cpu_s(server.pid)
    found = load(
        server, shop, mode, seconds=options.seconds, connections=options.connections, lines=options.lines
    )
    postgres_s, python_s = cpu_s(postmaster) - postgres_s, cpu_s(server.pid) - python_s
    assert not found["refused"], f"{found['refused']} answers were not 201: {found['example']}"
    return result(
        int(found["orders"]), found["orders"] / found["wall_s"], found["waits_s"], postgres_s, python_s
    )


def result(orders: int, per_s: float, waits_s: list[float], postgres_s: float, python_s: float) -> Result:
    waits = sorted(waits_s)
    return {
        "orders": orders,
        "orders_per_s": round(per_s, 1),
        "postgres_us": round(1e6 * postgres_s / orders, 1),
        "python_us": round(1e6 * python_s / orders, 1),
        "p50_ms": round(1e3 * waits[len(waits) // 2], 2),
        "p99_ms": round(1e3 * waits[int(len(waits) * 0.99)], 2),
    }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """All rounds, interleaved; medians, ratios to pgbench of the same round, and the audit."""
    wanted = options.only or ["pgbench", "intake", "http"]
    rounds: dict[str, list[Result]] = {}
    with own_postgres(options.folder) as server:
        dsn = new_database(server, "halles_bench", migrated=True)
        pgbench = (
            Pgbench(new_database(server, "yardstick", migrated=False), scale=options.scale)
            if "pgbench" in wanted
            else None
        )
        shop = uvloop.run(_opened(dsn, options))
        web = Server(dsn) if "http" in wanted else None
        try:
            for _ in range(options.rounds):
                if pgbench is not None:
                    found = pgbench.simple_update(options.seconds, server.pid)
                    rounds.setdefault("pgbench simple-update", []).append(found)
                for mode in ("hot", "many"):
                    if "intake" in wanted:
                        found = uvloop.run(_intake(dsn, shop, mode, server.pid, options))
                        rounds.setdefault(f"intake, {mode}", []).append(found)
                    if web is not None:
                        rounds.setdefault(f"http, {mode}", []).append(
                            http_run(web, shop, mode, server.pid, options)
                        )
        finally:
            if web is not None:
                web.stop()
        answered = int(sum(one.get("orders", 0) for runs in rounds.values() for one in runs))
        books = uvloop.run(_audited(dsn, answered))
    return {"medians": medians(rounds), "rounds": rounds, "books": books, "settings": vars(options)}


def medians(rounds: dict[str, list[Result]]) -> dict[str, Result]:
    """The median of each figure, and of the ratio to pgbench round by round."""
    yardstick = rounds.get("pgbench simple-update")
    found: dict[str, Result] = {}
    for name, runs in rounds.items():
        found[name] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        if yardstick is not None:
            ratios = [
                run["orders_per_s"] / base["orders_per_s"] for run, base in zip(runs, yardstick, strict=True)
            ]
            found[name]["x_simple_update"] = round(statistics.median(ratios), 2)
    return found


async def _opened(dsn: str, options: argparse.Namespace) -> Shop:
    db = await Database.open(dsn)
    try:
        return await open_shop(db, variants=options.variants, shoppers=options.shoppers)
    finally:
        await db.close()


async def _intake(dsn: str, shop: Shop, mode: str, postmaster: int, options: argparse.Namespace) -> Result:
    db = await Database.open(dsn)
    try:
        return await intake_run(db, shop, mode, postmaster, options)
    finally:
        await db.close()


async def _audited(dsn: str, answered: int) -> dict[str, int]:
    db = await Database.open(dsn)
    try:
        return await audit(db, answered)
    finally:
        await db.close()


def told(found: dict[str, Any]) -> str:
    columns = ("orders_per_s", "x_simple_update", "postgres_us", "python_us", "p50_ms", "p99_ms")
    lines = [f"{'':24}" + "".join(f"{column:>17}" for column in columns)]
    for name, figures in found["medians"].items():
        lines.append(f"{name:24}" + "".join(f"{figures.get(column, ''):>17}" for column in columns))
    return "\n".join([*lines, ", ".join(f"{name} {value}" for name, value in found["books"].items())])


def main() -> int:
    options = read_arguments()
    found = run(options)
    print(json.dumps(found, indent=1) if options.json else told(found))
    return 1 if any(found["books"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
