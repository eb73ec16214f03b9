"""Orders paid by card: exactly once, whatever breaks in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from halles.journeys.card_payment.api import CardPayments
from halles.journeys.card_payment.tests.books import (
    attempt,
    clearing,
    codes,
    healthy,
    order_now,
    purse,
    recover,
    walk,
)
from halles.journeys.card_payment.tests.waiting_orders import PAY_WITHIN, place_by_card
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, stock_sums
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder, OrderState, PaymentPending, PaymentState, Step
from halles.payments import api as payments
from halles.payments.tests.hands import DECLINED, GOOD, Flaky
from halles.payments.types import (
    NotAwaitingPayment,
    OrderPaymentState,
    PspPayment,
    PspRefused,
    PspUnavailable,
    TooLate,
)
from halles.wallet import api as wallet

# ── paying ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_card_pays_an_order_once(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, (0, 2), (1, 1), at=clock())
    assert (await order_now(db, order_id)).payment is PaymentState.PENDING
    for _ in range(3):
        assert (await journey.pay(owner, order_id, GOOD)).state == OrderPaymentState.RECEIVED
    assert (await order_now(db, order_id)).payment is PaymentState.HELD
    assert await purse(db, owner) == (3 * PRICE, 3 * PRICE)
    assert await clearing(db) == -3 * PRICE
    assert await codes(db, order_id) == ["placed", "payment_received"]
    await healthy(db)
    await walk(db, shop, order_id, clock, Step.PACK, Step.SHIP, Step.DELIVER, Step.TAKE_BACK)
    assert await purse(db, owner) == (3 * PRICE, 0)
    await healthy(db)


async def test_checkout_places_an_order_that_waits_and_a_card_pays_it(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock
) -> None:
    """With an empty wallet; the command sent again gives the same order, before and after it is paid."""
    owner, command = shop.shoppers[0], msgspec.structs.replace(shop.order((0, 2)), payment="card")
    intake = Intake(db, clock)
    try:
        placed = (await intake.place(command, owner)).placed
        assert (placed.payment, placed.pay_by) == ("pending", clock() + PAY_WITHIN)
        assert (await journey.pay(owner, command.order_id, GOOD)).state == "received"
        again = await intake.place(command, owner)
        assert (again.first, again.placed.payment) == (False, "held")
    finally:
        await intake.close()
    assert await purse(db, owner) == (2 * PRICE, 2 * PRICE)
    await healthy(db)


async def test_many_at_the_same_moment_pay_once(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    await asyncio.gather(*(journey.pay(owner, order_id, GOOD) for _ in range(6)))
    assert await purse(db, owner) == (PRICE, PRICE)
    await healthy(db)


async def test_an_order_that_waits_can_only_be_cancelled(db: Database, shop: Shop, clock: FixedClock) -> None:
    order_id = await place_by_card(db, shop, shop.shoppers[0], at=clock())
    with pytest.raises(PaymentPending):
        await walk(db, shop, order_id, clock, Step.PACK)
    await walk(db, shop, order_id, clock, Step.CANCEL)
    found = await order_now(db, order_id)
    assert (found.state, found.payment) == (OrderState.CANCELLED, PaymentState.VOIDED)
    assert await stock_sums(db) == (40, 0)
    await healthy(db)


async def test_a_declined_card_may_be_followed_by_another(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    failed = await journey.pay(owner, order_id, DECLINED)
    assert (failed.state, failed.failure) == ("failed", "Your card was declined.")
    paid = await journey.pay(owner, order_id, GOOD)
    assert (paid.state, paid.attempt) == ("received", 2)
    assert await purse(db, owner) == (PRICE, PRICE)


async def test_who_may_pay_what(db: Database, shop: Shop, journey: CardPayments, clock: FixedClock) -> None:
    owner, other, _ = shop.shoppers
    order_id = await place_by_card(db, shop, owner, at=clock())
    with pytest.raises(NoSuchOrder):
        await journey.pay(other, order_id, GOOD)
    with pytest.raises(NoSuchOrder):
        await journey.pay(owner, uuid7(), GOOD)
    late = await place_by_card(db, shop, owner, at=clock())
    clock.at += PAY_WITHIN
    with pytest.raises(TooLate):
        await journey.pay(owner, late, GOOD)
    await walk(db, shop, late, clock, Step.CANCEL)
    with pytest.raises(NotAwaitingPayment):
        await journey.pay(owner, late, GOOD)


async def test_a_provider_that_refuses_leaves_room_for_another_attempt(
    db: Database,
    shop: Shop,
    journey: CardPayments,
    psp: Flaky,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())

    async def refuses(_request: object) -> PspPayment:
        raise PspRefused("The amount is too small.")

    with monkeypatch.context() as patch:
        patch.setattr(psp.inner, "create_payment", refuses)
        with pytest.raises(PspRefused):
            await journey.pay(owner, order_id)
    assert (await journey.pay(owner, order_id, GOOD)).state == "received"


# ── a process that dies at any step ─────────────────────────────────────────────────────────────────────────────────────────


async def test_killed_before_the_provider_heard_of_it(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    psp.broken = "before"
    with pytest.raises(PspUnavailable):
        await journey.pay(owner, order_id, GOOD)
    assert (await attempt(db, order_id)).state == "created"
    psp.broken = ""
    assert await recover(journey, clock) == 0
    assert (await attempt(db, order_id)).state == "pending"
    assert (await journey.pay(owner, order_id, GOOD)).state == "received"
    assert await purse(db, owner) == (PRICE, PRICE)


async def test_killed_after_the_provider_was_paid(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    psp.broken = "after"
    with pytest.raises(PspUnavailable):
        await journey.pay(owner, order_id, GOOD)
    assert await recover(journey, clock) == 0, "the line is still broken"
    psp.broken = ""
    assert await recover(journey, clock) == 1
    assert await recover(journey, clock) == 0
    assert (await order_now(db, order_id)).payment is PaymentState.HELD
    assert await purse(db, owner) == (PRICE, PRICE)
    await healthy(db)


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (payments, "find_payment"),
        (payments, "lock_payment"),
        (wallet, "transfer"),
        (payments, "record_payment"),
        (wallet, "split"),
        (wallet, "hold"),
        (orders, "receive_payment"),
        (payments, "close_payment"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_killed_at_any_step_of_the_booking(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, where: Any, what: str
) -> None:  # fmt: skip
    """Payment, money, order and event are one transaction: when it dies at any step, none of them happened."""
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())

    def dies(*_: Any, **__: Any) -> Any:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(where, what, dies)
        with pytest.raises(RuntimeError):
            await journey.pay(owner, order_id, GOOD)
    assert await purse(db, owner) == (0, 0)
    assert (await order_now(db, order_id)).payment is PaymentState.PENDING
    assert await recover(journey, clock) == 1
    assert (await order_now(db, order_id)).payment is PaymentState.HELD
    assert await purse(db, owner) == (PRICE, PRICE)
    await healthy(db)


async def test_workers_share_what_is_due(db: Database, shop: Shop, psp: Flaky, clock: FixedClock) -> None:
    journeys = [CardPayments(db, psp, clock) for _ in range(4)]
    owner = shop.shoppers[0]
    placed = [await place_by_card(db, shop, owner, (1, 1), at=clock()) for _ in range(8)]
    psp.broken = "after"
    for order_id in placed:
        with pytest.raises(PspUnavailable):
            await journeys[0].pay(owner, order_id, GOOD)
    psp.broken = ""
    clock.at += timedelta(minutes=6)
    ended = await asyncio.gather(*(journey.reconcile_pending() for journey in journeys))
    assert sum(ended) == 8
    assert await purse(db, owner) == (8 * PRICE, 8 * PRICE)
    await healthy(db)
