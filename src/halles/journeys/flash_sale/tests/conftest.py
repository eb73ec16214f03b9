"""The small shop of these tests."""

from __future__ import annotations

import pytest

from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.web import Services


@pytest.fixture
async def shop(services: Services) -> Shop:
    return await open_shop(services.db, stock=20, shoppers=1)
