"""The whole way with Stripe's own client: intent, the shopper's browser, the signed webhook over HTTP, the wallet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity.http import router as identity_router
from halles.journeys.card_payment.psp_http import router as psp_router
from halles.journeys.top_up.api import TopUps
from halles.journeys.top_up.http import router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.payments.tests.hands import DECLINED, GOOD, StripeHands, localstripe, topup_subject
from halles.payments.types import PaymentRequest
from halles.wallet import api as wallet

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


async def test_money_arrives_once_by_webhook_and_by_asking(
    db: Database, clock: FixedClock, tmp_path: Path, hands: StripeHands
) -> None:
    app = app_of(db, clock, settings_of(tmp_path), router, psp_router, identity_router, Psp=hands.psp)
    topup_id, amount = uuid7(), Money(5000, "EUR")
    async with browser(app) as phone, browser(app) as stripe:
        del stripe.headers["origin"]
        owner = (await phone.post("/api/guest")).json()["party_id"]
        wish = {"topup_id": str(topup_id), "amount": {"minor": 5000, "currency": "EUR"}}
        waiting = (await phone.post("/api/topups", json=wish)).json()
        assert (waiting["state"], waiting["provider"]) == ("pending", "stripe")
        secret = waiting["next"]["client_secret"]
        payment = await hands.psp.fetch_payment(secret.split("_secret_")[0])

        request = PaymentRequest(subject=topup_subject(owner, topup_id), amount=amount)
        await hands.pay(request, payment, DECLINED)
        body, signature = hands.notice("evt_1", "payment_intent.payment_failed", payment.ref)
        headers = {"content-type": "application/json", "stripe-signature": signature}
        told = await stripe.post("/api/psp/stripe/webhook", content=body, headers=headers)
        assert told.json() == {"outcome": "pending"}, "another card may still pay"
        assert "declined" in (await phone.get(f"/api/topups/{topup_id}")).json()["failure"]

        again = uuid7()
        wish["topup_id"] = str(again)
        await phone.post("/api/topups", json=wish)
        journey = TopUps(db, hands.psp, clock)
        retry = PaymentRequest(subject=topup_subject(owner, again), amount=amount)
        second = await hands.psp.fetch_payment(await _ref(db, owner, again))
        await hands.pay(retry, second, GOOD)
        body, signature = hands.notice("evt_2", "payment_intent.succeeded", second.ref)
        headers["stripe-signature"] = signature
        for outcome in ("settled", "repeated"):
            told = await stripe.post("/api/psp/stripe/webhook", content=body, headers=headers)
            assert told.json() == {"outcome": outcome}
        assert (await journey.settle(await hands.psp.fetch_payment(second.ref))).state == "settled"
        forged = await stripe.post(
            "/api/psp/stripe/webhook", content=body, headers={**headers, "stripe-signature": "t=1,v1=00"}
        )
        assert (forged.status_code, forged.json()["code"]) == (400, "payments.bad_webhook")
        found = (await phone.get(f"/api/topups/{again}")).json()
        assert (found["state"], found["next"]) == ("settled", None)
    async with db.reading() as tx:
        assert [account.balance_minor for account in await wallet.accounts(tx, [owner])] == [5000]


async def _ref(db: Database, owner: int, topup_id: object) -> str:
    from uuid import UUID

    from halles.payments import api as payments

    async with db.reading() as tx:
        found = await payments.topup(tx, owner, UUID(str(topup_id)))
    assert found.provider_ref is not None
    return found.provider_ref
