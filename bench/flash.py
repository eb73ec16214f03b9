"""The flash sale: orders a second on one hot article and on many, beside pgbench on the same PostgreSQL in the same run.

    ./halles bench flash                      # a table: three rounds
    ./halles bench flash --json               # one JSON document
    ./halles bench flash --only pgbench --only engine --seconds 5 --rounds 1

Interleaves, for each round: pgbench simple-update; one order a transaction; the engine called in process (one hot article,
many, three lines); HTTP, a whole server with a separate load process; the flow of a shopper. Everything is durable. At the end
the books are proved: nothing oversold, no money made, no answered order lost, none doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import Pgbench, cpu_s, own_postgres
from measure import database as new_database
from served import Server, flow, load
from shop import Shop, audit, open_shop

from halles.journeys.checkout.api import Intake
from halles.kernel.clock import system_clock
from halles.kernel.db import Database

Result = dict[str, float]
GROUPS = ("pgbench", "single", "engine", "http", "flow")
MOST_A_SECOND = 80_000
"""Orders made ready for each second of an engine run: more than any run has taken."""


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, default=50, help="pgbench's scale")
    parser.add_argument("--batch", type=int, default=300)
    parser.add_argument("--connections", type=int, default=512, help="HTTP connections at once")
    parser.add_argument("--variants", type=int, default=1000)
    parser.add_argument("--shoppers", type=int, default=500)
    parser.add_argument("--only", choices=GROUPS, action="append")
    parser.add_argument("--folder", help="where the database lives; default: the temporary folder")
    return parser.parse_args()


async def engine_run(
    dsn: str, shop: Shop, mode: str, lines: int, postmaster: int, options: argparse.Namespace
) -> Result:
    """Closed-loop callers in this process, two batches' worth of them, with orders made before."""
    db = await Database.open(dsn)
    try:
        intake = Intake(db, system_clock, batch=options.batch)
        return await _called(intake, shop, mode, lines, postmaster, options, callers=2 * options.batch)
    finally:
        await db.close()


async def single_run(dsn: str, shop: Shop, postmaster: int, options: argparse.Namespace) -> Result:
    """One order a transaction on the hot article, over four connections."""
    db = await Database.open(dsn)
    try:
        intake = Intake(db, system_clock, batch=1, lanes=4, crowd=1)
        return await _called(intake, shop, "hot", 1, postmaster, options, callers=32)
    finally:
        await db.close()


async def _called(
    intake: Intake,
    shop: Shop,
    mode: str,
    lines: int,
    postmaster: int,
    options: argparse.Namespace,
    *,
    callers: int,
) -> Result:
    dice, waits = random.Random(1), list[float]()
    await intake.place(shop.order(mode, dice, lines), shop.shoppers[0])
    count = int(options.seconds * MOST_A_SECOND / lines)
    ready = [(shop.order(mode, dice, lines), shop.shopper(dice)) for _ in range(count)]
    gc.collect()
    gc.freeze()
    stop = time.perf_counter() + options.seconds
    orders = iter(ready)

    async def caller() -> None:
        for order, owner in orders:
            began = time.perf_counter()
            if began > stop:
                return
            await intake.place(order, owner)
            waits.append(time.perf_counter() - began)

    postgres_s, python_s, began = cpu_s(postmaster), time.process_time(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    wall, python_s = time.perf_counter() - began, time.process_time() - python_s
    postgres_s = cpu_s(postmaster) - postgres_s
    await intake.close()
    gc.unfreeze()
    return result(len(waits) + 1, len(waits) / wall, waits, postgres_s, python_s)


def http_run(
    server: Server, shop: Shop, mode: str, lines: int, connections: int, postmaster: int, seconds: float
) -> Result:
    """One web process with the whole application; the load comes from another process."""
    postgres_s, python_s = cpu_s(postmaster), cpu_s(server.pid)
    found = load(server, shop, mode, seconds=seconds, connections=connections, lines=lines)
    return _driven(found, cpu_s(postmaster) - postgres_s, cpu_s(server.pid) - python_s)


def flow_run(server: Server, shop: Shop, postmaster: int, seconds: float) -> Result:
    """Eight shoppers who each put an article into the basket, look at it, buy it, and look at the order."""
    postgres_s, python_s = cpu_s(postmaster), cpu_s(server.pid)
    found = flow(server, shop, seconds=seconds, clients=8)
    return _driven(found, cpu_s(postmaster) - postgres_s, cpu_s(server.pid) - python_s)


def _driven(found: dict[str, Any], postgres_s: float, python_s: float) -> Result:
    assert not found["refused"], f"{found['refused']} answers were refusals: {found['example']}"
    made = result(
        int(found["orders"]), found["orders"] / found["wall_s"], found["waits_s"], postgres_s, python_s
    )
    return {**made, "client_us": round(1e6 * found["cpu_s"] / found["orders"], 1)}


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
    wanted = options.only or list(GROUPS)
    rounds: dict[str, list[Result]] = {}
    with own_postgres(options.folder) as server:
        dsn = new_database(server, "halles_bench", migrated=True)
        shop = uvloop.run(_opened(dsn, options))
        web = Server(dsn) if {"http", "flow"} & set(wanted) else None
        runs = _runs(dsn, server, shop, web, options)
        try:
            for _ in range(options.rounds):
                for name, group, measure in runs:
                    if group in wanted:
                        rounds.setdefault(name, []).append(measure())
        finally:
            memory = None if web is None else web.memory_mb()
            if web is not None:
                web.stop()
        placed = int(sum(one["orders"] for name, runs in rounds.items() if name != PGBENCH for one in runs))
        books = uvloop.run(_audited(dsn, placed))
    found = {"medians": medians(rounds), "rounds": rounds, "books": books, "settings": vars(options)}
    return found if memory is None else {**found, "web_memory_mb": memory}


PGBENCH = "pgbench simple-update"


def _runs(
    dsn: str, server: Any, shop: Shop, web: Server | None, options: argparse.Namespace
) -> list[tuple[str, str, Callable[[], Result]]]:
    """What a round measures, in this order: a name, its group, the measurement."""
    pgbench = Pgbench(new_database(server, "yardstick", migrated=False), scale=options.scale)
    pid, seconds = server.pid, options.seconds

    def engine(mode: str, lines: int) -> Callable[[], Result]:
        return lambda: uvloop.run(engine_run(dsn, shop, mode, lines, pid, options))

    def http(mode: str, lines: int, connections: int) -> Callable[[], Result]:
        assert web is not None or "http" not in (options.only or GROUPS)
        return lambda: http_run(web, shop, mode, lines, connections, pid, seconds)  # pyright: ignore[reportArgumentType]

    return [
        (PGBENCH, "pgbench", lambda: pgbench.simple_update(seconds, pid)),
        ("one order a transaction, hot", "single", lambda: uvloop.run(single_run(dsn, shop, pid, options))),
        ("engine, hot", "engine", engine("hot", 1)),
        ("engine, many", "engine", engine("many", 1)),
        ("engine, many, 3 lines", "engine", engine("many", 3)),
        ("http, hot, 64 connections", "http", http("hot", 1, 64)),
        (f"http, hot, {options.connections} connections", "http", http("hot", 1, options.connections)),
        (f"http, many, 3 lines, {options.connections}", "http", http("many", 3, options.connections)),
        ("flow, 8 clients", "flow", lambda: flow_run(web, shop, pid, seconds)),  # pyright: ignore[reportArgumentType]
    ]


def medians(rounds: dict[str, list[Result]]) -> dict[str, Result]:
    """The median of each figure, and of the ratios to pgbench and to single orders round by round."""
    found: dict[str, Result] = {}
    for name, runs in rounds.items():
        found[name] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for base, key in ((PGBENCH, "x_simple_update"), ("one order a transaction, hot", "x_single")):
            if base in rounds:
                pairs = zip(runs, rounds[base], strict=True)
                found[name][key] = round(
                    statistics.median(one["orders_per_s"] / other["orders_per_s"] for one, other in pairs), 2
                )
    return found


async def _opened(dsn: str, options: argparse.Namespace) -> Shop:
    db = await Database.open(dsn)
    try:
        return await open_shop(db, variants=options.variants, shoppers=options.shoppers)
    finally:
        await db.close()


async def _audited(dsn: str, placed: int) -> dict[str, int]:
    db = await Database.open(dsn)
    try:
        return await audit(db, placed)
    finally:
        await db.close()


def told(found: dict[str, Any]) -> str:
    columns = (
        "orders_per_s", "x_simple_update", "x_single", "postgres_us", "python_us", "client_us", "p50_ms", "p99_ms",
    )  # fmt: skip
    lines = [f"{'':32}" + "".join(f"{column:>16}" for column in columns)]
    for name, figures in found["medians"].items():
        lines.append(f"{name:32}" + "".join(f"{figures.get(column, ''):>16}" for column in columns))
    books = ", ".join(f"{name} {value}" for name, value in found["books"].items())
    return "\n".join([*lines, books, f"web process {found.get('web_memory_mb', '?')} MB"])


def main() -> int:
    options = read_arguments()
    found = run(options)
    print(json.dumps(found, indent=1) if options.json else told(found))
    return 1 if any(found["books"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
