"""Natural batching: while one batch is in flight, whoever arrives waits for the next; a lone caller goes through at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from halles.kernel.errors import TooMany, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")


class QueueFull(TooMany):
    """More callers wait than the queue holds: answered at once rather than by a timeout."""

    status, code, title = 503, "kernel.queue_full", "Too busy for a moment"


class Batcher(Generic[Q, A]):
    """Collects questions and asks them as sets.

    `work` takes up to `limit` questions in arrival order and returns one answer or exception for each, in the same order; when
    `work` itself raises, every question of that batch gets that exception. `capacity`: questions that may wait, beyond which
    `ask` raises QueueFull at once.
    """

    def __init__(
        self,
        work: Callable[[list[Q]], Awaitable[Sequence[A | BaseException]]],
        *,
        limit: int = 300,
        capacity: int = 10_000,
    ) -> None:
        self._work, self._limit, self._capacity = work, limit, capacity
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._runner: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, question: Q) -> A:
        """The answer to one question, asked together with whatever else waits."""
        if self._closed:
            raise Unavailable("This process is shutting down; ask again.")
        if len(self._waiting) >= self._capacity:
            raise QueueFull(
                "Too many are waiting; nothing was changed. Try again in a moment.", retry_after_s=1
            )
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await future

    async def close(self) -> None:
        """Refuse new questions and wait until those accepted are answered."""
        self._closed = True
        if self._runner is not None:
            await self._runner

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._answer(batch)
        finally:
            self._runner = None

    async def _answer(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._work([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001  every caller of the batch gets it, none is left waiting
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
