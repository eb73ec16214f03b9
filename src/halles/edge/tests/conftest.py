"""A door with a few probes behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from halles.edge.tests.door import Ticker, app_of, browser, settings_of
from halles.identity.http import router as identity_router
from halles.kernel.caller import Caller
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.web import allow

probe = APIRouter()


@probe.get("/api/who")
async def who(request: Request, caller: Caller = allow()) -> dict[str, Any]:
    return {
        "party_id": caller.party_id,
        "roles": sorted(caller.roles),
        "sellers": sorted(caller.seller_ids),
        "guest": caller.guest,
        "visitor": caller.visitor,
        "network": request.scope["halles.client"],
    }


@probe.post("/api/change")
@probe.post("/api/photos")
@probe.post("/api/orders")
@probe.post("/api/console/imports")
@probe.post("/api/demo/payments/x")
async def change(request: Request, caller: Caller = allow()) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@probe.get("/page")
async def page(caller: Caller = allow()) -> HTMLResponse:
    return HTMLResponse("<p>hello")


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
def shop(db: Database, clock: FixedClock, tmp_path: Path, ticker: Ticker) -> FastAPI:
    return app_of(db, clock, settings_of(tmp_path), probe, identity_router, monotonic=ticker)


@pytest.fixture
async def phone(shop: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(shop) as client:
        yield client


@pytest.fixture
def probes() -> APIRouter:
    """The probes alone, for applications with settings of their own."""
    return probe
