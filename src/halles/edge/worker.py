"""The worker: delivers events and does what is due. Any number may run; each task is safe beside itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from halles.edge.services import assemble
from halles.edge.supervisor import end_with_supervisor
from halles.identity import api as identity
from halles.journeys.product_import import api as product_import
from halles.journeys.top_up.api import top_ups
from halles.journeys.wiring import reactions, topics
from halles.kernel import idempotency, outbox
from halles.kernel.connect import opened
from halles.kernel.errors import Refusal
from halles.kernel.relay import Relay
from halles.kernel.settings import Settings
from halles.kernel.telemetry import OUTBOX_LAG, OUTBOX_PARKED
from halles.kernel.web import Services
from halles.payments.types import Psp
from halles.visits import api as visits

log = structlog.get_logger("halles.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something done every `every_s` seconds. A refusal or a bug is logged and the task goes on."""

    name: str
    every_s: float
    work: Callable[[Services], Awaitable[object]]


async def forget_old(services: Services) -> None:
    """Forget answers to old commands and whatever of identity has expired."""
    async with services.db.transaction() as tx:
        await idempotency.forget_old(tx)
        await identity.forget_expired(tx, services.clock())


async def forget_visits(services: Services) -> None:
    """Delete single visits past their retention; the counts stay."""
    async with services.db.transaction() as tx:
        await visits.forget_old(tx, services.clock())


async def measure(services: Services) -> None:
    """Keep the outbox's gauges."""
    async with services.db.reading() as tx:
        backlog = await outbox.backlog(tx)
    OUTBOX_LAG.set(backlog.lag_s)
    OUTBOX_PARKED.set(backlog.parked)


async def settle_top_ups(services: Services) -> None:
    """Ask the payment provider about unfinished top-ups, where there is a provider."""
    if Psp.__name__ in services.extra:
        await top_ups(services).reconcile_pending()


TASKS: Sequence[Task] = (
    Task(name="settle pending top-ups", every_s=5.0, work=settle_top_ups),
    Task(name="run queued imports", every_s=1.0, work=product_import.run_queued),
    Task(name="forget what expired", every_s=3600.0, work=forget_old),
    Task(name="forget old visits", every_s=86_400.0, work=forget_visits),
    Task(name="measure the outbox", every_s=5.0, work=measure),
)


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    end_with_supervisor()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings, max_size=settings.database_connections) as db:
        services = assemble(settings, db)
        relay = Relay(db, reactions(services), topics)
        log.info("worker.started")
        await asyncio.gather(relay.run(stop), *(_repeat(task, services, stop) for task in TASKS))


async def _repeat(task: Task, services: Services, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await task.work(services)
        except Refusal as refusal:
            log.warning("worker.task_refused", task=task.name, code=refusal.code, reason=str(refusal))
        except Exception:
            log.exception("worker.task_failed", task=task.name)
        try:
            await asyncio.wait_for(stop.wait(), task.every_s)
        except TimeoutError:
            continue
