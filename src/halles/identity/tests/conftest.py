"""A shop's door with identity behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity.http import router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def shop(db: Database, clock: FixedClock, settings: Settings) -> FastAPI:
    return app_of(db, clock, settings, router)


@pytest.fixture
async def phone(shop: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """One browser with the shop's page open."""
    async with browser(shop) as client:
        yield client
