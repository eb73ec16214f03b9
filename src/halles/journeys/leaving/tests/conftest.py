"""A small shop, somebody who has been there for a while, and what they need to leave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from conftest import SignIn
from halles.identity import api as identity
from halles.identity.api import codes
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.fulfilment.steps import take_step
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.web import Services
from halles.orders.types import Step
from halles.places import api as places
from halles.places.types import TouchpointKind

Closing = Callable[..., Awaitable[httpx.Response]]
Deliver = Callable[[str], Awaitable[None]]


@pytest.fixture
async def shop(db: Database) -> Shop:
    opened = await open_shop(db)
    async with db.transaction() as tx:
        await places.add_touchpoint(tx, opened.seller_id, code="web", kind=TouchpointKind.WEB, place_id=None)
    return opened


@pytest.fixture
async def shopper(client: httpx.AsyncClient, sign_in: SignIn) -> int:
    """Somebody signed in, by party id."""
    return await sign_in(client)


@pytest.fixture
def mailed(services: Services) -> Callable[[str], Awaitable[str]]:
    """`await mailed(address)`: a code that came to this address."""

    async def send(address: str) -> str:
        code = codes.new_code()
        hashed = await codes.hash_code(identity.vault(services.settings), address, code)
        async with services.db.transaction() as tx:
            await codes.keep_code(tx, address, hashed, services.clock())
        return code

    return send


@pytest.fixture
def leave(mailed: Callable[[str], Awaitable[str]]) -> Closing:
    """`await leave(client, ...)`: close the client's account, with a fresh code where they have an address."""

    async def ask(
        client: httpx.AsyncClient, *, closure_id: UUID | None = None, give_up: tuple[int, ...] = ()
    ) -> httpx.Response:
        me = (await client.get("/api/me")).json()
        body: dict[str, object] = {
            "closure_id": str(closure_id or uuid7()),
            "give_up": [{"minor": minor, "currency": "EUR"} for minor in give_up],
        }
        if me["email"]:
            body["code"] = await mailed(me["email"])
        return await client.post("/api/me/closing", json=body)

    return ask


@pytest.fixture
def deliver(services: Services, shop: Shop) -> Deliver:
    """`await deliver(order_id)`: pack, ship and deliver an order."""

    async def steps(order_id: str) -> None:
        async with services.db.transaction() as tx:
            for step in (Step.PACK, Step.SHIP, Step.DELIVER):
                await take_step(tx, shop.seller_id, UUID(order_id), step, by="staff:7", at=services.clock())

    return steps
