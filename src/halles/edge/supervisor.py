"""Keeps the processes of one installation running: starts them, restarts what dies, replaces them, stops them in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("halles.supervisor")

GRACE_S = 15.0
"""Seconds a process has to finish its work after SIGTERM, unless its Child says otherwise."""

READY_S = 120.0
"""Seconds a replacement has until it says that it is ready; the one before serves on meanwhile."""

_SUPERVISED = "HALLES_SUPERVISED"
_READY_FD = "HALLES_READY_FD"
_CALM_S = 30.0  # a process that ran this long before it died is restarted at once


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of the installation. `command` follows `python -m halles`.

    `stage`: when the installation ends, the children of the highest stage end first, all of one stage together. `inherits`: open
    descriptors that it gets. `overlaps`: on SIGHUP its successor starts first, and it ends once that one has called `say_ready`;
    without it, it ends first. `starts` counts the times it was started.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    stage: int = 0
    grace_s: float = GRACE_S
    inherits: Sequence[int] = ()
    overlaps: bool = False
    process: Process | None = None
    started: float = 0.0
    starts: int = 0
    failures: int = 0
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Supervisor:
    """Runs children until told to stop. SIGHUP replaces them one by one; SIGINT or SIGTERM ends them, stage by stage.

    `after_start` runs beside them. `on_stop` is called once, before the first child is told to end. `on_change` is called when a
    child was started or died, for whoever shows that.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        after_start: Callable[[], Awaitable[None]] | None = None,
        on_stop: Callable[[], None] | None = None,
        on_change: Callable[[Sequence[Child]], None] | None = None,
    ) -> None:
        self._children, self._after_start = list(children), after_start
        self._on_stop, self._on_change = on_stop, on_change
        self._stop = asyncio.Event()
        self._rolling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Start everything and stay until SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._roll_once)
        keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        if self._after_start is not None:
            keepers.append(asyncio.ensure_future(self._after_start()))
        await self._stop.wait()
        if self._on_stop is not None:
            self._on_stop()
        if self._rolling is not None:
            await self._rolling  # it sees the stop, and ends with what it has begun
        for stage in sorted({child.stage for child in self._children}, reverse=True):
            await asyncio.gather(*(_end(child) for child in self._children if child.stage == stage))
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)

    async def _keep(self, child: Child) -> None:
        child.process = await self._start(child)
        while not self._stop.is_set():
            process = child.process
            code = await process.wait()
            async with child.changing:
                if self._stop.is_set():
                    return
                if child.process is not process:  # it was replaced
                    continue
            child.failures = 0 if time.monotonic() - child.started > _CALM_S else child.failures + 1
            pause = min(0.2 * 2**child.failures, 15.0)
            log.error("supervisor.child_died", child=child.name, code=code, restart_in_s=pause)
            self._tell()
            await asyncio.sleep(pause)
            if not self._stop.is_set():
                child.process = await self._start(child)

    async def _start(self, child: Child, *, ready_fd: int | None = None) -> Process:
        child.started = time.monotonic()
        child.starts += 1
        env = {**os.environ, **child.env, _SUPERVISED: "1"}
        if ready_fd is not None:
            env[_READY_FD] = str(ready_fd)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "halles",
            *child.command,
            env=env,
            pass_fds=(*child.inherits, *(() if ready_fd is None else (ready_fd,))),
            start_new_session=True,
            stdin=PIPE,
        )
        asyncio.get_running_loop().call_soon(self._tell)
        return process

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change(self._children)

    def _roll_once(self) -> None:
        if self._rolling is None or self._rolling.done():
            self._rolling = asyncio.create_task(self._roll())

    async def _roll(self) -> None:
        """Replace every child, one after another; stop at the first successor that does not come up.

        Those that overlap come first: a release or a setting that does not work is found out while everything old still runs.
        """
        for child in sorted(self._children, key=lambda child: not child.overlaps):
            if self._stop.is_set():
                return
            log.info("supervisor.replacing", child=child.name)
            async with child.changing:
                done = await (self._replace(child) if child.overlaps else self._restart(child))
            if not done:
                log.error("supervisor.replacement_failed", child=child.name)
                return
        log.info("supervisor.replaced_all")

    async def _replace(self, child: Child) -> bool:
        reading, writing = os.pipe()
        try:
            fresh = await self._start(child, ready_fd=writing)
        finally:
            os.close(writing)
        said = asyncio.create_task(asyncio.to_thread(_read_once, reading))
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait((said, stop), timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not said.done() or said.result() != b"ready":
            with suppress(ProcessLookupError):
                fresh.kill()  # the pipe ends with it, and the thread that reads it
            await fresh.wait()
            await said
            return False
        before, child.process = child.process, fresh
        self._tell()
        if before is not None:
            await _finish(before, child)
        return True

    async def _restart(self, child: Child) -> bool:
        if child.process is not None:
            await _finish(child.process, child)
        if not self._stop.is_set():
            child.process = await self._start(child)
        return True


async def _end(child: Child) -> None:
    if child.process is not None:
        await _finish(child.process, child)


async def _finish(process: Process, child: Child) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), child.grace_s)
    except TimeoutError:
        log.warning("supervisor.killed", child=child.name)
        process.kill()
        await process.wait()


def _read_once(handle: int) -> bytes:
    """What a successor says, or nothing when it died first."""
    with os.fdopen(handle, "rb") as pipe:
        return pipe.read(5)


def say_ready() -> None:
    """In a child: it serves, and the one it replaces may end. Nothing happens where nobody waits for it."""
    named = os.environ.pop(_READY_FD, "")
    if named.isdigit():
        with suppress(OSError):
            os.write(int(named), b"ready")
            os.close(int(named))


def end_with_supervisor() -> None:
    """In a child: stop when the supervisor is gone, however it died. Its end of our standard input closes with it."""
    if os.environ.get(_SUPERVISED) != "1":
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor-watch", daemon=True).start()
