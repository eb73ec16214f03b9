"""Sales for tests: a small shop with one planned, and people who join it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from halles.flash.rules import zero_bits
from halles.journeys.checkout.tests.small_shop import NOW, Shop
from halles.journeys.flash_sale import planning
from halles.journeys.flash_sale.api import FlashRooms, SaleDraft, SaleItem
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.web import Services
from halles.pricing import api as pricing

START = NOW + timedelta(minutes=10)


def draft_of(shop: Shop, **changes: Any) -> SaleDraft:
    """Ten pieces of the first article at 900, two a customer, the waiting room open from five minutes before the start."""
    draft = SaleDraft(
        title={"en": "Coats at noon", "fr": "Manteaux à midi"},
        currency="EUR",
        starts_at=START,
        ends_at=START + timedelta(hours=1),
        quantity=10,
        per_customer=2,
        waiting_room=True,
        prequeue_s=300,
        admit_per_s=2.0,
        hold_s=120,
        items=(SaleItem(variant_id=shop.variants[0], price_minor=900),),
    )
    return replace(draft, **changes)


async def plan(db: Database, shop: Shop, *, now: datetime = NOW, **changes: Any) -> UUID:
    sale_id = uuid7()
    async with db.transaction() as tx:
        await planning.plan(tx, shop.seller_id, sale_id, draft_of(shop, **changes), now)
    return sale_id


async def join(client: httpx.AsyncClient, sale_id: UUID) -> dict[str, Any]:
    """A ticket, with the work it asks for."""
    path = f"/api/flash/{sale_id}/ticket"
    first = await client.post(path, json={})
    if first.status_code == 403 and first.json()["code"] == "flash.proof_needed":
        first = await client.post(path, json=solve(first.json()))
    first.raise_for_status()
    found: dict[str, Any] = first.json()
    return found


def solve(asked: dict[str, Any]) -> dict[str, str]:
    challenge, bits = asked["challenge"], asked["bits"]
    nonce = next(str(n) for n in range(10_000_000) if zero_bits(f"{challenge}:{n}") >= bits)
    return {"challenge": challenge, "nonce": nonce}


async def at(services: Services, clock: FixedClock, seconds: float) -> None:
    """Set the clock to so many seconds from the start, and let every room of this process take notice."""
    clock.at = START + timedelta(seconds=seconds)
    await services.port(FlashRooms).refresh()


async def price(services: Services, shop: Shop) -> tuple[int, int | None]:
    async with services.db.reading() as tx:
        found = await pricing.prices(tx, shop.seller_id, "EUR", shop.variants[:1], services.clock())
    now = found[shop.variants[0]]
    return now.unit.minor, None if now.was is None else now.was.minor
