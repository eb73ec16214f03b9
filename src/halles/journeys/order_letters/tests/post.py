"""A shop whose mails are kept in a box, and a clock to turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from halles.identity.types import Mail, Mailer
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, Shop, open_shop
from halles.journeys.checkout.types import Part, PlaceOrder
from halles.journeys.fulfilment.api import take_step
from halles.journeys.order_letters.sending import send_due
from halles.journeys.wiring import reactions, topics
from halles.kernel.clock import FixedClock
from halles.kernel.relay import Relay
from halles.kernel.web import Services
from halles.letters import api as letters
from halles.letters.types import Letter
from halles.orders.types import Step

EMAIL = "camille@test.example"


@dataclass(slots=True)
class Box:
    """Where mails go. `wrong`: raised for the next ones, in turn."""

    mails: list[Mail] = field(default_factory=list[Mail])
    wrong: list[Exception] = field(default_factory=list[Exception])

    async def send(self, mail: Mail) -> None:
        if self.wrong:
            raise self.wrong.pop(0)
        self.mails.append(mail)

    @property
    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.mails]


@dataclass(slots=True, kw_only=True)
class Post:
    """The shop, a second seller beside it, and their mail."""

    services: Services
    box: Box
    shop: Shop
    other: Shop

    async def place(
        self, *, email: str | None = EMAIL, payment: str = "wallet", several: bool = False
    ) -> UUID:
        command: PlaceOrder = msgspec.structs.replace(
            self.shop.order((0, 2), (1, 1)), email=email, payment=payment
        )
        if several:
            more = self.other.order((0, 1))
            part = Part(seller_id=more.seller_id, lines=more.lines, promise=more.promise)
            command = msgspec.structs.replace(command, also=(part,))
        await self.services.port(Intake).place(command, self.shop.shoppers[0])
        return command.order_id

    async def step(self, order_id: UUID, *steps: Step) -> None:
        for step in steps:
            async with self.services.db.transaction() as tx:
                await take_step(
                    tx, self.shop.seller_id, order_id, step, by="staff:1", at=self.services.clock()
                )

    async def events(self) -> None:
        await Relay(self.services.db, reactions(self.services), topics).drain()

    async def work(self) -> None:
        """Deliver events, then send what is due."""
        await self.events()
        while await send_due(self.services):
            pass

    async def letters(self, order_id: UUID) -> Sequence[Letter]:
        async with self.services.db.reading() as tx:
            return await letters.of_order(tx, self.shop.seller_id, order_id)

    def at(self, **after: float) -> datetime:
        clock = self.services.clock
        assert isinstance(clock, FixedClock)
        clock.at = NOW + timedelta(**after)
        return clock.at


async def open_post(services: Services) -> Post:
    box = Box()
    posted = replace(services, extra={**services.extra, Mailer.__name__: box})
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Atelier")
    return Post(services=posted, box=box, shop=shop, other=other)
