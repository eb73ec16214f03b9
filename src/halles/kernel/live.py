"""Live pages: the relay names topics that changed, every web process hears them, and watchers read again.

A message carries no data, only a topic (`order:0199…`). So nothing can be leaked or shown stale through it, several changes
coalesce into one, and a lost connection is healed by waking everybody once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from fastapi.responses import StreamingResponse
from psycopg import AsyncConnection

from halles.kernel.db import Database
from halles.kernel.errors import TooMany, Unavailable

log = structlog.get_logger("halles.live")

CHANNEL = "halles"
KEEP_ALIVE_S = 15.0


class TooManyWatchers(TooMany):
    """This process already serves as many live pages as it may."""

    status, code, title = 503, "kernel.too_many_watchers", "Too many live pages"


class _Watcher:
    __slots__ = ("changed", "topics", "wake")

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        self.changed: set[str] = set()
        self.wake = asyncio.Event()


class LiveHub:
    """One listening connection a process, any number of watchers."""

    def __init__(self, db: Database, *, capacity: int = 10_000, each: int = 20) -> None:
        self._db, self._capacity, self._each = db, capacity, each
        self._watchers: dict[str, set[_Watcher]] = {}
        self._count = 0
        self._held: Counter[str] = Counter()
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled or closed; after a lost connection, wake every watcher since a message may have been missed."""
        while not self._closing.is_set():
            try:
                async with self._db.dedicated() as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self._wake_all()
                    await self._listen(connection)
            except Unavailable as error:
                log.warning("live.database_unavailable", error=str(error))
                await asyncio.sleep(1.0)

    def close(self) -> None:
        """End every watch, so that open pages do not hold a stopping server."""
        self._closing.set()
        self._wake_all()

    def publish(self, topic: str) -> None:
        """Wake the watchers of a topic in this process."""
        for watcher in self._watchers.get(topic, ()):
            watcher.changed.add(topic)
            watcher.wake.set()

    def admit(self, who: str) -> None:
        """Raise TooManyWatchers when the process is full, or `who` has their share open. Ask before the answer begins."""
        if self._count >= self._capacity or (who and self._held[who] >= self._each):
            raise TooManyWatchers(
                "Too many live pages are open; this page can be reloaded by hand.", retry_after_s=30
            )

    async def watch(
        self, topics: Sequence[str], *, who: str = "", keep_alive_s: float = KEEP_ALIVE_S
    ) -> AsyncIterator[str]:
        """Yields a topic each time it may have changed, and "" after `keep_alive_s` of silence; ends when the server stops.

        `who`: on whose share it counts; "" on nobody's. Raises TooManyWatchers at once when there is no room.
        """
        self.admit(who)
        watcher = _Watcher(topics)
        self._count += 1
        self._held[who] += 1
        for topic in watcher.topics:
            self._watchers.setdefault(topic, set()).add(watcher)
        try:
            while not self._closing.is_set():
                try:
                    await asyncio.wait_for(watcher.wake.wait(), keep_alive_s)
                except TimeoutError:
                    yield ""
                    continue
                watcher.wake.clear()
                changed, watcher.changed = watcher.changed, set()
                for topic in sorted(changed):
                    yield topic
        finally:
            self._forget(watcher)
            self._held[who] -= 1
            if self._held[who] <= 0:
                del self._held[who]

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        while not self._closing.is_set():
            async for message in connection.notifies(timeout=5.0):
                self.publish(message.payload)

    def _wake_all(self) -> None:
        for topic in list(self._watchers):
            self.publish(topic)
        if self._closing.is_set():
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.wake.set()

    def _forget(self, watcher: _Watcher) -> None:
        self._count -= 1
        for topic in watcher.topics:
            watchers = self._watchers.get(topic)
            if watchers is not None:
                watchers.discard(watcher)
                if not watchers:
                    del self._watchers[topic]


def sse(frames: AsyncIterator[str]) -> StreamingResponse:
    """A server-sent event stream of ready frames (see `frame`)."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


def frame(event: str, data: str) -> str:
    """One SSE frame; `data` is a single line (JSON). An empty event is a keep-alive comment."""
    return f"event: {event}\ndata: {data}\n\n" if event else ": still here\n\n"
