"""Many live pages on one web process: how much memory they hold, and how long until all of them saw a change."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from halles.kernel.db import Database, command, query
from halles.kernel.live import LiveHub, frame, sse

_SAY = command("select pg_notify('halles', 'flash:1')")
_STATE = query("select extract(epoch from clock_timestamp())::float8", float)
CHANGES = 5


def create_app(dsn: str) -> FastAPI:
    """One route: a page that everybody watches, read from the database once a change."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.db = db = await Database.open(dsn, min_size=1, max_size=4)
        app.state.hub = hub = LiveHub(db)
        app.state.reads = 0
        listening = asyncio.create_task(hub.run())
        yield
        hub.close()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await db.close()

    app = FastAPI(lifespan=lifespan)

    async def render() -> str:
        app.state.reads += 1
        async with app.state.db.reading() as tx:
            at = await tx.one(_STATE)
        return frame("changed", f'{{"at":{at},"left":17,"text":"{"x" * 400}"}}')

    @app.get("/events")
    async def events() -> StreamingResponse:
        return sse(app.state.hub.follow("flash:1", ["flash:1"], render))

    @app.get("/reads")
    async def reads() -> int:
        return int(app.state.reads)

    return app


async def watchers_run(db: Database, count: int) -> dict[str, Any]:
    """Start the web process, open the streams, let something happen a few times."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        sys.executable, __file__, db.dsn, str(port), env={**os.environ, "PYTHONPATH": "src"}
    )
    try:
        await _up(port)
        alone = _rss_mb(server.pid)
        return {"watchers": count, **await _measured(db, server.pid, port, count, alone)}
    finally:
        server.terminate()
        await server.wait()


async def _measured(db: Database, pid: int, port: int, count: int, alone: float) -> dict[str, Any]:
    seen = [0.0] * count
    frames = [0] * count
    pages = [_Page(nr, seen, frames) for nr in range(count)]
    began = time.perf_counter()
    for start in range(0, count, 200):
        await asyncio.gather(*(page.open(port) for page in pages[start : start + 200]))
    await _until(lambda: min(frames) >= 1)
    opened = time.perf_counter() - began
    full, waits = _rss_mb(pid), list[float]()
    cpu = _cpu_s(pid)
    for nr in range(CHANGES):
        told = time.perf_counter()
        async with db.transaction() as tx:
            await tx.run(_SAY)
        await _until(lambda nr=nr: min(frames) >= nr + 2)
        waits.append(max(seen) - told)
        await asyncio.sleep(0.5)
    cpu = _cpu_s(pid) - cpu
    reads = int(await _get(port, "/reads"))
    for page in pages:
        page.close()
    return {
        "memory_mb": round(full, 1),
        "memory_kb_each": round(1000 * (full - alone) / count, 1),
        "memory_after_changes_mb": round(_rss_mb(pid), 1),
        "opened_s": round(opened, 1),
        "all_saw_s": round(sorted(waits)[len(waits) // 2], 3),
        "all_saw_worst_s": round(max(waits), 3),
        "server_cpu_us_each": round(1e6 * cpu / CHANGES / count, 1),
        "reads": reads,
    }


class _Page(asyncio.Protocol):
    """A browser's page, as thin as can be: counts the changes it was told."""

    def __init__(self, nr: int, seen: list[float], frames: list[int]) -> None:
        self._nr, self._seen, self._frames = nr, seen, frames
        self._transport: asyncio.Transport | None = None

    async def open(self, port: int) -> None:
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        self._transport = transport
        transport.write(b"GET /events HTTP/1.1\r\nhost: bench\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        count = data.count(b"event: changed")
        if count:
            self._frames[self._nr] += count
            self._seen[self._nr] = time.perf_counter()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def _until(true: Any, limit_s: float = 60.0) -> None:
    until = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < until, "some pages never heard of it"
        await asyncio.sleep(0.005)


async def _get(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    return text.rpartition("\r\n\r\n")[2]


async def _up(port: int) -> None:
    for _ in range(200):
        try:
            await _get(port, "/reads")
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the web process did not start")


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("dsn")
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    config = uvicorn.Config(
        create_app(options.dsn), host="127.0.0.1", port=options.port, log_level="warning", backlog=4096
    )
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
