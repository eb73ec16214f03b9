"""What a process of Halles is made of: the database, the media folder, and the adapters that these settings choose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from halles.edge.inference.address import socket_path
from halles.edge.inference.client import InferenceClients
from halles.flash.api import read_admission
from halles.identity.adapters.mail import mailer
from halles.identity.api import SessionReader, vault
from halles.identity.types import Mailer
from halles.journeys.basket_view.service import Baskets
from halles.journeys.checkout.api import Desk, Facts, Intake, Quotes, prover, quote_key
from halles.journeys.flash_sale.api import FlashRooms, TicketDesk, admission_key
from halles.journeys.offline_sync.api import Offline
from halles.journeys.phone_recognition.api import PhoneRecognition
from halles.journeys.picture_index.learning import Learning
from halles.kernel.clock import Clock, system_clock
from halles.kernel.connect import PATIENCE_S, opened
from halles.kernel.db import Database
from halles.kernel.live import LiveHub
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings
from halles.kernel.tls import between_writers
from halles.kernel.web import Services
from halles.payments.adapters import psp
from halles.payments.types import Psp
from halles.vision.api.samples import PhotoInspector
from halles.vision.types import Recogniser


def assemble(settings: Settings, db: Database, *, clock: Clock = system_clock, **others: Any) -> Services:
    """The services of a process on an open database. `others` replace ports by name (tests put their own Recogniser here)."""
    facts = Facts(db)
    marks = vault(settings).mark
    quotes = Quotes(db, quote_key(marks))
    admissions = partial(read_admission, admission_key(settings))
    intake = Intake(db, clock, facts=facts, admissions=admissions, quotes=quotes)
    eyes = InferenceClients(
        [socket_path(settings.data, number) for number in range(settings.inference_processes)]
    )
    desk = Desk(db, intake, prover(marks), between_writers(settings))
    ports: dict[str, Any] = {
        LiveHub.__name__: LiveHub(db),
        SessionReader.__name__: SessionReader(db, clock, session_days=settings.session_days),
        Intake.__name__: intake,
        Desk.__name__: desk,
        Quotes.__name__: quotes,
        Offline.__name__: Offline(db, clock, settings),
        PhoneRecognition.__name__: PhoneRecognition(db, settings),
        Learning.__name__: Learning(db, clock),
        Baskets.__name__: Baskets(db, facts, clock),
        Recogniser.__name__: eyes,
        PhotoInspector.__name__: eyes,
        Mailer.__name__: mailer(settings, db),
    }
    provider = psp(settings, db)
    if provider is not None:
        ports[Psp.__name__] = provider
    rooms = FlashRooms(db, clock, ports[LiveHub.__name__], busy=desk.busy)
    ports |= {FlashRooms.__name__: rooms, TicketDesk.__name__: TicketDesk(rooms, admission_key(settings))}
    return Services(
        db=db,
        media=MediaStore(settings.data / "media"),
        settings=settings,
        clock=clock,
        extra={**ports, **others},
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Services]:
    """A web process's services with their background work; closing drains what was accepted."""
    async with opened(settings, max_size=settings.database_connections, patience_s=PATIENCE_S) as db:
        services = assemble(settings, db)
        writes = settings.place_orders == "here"
        async with (
            live(services),
            services.port(Desk).shared(writes=writes, host=settings.writer_host),
        ):
            yield services


@asynccontextmanager
async def live(services: Services) -> AsyncGenerator[None]:
    """Listen for live topics while the block runs; then let accepted orders and photos finish."""
    hub, nats_url = services.port(LiveHub), services.settings.nats_url
    listening = [asyncio.create_task(hub.run())]
    if nats_url is not None:
        from halles.kernel.nats.topics import TopicLink

        link = TopicLink(nats_url.get_secret_value())
        listening.append(asyncio.create_task(link.run(hub.publish_packed, hub.wake_all)))
    try:
        yield
    finally:
        hub.close()
        await services.port(Baskets).close()
        await services.port(Intake).close()
        await services.port(FlashRooms).close()
        await services.port(SessionReader).close()
        await services.extra[Recogniser.__name__].close()
        provider: Psp | None = services.extra.get(Psp.__name__)
        if provider is not None:
            await provider.close()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
