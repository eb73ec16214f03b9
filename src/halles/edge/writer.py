"""The writer: places the orders that web processes take in. Any number may run; they divide the sellers among themselves."""

from __future__ import annotations

import asyncio
import signal

import structlog

from halles.edge.services import assemble
from halles.edge.supervisor import end_with_supervisor, say_ready
from halles.journeys.checkout.api import Desk
from halles.kernel.connect import PATIENCE_S, opened
from halles.kernel.settings import Settings

log = structlog.get_logger("halles.writer")


async def run(settings: Settings) -> None:
    """Place orders until SIGTERM or SIGINT; then those that were taken in, and leave the rest to the others."""
    end_with_supervisor()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings, max_size=settings.database_connections, patience_s=PATIENCE_S) as db:
        desk = assemble(settings, db).port(Desk)
        async with desk.shared(writes=True, host=settings.writer_host):
            log.info("writer.started")
            say_ready()
            await stop.wait()
