from __future__ import annotations

import pytest

from halles.journeys.order_letters.tests.post import Post, open_post
from halles.kernel.web import Services


@pytest.fixture
async def post(services: Services) -> Post:
    return await open_post(services)
