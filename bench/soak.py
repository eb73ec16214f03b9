"""A soak: steady orders with reads for an hour, and whether anything grows that should not. Told in docs/explanation/soak.md.

./halles bench soak --folder shared/soak          # an hour; soak.csv and a plot a figure lie in the folder
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from chaos_books import doctor
from chaos_wire import Lost, Wire
from chaos_world import World
from http_load import PRICE, new_id
from psycopg.conninfo import make_conninfo
from shop import open_shop

from halles.kernel import migrate
from halles.kernel.db import Database
from halles.kernel.postgres import stop

EVERY_S = 10.0
PLOTS = {
    "orders": ("orders_per_s", "reads_per_s"),
    "latency": ("order_p50_ms", "order_p99_ms"),
    "memory": ("web-1_mb", "web-2_mb", "writer-1_mb", "writer-2_mb", "worker-1_mb", "worker-2_mb"),
    "database": ("database_mb",),
    "outbox": ("outbox_waiting",),
}
_COLOURS = ("#1b5e8c", "#c0392b", "#2e7d32", "#8e5ba6", "#b8860b", "#455a64")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=50.0, help="orders a second that are asked for")
    parser.add_argument("--folder", type=Path, required=True, help="where the CSV and the plots go")
    return parser.parse_args()


class Load:
    """Shoppers who order at an even pace and look around; what they saw since it was last asked."""

    def __init__(self, wire: Wire, shop: Any, rate: float) -> None:
        self._wire, self._shop, self._rate, self._dice = wire, shop, rate, random.Random(1)
        self.waits: list[float] = []
        self.reads = self.failed = self.placed = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, until: float) -> None:
        """Begin an order every 1 / rate seconds, whether or not the ones before were answered."""
        following = time.monotonic()
        while time.monotonic() < until:
            if len(self._tasks) < 500:
                task = asyncio.create_task(self._one())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            following += 1 / self._rate
            await asyncio.sleep(max(0.0, following - time.monotonic()))
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _one(self) -> None:
        dice, shop, via = self._dice, self._shop, self._dice.randrange(2)
        token, order_id = dice.choice(shop.tokens), new_id()
        lines = [
            {"variant_id": variant, "quantity": 1, "unit_price_minor": PRICE}
            for variant in dice.sample(list(shop.variants), dice.choice([1, 1, 2, 3]))
        ]
        body = {
            "order_id": order_id,
            "seller_id": shop.seller_id,
            "currency": "EUR",
            "lines": lines,
            "promise": {"lane": "hub", "date": "2099-01-01"},
        }
        began = time.perf_counter()
        try:
            answer = await self._wire.send(via, "POST", "/api/orders", body, token=token)
            if answer.status != 201:
                self.failed += 1
                return
            self.waits.append(time.perf_counter() - began)
            self.placed += 1
            for path in (f"/api/orders/{order_id}", "/api/orders?limit=5", "/api/wallet"):
                answer = await self._wire.send(via, "GET", path, None, token=token)
                self.reads += answer.status == 200
                self.failed += answer.status != 200
        except Lost:
            self.failed += 1

    def take(self) -> tuple[list[float], int]:
        """Waits (seconds, sorted) and reads since the last time."""
        found = sorted(self.waits), self.reads
        self.waits, self.reads = [], 0
        return found


def memory_mb(pid: int) -> float:
    """Resident memory of a process; 0 when it is gone."""
    with suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
    return 0.0


async def watch(load: Load, world: World, dsn: str, until: float, path: Path) -> list[dict[str, float]]:
    """A row every EVERY_S seconds, written as it comes."""
    rows: list[dict[str, float]] = []
    began = before = time.monotonic()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as admin:
        with path.open("w", newline="") as file:
            while time.monotonic() < until:
                await asyncio.sleep(EVERY_S)
                now = time.monotonic()
                row = await _row(load, world, admin, now - began, now - before)
                before = now
                writer = csv.DictWriter(file, list(row))
                if not rows:
                    writer.writeheader()
                writer.writerow(row)
                file.flush()
                rows.append(row)
    return rows


async def _row(load: Load, world: World, admin: Any, at_s: float, span_s: float) -> dict[str, float]:
    waits, reads = load.take()
    found = await (
        await admin.execute(
            "select count(*), coalesce(extract(epoch from now() - min(at)), 0)::float8, pg_database_size(current_database()) "
            "from kernel.waiting_event where parked_at is null"
        )
    ).fetchone()
    return {
        "at_s": round(at_s, 1),
        "orders_per_s": round(len(waits) / span_s, 1),
        "reads_per_s": round(reads / span_s, 1),
        "order_p50_ms": round(1e3 * waits[len(waits) // 2], 1) if waits else 0.0,
        "order_p99_ms": round(1e3 * waits[int(len(waits) * 0.99)], 1) if waits else 0.0,
        "outbox_waiting": found[0],
        "outbox_lag_s": round(found[1], 2),
        "database_mb": round(found[2] / 2**20, 1),
        **{
            f"{process.name}_mb": memory_mb(process.popen.pid) for process in world.processes if process.popen
        },
    }


def plot(rows: Sequence[dict[str, float]], names: Sequence[str]) -> str:
    """Lines over time, as SVG."""
    width, height, left, low = 720, 260, 56, 30
    most_x, most_y = rows[-1]["at_s"], max(max(row[name] for row in rows) for name in names) * 1.08 or 1.0

    def spot(x: float, y: float) -> str:
        across, up = (width - left - 10) * x / most_x, (height - low - 24) * y / most_y
        return f"{left + across:.1f},{height - low - up:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for step in range(5):
        value = most_y * step / 4
        start, end = spot(0, value), spot(most_x, value)
        level = start.partition(",")[2]
        parts.append(f'<polyline points="{start} {end}" stroke="#ddd" fill="none"/>')
        parts.append(f'<text x="{left - 6}" y="{level}" text-anchor="end">{value:,.4g}</text>')
        x = spot(most_x * step / 4, 0).partition(",")[0]
        parts.append(
            f'<text x="{x}" y="{height - 12}" text-anchor="middle">{most_x * step / 240:.1f} min</text>'
        )
    for number, name in enumerate(names):
        points = " ".join(spot(row["at_s"], row[name]) for row in rows)
        colour = _COLOURS[number]
        parts.append(f'<polyline points="{points}" stroke="{colour}" stroke-width="1.6" fill="none"/>')
        parts.append(f'<text x="{left + 8 + 108 * number}" y="14" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


async def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    world = World(folder, random.Random(1))
    with psycopg.connect(world.postgres.dsn, autocommit=True) as admin:
        admin.execute("create database chaos")
    dsn = make_conninfo(world.postgres.dsn, dbname="chaos")
    migrate.upgrade(dsn)
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        shop = await open_shop(db, variants=200, shoppers=100)
    finally:
        await db.close()
    try:
        await world.start("chaos", through_proxies=False)
        load = Load(Wire(world.ports), shop, options.rate)
        until = time.monotonic() + 60 * options.minutes
        _, rows = await asyncio.gather(
            load.run(until), watch(load, world, dsn, until, options.folder / "soak.csv")
        )
        await asyncio.sleep(2.0)
    finally:
        await world.stop()
    for name, figures in PLOTS.items():
        (options.folder / f"{name}.svg").write_text(plot(rows, figures))
    with psycopg.connect(dsn) as connection:
        stands = connection.execute('select count(*) from orders."order"').fetchone()
    return {
        "minutes": options.minutes,
        "asked_per_s": options.rate,
        "placed": load.placed,
        "stand": None if stands is None else stands[0],
        "failed": load.failed,
        "first": rows[min(2, len(rows) - 1)],
        "last": rows[-1],
        "worst_p99_ms": max(row["order_p99_ms"] for row in rows),
        "worst_outbox_lag_s": max(row["outbox_lag_s"] for row in rows),
        "log_complaints": world.complaints(),
        "doctor": await doctor(dsn),
    }


def main() -> int:
    options = read_arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="halles-soak-") as made:
        Path(made).chmod(0o755)
        try:
            found = asyncio.run(run(options, Path(made)))
        finally:
            stop(Path(made) / "data", mode="immediate")
    print(json.dumps(found, indent=1))
    return 1 if found["doctor"] or found["failed"] or found["placed"] != found["stand"] else 0


if __name__ == "__main__":
    sys.exit(main())
