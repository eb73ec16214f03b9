"""Every operation of the OpenAPI document, called with what the document allows and with what it does not, by visitor, shopper,
staff and head office, on a real server with a real database: no 5xx, and every answer is one that the document describes."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NoReturn, cast

import psycopg
import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,  # pyright: ignore[reportUnknownVariableType]
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import FailureGroup

from conftest import TEMPLATE
from halles.edge.app import create_app, describe
from halles.edge.lane_protocol import protocol
from halles.edge.services import assemble, live
from halles.identity import api as identity
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.journeys.flash_sale.tests.sales import plan
from halles.kernel.caller import Role
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.settings import Settings
from halles.kernel.web import Services
from halles.vision.types import NotAPhoto, Recogniser

EXAMPLES = 14
"""Calls of each operation; a role, and whether ids that exist are put in, are drawn for each."""
STREAMS = "/events"
"""Operations that end so have no end; the tests of their pages read them."""
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("visitor", "shopper", "staff", "head_office")
ENDS_SESSIONS = {"/api/sign-out", "/api/sessions/{session_id}", "/api/me", "/api/sign-in/code/verify"}

SCHEMA = schemathesis.openapi.from_dict(describe())
_ALL: list[Any] = [found.ok() for found in cast("Any", SCHEMA).get_all_operations()]
OPERATIONS = [one for one in _ALL if not one.path.endswith(STREAMS)]


class Blind:
    """A recogniser to which nothing is a photo."""

    async def model_id(self) -> str:
        return "blind"

    async def recognise(self, photo: bytes, *, seller_id: int, place_id: int | None) -> NoReturn:
        raise NotAPhoto("This is no photo.")

    async def embed(self, picture: bytes, kind: Any) -> NoReturn:
        raise NotAPhoto("This is no photo.")

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class World:
    """A running server and what exists in it. `known`: a field's or parameter's name → values that mean something."""

    url: str = ""
    loop: asyncio.AbstractEventLoop | None = None
    services: Services | None = None
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    known: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    async def fill(self, services: Services) -> None:
        """A seller with stock, an order and a sale that is planned; a session of each role."""
        self.services = services
        db = services.db
        shop = await open_shop(db, shoppers=2)
        placed = await services.port(Intake).place(shop.order(), shop.shoppers[0])
        self.known = {
            "seller_id": [shop.seller_id],
            "variant_id": list(shop.variants),
            "location_id": [shop.hub, shop.abroad],
            "place_id": [shop.place_id],
            "touchpoint": [shop.touchpoint],
            "t": [shop.touchpoint],
            "order_id": [str(placed.placed.order_id)],
            "owner_id": list(shop.shoppers),
            "currency": ["EUR"],
            "country": ["FR"],
            "demo_card": ["4242 4242 4242 4242"],
        }
        now = system_clock()
        soon = now + timedelta(seconds=10)
        sale = await plan(db, shop, now=now, starts_at=soon, ends_at=soon + timedelta(hours=1), prequeue_s=5)
        self.known["sale_id"] = [str(sale)]
        for role in ROLES[1:]:
            self.tokens[role] = await self._session(role)

    def fresh(self, role: str) -> str:
        """A session of its own, for an operation that may end it."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(self._session(role), self.loop).result(10)

    async def _session(self, role: str) -> str:
        assert self.services is not None
        now = self.services.clock()
        async with self.services.db.transaction() as tx:
            party = await identity.create_person(
                tx,
                f"{uuid7().hex}@test.example",
                now=now,
                roles=[] if role == "shopper" else [Role(role)],
                seller_ids=[] if role == "shopper" else self.known["seller_id"],
            )
            return (await identity.start_session(tx, party, agent="fuzz", now=now, days=1)).token


@pytest.fixture(scope="module")
def world(postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole application behind uvicorn, its order lane included, on a thread and a database of their own."""
    name = f"fuzz_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(TEMPLATE)))
    made, server, ended = World(), list[uvicorn.Server](), list[BaseException]()
    ready = threading.Event()

    async def serve() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            chosen = Settings(
                data=tmp_path_factory.mktemp("fuzz"), demo=True, public_url=made.url, rate_limit_factor=1e9
            )
            db = await Database.open(make_conninfo(postgres_dsn, dbname=name), min_size=1, max_size=8)
            try:
                blind: dict[str, Any] = {Recogniser.__name__: Blind()}
                services = assemble(chosen, db, **blind)
                async with live(services):
                    await made.fill(services)
                    app = create_app(services)
                    lane = protocol(app.state.lane)
                    server.append(
                        uvicorn.Server(uvicorn.Config(app, http=lane, access_log=False, log_config=None))
                    )
                    made.loop = asyncio.get_running_loop()
                    made.loop.call_later(0.5, ready.set)
                    await server[0].serve([listener])
            finally:
                await db.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # told where the test waits
            ended.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60)
    assert not ended, ended
    yield made
    server[0].should_exit = True
    thread.join(30)
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_an_operation_answers_as_it_says_whatever_it_is_sent(operation: Any, world: World) -> None:
    modes = [
        operation.as_strategy(generation_mode=mode)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]
    found: dict[str, str] = {}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(st.one_of(modes[0], modes[0], modes[1]), st.sampled_from(ROLES), st.integers(0, 99))
    def call(case: Any, role: str, seed: int) -> None:
        if seed % 4:
            _put_in(case, world.known, seed)
        said = _call(case, role, world)
        found.update({f"{role}: {text}": _shown(case) for text in said})

    call()
    assert not found, "\n".join(f"{text}\n    {case}" for text, case in list(found.items())[:6])


def _call(case: Any, role: str, world: World) -> list[str]:
    """What is wrong with the answer."""
    headers = {"origin": world.url}
    if role != "visitor":
        token = world.fresh(role) if case.operation.path in ENDS_SESSIONS else world.tokens[role]
        headers["cookie"] = f"halles_session={token}; halles_visitor={'A' * 24}"
    try:
        answer = case.call(base_url=world.url, headers=headers, allow_redirects=False, timeout=20)
    except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
        return []  # no client can send that
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        return [f"{answer.status_code} {one.title}: {one.message[:300]}" for one in group.exceptions]
    return []


def _put_in(case: Any, known: dict[str, list[Any]], seed: int) -> None:
    """Values that exist in place of generated ones, wherever a name says what is meant."""
    for part in (case.path_parameters, case.query):
        for name in part or ():
            if name in known:
                part[name] = known[name][seed % len(known[name])]
    _replace(case.body, known, seed)


def _replace(value: Any, known: dict[str, list[Any]], seed: int) -> None:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        for name, inner in fields.items():
            if name in known and isinstance(inner, (str, int)):
                fields[name] = known[name][seed % len(known[name])]
            else:
                _replace(inner, known, seed)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            _replace(inner, known, seed)


def _shown(case: Any) -> str:
    return f"{case.method} {case.formatted_path} {case.query} {str(case.body)[:300]}"
