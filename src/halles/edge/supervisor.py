"""Keeps the processes of one installation running: starts them, restarts what dies, stops them in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("halles.supervisor")

GRACE_S = 15.0
"""Seconds a process has to finish its work after SIGTERM."""

_SUPERVISED = "HALLES_SUPERVISED"
_CALM_S = 30.0  # a process that ran this long before it died is restarted at once


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of the installation. `command` follows `python -m halles`."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    process: Process | None = None
    started: float = 0.0
    failures: int = 0


class Supervisor:
    """Runs children until told to stop; they end last to first, each by SIGTERM, then by SIGKILL after GRACE_S."""

    def __init__(
        self, children: Sequence[Child], *, after_start: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._children, self._after_start = list(children), after_start
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Start everything and stay until SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        if self._after_start is not None:
            keepers.append(asyncio.ensure_future(self._after_start()))
        await self._stop.wait()
        for child in reversed(self._children):
            await _end(child)
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)

    async def _keep(self, child: Child) -> None:
        while not self._stop.is_set():
            child.started = time.monotonic()
            child.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "halles",
                *child.command,
                env={**os.environ, **child.env, _SUPERVISED: "1"},
                start_new_session=True,
                stdin=PIPE,
            )
            code = await child.process.wait()
            if self._stop.is_set():
                return
            child.failures = 0 if time.monotonic() - child.started > _CALM_S else child.failures + 1
            pause = min(0.2 * 2**child.failures, 15.0)
            log.error("supervisor.child_died", child=child.name, code=code, restart_in_s=pause)
            await asyncio.sleep(pause)


async def _end(child: Child) -> None:
    process = child.process
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_S)
    except TimeoutError:
        log.warning("supervisor.killed", child=child.name)
        process.kill()
        await process.wait()


def end_with_supervisor() -> None:
    """In a child: stop when the supervisor is gone, however it died. Its end of our standard input closes with it."""
    if os.environ.get(_SUPERVISED) != "1":
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor-watch", daemon=True).start()
