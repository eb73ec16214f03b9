"""Hands and stages for the attacks in `tests/`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI

from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.checkout.types import PlaceOrder
from halles.kernel.ids import uuid7

GOOD_CARD, BAD_CARD, SECOND_STEP = "4242424242424242", "4000000000000002", "4000002500003155"
ORIGIN = "http://localhost:8000"
SignIn = Callable[..., Awaitable[int]]
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]


def browser(app: FastAPI) -> httpx.AsyncClient:
    """A visitor's browser on any application."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN})


def as_json(command: PlaceOrder) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(command))


def key() -> dict[str, str]:
    """A fresh Idempotency-Key."""
    return {"idempotency-key": str(uuid7())}


async def top_up(
    client: httpx.AsyncClient,
    minor: float,
    *,
    card: str = GOOD_CARD,
    currency: str = "EUR",
    topup_id: str | None = None,
) -> httpx.Response:
    amount = {"minor": minor, "currency": currency}
    asked = {"topup_id": topup_id or str(uuid7()), "amount": amount, "method": {"demo_card": card}}
    return await client.post("/api/topups", json=asked)


async def rich(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody with 2,000 EUR."""
    (await top_up(client, 200_000)).raise_for_status()
    return client


async def spendable(client: httpx.AsyncClient) -> int:
    """Euros that can be spent now, in minor units."""
    accounts = (await client.get("/api/wallet")).json()["accounts"]
    return sum(account["available"]["minor"] for account in accounts)


async def ordered(client: httpx.AsyncClient, shop: Shop, *, touchpoint: str | None = None) -> str:
    """One piece of the first article, ordered; its id."""
    command = shop.order(touchpoint=touchpoint)
    answer = await client.post("/api/orders", json=as_json(command))
    assert answer.status_code == 201, answer.text
    return str(command.order_id)
