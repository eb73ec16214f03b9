"""The whole way of an order with Stripe's own client: intent, the shopper's browser, the signed webhook, the refund."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import httpx
import pytest

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity.http import router as identity_router
from halles.journeys.card_payment.api import CardPayments, expire_unpaid
from halles.journeys.card_payment.http import router
from halles.journeys.card_payment.tests.waiting_orders import PAY_WITHIN, place_by_card
from halles.journeys.checkout.tests.small_shop import PRICE, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.journeys.fulfilment.http import router as orders_router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.orders.types import Step
from halles.payments.tests.hands import DECLINED, GOOD, StripeHands, localstripe
from halles.payments.types import PaymentRequest, PspPayment, PspState

# Stripe's own HTTP layer gives httpx a text as `data=`, which httpx deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Use 'content=<...>' to upload raw bytes:DeprecationWarning:httpx"
)


@pytest.fixture(scope="module")
def stripe_base(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with localstripe(tmp_path_factory.mktemp("localstripe")) as base:
        yield base


@pytest.fixture
async def hands(stripe_base: str) -> AsyncIterator[StripeHands]:
    made = StripeHands(stripe_base)
    yield made
    await made.close()


@pytest.fixture
async def phone(
    db: Database, clock: FixedClock, tmp_path: Path, hands: StripeHands
) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(db, clock, settings_of(tmp_path), router, orders_router, identity_router, Psp=hands.psp)
    async with browser(app) as client:
        await client.post("/api/guest")
        yield client


async def pay_with(hands: StripeHands, ref: str, card: str) -> PspPayment:
    payment = await hands.psp.fetch_payment(ref)
    await hands.pay(PaymentRequest(subject=payment.subject, amount=payment.amount), payment, card)
    return await hands.psp.fetch_payment(ref)


async def test_an_order_is_paid_once_and_refunded_once(
    db: Database, clock: FixedClock, hands: StripeHands, phone: httpx.AsyncClient
) -> None:
    shop = await open_shop(db, funds_minor=0)
    owner = (await phone.get("/api/me")).json()["party_id"]
    order_id = await place_by_card(db, shop, owner, at=clock())
    path = f"/api/orders/{order_id}"
    waiting = (await phone.post(f"{path}/payment", json={})).json()
    assert (waiting["state"], waiting["provider"]) == ("pending", "stripe")
    assert (await phone.post(f"{path}/payment", json={})).json() == waiting, "one intent an attempt"
    ref = waiting["next"]["client_secret"].split("_secret_")[0]
    await pay_with(hands, ref, GOOD)
    for outcome in ("received", "repeated"):
        await _told(phone, hands, "evt_2", "payment_intent.succeeded", ref, outcome)
    await _told(phone, hands, "evt_0", "payment_intent.created", ref, "received")
    assert (await phone.get(path)).json()["payment"] == "held"

    async with db.transaction() as tx:
        await take_step(tx, shop.seller_id, order_id, Step.CANCEL, by="shopper", at=clock())
    wish = {"refund_id": str(uuid7())}
    for _ in range(2):
        back = (await phone.post(f"{path}/card-refunds", json=wish)).json()
        assert (back["state"], back["amount"]["minor"]) == ("succeeded", PRICE)
    assert (await examine(db)).findings == []


async def test_a_declined_card_leaves_the_intent_open_for_another(
    db: Database, clock: FixedClock, hands: StripeHands, phone: httpx.AsyncClient
) -> None:
    shop = await open_shop(db, funds_minor=0)
    owner = (await phone.get("/api/me")).json()["party_id"]
    path = f"/api/orders/{await place_by_card(db, shop, owner, at=clock())}/payment"
    secret = (await phone.post(path, json={})).json()["next"]["client_secret"]
    ref = secret.split("_secret_")[0]
    await pay_with(hands, ref, DECLINED)
    await _told(phone, hands, "evt_d", "payment_intent.payment_failed", ref, "pending")
    declined = (await phone.post(path, json={})).json()
    assert (declined["state"], declined["next"]) == ("pending", {"client_secret": secret})
    assert "declined" in declined["failure"]


async def test_an_unpaid_order_closes_its_intent(
    db: Database, clock: FixedClock, hands: StripeHands, phone: httpx.AsyncClient
) -> None:
    shop = await open_shop(db, funds_minor=0)
    owner = (await phone.get("/api/me")).json()["party_id"]
    order_id = await place_by_card(db, shop, owner, at=clock())
    secret = (await phone.post(f"/api/orders/{order_id}/payment", json={})).json()["next"]["client_secret"]
    clock.at += PAY_WITHIN
    assert await expire_unpaid(db, clock()) == 0
    assert await CardPayments(db, hands.psp, clock).reconcile_pending() == 1
    assert (await hands.psp.fetch_payment(secret.split("_secret_")[0])).state is PspState.CANCELED
    assert await expire_unpaid(db, clock()) == 1
    assert (await phone.get(f"/api/orders/{order_id}")).json()["state"] == "cancelled"


async def _told(
    phone: httpx.AsyncClient, hands: StripeHands, event_id: str, kind: str, ref: str, outcome: str
) -> None:
    body, signature = hands.notice(event_id, kind, ref)
    headers = {"content-type": "application/json", "stripe-signature": signature}
    told = await phone.post("/api/psp/stripe/webhook", content=body, headers=headers)
    assert told.json() == {"outcome": outcome}
