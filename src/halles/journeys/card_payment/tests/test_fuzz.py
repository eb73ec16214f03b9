"""Any webhooks, in any order, on the real door: never a 5xx, never money twice, one end, all balances sum to zero."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halles.edge.tests.door import app_of, browser, settings_of
from halles.identity.http import router as identity_router
from halles.journeys.card_payment.api import CardPayments, expire_unpaid
from halles.journeys.card_payment.http import router
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.card_payment.tests.waiting_orders import place_by_card
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import PLATFORM, uuid7
from halles.orders import api as orders
from halles.orders.types import PaymentState, Step
from halles.payments import api as payments
from halles.payments.adapters.demo import DemoPsp
from halles.payments.adapters.stripe_psp import StripePsp
from halles.payments.tests.hands import DECLINED, HOOK, KEY, SECOND_STEP, signed
from halles.payments.types import PspNotice
from halles.wallet import api as wallet

_STRIPE = StripePsp(KEY, webhook_secret=HOOK, api_base="http://127.0.0.1:9")


class StripesDoor(DemoPsp):
    """Stripe's webhooks, as its own client verifies them, on the demo's books."""

    name = "stripe"

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        return _STRIPE.verify_webhook(body, signature)


class World:
    """One database and door for all examples; an order and its shopper an example."""

    def __init__(self, db: Database, clock: FixedClock, folder: Path) -> None:
        self.db, self.clock, self.psp = db, clock, StripesDoor(db)
        self.journey = CardPayments(db, self.psp, clock)
        self.refunds = CardRefunds(db, self.psp, clock)
        self.app = app_of(db, clock, settings_of(folder), router, identity_router, Psp=self.psp)

    async def begin(self) -> None:
        self.shop: Shop = await open_shop(self.db, funds_minor=0, shoppers=1, name=uuid7().hex)
        (self.owner,) = self.shop.shoppers
        self.order_id: UUID = await place_by_card(self.db, self.shop, self.owner, at=self.clock())
        self.refs: list[str] = []

    async def tell(self, body: bytes, signature: str) -> httpx.Response:
        async with browser(self.app) as door:
            headers = {"content-type": "application/json", "stripe-signature": signature}
            return await door.post("/api/psp/stripe/webhook", content=body, headers=headers)

    async def do(self, what: str, number: int) -> None:
        """One step of somebody's. A refusal is an answer; anything else is a failure."""
        try:
            await getattr(self, f"_{what}")(number)
        except Refusal as refusal:
            if refusal.status >= 500:
                raise

    async def _begin_to_pay(self, number: int) -> None:
        card = (SECOND_STEP, SECOND_STEP, DECLINED)[number % 3]
        row = await self.journey.pay(self.owner, self.order_id, card)
        if row.provider_ref is not None and row.provider_ref not in self.refs:
            self.refs.append(row.provider_ref)

    async def _answer_the_bank(self, number: int) -> None:
        if self.refs:
            await self.psp.answer_step(self.refs[number % len(self.refs)], approve=number % 4 != 0)

    async def _webhook(self, number: int) -> None:
        ref = ([*self.refs, "pi_unknown"])[number % (len(self.refs) + 1)]
        event = {
            "id": f"evt_{self.order_id}_{number % 6}",
            "object": "event",
            "type": ("payment_intent.succeeded", "payment_intent.canceled", "payment_intent.created")[
                number % 3
            ],
            "data": {"object": {"id": ref, "object": "payment_intent"}},
        }
        answer = await self.tell(*signed(event))
        assert answer.status_code == 200, answer.text

    async def _cancel(self, _number: int) -> None:
        async with self.db.transaction() as tx:
            await take_step(
                tx, self.shop.seller_id, self.order_id, Step.CANCEL, by="shopper", at=self.clock()
            )

    async def _reconcile(self, number: int) -> None:
        self.clock.at += timedelta(minutes=1 + number % 7)
        await self.journey.reconcile_pending()

    async def _expire(self, _number: int) -> None:
        await expire_unpaid(self.db, self.clock())

    async def _refund(self, _number: int) -> None:
        await self.refunds.give_back(
            self.shop.seller_id, self.order_id, refund_id=uuid7(), amount=None, by="shopper"
        )

    async def end(self) -> None:
        """Time passes; then there is one end, and the books agree with the provider's."""
        for _ in range(3):
            self.clock.at += timedelta(minutes=40)
            await self.journey.reconcile_pending()
            await expire_unpaid(self.db, self.clock())
        taken = sum(
            payment.amount.minor
            for payment in [await self.psp.fetch_payment(ref) for ref in self.refs]
            if payment.state == "succeeded"
        )
        async with self.db.reading() as tx:
            order = await orders.load_order(tx, self.order_id)
            attempts = await payments.payments_of_order(tx, self.order_id)
            back = sum(one.amount_minor for one in await payments.refunds_of_order(tx, self.order_id))
            (main,) = [a for a in await wallet.accounts(tx, [self.owner]) if a.kind == "main"] or [None]
        assert not any(one.open for one in attempts)
        assert sum(one.paid_minor or 0 for one in attempts) == taken <= PRICE
        assert order.payment in {PaymentState.HELD, PaymentState.VOIDED}
        assert (main.balance_minor if main else 0) == taken - back
        assert (main.held_minor if main else 0) == (PRICE if order.payment is PaymentState.HELD else 0)

    async def agree(self) -> None:
        assert (await examine(self.db)).findings == []
        async with self.db.reading() as tx:
            assert all(total.sum_minor == 0 for total in await wallet.sums(tx))
            assert all(
                a.kind == "clearing" or a.balance_minor >= 0 for a in await wallet.accounts(tx, [PLATFORM])
            )


_STEPS = ("begin_to_pay", "answer_the_bank", "webhook", "webhook", "cancel", "reconcile", "expire", "refund")
sequences = st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 11)), max_size=14)


def test_any_sequence_has_one_end(dsn: str, clock: FixedClock, tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(Database.open(dsn, min_size=1, max_size=4))
    world = World(db, clock, tmp_path)

    async def play(steps: list[tuple[str, int]]) -> None:
        await world.begin()
        for what, number in steps:
            await world.do(what, number)
        await world.end()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(sequences)
    def examples(steps: list[tuple[str, int]]) -> None:
        loop.run_until_complete(play(steps))

    try:
        examples()
        loop.run_until_complete(world.agree())
    finally:
        loop.run_until_complete(db.close())
        loop.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
about = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "object": st.sampled_from(["payment_intent", "refund", "charge"]) | json_values,
    },
)
events = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "object": st.just("event") | json_values,
        "type": json_values,
        "data": st.fixed_dictionaries({}, optional={"object": about | json_values}) | json_values,
    },
)


def test_no_body_breaks_the_door(dsn: str, clock: FixedClock, tmp_path: Path) -> None:
    """Well signed nonsense is refused or ignored, wrongly signed sense is refused; nothing is booked."""
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(Database.open(dsn, min_size=1, max_size=4))
    world = World(db, clock, tmp_path)

    def sign(body: bytes, at: int) -> str:
        mac = hmac.new(HOOK.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={mac}"

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        body=events.map(lambda event: json.dumps(event).encode()) | st.binary(max_size=200),
        age=st.sampled_from([0, 0, 0, 290, 400, 10**6, -(10**6)]),
        forged=st.booleans(),
    )
    def examples(body: bytes, age: int, forged: bool) -> None:
        signature = sign(body, int(time.time()) - age)
        if forged:
            signature = signature[:-2] + ("00" if signature[-2:] != "00" else "11")
        answer = loop.run_until_complete(world.tell(body, signature))
        assert answer.status_code in {200, 400, 422}, answer.text
        assert answer.status_code != 200 or (not forged and age < 301)

    async def books() -> Any:
        async with db.reading() as tx:
            return [account for account in await wallet.accounts(tx, [PLATFORM]) if account.balance_minor]

    try:
        examples()
        assert loop.run_until_complete(books()) == []
    finally:
        loop.run_until_complete(db.close())
        loop.close()
