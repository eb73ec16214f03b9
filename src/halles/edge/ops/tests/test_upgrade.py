"""An installation at an earlier revision, full of a day's business, comes to this release with every book and page intact."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from halles.edge.ops import revisions
from halles.identity import api as identity
from halles.journeys.checkout.api import Intake, PlaceOrder
from halles.journeys.checkout.types import SeenPromise, ShipTo, WantedLine
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.wiring import reactions, topics
from halles.kernel import migrate, outbox
from halles.kernel.db import Database
from halles.kernel.ids import PartyId
from halles.kernel.relay import Relay
from halles.kernel.web import Role, Services
from halles.orders import api as orders
from halles.orders.types import Step

OLD = "0012_visits"
SELLER, SHOPPER = 1001, 1003
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STATES = {1: "placed", 2: "packed", 3: "shipped", 4: "delivered", 5: "cancelled", 6: "returned"}
PAYMENTS = {1: "held", 2: "captured", 3: "voided", 4: "refunded"}


@dataclass(frozen=True, slots=True)
class Before:
    """What the release before would have shown, read from its tables before the upgrade."""

    orders: list[dict[str, Any]]
    receipts: list[uuid.UUID]
    accounts: list[tuple[Any, ...]]
    waiting: int
    holds: list[tuple[Any, ...]]


@pytest.fixture
def upgraded(postgres_dsn: str) -> Iterator[tuple[str, Before]]:
    """A database at OLD, filled, then brought to this release."""
    name = f"old_{uuid.uuid4().hex[:12]}"
    dsn = make_conninfo(postgres_dsn, dbname=name)
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(SQL("create database {}").format(Identifier(name)))
        try:
            migrate.upgrade(dsn, OLD)
            with psycopg.connect(dsn) as old:
                old.execute("delete from identity.party")
                script = (Path(__file__).with_name("at_0012.sql")).read_bytes()
                old.execute(script)
                before = _read(old)
            migrate.upgrade(dsn)
            yield dsn, before
        finally:
            admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


@pytest.fixture
def dsn(upgraded: tuple[str, Before]) -> str:
    """In place of the fresh database: everything below stands on the upgraded one."""
    return upgraded[0]


@pytest.fixture
def before(upgraded: tuple[str, Before]) -> Before:
    return upgraded[1]


def _read(old: psycopg.Connection) -> Before:
    columns = (
        "order_id, seller_id, owner_id, total_minor, tax_minor, state, payment, placed_at, lines, promise, ship_to, email,"
        " place_id, touchpoint_id"
    )
    cursor = old.execute(f'select {columns} from orders."order" order by order_id'.encode())
    names = [column.name for column in cursor.description or ()]
    return Before(
        orders=[dict(zip(names, row, strict=True)) for row in cursor.fetchall()],
        receipts=[
            row[0]
            for row in old.execute(
                "select order_id from orders.receipt where owner_id = %s order by placed_at desc, order_id desc",
                (SHOPPER,),
            ).fetchall()
        ],
        accounts=old.execute(
            "select owner_id, kind, balance_minor, held_minor from wallet.account order by 1, 2"
        ).fetchall(),
        waiting=len(old.execute("select from kernel.outbox where parked_at is null").fetchall()),
        holds=old.execute("select hold_id, amount_minor, state, legs from wallet.hold order by 1").fetchall(),
    )


async def test_the_books_agree(db: Database, before: Before) -> None:
    report = await examine(db)
    assert report.findings == []
    assert report.counted["orders"] == len(before.orders) == 21
    assert report.counted["open orders"] == 15
    async with db.reading() as tx:
        cursor = await tx.connection.execute(
            "select owner_id, kind, balance_minor, held_minor from wallet.account order by 1, 2"
        )
        assert await cursor.fetchall() == before.accounts


async def test_every_order_says_what_it_said(db: Database, before: Before) -> None:
    for was in before.orders:
        async with db.reading() as tx:
            now = await orders.load_order(tx, was["order_id"])
        assert (now.seller_id, now.owner_id, now.placed_at) == (
            was["seller_id"],
            was["owner_id"],
            was["placed_at"],
        )
        assert (now.total_minor, now.tax_minor, now.email) == (
            was["total_minor"],
            was["tax_minor"],
            was["email"],
        )
        assert (now.state, now.payment, now.promise) == (was["state"], was["payment"], was["promise"])
        assert [
            (
                line.variant_id,
                line.quantity,
                line.unit_price_minor,
                line.tax_bp,
                line.location_id,
                line.match_id and str(line.match_id),
                dict(line.title),
            )
            for line in now.lines
        ] == [
            (
                line["variant_id"],
                line["quantity"],
                line["unit_price_minor"],
                line["tax_bp"],
                line["location_id"],
                line.get("match_id"),
                line["title"],
            )
            for line in was["lines"]
        ]


async def test_a_shopper_finds_their_orders(app: FastAPI, services: Services, before: Before) -> None:
    async with _browser(app, services, SHOPPER) as client:
        listed = (await client.get("/api/orders", params={"limit": 100})).raise_for_status().json()["items"]
        assert [uuid.UUID(order["order_id"]) for order in listed] == before.receipts
        for was in (order for order in before.orders if order["owner_id"] == SHOPPER):
            page = (await client.get(f"/api/orders/{was['order_id']}")).raise_for_status().json()
            assert page["state"] == STATES[was["state"]]
            assert page["payment"] == PAYMENTS[was["payment"]]
            assert page["total"] == {"minor": was["total_minor"], "currency": "EUR"}
            assert [line["quantity"] for line in page["lines"]] == [line["quantity"] for line in was["lines"]]
            assert page["promise"]["lane"] == was["promise"]["lane"]
        wallet = (await client.get("/api/wallet")).raise_for_status().json()
        assert str(next(a[2] for a in before.accounts if a[:2] == (SHOPPER, "main"))) in str(wallet)
    async with services.db.reading() as tx:
        basket = await orders.basket(tx, 1002, SELLER)
    assert [(line.variant_id, line.quantity) for line in basket] == [(3, 3)]


async def test_the_console_reads_it(app: FastAPI, services: Services, before: Before) -> None:
    async with services.db.transaction() as tx:
        party = await identity.create_person(
            tx,
            "staff@test.example",
            now=services.clock(),
            roles=[Role.HEAD_OFFICE, Role.OPERATOR],
            seller_ids=[SELLER],
        )
    async with _browser(app, services, party) as client:
        sold = (await client.get("/api/console/orders", params={"limit": 100})).raise_for_status().json()
        theirs = {str(order["order_id"]) for order in before.orders if order["seller_id"] == SELLER}
        assert theirs <= {order["order_id"] for order in sold["items"]}
        for order_id in theirs:
            (await client.get(f"/api/console/orders/{order_id}")).raise_for_status()
        (await client.get("/api/console/stock", params={"seller_id": SELLER})).raise_for_status()
        parked = (await client.get("/api/console/events/parked")).raise_for_status().json()
        assert "visits.recorded" in str(parked)


async def test_orders_of_the_release_before_go_on(db: Database, services: Services, before: Before) -> None:
    """Pack, ship, deliver, take back and cancel, on rows that the release before wrote."""
    on = {1: [Step.PACK, Step.SHIP, Step.DELIVER, Step.TAKE_BACK], 2: [Step.SHIP], 4: [Step.TAKE_BACK]}
    placed = [order for order in before.orders if order["state"] == 1]
    for was in [placed[0], *(order for order in before.orders if order["state"] in {2, 4})]:
        for step in on[was["state"]]:
            async with db.transaction() as tx:
                await take_step(tx, was["seller_id"], was["order_id"], step, by="system", at=NOW)
    for was in placed[1:]:
        async with db.transaction() as tx:
            await take_step(tx, was["seller_id"], was["order_id"], Step.CANCEL, by="shopper", at=NOW)
    report = await examine(db)
    assert (report.findings, report.counted["open orders"]) == ([], 0)


async def test_events_that_waited_are_delivered(db: Database, services: Services, before: Before) -> None:
    assert before.waiting > 40
    await Relay(db, reactions(services), topics).drain()
    async with db.reading() as tx:
        backlog = await outbox.backlog(tx)
        parked = await outbox.parked(tx)
    assert (backlog.lag_s, backlog.parked) == (0, 1), [(event.kind, event.error) for event in parked]
    assert (await examine(db)).findings == []


async def test_a_client_that_repeats_its_order_after_the_upgrade_gets_its_first_answer(
    services: Services, before: Before
) -> None:
    was = next(
        order
        for order in sorted(before.orders, key=lambda order: order["placed_at"])
        if order["touchpoint_id"]
    )
    command = PlaceOrder(
        order_id=was["order_id"],
        seller_id=was["seller_id"],
        currency="EUR",
        lines=tuple(
            WantedLine(
                variant_id=line["variant_id"],
                quantity=line["quantity"],
                unit_price_minor=line["unit_price_minor"],
            )
            for line in was["lines"]
        ),
        promise=SeenPromise(lane="hub", date=date(2026, 12, 31)),
        ship_to=ShipTo(**was["ship_to"]),
        touchpoint=f"photo-{SELLER}",
    )
    outcome = await services.port(Intake).place(command, PartyId(was["owner_id"]))
    assert (outcome.first, outcome.placed.total.minor) == (False, was["total_minor"])


def test_what_a_process_may_serve() -> None:
    known = revisions.line()
    assert known[0] == "0001_kernel"
    assert revisions.serves(known[-1], known)
    assert revisions.serves("9999_of_a_later_release", known)
    assert not revisions.serves(OLD, known)
    assert not revisions.serves(None, known)


def _browser(app: FastAPI, services: Services, party: int) -> Any:
    return _SignedIn(app, services, party)


class _SignedIn:
    """A browser of a party that the old database knows."""

    def __init__(self, app: FastAPI, services: Services, party: int) -> None:
        self._services, self._party = services, party
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://localhost:8000",
            headers={"origin": "http://localhost:8000"},
        )

    async def __aenter__(self) -> httpx.AsyncClient:
        async with self._services.db.transaction() as tx:
            signed = await identity.start_session(
                tx,
                PartyId(self._party),
                agent="test",
                now=self._services.clock() - timedelta(minutes=1),
                days=1,
            )
        self._client.cookies.set("halles_session", signed.token, domain="localhost.local", path="/")
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
