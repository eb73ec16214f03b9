"""`halles inference`: the process around the server."""

from __future__ import annotations

import asyncio
import signal

import structlog

from halles.edge.inference.server import serve
from halles.edge.supervisor import end_with_supervisor
from halles.kernel.connect import opened
from halles.kernel.settings import Settings

log = structlog.get_logger("halles.inference")


def main(settings: Settings, number: int = 0) -> None:
    """Serves its share of the catalogues until SIGTERM or SIGINT, or until its supervisor is gone. Raises what `serve` raises."""
    end_with_supervisor()
    asyncio.run(_until_told(settings, number))


async def _until_told(settings: Settings, number: int) -> None:
    stop = asyncio.Event()
    for code in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(code, stop.set)
    async with opened(settings) as db:
        await serve(settings, db, stop, number=number)
