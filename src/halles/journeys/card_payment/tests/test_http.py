"""Paying by card over HTTP: who may, what is answered, what the order's page says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity import api as identity
from halles.identity.http import router as identity_router
from halles.journeys.card_payment.api import expire_unpaid
from halles.journeys.card_payment.http import router
from halles.journeys.card_payment.tests.waiting_orders import PAY_WITHIN, place_by_card
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop
from halles.journeys.fulfilment.api import take_step
from halles.journeys.fulfilment.http import router as orders_router
from halles.kernel.caller import Role
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.orders.types import Step
from halles.payments.adapters.demo import DemoPsp
from halles.payments.tests.hands import DECLINED, GOOD, SECOND_STEP


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db, funds_minor=0)


@pytest.fixture
def app(db: Database, clock: FixedClock, tmp_path: Path) -> FastAPI:
    settings = settings_of(tmp_path)
    return app_of(db, clock, settings, router, orders_router, identity_router, Psp=DemoPsp(db))


@pytest.fixture
async def phone(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await client.post("/api/guest")
        yield client


async def order_of(phone: httpx.AsyncClient, db: Database, shop: Shop, clock: FixedClock) -> UUID:
    owner = (await phone.get("/api/me")).json()["party_id"]
    return await place_by_card(db, shop, owner, (0, 2), at=clock())


def asked(card: str | None = None) -> dict[str, Any]:
    return {"method": None if card is None else {"demo_card": card}}


async def test_a_guest_pays_and_sees_it(
    phone: httpx.AsyncClient, db: Database, shop: Shop, clock: FixedClock
) -> None:
    order_id = await order_of(phone, db, shop, clock)
    page = (await phone.get(f"/api/orders/{order_id}")).json()
    assert (page["payment"], page["pay_by"], page["can_cancel"]) == ("pending", "2026-11-21T10:30:00Z", True)
    assert page["card"]["state"] == "none"
    answer = await phone.post(f"/api/orders/{order_id}/payment", json=asked(GOOD))
    assert answer.json() == {
        "order_id": str(order_id),
        "amount": {"minor": 2 * PRICE, "currency": "EUR"},
        "state": "received",
        "provider": "demo",
        "next": None,
        "failure": None,
        "pay_by": "2026-11-21T10:30:00Z",
    }
    assert (await phone.post(f"/api/orders/{order_id}/payment", json=asked())).json() == answer.json()
    page = (await phone.get(f"/api/orders/{order_id}?lang=fr")).json()
    assert (page["payment"], page["tape"][-1]["text"]) == ("held", "Payée par carte")
    assert page["card"]["left"] is None, "the order is to be sent"


async def test_refusals_have_their_codes(
    phone: httpx.AsyncClient, app: FastAPI, db: Database, shop: Shop, clock: FixedClock
) -> None:
    order_id = await order_of(phone, db, shop, clock)
    path = f"/api/orders/{order_id}/payment"
    declined = (await phone.post(path, json=asked(DECLINED))).json()
    assert (declined["state"], declined["failure"]) == ("failed", "Your card was declined.")
    async with browser(app) as thief:
        await thief.post("/api/guest")
        assert (await thief.post(path, json=asked(GOOD))).json()["code"] == "orders.no_such_order"
    clock.at += PAY_WITHIN + timedelta(seconds=1)
    assert (await phone.post(path, json=asked(GOOD))).json()["code"] == "payments.too_late"
    await expire_unpaid(db, clock())
    late = await phone.post(path, json=asked(GOOD))
    assert (late.status_code, late.json()["code"]) == (409, "payments.not_awaiting_payment")
    page = (await phone.get(f"/api/orders/{order_id}")).json()
    assert (page["state"], page["tape"][-1]["code"]) == ("cancelled", "orders.expired")


async def test_the_second_step_leads_back_to_the_order(
    phone: httpx.AsyncClient, app: FastAPI, db: Database, shop: Shop, clock: FixedClock
) -> None:
    order_id = await order_of(phone, db, shop, clock)
    url = (await phone.post(f"/api/orders/{order_id}/payment", json=asked(SECOND_STEP))).json()["next"]["url"]
    async with browser(app) as thief:
        await thief.post("/api/guest")
        assert (await thief.get(url)).status_code == 404
        assert (await thief.post(url, data={"answer": "approve"})).status_code == 404
    assert "24.00 EUR" in (await phone.get(url)).text
    done = await phone.post(url, data={"answer": "approve"})
    assert (done.status_code, done.headers["location"]) == (303, f"/orders/{order_id}")
    assert (await phone.get(f"/api/orders/{order_id}")).json()["payment"] == "held"


async def test_the_shopper_takes_back_what_is_free(
    phone: httpx.AsyncClient, db: Database, shop: Shop, clock: FixedClock
) -> None:
    order_id = await order_of(phone, db, shop, clock)
    await phone.post(f"/api/orders/{order_id}/payment", json=asked(GOOD))
    wish = {"refund_id": str(uuid7())}
    path = f"/api/orders/{order_id}/card-refunds"
    assert (await phone.post(path, json=wish)).json()["code"] == "payments.nothing_to_refund"
    async with db.transaction() as tx:
        await take_step(tx, shop.seller_id, order_id, Step.CANCEL, by="shopper", at=clock())
    assert (await phone.get(f"/api/orders/{order_id}")).json()["card"]["left"]["minor"] == 2 * PRICE
    first = await phone.post(path, json=wish)
    assert (first.json()["state"], first.json()["amount"]["minor"]) == ("succeeded", 2 * PRICE)
    assert (await phone.post(path, json=wish)).json() == first.json()
    page = (await phone.get(f"/api/orders/{order_id}")).json()
    assert page["card"]["left"] is None
    assert [one["state"] for one in page["card"]["refunds"]] == ["succeeded"]


async def test_staff_see_what_waits_for_a_person(
    app: FastAPI, db: Database, shop: Shop, clock: FixedClock
) -> None:
    async with db.transaction() as tx:
        person = await identity.create_person(
            tx,
            "siege@demo.halles.example",
            now=clock(),
            roles=[Role.HEAD_OFFICE],
            seller_ids=[shop.seller_id],
        )
        signed = await identity.start_session(tx, person, agent="test", now=clock(), days=1)
    async with browser(app) as office:
        assert (await office.get("/api/console/payments/unclear")).status_code == 401
        office.cookies.set("halles_session", signed.token)
        assert (await office.get("/api/console/payments/unclear")).json() == {"items": [], "next": None}
        gone = await office.post(f"/api/console/payments/{uuid7()}/attended")
        assert (gone.status_code, gone.json()["code"]) == (404, "payments.no_such_payment")
