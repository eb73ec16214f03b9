"""Events a second through one relay, how late they are while orders flow, and ten thousand live pages on one web process.

    python bench/relay.py                       # everything, as a table
    python bench/relay.py --json                # one JSON document
    python bench/relay.py --only drain --events 200000

**append**: what an order path pays: batches of 300 `orders.order_placed` events, a transaction each. **drain**: a backlog of
`--events` through one relay with the product's reactions and topics; a tenth of the orders come from a photo. **flow**: a process
of its own appends `--rate` events a second, the relay delivers them meanwhile; lag is from the event's making to the end of its
reactions. **idle**: what a relay costs that has nothing to do. **watchers**: `--watchers` streams on one uvicorn process,
all on one topic; then something happens. Everything is durable, beside a PostgreSQL of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import cpu_s, own_postgres
from measure import database as new_database
from watchers import watchers_run

from halles.edge.services import assemble
from halles.journeys.wiring import reactions, topics
from halles.kernel import outbox
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery, Reaction, Relay
from halles.kernel.settings import Settings
from halles.orders.types import Match, OrderPlaced

BATCH = 300
PHOTO_SHARE = 0.1


def orders(count: int, dice: random.Random) -> list[OrderPlaced]:
    """Orders of a hundred sellers, as many as asked for."""
    return [
        OrderPlaced(
            seller_id=2 + dice.randrange(100),
            order_id=uuid7(),
            owner_id=1000 + dice.randrange(10_000),
            total_minor=1999,
            currency="EUR",
            matches=(Match(match_id=uuid7(), variant_id=1 + dice.randrange(1000)),)
            if dice.random() < PHOTO_SHARE
            else (),
        )
        for _ in range(count)
    ]


async def append_run(db: Database, events: int, postmaster: int) -> dict[str, Any]:
    """Append and leave there: also the backlog that `drain` takes."""
    dice, python_s = random.Random(1), 0.0
    postgres_s = cpu_s(postmaster)
    for _ in range(0, events, BATCH):
        made = orders(BATCH, dice)
        began = time.process_time()
        async with db.transaction() as tx:
            await outbox.append(tx, made)
        python_s += time.process_time() - began
    return {
        "postgres_us": round(1e6 * (cpu_s(postmaster) - postgres_s) / events, 2),
        "python_us": round(1e6 * python_s / events, 2),
    }


def relay_of(db: Database, folder: Path, others: Sequence[Reaction[Any]] = ()) -> Relay:
    services = assemble(Settings(data=folder, demo=True), db)
    return Relay(db, [*reactions(services), *others], topics)


async def drain_run(db: Database, folder: Path, events: int, postmaster: int) -> dict[str, Any]:
    """A backlog through one relay."""
    relay = relay_of(db, folder)
    postgres_s, python_s, began = cpu_s(postmaster), time.process_time(), time.perf_counter()
    moved = await relay.drain(limit=1_000_000)
    wall, python_s = time.perf_counter() - began, time.process_time() - python_s
    assert moved >= events, f"{moved} of {events} events were delivered"
    return {
        "events_per_s": round(moved / wall),
        "postgres_us": round(1e6 * (cpu_s(postmaster) - postgres_s) / moved, 2),
        "python_us": round(1e6 * python_s / moved, 2),
    }


async def flow_run(
    db: Database, folder: Path, postmaster: int, options: argparse.Namespace
) -> dict[str, Any]:
    """A writer in a process of its own, the relay here."""
    lags: list[float] = []

    async def note(events: Sequence[OrderPlaced], delivery: Delivery) -> None:
        now = time.time()
        lags.extend(now - (event.order_id.int >> 80) / 1000 for event in events)

    relay = relay_of(db, folder, [Reaction(event=OrderPlaced, name="bench: note the lag", run=note)])
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(1.0)
    postgres_s, python_s = cpu_s(postmaster), time.process_time()
    writer = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--writer", db.dsn, "--rate", str(options.rate), "--seconds", str(options.seconds)
    )  # fmt: skip
    await writer.wait()
    sent = int(options.rate) * int(options.seconds) // BATCH * BATCH
    until = time.monotonic() + 20
    while len(lags) < sent and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    python_s, postgres_s = time.process_time() - python_s, cpu_s(postmaster) - postgres_s
    stop.set()
    await running
    assert len(lags) == sent, f"{len(lags)} of {sent} events were delivered"
    lags.sort()
    return {
        "events_per_s": options.rate,
        "lag_p50_ms": round(1e3 * lags[sent // 2], 1),
        "lag_p99_ms": round(1e3 * lags[int(sent * 0.99)], 1),
        "lag_max_ms": round(1e3 * lags[-1], 1),
        "postgres_us_with_append": round(1e6 * postgres_s / sent, 2),
        "python_us": round(1e6 * python_s / sent, 2),
    }


async def idle_run(db: Database, folder: Path, postmaster: int) -> dict[str, Any]:
    """A relay with nothing to do, in thousandths of a core."""
    stop = asyncio.Event()
    running = asyncio.create_task(relay_of(db, folder).run(stop))
    await asyncio.sleep(2.0)
    postgres_s, python_s = cpu_s(postmaster), time.process_time()
    await asyncio.sleep(5.0)
    python_s, postgres_s = time.process_time() - python_s, cpu_s(postmaster) - postgres_s
    stop.set()
    await running
    return {
        "postgres_milli_cores": round(200 * postgres_s, 1),
        "python_milli_cores": round(200 * python_s, 1),
    }


async def write(dsn: str, rate: int, seconds: int) -> None:
    """Append `rate` events a second, in batches, each as late as its turn."""
    db = await Database.open(dsn, min_size=1, max_size=1)
    dice, batches, began = random.Random(2), rate * seconds // BATCH, time.perf_counter()
    for nr in range(batches):
        await asyncio.sleep(max(0.0, began + nr * BATCH / rate - time.perf_counter()))
        async with db.transaction() as tx:
            await outbox.append(tx, orders(BATCH, dice))
    took = time.perf_counter() - began
    await db.close()
    assert took < seconds * 1.2, f"the writer was too slow: {took:.1f} s"


async def run(options: argparse.Namespace) -> dict[str, Any]:
    wanted = options.only or ["drain", "flow", "idle", "watchers"]
    found: dict[str, Any] = {}
    with own_postgres(options.folder) as server:
        dsn = new_database(server, "halles_bench", migrated=True)
        folder = Path(tempfile.mkdtemp(prefix="halles-bench-", dir=options.folder))
        db = await Database.open(dsn, max_size=8)
        try:
            if "drain" in wanted:
                found["append"] = await append_run(db, options.events, server.pid)
                found["drain"] = await drain_run(db, folder, options.events, server.pid)
            if "flow" in wanted:
                found["flow"] = await flow_run(db, folder, server.pid, options)
            if "idle" in wanted:
                found["idle"] = await idle_run(db, folder, server.pid)
            if "watchers" in wanted:
                found["watchers"] = await watchers_run(db, options.watchers)
        finally:
            await db.close()
    return found


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--events", type=int, default=150_000, help="the backlog of `drain`")
    parser.add_argument("--rate", type=int, default=10_000, help="events a second of `flow`")
    parser.add_argument("--seconds", type=int, default=10, help="length of `flow`")
    parser.add_argument("--watchers", type=int, default=10_000)
    parser.add_argument("--only", choices=("drain", "flow", "idle", "watchers"), action="append")
    parser.add_argument("--folder", help="where the database lives; default: the temporary folder")
    parser.add_argument("--writer", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = read_arguments()
    if options.writer:
        uvloop.run(write(options.writer, options.rate, options.seconds))
        return 0
    found = uvloop.run(run(options))
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for name, figures in found.items():
            print(f"{name:10}" + ", ".join(f"{key} {value}" for key, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
