"""An installation to break: its processes on loopback, proxies in front of them, clocks that can be made to jump."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from psycopg.conninfo import make_conninfo

from halles.kernel.clock import CHAOS_CLOCK
from halles.kernel.postgres import Postgres, ensure_running

RESTART_S = 0.2
"""Seconds after which the keeper starts a process again, as `halles serve` does."""
_CHUNK = 64 * 1024


class Proxy:
    """A TCP proxy that delays, stalls and cuts; bytes are never changed, doubled or reordered."""

    def __init__(self, target: str | int, dice: random.Random) -> None:
        """`target`: a port on loopback, or the path of a Unix socket."""
        self._target, self._dice = target, dice
        self._cables: set[_Cable] = set()
        self._stalled_until = 0.0
        self.port, self.cuts = 0, 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if isinstance(self._target, int):
                there = await asyncio.open_connection("127.0.0.1", self._target)
            else:
                there = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.transport.abort()
            return
        cable = _Cable((reader, writer), there)
        self._cables.add(cable)
        try:
            await cable.run(self._pause)
        finally:
            self._cables.discard(cable)

    async def _pause(self) -> None:
        """Hold a chunk back: while the line is stalled, and now and then for a moment."""
        await asyncio.sleep(max(0.0, self._stalled_until - time.monotonic()))
        if self._dice.random() < 0.01:
            await asyncio.sleep(self._dice.uniform(0.0, 0.2))

    def stall(self, seconds: float) -> None:
        """Nothing passes for a while."""
        self._stalled_until = time.monotonic() + seconds

    def cut(self, share: float) -> None:
        """Cut a share of the connections, each in the middle of its next answer; one at least."""
        chosen = [cable for cable in self._cables if self._dice.random() < share]
        if not chosen and self._cables:
            chosen = [self._dice.choice(sorted(self._cables, key=id))]
        for cable in chosen:
            cable.doomed = True
        self.cuts += len(chosen)

    async def close(self) -> None:
        self._server.close()
        for cable in list(self._cables):
            cable.abort()


class _Cable:
    """One connection through the proxy."""

    def __init__(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._near, self._far = near, far
        self.doomed = False

    async def run(self, pause: Any) -> None:
        out = asyncio.create_task(self._pump(self._near[0], self._far[1], pause, answers=False))
        back = asyncio.create_task(self._pump(self._far[0], self._near[1], pause, answers=True))
        try:
            await asyncio.wait((out, back), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (out, back):
                task.cancel()
            await asyncio.gather(out, back, return_exceptions=True)
            self.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: Any, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await pause()
                if self.doomed and answers:
                    writer.write(data[: len(data) // 2])
                    await asyncio.sleep(0)
                    return
                writer.write(data)
                await writer.drain()

    def abort(self) -> None:
        for _, writer in (self._near, self._far):
            writer.transport.abort()


@dataclass(slots=True, kw_only=True)
class Process:
    """A process of the installation that is started again whenever it is gone."""

    name: str
    command: list[str]
    env: dict[str, str]
    clock: Path
    log: Path
    popen: subprocess.Popen[bytes] | None = None
    starts: int = 0
    killed: bool = False
    own_ends: list[int] = field(default_factory=list[int])

    @property
    def kind(self) -> str:
        return self.name.partition("-")[0]

    def start(self) -> None:
        with self.log.open("ab") as lines:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "halles", *self.command],
                env={**self.env, CHAOS_CLOCK: str(self.clock)},
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
            )
        self.starts += 1
        self.killed = False

    def jump(self, seconds: float) -> None:
        """Make its clock wrong by so many seconds, now and after each start."""
        with self.clock.open("r+b") as file:
            file.write(struct.pack("=d", seconds))

    def kill(self) -> bool:
        """End it at once; False when it does not run."""
        if self.popen is None or self.popen.poll() is not None:
            return False
        self.killed = True
        self.popen.kill()
        return True


class World:
    """PostgreSQL, two of each process, and a proxy before each web process and before PostgreSQL."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.data, self._folder, self._dice = folder / "data", folder, dice
        self.postgres: Postgres = ensure_running(self.data, durable=True)
        self.processes: list[Process] = []
        self.webs: list[Proxy] = []
        self.ports: list[int] = []
        self.line: Proxy | None = None
        self.stopping = False
        self._keepers: list[asyncio.Task[None]] = []

    async def start(
        self,
        database: str,
        *,
        through_proxies: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Start everything and wait for the web processes. Without proxies the processes use the server's own socket."""
        host = self.postgres.dsn.partition("host=")[2].replace("%2F", "/")
        line = self.line = Proxy(f"{host}/.s.PGSQL.5432", self._dice)
        await line.start()
        ports = self.ports = [free_port(), free_port()]
        self.webs = [Proxy(port, self._dice) for port in ports]
        for proxy in self.webs:
            await proxy.start()
        env = {name: value for name, value in os.environ.items() if not name.startswith(("HALLES_", "PG"))}
        options = "?sslmode=disable&connect_timeout=5"
        through = f"postgresql://halles@127.0.0.1:{line.port}/{database}{options}"
        straight = make_conninfo(self.postgres.dsn, dbname=database)
        env |= {
            "HALLES_DATA": str(self.data),
            "HALLES_DEMO": "true",
            "HALLES_DATABASE_URL": through if through_proxies else straight,
            "HALLES_RATE_LIMIT_FACTOR": "1000000000",
            "HALLES_TRUSTED_PROXIES": "1",
            "HALLES_LOG_LEVEL": "warning",
            "HALLES_PLACE_ORDERS": "writer",
            **settings,
        }
        commands = {
            "web": [["web", "--port", str(port)] for port in ports],
            "writer": [["writer"]] * 2,
            "worker": [["worker"]] * 2,
        }
        for kind, pair in commands.items():
            for number, command in enumerate(pair, 1):
                self._add(f"{kind}-{number}", command, env)
        self._keepers = [asyncio.create_task(self._keep(process)) for process in self.processes]
        self._keepers.append(asyncio.create_task(self._keep_postgres()))
        await asyncio.gather(*(answers(port) for port in ports))

    def _add(self, name: str, command: list[str], env: dict[str, str]) -> None:
        clock = self._folder / f"{name}.clock"
        clock.write_bytes(struct.pack("=d", 0.0))
        log = self._folder / f"{name}.log"
        self.processes.append(Process(name=name, command=command, env=env, clock=clock, log=log))

    async def _keep(self, process: Process) -> None:
        process.start()
        while not self.stopping:
            await asyncio.sleep(0.05)
            assert process.popen is not None
            code = process.popen.poll()
            if code is not None and not self.stopping:
                if not process.killed:
                    process.own_ends.append(code)
                await asyncio.sleep(RESTART_S)
                process.start()

    async def _keep_postgres(self) -> None:
        while not self.stopping:
            await asyncio.sleep(0.2)
            self.postgres = await asyncio.to_thread(ensure_running, self.data)

    def kill(self, kind: str) -> str | None:
        """Kill one of a kind with SIGKILL: what was hit, None when nothing of it runs just now."""
        if kind == "postmaster":
            return "postmaster" if _kill(self.postgres.pid) else None
        if kind == "backend":
            found = _backends(self.postgres.pid)
            return "backend" if found and _kill(self._dice.choice(found)) else None
        chosen = self._dice.choice([process for process in self.processes if process.kind == kind])
        return chosen.name if chosen.kill() else None

    async def stop(self) -> None:
        """End the processes as an operator would; PostgreSQL stays."""
        self.stopping = True
        await asyncio.gather(*self._keepers, return_exceptions=True)
        running = [process.popen for process in self.processes if process.popen is not None]
        for popen in running:
            popen.terminate()
        for popen in running:
            try:
                await asyncio.to_thread(popen.wait, 30)
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()
        for proxy in self.proxies:
            await proxy.close()

    @property
    def proxies(self) -> list[Proxy]:
        """Those before the web processes, and the one before PostgreSQL."""
        return [*self.webs, self.line] if self.line is not None else []

    def complaints(self) -> dict[str, int]:
        """Log lines that tell of a bug, by what they say."""
        found: dict[str, int] = {}
        for process in self.processes:
            for line in process.log.read_text(errors="replace").splitlines():
                for word in ("http.bug", "task_failed", "order_failed", "never retrieved", "AssertionError"):
                    if word in line:
                        found[f"{process.kind}: {word}"] = found.get(f"{process.kind}: {word}", 0) + 1
        return found


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _backends(postmaster: int) -> list[int]:
    """Processes of the server that work for a client."""
    found: list[int] = []
    with suppress(OSError):
        for child in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
            with suppress(OSError):
                if b"[local]" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


async def answers(port: int) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            ready = b" 200 " in await reader.readline()
            writer.close()
            if ready:
                return
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise RuntimeError("a web process does not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
