"""Ten thousand pages watch one flash sale through the whole application: memory, and how long until all of them saw a change.

Starts a web process of its own beside an embedded PostgreSQL, and lets somebody buy between two measurements.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from served import Server

from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.flash_sale.api import SaleDraft, SaleItem, plan
from halles.kernel import migrate
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.postgres import ensure_running, stop

CHANGES = 8


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def a_sale(dsn: str) -> UUID:
    """A sale that runs, of a small shop."""
    db = await Database.open(dsn, min_size=1, max_size=2)
    shop: Shop = await open_shop(db, stock=100_000, shoppers=1)
    now, sale_id = system_clock(), uuid7()
    draft = SaleDraft(
        title={"en": "Watched"},
        currency="EUR",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
        quantity=100_000,
        per_customer=5,
        waiting_room=True,
        prequeue_s=60,
        admit_per_s=10.0,
        hold_s=120,
        items=(SaleItem(variant_id=shop.variants[0]),),
    )
    async with db.transaction() as tx:
        await plan(tx, shop.seller_id, sale_id, draft, now - timedelta(hours=1))
    await db.close()
    return sale_id


class Page(asyncio.Protocol):
    """A browser's page, as thin as can be: notes when it saw how many were sold."""

    def __init__(self, address: str, seen: dict[str, list[float]]) -> None:
        self._request, self._seen, self._rest = address, seen, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"GET {self._request} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        at = data.rfind(b'"sold":')
        if at >= 0:
            sold = data[at + 7 : data.find(b",", at)].decode()
            self._seen.setdefault(sold, []).append(time.perf_counter())


async def watch(server: Server, dsn: str, sale_id: UUID, count: int) -> dict[str, Any]:
    loop, seen = asyncio.get_running_loop(), dict[str, list[float]]()
    path = f"/api/flash/{sale_id}/events"
    await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{server.port}/api/flash/{sale_id}")
    alone, began = rss_mb(server.pid), time.perf_counter()
    for start in range(0, count, 100):
        opening = [
            loop.create_connection(lambda: Page(path, seen), "127.0.0.1", server.port)
            for _ in range(min(100, count - start))
        ]
        await asyncio.gather(*opening)
    await until(lambda: len(seen.get("0", [])) >= count)
    opened_s = time.perf_counter() - began
    full, cpu, spreads, delays = rss_mb(server.pid), cpu_s(server.pid), list[float](), list[float]()
    with psycopg.connect(dsn, autocommit=True) as connection:
        for change in range(1, CHANGES + 1):
            connection.execute("update flash.counter set taken = %s", (change,))
            told = time.perf_counter()
            await until(lambda change=change: len(seen.get(str(change), [])) >= count)
            times = sorted(seen[str(change)])
            spreads.append(times[-1] - times[0])
            delays.append(times[-1] - told)
    used = cpu_s(server.pid) - cpu
    return {
        "watchers": count,
        "opened_s": round(opened_s, 1),
        "memory_alone_mb": round(alone, 1),
        "memory_mb": round(full, 1),
        "kb_each": round(1000 * (full - alone) / count, 1),
        "first_to_last_s": {
            "median": round(sorted(spreads)[CHANGES // 2], 3),
            "worst": round(max(spreads), 3),
        },
        "change_to_last_s": {
            "median": round(sorted(delays)[CHANGES // 2], 3),
            "worst": round(max(delays), 3),
        },
        "server_cpu_us_each": round(1e6 * used / CHANGES / count, 1),
    }


async def until(true: Any, limit_s: float = 90.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "some pages never heard of it"
        await asyncio.sleep(0.005)


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=10_000)
    count: int = parser.parse_args().watchers
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="halles-watchers-") as folder:
        database = ensure_running(Path(folder))
        try:
            migrate.upgrade(database.dsn)
            sale_id = asyncio.run(a_sale(database.dsn))
            server = Server(database.dsn)
            try:
                say(f"{count} watchers")
                print(json.dumps(asyncio.run(watch(server, database.dsn, sale_id, count)), indent=2))
            finally:
                server.stop()
        finally:
            stop(Path(folder), mode="immediate")


if __name__ == "__main__":
    main()
