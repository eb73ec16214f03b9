"""A small application behind the real door, for tests of the door and of what stands right behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from halles.edge import problems
from halles.edge.security import Security
from halles.identity.api import SessionReader
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings, load
from halles.kernel.web import Services

HOME = "http://shop.test"


class Ticker:
    """A monotonic clock set by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def settings_of(folder: Path, **overrides: Any) -> Settings:
    """Settings of a demo on `HOME`."""
    return load(**{"data": folder, "public_url": HOME, "secret": "s" * 40, "demo": True, **overrides})


def app_of(
    db: Database,
    clock: Clock,
    settings: Settings,
    *routers: APIRouter,
    monotonic: Callable[[], float] = lambda: 0.0,
    **ports: Any,
) -> FastAPI:
    """The routers behind the door, with a session reader and `ports`."""
    app = FastAPI()
    problems.install(app)
    app.add_middleware(Security, settings=settings, monotonic=monotonic)
    for router in routers:
        app.include_router(router)
    reader = SessionReader(db, clock, session_days=settings.session_days)
    app.state.services = Services(
        db=db,
        media=MediaStore(settings.data / "media"),
        settings=settings,
        clock=clock,
        extra={"SessionReader": reader, **ports},
    )
    return app


def browser(app: FastAPI, home: str = HOME, **headers: str) -> httpx.AsyncClient:
    """A browser with the shop's page open: keeps cookies, names its origin."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=home, headers={"origin": home, **headers})
