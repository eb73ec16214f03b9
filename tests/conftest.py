"""Who meets in the attacks: two sellers, a victim, a thief, and staff of the other seller."""

from __future__ import annotations

import httpx
import pytest

from halles.edge.tests.thief import (
    ClientAs,
    SignIn,
    rich,
)
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.caller import Role
from halles.kernel.db import Database


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db)


@pytest.fixture
async def rival(db: Database) -> Shop:
    """Another seller on the same platform."""
    return await open_shop(db, name="Rivale")


@pytest.fixture
async def victim(client_as: ClientAs) -> httpx.AsyncClient:
    return await rich(await client_as("guest"))


@pytest.fixture
async def thief(client_as: ClientAs) -> httpx.AsyncClient:
    return await rich(await client_as("guest"))


@pytest.fixture
async def rival_staff(client_as: ClientAs, sign_in: SignIn, rival: Shop) -> httpx.AsyncClient:
    staff = await client_as("visitor")
    await sign_in(staff, Role.STAFF, rival.seller_id)
    return staff
