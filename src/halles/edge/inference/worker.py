"""One thread that does the work, and the queue before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from halles.vision.types import InferenceBusy, InferenceUnavailable

T = TypeVar("T")

QUEUE_LIMIT = 32
"""Photos that may wait: at 40 ms each the last one waits 1.3 s; a shopper should not wait longer to hear "busy"."""


class Worker:
    """Runs jobs one at a time in order of arrival, on one thread.

    A job that runs longer than `hang_s` cannot be ended from inside Python: `on_hang` is called, and is expected to
    end the process, which its supervisor starts again.
    """

    def __init__(
        self, *, limit: int = QUEUE_LIMIT, hang_s: float = 20.0, on_hang: Callable[[], None]
    ) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._turn = asyncio.Lock()
        self._limit, self._hang_s, self._on_hang = limit, hang_s, on_hang
        self._waiting = 0
        self._usual_s = 0.04

    @property
    def waiting(self) -> int:
        """Jobs that are queued or running."""
        return self._waiting

    async def do(self, job: Callable[[], T], *, wait_s: float) -> T:
        """The job's result. Raises InferenceBusy at once when the queue is full, InferenceUnavailable after `wait_s` in it."""
        if self._waiting >= self._limit:
            wait = max(1.0, self._waiting * self._usual_s)
            raise InferenceBusy("too many photos wait already", retry_after_s=round(wait, 1))
        self._waiting += 1
        arrived = time.monotonic()
        try:
            async with self._turn:
                if time.monotonic() - arrived > wait_s:
                    raise InferenceUnavailable("the photo waited too long", retry_after_s=1.0)
                return await self._run(job)
        finally:
            self._waiting -= 1

    async def apart(self, job: Callable[[], T]) -> T:
        """A job of the process itself (a refresh), in turn but outside the limit."""
        async with self._turn:
            return await self._run(job)

    async def _run(self, job: Callable[[], T]) -> T:
        started = time.monotonic()
        running = asyncio.get_running_loop().run_in_executor(self._thread, job)
        done, _ = await asyncio.wait({running}, timeout=self._hang_s)
        if not done:
            self._on_hang()
            raise InferenceUnavailable("the photo took too long", retry_after_s=1.0)
        self._usual_s += 0.1 * (time.monotonic() - started - self._usual_s)
        return running.result()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
