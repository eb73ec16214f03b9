"""Memory of a web process and a writer while they place millions of orders, and how long the doctor takes over them.

    ./halles bench memory --orders 100000                 # a minute: the slope
    ./halles bench memory --orders 5000000 --json         # what the target is about; needs 12 GB of disk

Every order is placed by a real `halles writer`. By default it comes the whole way: a load process sends it over HTTP to a real
`halles web`, which hands it to the writer. With `--way desk` most come from this process, by the door through which web processes
hand over, which costs a third of the CPU; the rest over HTTP at the same time, so that the web process works too. A real `halles
worker` delivers the events. PostgreSQL is durable, on the disk that `--folder` names.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from chaos_world import answers, free_port
from measure import database, own_postgres
from memory_desk import hand_over
from shop import Shop, open_shop

from halles.kernel.db import Database

HERE = Path(__file__).resolve().parent
TARGET_MB = 400
KINDS = ("web", "writer", "worker")
MOST_AT_ONCE = 200_000
"""Orders between two looks at the memory, at most."""


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument(
        "--minutes", type=float, help="end after so many minutes, with what was placed by then"
    )
    parser.add_argument("--connections", type=int, default=512, help="HTTP connections at once")
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--way", choices=("http", "desk"), default="http")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks at the memory")
    parser.add_argument("--doctor-at", type=int, default=1_000_000, help="ask the doctor here too, once")
    parser.add_argument("--folder", help="where the database lives; default: the temporary folder")
    parser.add_argument("--json", action="store_true", help="one JSON document, without a line a look")
    return parser.parse_args()


class Installation:
    """One web process, one writer, one worker on a database."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith(("HALLES_", "PG"))
        }
        self.env |= {
            "HALLES_DATA": str(folder),
            "HALLES_DEMO": "true",
            "HALLES_DATABASE_URL": dsn,
            "HALLES_RATE_LIMIT_FACTOR": "1000000000",
            "HALLES_LOG_LEVEL": "error",
            "HALLES_PLACE_ORDERS": "writer",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @contextmanager
    def running(self) -> Generator[None]:
        """Start all three, wait for the web process; end them politely."""
        for kind in KINDS:
            command = [kind, "--port", str(self.port)] if kind == "web" else [kind]
            with (self.folder / f"{kind}.log").open("wb") as log:
                self._processes[kind] = subprocess.Popen(
                    [sys.executable, "-m", "halles", *command], env=self.env, stdout=log, stderr=log
                )
        try:
            asyncio.run(answers(self.port))
            yield
        finally:
            for process in self._processes.values():
                process.terminate()
            for process in self._processes.values():
                process.wait(60)

    def memory(self) -> dict[str, float]:
        """MB by process: resident, and proportional (pages that several processes share are divided among them)."""
        found: dict[str, float] = {}
        for kind, process in self._processes.items():
            assert process.poll() is None, f"the {kind} process ended by itself"
            told = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            kb = {
                line.split(":")[0]: int(line.split()[1]) for line in told if line.startswith(("Rss:", "Pss:"))
            }
            found[f"{kind}_rss_mb"] = round(kb["Rss"] / 1024, 1)
            found[f"{kind}_pss_mb"] = round(kb["Pss"] / 1024, 1)
        return found

    def doctor(self) -> dict[str, Any]:
        """`halles doctor` as an operator runs it: seconds, and whether it found something."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "halles", "doctor"],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        return {
            "seconds": round(time.perf_counter() - began, 1),
            "ended_with": done.returncode,
            "said": done.stdout.strip()[-300:] or done.stderr.strip()[-300:],
        }


def send(
    installation: Installation, shop: Shop, seconds: float, *, lines: int, connections: int
) -> dict[str, Any]:
    """Orders over HTTP for so long, from a process of its own."""
    task = {
        "port": installation.port,
        "seller_id": shop.seller_id,
        "variants": list(shop.variants),
        "tokens": list(shop.tokens),
        "touchpoint": shop.touchpoint,
        "seconds": seconds,
        "mode": "many",
        "connections": connections,
        "lines": lines,
        "flow": False,
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "http_load.py")],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 120,
    )
    return json.loads(done.stdout)


async def send_both(
    installation: Installation, shop: Shop, dsn: str, seconds: float, options: argparse.Namespace
) -> dict[str, Any]:
    """Most by the desk's door, some over HTTP at the same time."""
    handed, sent = await asyncio.gather(
        hand_over(
            installation.folder,
            dsn,
            shop,
            seconds=seconds,
            most=MOST_AT_ONCE,
            callers=600,
            lines=options.lines,
        ),
        asyncio.to_thread(send, installation, shop, seconds, lines=options.lines, connections=40),
    )
    return {
        "orders": handed["orders"] + sent["orders"],
        "over_http": sent["orders"],
        "refused": handed["refused"] + sent["refused"],
        "wall_s": max(handed["wall_s"], sent["wall_s"]),
        "waits_s": handed["waits_s"],
    }


async def made_shop(dsn: str) -> Shop:
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        return await open_shop(db, variants=1000, shoppers=500)
    finally:
        await db.close()


def place_all(
    installation: Installation, shop: Shop, dsn: str, options: argparse.Namespace
) -> dict[str, Any]:
    samples, doctors = list[dict[str, Any]](), list[dict[str, Any]]()
    placed, over_http, refused, sending_s, began = 0, 0, 0, 0.0, time.perf_counter()
    rate = 1000.0
    while placed < options.orders:
        left_s = (options.orders - placed) / rate
        seconds = max(1.0, min(options.every, left_s, MOST_AT_ONCE / rate))
        if options.way == "desk":
            found = asyncio.run(send_both(installation, shop, dsn, seconds, options))
        else:
            found = send(installation, shop, seconds, lines=options.lines, connections=options.connections)
        placed, refused = placed + found["orders"], refused + found["refused"]
        over_http += found.get("over_http", found["orders"])
        sending_s, rate = sending_s + found["wall_s"], max(1.0, found["orders"] / found["wall_s"])
        waits = sorted(found["waits_s"])
        sample = {
            "orders": placed,
            "at_s": round(time.perf_counter() - began, 1),
            "orders_per_s": round(rate),
            "p50_ms": round(1e3 * waits[len(waits) // 2], 1),
            "p99_ms": round(1e3 * waits[int(len(waits) * 0.99)], 1),
            **installation.memory(),
        }
        samples.append(sample)
        if not options.json:
            print(json.dumps(sample), flush=True)
        if placed >= options.doctor_at and not doctors:
            doctors.append({"orders": placed, **installation.doctor()})
        if options.minutes and time.perf_counter() > began + 60 * options.minutes:
            break
    doctors.append({"orders": placed, **installation.doctor()})
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            'select (select count(*) from orders."order"), (select count(*) from kernel.waiting_event), '
            "pg_database_size(current_database())"
        ).fetchone()
    assert row is not None
    return {
        "way": options.way,
        "placed": placed,
        "over_http": over_http,
        "standing": row[0],
        "refused": refused,
        "orders_per_s": round(placed / sending_s, 1),
        "events_waiting": row[1],
        "database_mb": round(row[2] / 2**20, 1),
        "doctor": doctors,
        **figures(samples),
        "samples": samples,
    }


def figures(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """The last look, the highest, and what a million orders added from the first third of the run to its end."""
    last, early = samples[-1], samples[len(samples) // 3]
    millions = (last["orders"] - early["orders"]) / 1e6
    both = ("web_rss_mb", "writer_rss_mb")
    return {
        "web_and_writer_mb": round(sum(last[name] for name in both), 1),
        "web_and_writer_most_mb": round(max(sum(one[name] for name in both) for one in samples), 1),
        "target_mb": TARGET_MB,
        "mb_a_million_orders": {
            name: round((last[name] - early[name]) / millions, 2) if millions else None
            for name in (*both, "worker_rss_mb")
        },
    }


def main() -> int:
    options = read_arguments()
    with own_postgres(options.folder) as server, tempfile.TemporaryDirectory(prefix="halles-memory-") as made:
        dsn = database(server, "memory", migrated=True)
        shop = asyncio.run(made_shop(dsn))
        installation = Installation(dsn, Path(made))
        with installation.running():
            found = place_all(installation, shop, dsn, options)
    print(json.dumps(found, indent=1))
    held = found["web_and_writer_most_mb"] <= TARGET_MB and found["placed"] == found["standing"]
    return 0 if held and not any(one["ended_with"] for one in found["doctor"]) else 1


if __name__ == "__main__":
    sys.exit(main())
