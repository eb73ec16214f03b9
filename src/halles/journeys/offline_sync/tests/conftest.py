"""A shop, a phone that carries it, and a shopper with money."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from halles.catalog.rules.bundles import apply, digest
from halles.edge.tests.thief import as_json
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.pricing import api as pricing
from halles.pricing.types import PriceChange


@dataclass
class Phone:
    """What a phone keeps: the state by key, its version, the last quote."""

    client: httpx.AsyncClient
    touchpoint: str
    entries: dict[str, str] = field(default_factory=dict[str, str])
    told: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def query(self) -> dict[str, Any]:
        return {"touchpoint": self.touchpoint, "currency": "EUR", "lang": "en"}

    async def take(self) -> None:
        """The whole shop, then the delta that brings the quote."""
        answer = await self.client.get("/api/offline/snapshot", params=self.query)
        assert answer.status_code == 200, answer.text
        self.told = answer.json()
        self.entries = self.told["entries"]
        await self.sync()

    async def sync(self) -> dict[str, str | None]:
        """What changed since."""
        known = {"bundle": self.told["bundle"], "since": self.told["version"]}
        answer = await self.client.get("/api/offline/delta", params={**self.query, **known})
        assert answer.status_code == 200, answer.text
        self.told = answer.json()
        changes: dict[str, str | None] = self.told["entries"]
        self.entries = apply(self.entries, changes)
        assert digest(self.entries).hex() == self.told["digest"]
        return changes

    async def order(self, shop: Shop, unit: int, **more: Any) -> httpx.Response:
        """One piece of the first article at a price, with the quote of what is on this phone."""
        body = {**as_json(shop.order(unit_price_minor=unit)), "quote": self.told["quote"], **more}
        return await self.client.post("/api/orders", json=body)


Reprice = Callable[..., Awaitable[None]]


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db)


@pytest.fixture
async def phone(client_as: Callable[[str], Awaitable[httpx.AsyncClient]], shop: Shop) -> Phone:
    client = await client_as("guest")
    paid = {
        "topup_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
        "amount": {"minor": 200_000, "currency": "EUR"},
    }
    answer = await client.post("/api/topups", json={**paid, "method": {"demo_card": "4242424242424242"}})
    answer.raise_for_status()
    return Phone(client=client, touchpoint=shop.touchpoint)


@pytest.fixture
def reprice(db: Database, shop: Shop, clock: FixedClock) -> Reprice:
    """`await reprice(1500)`: the first article costs that from now on, or from `at` on."""

    async def change(minor: int, *, at: datetime | None = None, seller: Shop | None = None) -> None:
        where, when = seller or shop, at or clock()
        changes = [PriceChange(variant_id=where.variants[0], currency="EUR", minor=minor, valid_from=when)]
        async with db.transaction() as tx:
            await pricing.set_prices(tx, where.seller_id, changes, clock())

    return change


@pytest.fixture
def later(clock: FixedClock) -> Callable[..., datetime]:
    """`later(hours=3)`: the clock moves on."""

    def move(**by: float) -> datetime:
        clock.at += timedelta(**by)
        return clock.at

    return move
