"""Write-ahead log and disk an order, measured on the order path.

    python bench/wal.py                    # 30,000 orders a figure
    python bench/wal.py --orders 100000

Places orders through the intake in batches of 300 on a PostgreSQL of its own, and compares `pg_current_wal_lsn()` and the size of
the database before and after: right after a checkpoint, when every page that is touched goes into the log whole once, and after
that. tools/capacity.py takes its figures for network and disk from here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from pathlib import Path

import psycopg
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import database, own_postgres
from shop import Shop, open_shop

from halles.journeys.checkout.api import Intake
from halles.kernel.clock import system_clock
from halles.kernel.db import Database

CALLERS = 600


async def place(dsn: str, shop: Shop, mode: str, lines: int, orders: int) -> None:
    db = await Database.open(dsn)
    intake, dice = Intake(db, system_clock), random.Random(1)

    async def caller() -> None:
        for _ in range(orders // CALLERS):
            await intake.place(
                shop.order(mode, dice, lines), shop.shoppers[dice.randrange(len(shop.shoppers))]
            )

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    await intake.close()
    await db.close()


async def opened(dsn: str) -> Shop:
    db = await Database.open(dsn)
    try:
        return await open_shop(db, variants=1000, shoppers=500)
    finally:
        await db.close()


def written(dsn: str) -> tuple[int, int]:
    """Bytes of log since the beginning, and bytes of the database."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, pg_database_size(current_database())"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def figure(dsn: str, shop: Shop, mode: str, lines: int, orders: int) -> dict[str, float]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("checkpoint")
    start = written(dsn)
    uvloop.run(place(dsn, shop, mode, lines, orders))
    middle = written(dsn)
    uvloop.run(place(dsn, shop, mode, lines, orders))
    end = written(dsn)
    number = orders // CALLERS * CALLERS
    return {
        "wal_bytes_after_checkpoint": round((middle[0] - start[0]) / number),
        "wal_bytes": round((end[0] - middle[0]) / number),
        "disk_bytes": round((end[1] - start[1]) / (2 * number)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=30_000)
    parser.add_argument("--folder", help="where the database lives; default: the temporary folder")
    options = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with own_postgres(options.folder) as server:
        dsn = database(server, "halles_wal", migrated=True)
        shop = uvloop.run(opened(dsn))
        for mode, lines in (("hot", 1), ("many", 1), ("many", 3)):
            found[f"{mode}, {lines} line{'s' * (lines > 1)}"] = figure(dsn, shop, mode, lines, options.orders)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
