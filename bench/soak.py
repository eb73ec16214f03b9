"""A soak: steady visits of all kinds for an hour, and whether anything grows that should not. Told in docs/explanation/soak.md.

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
from chaos_wire import Wire
from chaos_world import World
from psycopg.conninfo import make_conninfo
from shop import Shop, open_shop
from soak_load import Load

from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.kernel import migrate
from halles.kernel.caller import Role
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.postgres import stop
from halles.places import api as places
from halles.places.types import TouchpointKind

EVERY_S = 10.0
SHOPPERS = 2000
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
    parser.add_argument(
        "--rate", type=float, default=40.0, help="visits a second; four of five order something"
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the CSV and the plots go")
    return parser.parse_args()


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
    waits, reads = sorted(load.seen.waits), load.seen.reads
    load.seen.waits, load.seen.reads = [], 0
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
        "sent_again": sum(load.seen.again.values()),
        "failed": sum(load.seen.failed.values()),
        "not_begun": load.seen.not_begun,
        "load_1min": os.getloadavg()[0],
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


async def open_all(dsn: str) -> tuple[Shop, str, int]:
    """A shop with many shoppers, the session of one of its staff, and its hub."""
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        shop = await open_shop(db, variants=200, shoppers=SHOPPERS)
        async with db.transaction() as tx:
            now = system_clock()
            party = await identity.create_person(
                tx,
                f"{uuid7().hex}@test.example",
                now=now,
                roles=[Role.STAFF, Role.HEAD_OFFICE],
                seller_ids=[shop.seller_id],
            )
            staff = await identity.start_session(tx, party, agent="soak", now=now, days=30)
            stores = await inventory.locations(tx, [shop.seller_id])
            await places.add_touchpoint(
                tx, shop.seller_id, code="web", kind=TouchpointKind.WEB, place_id=None
            )
        return shop, staff.token, min(one.location_id for one in stores)
    finally:
        await db.close()


async def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    world = World(folder, random.Random(1))
    with psycopg.connect(world.postgres.dsn, autocommit=True) as admin:
        admin.execute("create database chaos")
    dsn = make_conninfo(world.postgres.dsn, dbname="chaos")
    migrate.upgrade(dsn)
    shop, staff, hub = await open_all(dsn)
    try:
        await world.start("chaos", through_proxies=False)
        load = Load(Wire(world.ports), shop, staff, hub, options.rate)
        until = time.monotonic() + 60 * options.minutes
        _, rows = await asyncio.gather(
            load.run(until), watch(load, world, dsn, until, options.folder / "soak.csv")
        )
        await asyncio.sleep(2.0)
    finally:
        await world.stop()
    for name, figures in PLOTS.items():
        (options.folder / f"{name}.svg").write_text(plot(rows, figures))
    return await report(options, load, world, dsn, rows)


async def report(
    options: argparse.Namespace, load: Load, world: World, dsn: str, rows: Sequence[dict[str, float]]
) -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        stand = {str(row[0]) for row in connection.execute('select order_id from orders."order"')}
        ends = connection.execute(
            "select state, count(*)::int from inventory.reservation group by 1 order by 1"
        ).fetchall()
        sold = connection.execute(
            "select count(*)::int, coalesce(sum(taken), 0)::int, bool_and(taken <= quantity) from flash.counter"
        ).fetchone()
    seen = load.seen
    began = time.monotonic()
    disagreements = await doctor(dsn)
    return {
        "minutes": options.minutes,
        "visits_asked_per_s": options.rate,
        "visits": dict(seen.kinds),
        "visits_not_begun": seen.not_begun,
        "orders_acknowledged": len(seen.placed),
        "orders_standing": len(stand),
        "acknowledged_and_not_there": len(seen.placed - stand),
        "refused_rightly": dict(sorted(seen.refused.items())),
        "sent_again": dict(sorted(seen.again.items())),
        "failed": dict(sorted(seen.failed.items())),
        "first_failures": seen.first_failures[:40],
        "reservations_by_state": dict(ends),
        "flash_sales": sold,
        "first": rows[min(2, len(rows) - 1)],
        "last": rows[-1],
        "worst_p99_ms": max(row["order_p99_ms"] for row in rows),
        "worst_outbox_lag_s": max(row["outbox_lag_s"] for row in rows),
        "log_complaints": world.complaints(),
        "ended_by_themselves": {
            process.name: process.own_ends for process in world.processes if process.own_ends
        },
        "doctor": disagreements,
        "doctor_s": round(time.monotonic() - began, 1),
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
    wrong = ("doctor", "failed", "acknowledged_and_not_there", "log_complaints", "ended_by_themselves")
    return 1 if any(found[name] for name in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
