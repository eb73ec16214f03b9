"""A shop on its way: the order from abroad, a carrier's program, staff who sign in whenever the clock stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from halles.journeys.promise_keeping.tests.way_home import Home, carrier_key, order_from_abroad
from halles.kernel.caller import Role
from halles.kernel.web import Services

SignIn = Callable[..., Awaitable[int]]
ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]
EMAIL = "shopper@test.example"


@pytest.fixture
async def home(services: Services) -> Home:
    return await order_from_abroad(services, email=EMAIL)


@pytest.fixture
async def carrier(app: FastAPI, client_as: ClientAs, home: Home) -> httpx.AsyncClient:
    """A carrier's program with a key for this shop."""
    client = await client_as("visitor")
    client.headers["authorization"] = await carrier_key(home.services, [home.shop.seller_id])
    return client


@pytest.fixture
async def staff(
    client_as: ClientAs, sign_in: SignIn, home: Home
) -> Callable[[], Awaitable[httpx.AsyncClient]]:
    """`await staff()`: a browser of head office that signs in now, whatever the clock says."""

    async def enter() -> httpx.AsyncClient:
        browser = await client_as("visitor")
        await sign_in(browser, Role.HEAD_OFFICE, home.shop.seller_id)
        return browser

    return enter
