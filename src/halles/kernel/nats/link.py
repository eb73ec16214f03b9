"""A connection to NATS that mends itself, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import nats
import nats.errors
import structlog
from nats.aio.client import Client

from halles.kernel.errors import Unavailable

log = structlog.get_logger("halles.nats")

CONNECT_S = 4.0


class NatsUnavailable(Unavailable):
    """No NATS server of the list answers."""

    code, title = "kernel.nats_unavailable", "NATS does not answer"


async def _nothing() -> None:
    return


@asynccontextmanager
async def connected(
    urls: str, name: str, *, again: Callable[[], Awaitable[None]] = _nothing
) -> AsyncGenerator[Client]:
    """A connection to one of the comma-separated `urls`; `again` is called after each time it was lost and found.

    Raises NatsUnavailable when none answers now. While it is lost `is_connected` is false, and nothing is kept for later.
    """

    async def lost() -> None:
        log.warning("nats.lost", name=name)

    async def found() -> None:
        log.info("nats.found", name=name)
        await again()

    async def failed(error: Exception) -> None:
        log.debug("nats.error", name=name, error=str(error) or type(error).__name__)

    try:
        async with asyncio.timeout(CONNECT_S):  # the client itself would try for ever
            client = await nats.connect(  # pyright: ignore[reportUnknownMemberType]
                servers=[url.strip() for url in urls.split(",")],
                name=name,
                connect_timeout=2,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,
                ping_interval=5,
                max_outstanding_pings=2,
                pending_size=8 * 2**20,
                disconnected_cb=lost,
                reconnected_cb=found,
                error_cb=failed,
            )
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise NatsUnavailable(f"No NATS server answers: {error or type(error).__name__}") from error
    try:
        yield client
    finally:
        await client.close()
