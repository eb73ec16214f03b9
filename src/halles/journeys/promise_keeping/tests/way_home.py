"""A small shop whose goods come from abroad on a lane of five legs, its staff and a carrier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from halles.identity import api as identity
from halles.identity.types import Scope
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import NOW, Shop, open_shop
from halles.journeys.fulfilment.api import take_step
from halles.journeys.wiring import reactions, topics
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.relay import Relay
from halles.kernel.web import Services
from halles.orders.types import Step
from halles.promises import api as promises
from halles.promises.types import Customs, LaneDraft, LaneKind, LegDraft, LegKind

ABROAD = LaneDraft(
    lane=LaneKind.ABROAD,
    origin="Hangzhou warehouse",
    origin_country="CN",
    country="FR",
    legs=(
        LegDraft(kind=LegKind.PICK_PACK, earliest_days=0, likely_days=1, latest_days=2, cutoff=time(16)),
        LegDraft(
            kind=LegKind.LINE_HAUL, earliest_days=3, likely_days=4, latest_days=6, carrier="Fil de Soie"
        ),
        LegDraft(kind=LegKind.CUSTOMS, earliest_days=1, likely_days=2, latest_days=4),
        LegDraft(kind=LegKind.HUB, earliest_days=0, likely_days=1, latest_days=2, hub="Roissy hub"),
        LegDraft(
            kind=LegKind.LAST_MILE, earliest_days=1, likely_days=1, latest_days=3, carrier="Colis du Marché"
        ),
    ),
)


@dataclass(slots=True, kw_only=True)
class Home:
    """The shop, and one order of its first shopper, placed at NOW from abroad."""

    services: Services
    shop: Shop
    order_id: UUID

    @property
    def db(self) -> Database:
        return self.services.db

    @property
    def key(self) -> tuple[int, UUID]:
        return self.shop.seller_id, self.order_id

    async def step(self, *steps: Step, days: float = 0.0) -> None:
        for step in steps:
            async with self.db.transaction() as tx:
                at = NOW + timedelta(days=days)
                await take_step(tx, *self.key, step, by="staff:1", at=at)

    async def deliver_events(self) -> None:
        await Relay(self.db, reactions(self.services), topics).drain()

    def at(self, days: float) -> datetime:
        """Set the clock so many days after the order."""
        clock = self.services.clock
        assert isinstance(clock, FixedClock)
        clock.at = NOW + timedelta(days=days)
        return clock.at


async def order_from_abroad(services: Services, *, email: str | None = None) -> Home:
    """Open the shop, make its lane, place an order that only the warehouse abroad can serve."""
    shop = await open_shop(services.db)
    async with services.db.transaction() as tx:
        await promises.save_hub(tx, shop.seller_id, "Roissy hub", "FR", location_id=shop.hub)
        await promises.put_lane(tx, shop.seller_id, replace(ABROAD, location_id=shop.abroad))
        await promises.save_customs(
            tx,
            Customs(
                seller_id=shop.seller_id, origin="CN", destination="FR", earliest_days=1, likely_days=2, latest_days=4,
                held_days=5,
            ),
        )  # fmt: skip
    command = msgspec.structs.replace(shop.order((0, 10), lane="abroad"), email=email)
    await services.port(Intake).place(command, shop.shoppers[0])
    return Home(services=services, shop=shop, order_id=command.order_id)


def event(code: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"event_id": str(uuid7()), "code": code, "at": at.isoformat(), **more}


async def tell(client: httpx.AsyncClient, shipment_id: UUID | str, *events: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/api/shipments/{shipment_id}/events", json={"events": list(events)})


async def carrier_key(services: Services, seller_ids: Sequence[int]) -> str:
    """What a carrier's program sends as Authorization."""
    async with services.db.transaction() as tx:
        carrier = await identity.create_organisation(tx, "Fil de Soie", now=services.clock())
        token, _ = await identity.create_api_key(
            tx,
            party_id=carrier,
            name="scans",
            seller_ids=list(seller_ids),
            scopes=list(Scope),
            now=services.clock(),
        )
    return f"Bearer {token}"
