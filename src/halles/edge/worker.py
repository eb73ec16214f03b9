"""The worker: delivers events and does what is due. Any number may run; each task is safe beside itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from halles.edge.services import assemble
from halles.edge.supervisor import end_with_supervisor
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.journeys.card_payment.tasks import measure_payments, settle_pending
from halles.journeys.flash_sale.api import settle_sales
from halles.journeys.leaving.api import go_on_forgetting
from halles.journeys.order_letters.api import measure_letters, send_due
from halles.journeys.picture_index.api import SeeAgain, learn_waiting
from halles.journeys.product_import import api as product_import
from halles.journeys.promise_keeping import api as promise_keeping
from halles.journeys.reservation.api import settle_reservations
from halles.journeys.ring_fence.api import settle_fences
from halles.journeys.shelf_labels import api as shelf_labels
from halles.journeys.welcoming import api as welcoming
from halles.journeys.wiring import private, reactions, topics
from halles.kernel import idempotency, outbox
from halles.kernel.connect import PATIENCE_S, opened
from halles.kernel.errors import Refusal
from halles.kernel.relay import Relay
from halles.kernel.settings import Settings
from halles.kernel.telemetry import NATS_LAG, NATS_WAITING, OUTBOX_LAG, OUTBOX_PARKED, OUTBOX_WAITING
from halles.kernel.web import Services
from halles.vision.api.touches import forget_visitors
from halles.visits import api as visits
from halles.visits.types import RETENTION

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
        await inventory.forget_reservations(tx, services.clock())
        await identity.forget_expired(tx, services.clock())


async def forget_visits(services: Services) -> None:
    """Delete single visits and ties past their retention, and which browser took older photos; the counts stay."""
    now = services.clock()
    async with services.db.transaction() as tx:
        await visits.forget_old(tx, now)
        await forget_visitors(tx, now - RETENTION)


async def measure(services: Services) -> None:
    """Keep the outbox's gauges."""
    async with services.db.reading() as tx:
        backlog = await outbox.backlog(tx)
    OUTBOX_LAG.set(backlog.lag_s)
    OUTBOX_PARKED.set(backlog.parked)
    OUTBOX_WAITING.set(backlog.waiting)
    NATS_WAITING.set(backlog.outgoing)
    NATS_LAG.set(backlog.outgoing_lag_s)


TASKS: Sequence[Task] = (
    Task(name="settle pending payments", every_s=5.0, work=settle_pending),
    Task(name="measure payments", every_s=30.0, work=measure_payments),
    Task(name="free expired reservations", every_s=1.0, work=settle_reservations),
    Task(name="fill and end ring-fences", every_s=1.0, work=settle_fences),
    Task(name="give back after flash sales", every_s=1.0, work=settle_sales),
    Task(name="call who may come in", every_s=1.0, work=welcoming.look_again),
    Task(name="forget who visited", every_s=86_400.0, work=welcoming.forget_old),
    Task(name="send mails about orders", every_s=1.0, work=send_due),
    Task(name="measure mails about orders", every_s=30.0, work=measure_letters),
    Task(name="look at promises", every_s=5.0, work=promise_keeping.look_again),
    Task(name="learn what lanes take", every_s=3600.0, work=promise_keeping.learn),
    Task(name="look at shelf labels", every_s=1.0, work=shelf_labels.look_again),
    Task(name="forget what labels showed", every_s=86_400.0, work=shelf_labels.forget_old),
    Task(name="learn what staff taught", every_s=2.0, work=learn_waiting),
    Task(name="see pictures again after another model", every_s=30.0, work=SeeAgain()),
    Task(name="run queued imports", every_s=1.0, work=product_import.run_queued),
    Task(name="forget closed accounts", every_s=5.0, work=go_on_forgetting),
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
    async with opened(settings, max_size=settings.database_connections, patience_s=PATIENCE_S) as db:
        services = assemble(settings, db)
        log.info("worker.started")
        async with delivering(services, stop) as deliveries:
            await asyncio.gather(
                *deliveries, *_labelling(services, stop), *(_repeat(task, services, stop) for task in TASKS)
            )


@asynccontextmanager
async def delivering(services: Services, stop: asyncio.Event) -> AsyncGenerator[Sequence[Awaitable[None]]]:
    """The relay, and where there is NATS the publisher beside it."""
    db, settings = services.db, services.settings
    if settings.nats_url is None:
        yield [Relay(db, reactions(services), topics).run(stop)]
        return
    from halles.kernel.nats.publisher import Publisher
    from halles.kernel.nats.topics import TopicLink

    url = settings.nats_url.get_secret_value()
    link = TopicLink(url)
    linked = asyncio.create_task(link.run())
    relay = Relay(db, reactions(services), topics, hand_on=True, announce=link.announce)
    publisher = Publisher(db, url, replicas=settings.nats_replicas, private=private)
    try:
        yield [relay.run(stop), publisher.run(stop)]
    finally:
        linked.cancel()
        await asyncio.gather(linked, return_exceptions=True)


def _labelling(services: Services, stop: asyncio.Event) -> Sequence[Awaitable[None]]:
    """The link to shelf labels, where there is a broker."""
    if services.settings.mqtt_url is None:
        return []
    from halles.journeys.shelf_labels.link import SUBSCRIPTIONS, ShelfLink
    from halles.shelf_labels.adapters.mqtt import linked

    url = services.settings.mqtt_url.get_secret_value()
    return [ShelfLink(services, lambda: linked(url, "halles", SUBSCRIPTIONS)).run(stop)]


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
