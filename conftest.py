"""Fixtures for every test: a real PostgreSQL, a fresh migrated database a test, the whole application, a running demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from halles.kernel import migrate
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.media import MediaStore
from halles.kernel.postgres import ensure_running, stop
from halles.kernel.settings import Settings
from halles.kernel.web import Role, Services

TEMPLATE = "halles_template"
ORIGIN = "http://localhost:8000"
START_S = 240.0


def _on(dsn: str, database: str) -> str:
    return make_conninfo(dsn, dbname=database)


@pytest.fixture(scope="session")
def postgres_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this test process alone, without fsync, with a migrated template database."""
    folder = tmp_path_factory.mktemp("pg")
    server = ensure_running(folder, durable=False)
    try:
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            admin.execute(SQL("create database {}").format(Identifier(TEMPLATE)))
        migrate.upgrade(_on(server.dsn, TEMPLATE))
        yield server.dsn
    finally:
        stop(folder, mode="immediate")


@pytest.fixture
def dsn(postgres_dsn: str) -> Iterator[str]:
    """A database of this test alone, freshly migrated."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(
            SQL("create database {} template {} strategy file_copy").format(
                Identifier(name), Identifier(TEMPLATE)
            )
        )
        yield _on(postgres_dsn, name)
        admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    database = await Database.open(dsn, min_size=1, max_size=8)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 21, 10, 0, tzinfo=UTC))


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "data" / "media")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", demo=True, public_url=ORIGIN, rate_limit_factor=1000.0)


@pytest.fixture
async def services(settings: Settings, db: Database, clock: FixedClock) -> AsyncIterator[Services]:
    """The application's services, on this test's database and clock."""
    from halles.edge.services import assemble, live

    made = assemble(settings, db, clock=clock)
    async with live(made):
        yield made


@pytest.fixture
def app(services: Services) -> FastAPI:
    from halles.edge.app import create_app

    return create_app(services)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor's browser: keeps cookies, says where it comes from."""
    async with _browser(app) as made:
        yield made


SignIn = Callable[..., Awaitable[int]]


@pytest.fixture
def sign_in(services: Services) -> SignIn:
    """`await sign_in(client, Role.STAFF, seller_id=…)`: a fresh person; gives their party id. Role None: a shopper."""

    from halles.identity import api as identity

    async def enter(client: httpx.AsyncClient, role: Role | None = None, seller_id: int | None = None) -> int:
        roles = [] if role is None else [role]
        sellers = [] if seller_id is None else [seller_id]
        async with services.db.transaction() as tx:
            email = f"{uuid.uuid4().hex[:12]}@test.example"
            party = await identity.create_person(
                tx, email, now=services.clock(), roles=roles, seller_ids=sellers
            )
            signed = await identity.start_session(tx, party, agent="test", now=services.clock(), days=1)
        client.cookies.set("halles_session", signed.token, domain="localhost.local", path="/")
        return party

    return enter


@pytest.fixture
async def client_as(
    app: FastAPI, services: Services, sign_in: SignIn
) -> AsyncIterator[Callable[[str], Awaitable[httpx.AsyncClient]]]:
    """`await client_as(role)`: a browser of a visitor, a guest, or somebody with that role."""
    from halles.identity import api as identity
    from halles.identity.types import Scope

    opened: list[httpx.AsyncClient] = []

    async def make(role: str) -> httpx.AsyncClient:
        client = _browser(app)
        opened.append(client)
        if role == "guest":
            (await client.post("/api/guest")).raise_for_status()
        elif role != "visitor":
            async with services.db.transaction() as tx:
                seller = await identity.create_organisation(tx, "Another shop", now=services.clock())
                token, _ = await identity.create_api_key(
                    tx,
                    party_id=seller,
                    name="test",
                    seller_ids=[seller],
                    scopes=list(Scope),
                    now=services.clock(),
                )
            if role == Role.SERVICE:
                client.headers["authorization"] = f"Bearer {token}"
            else:
                await sign_in(client, None if role == Role.SHOPPER else Role(role), seller)
        return client

    yield make
    for client in opened:
        await client.aclose()


def _browser(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN})


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo as `halles demo` starts it: every process, its own database. Gives its address."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith("HALLES_")}
    env |= {"HALLES_DATA": str(folder / "data"), "HALLES_RATE_LIMIT_FACTOR": "100"}
    command = [sys.executable, "-m", "halles", "demo", "--port", str(port)]
    log = folder / "log.txt"
    with log.open("wb") as lines:
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines)
    try:
        _wait_for(f"http://localhost:{port}", process, log)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        stop(folder / "data", mode="immediate")


def _wait_for(address: str, process: subprocess.Popen[Any], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the demo did not start:\n{log.read_text()[-4000:]}")
