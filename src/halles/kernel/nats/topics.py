"""Live topics over NATS core instead of pg_notify: nothing is kept, and a lost message is healed as a lost connection is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from halles.kernel.live import pack
from halles.kernel.nats.link import NatsUnavailable, connected

log = structlog.get_logger("halles.nats")

SUBJECT = "halles_live"
"""Outside the stream's subjects: nobody needs to read later that something changed."""


class TopicLink:
    """A process's link for live topics. `announce` says whether NATS took them; where not, pg_notify does."""

    def __init__(self, urls: str) -> None:
        self._urls = urls
        self._client: Client | None = None

    async def announce(self, topics: Sequence[str]) -> bool:
        """Tell every web process; False while NATS is away."""
        client = self._client
        if client is None or not client.is_connected:
            return False
        try:
            for message in pack(topics):
                await client.publish(SUBJECT, message.encode())
        except (nats.errors.Error, OSError):
            return False
        return True

    async def run(self, heard: Callable[[str], None] | None = None, again: Callable[[], None] | None = None) -> None:  # fmt: skip
        """Keep the link until cancelled; `heard` gets packed topics, `again` is called whenever some may have been missed."""

        async def listen(message: Msg) -> None:
            if heard is not None:
                heard(message.data.decode())

        async def mended() -> None:
            if again is not None:
                again()

        while True:
            try:
                async with connected(self._urls, "halles live", again=mended) as client:
                    if heard is not None:
                        await client.subscribe(SUBJECT, cb=listen)  # pyright: ignore[reportUnknownMemberType]
                    await client.flush()
                    self._client = client
                    await mended()
                    await asyncio.Event().wait()
            except (NatsUnavailable, nats.errors.Error) as error:
                log.warning("nats.unavailable", error=str(error))
                await asyncio.sleep(1.0)
            finally:
                self._client = None
