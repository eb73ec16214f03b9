"""Live pages: the relay names topics that changed, every web process hears them, and watchers read again.

A message carries no data, only topics (`order:0199…`). So nothing can be leaked or shown stale through it, several changes
coalesce into one, and a lost connection is healed by waking everybody once. What many watch at once (`follow`) is read and
rendered once a change for all of them; whoever reads slowly gets the latest, or is let go.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from fastapi.responses import StreamingResponse
from psycopg import AsyncConnection
from starlette.types import Send

from halles.kernel.db import Database
from halles.kernel.errors import Refusal, TooMany, Unavailable

log = structlog.get_logger("halles.live")

CHANNEL = "halles"
KEEP_ALIVE_S = 15.0
SLOW_S = 30.0
"""A reader that takes nothing for so long is let go; its page opens a new stream when it is back."""
PACE_S = 0.25
"""Between two renderings of what many watch."""
_READERS = 6
_PAYLOAD_BYTES = 7900  # a notification holds less than 8,000


class TooManyWatchers(TooMany):
    """This process already serves as many live pages as it may."""

    status, code, title = 503, "kernel.too_many_watchers", "Too many live pages"


class _Watcher:
    __slots__ = ("changed", "topics", "wake")

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        self.changed: set[str] = set()
        self.wake = asyncio.Event()


class _Room:
    """What all who follow one name are shown. `version` counts what was shown; 0: nothing yet."""

    __slots__ = ("followers", "frame", "over", "task", "version", "waiters")

    def __init__(self) -> None:
        self.frame, self.version, self.followers, self.over = "", 0, 0, False
        self.waiters: list[asyncio.Future[None]] = []
        self.task: asyncio.Task[None] | None = None

    def show(self, frame: str) -> None:
        """A new text for everybody; one equal to the last is none."""
        if frame != self.frame:
            self.frame = frame
            self.version += 1
            self.tick()

    def tick(self) -> None:
        """Wake everybody."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def next_change(self) -> None:
        """Until the next tick."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        await waiter

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()


class LiveHub:
    """One listening connection a process, any number of watchers."""

    def __init__(self, db: Database, *, capacity: int = 12_000, each: int = 20) -> None:
        self._db, self._capacity, self._each = db, capacity, each
        self._watchers: dict[str, set[_Watcher]] = {}
        self._rooms: dict[str, _Room] = {}
        self.turns = asyncio.Semaphore(_READERS)
        """Taken around a read after a change, so that a thousand pages woken at once leave connections to the others."""
        self._count = 0
        self._held: Counter[str] = Counter()
        self._of_network: Counter[str] = Counter()
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled or closed; after a lost connection, wake every watcher since a message may have been missed."""
        while not self._closing.is_set():
            try:
                async with self._db.dedicated() as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self.wake_all()
                    await self._listen(connection)
            except Unavailable as error:
                log.warning("live.database_unavailable", error=str(error))
                await asyncio.sleep(1.0)

    def close(self) -> None:
        """End every watch, so that open pages do not hold a stopping server."""
        self._closing.set()
        self.wake_all()

    def publish(self, topic: str) -> None:
        """Wake the watchers of a topic in this process."""
        for watcher in self._watchers.get(topic, ()):
            watcher.changed.add(topic)
            watcher.wake.set()

    def publish_packed(self, payload: str) -> None:
        """The same for every topic of a message (see `pack`)."""
        for topic in payload.split("\n"):
            self.publish(topic)

    def admit(self, who: str, network: str = "") -> None:
        """Raise TooManyWatchers when the process is full, or `who` or `network` has their share open. Ask before the answer
        begins."""
        if (
            self._count >= self._capacity
            or (who and self._held[who] >= self._each)
            or (network and self._of_network[network] >= self._capacity * 5 // 6)
        ):
            raise TooManyWatchers(
                "Too many live pages are open; this page can be reloaded by hand.", retry_after_s=30
            )

    async def watch(
        self,
        topics: Sequence[str],
        *,
        who: str = "",
        keep_alive_s: float = KEEP_ALIVE_S,
        pace_s: float = 0.0,
    ) -> AsyncIterator[str]:
        """Yields a topic each time it may have changed, and "" after `keep_alive_s` of silence; ends when the server stops.

        `who`: on whose share it counts; "" on nobody's. `pace_s`: changes within so many seconds of the last yield come as one.
        Raises TooManyWatchers at once when there is no room.
        """
        self._enter(who)
        watcher = _Watcher(topics)
        self._add(watcher)
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
                if pace_s:
                    await self._rest(pace_s)
        finally:
            self._forget(watcher)
            self._leave(who)

    async def follow(
        self,
        name: str,
        topics: Sequence[str],
        render: Callable[[], Awaitable[str]],
        *,
        who: str = "",
        network: str = "",
        pace_s: float = PACE_S,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> AsyncIterator[str]:
        """Yields what `render` gives (a frame): at once, and whenever a topic changed, the latest only; "" keeps alive.

        Everybody who follows the same `name` in this process gets the same text, rendered once a change and at most once in
        `pace_s` seconds: so it must hold nothing that one of them may not see. `name` therefore tells apart whatever the text
        depends on (`flash:17:fr`). Ends when the server stops and when `render` refuses (NotFound: it is over). `network`: whose
        watchers never take the last sixth of the room, where nobody has to say who they are. Raises TooManyWatchers at once when
        there is no room.
        """
        self._enter(who, network)
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = _Room()
            room.task = asyncio.create_task(self._serve(name, room, topics, render, pace_s, keep_alive_s))
        room.followers += 1
        seen = 0
        try:
            while True:
                if room.version == seen:
                    if room.over:
                        return
                    await room.next_change()
                    if room.version == seen and not room.over:
                        yield ""
                    continue
                seen = room.version
                yield room.frame
        finally:
            room.followers -= 1
            if room.followers == 0:
                room.end()
                if self._rooms.get(name) is room:
                    del self._rooms[name]
            self._leave(who, network)

    async def _serve(
        self,
        name: str,
        room: _Room,
        topics: Sequence[str],
        render: Callable[[], Awaitable[str]],
        pace_s: float,
        keep_alive_s: float,
    ) -> None:
        """Render for a room until it is empty: first, after each change, and again soon when the database was away."""
        watcher = _Watcher(topics)
        watcher.wake.set()
        self._add(watcher)
        try:
            while not self._closing.is_set():
                try:
                    await asyncio.wait_for(watcher.wake.wait(), keep_alive_s)
                except TimeoutError:
                    room.tick()
                    continue
                watcher.wake.clear()
                try:
                    async with self.turns:
                        frame = await render()
                except Unavailable as error:
                    log.warning("live.cannot_render", name=name, error=str(error))
                    watcher.wake.set()
                    await self._rest(1.0)
                    continue
                room.show(frame)
                await self._rest(pace_s)
        except Refusal as refusal:
            log.info("live.over", name=name, code=refusal.code)
        except Exception:
            log.exception("live.render_failed", name=name)
        finally:
            self._forget(watcher)
            if self._rooms.get(name) is room:
                del self._rooms[name]
            room.over = True
            room.tick()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    def _enter(self, who: str, network: str = "") -> None:
        self.admit(who, network)
        self._count += 1
        self._held[who] += 1
        self._of_network[network] += 1

    def _leave(self, who: str, network: str = "") -> None:
        self._count -= 1
        for counter, name in ((self._held, who), (self._of_network, network)):
            counter[name] -= 1
            if counter[name] <= 0:
                del counter[name]

    def _add(self, watcher: _Watcher) -> None:
        for topic in watcher.topics:
            self._watchers.setdefault(topic, set()).add(watcher)

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        while not self._closing.is_set():
            async for message in connection.notifies(timeout=5.0):
                self.publish_packed(message.payload)

    def wake_all(self) -> None:
        """Wake everybody: some changes may have been missed."""
        for topic in list(self._watchers):
            self.publish(topic)
        if self._closing.is_set():
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.wake.set()

    def _forget(self, watcher: _Watcher) -> None:
        for topic in watcher.topics:
            watchers = self._watchers.get(topic)
            if watchers is not None:
                watchers.discard(watcher)
                if not watchers:
                    del self._watchers[topic]


class _EventStream(StreamingResponse):
    """A stream whose reader is let go when it takes nothing for SLOW_S: what waits for it is never more than one frame."""

    async def stream_response(self, send: Send) -> None:
        try:
            async with asyncio.timeout(SLOW_S):
                await send(
                    {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
                )
            async for text in self.body_iterator:
                body = text.encode() if isinstance(text, str) else text
                async with asyncio.timeout(SLOW_S):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        except TimeoutError:
            log.info("live.slow_reader")
            return
        # A stream ends with its server: each page is told to come back at another moment, not all of them at once.
        again = f"retry: {random.randrange(500, 5000)}\n\n"
        await send({"type": "http.response.body", "body": again.encode(), "more_body": False})


def sse(frames: AsyncIterator[str]) -> StreamingResponse:
    """A server-sent event stream of ready frames (see `frame`)."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return _EventStream(frames, media_type="text/event-stream", headers=headers)


def frame(event: str, data: str) -> str:
    """One SSE frame; `data` is a single line (JSON). An empty event is a keep-alive comment."""
    return f"event: {event}\ndata: {data}\n\n" if event else ": still here\n\n"


def pack(topics: Iterable[str]) -> list[str]:
    """Topics as few messages, one a line: a notification holds less than 8,000 bytes, and a hundred topics cost what one does."""
    messages: list[str] = []
    waiting: list[str] = []
    size = 0
    for topic in topics:
        more = len(topic.encode()) + 1
        if waiting and size + more > _PAYLOAD_BYTES:
            messages.append("\n".join(waiting))
            waiting, size = [], 0
        waiting.append(topic)
        size += more
    return [*messages, "\n".join(waiting)] if waiting else messages
