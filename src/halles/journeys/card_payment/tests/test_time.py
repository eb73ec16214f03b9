"""Time, late money, other sums, several sellers: no money is lost, and unpaid orders free their stock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from halles.journeys.card_payment.api import CardPayments, expire_unpaid
from halles.journeys.card_payment.refunds import CardRefunds
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
from halles.journeys.checkout.tests.small_shop import PRICE, Shop, open_shop, stock_sums
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.orders import api as orders
from halles.orders.types import OrderState, PaymentState, Step
from halles.payments import api as payments
from halles.payments.tests.hands import GOOD, SECOND_STEP, Flaky
from halles.payments.types import (
    PspPayment,
    PspState,
    PspUnavailable,
    RefundTooLarge,
)
from halles.wallet import api as wallet

# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_order_nobody_pays_gives_its_stock_back_once(
    db: Database, shop: Shop, clock: FixedClock
) -> None:
    placed = [
        await place_by_card(db, shop, shop.shoppers[n % 3], (0, 1), (1, 1), at=clock()) for n in range(5)
    ]
    assert await expire_unpaid(db, clock()) == 0
    clock.at += PAY_WITHIN
    expired = await asyncio.gather(*(expire_unpaid(db, clock(), limit=2) for _ in range(4)))
    assert sum(expired) == 5
    assert await stock_sums(db) == (40, 0)
    for order_id in placed:
        found = await order_now(db, order_id)
        assert (found.state, found.payment) == (OrderState.CANCELLED, PaymentState.VOIDED)
        assert await codes(db, order_id) == ["placed", "expired"]
    assert await expire_unpaid(db, clock()) == 0
    await healthy(db)


async def test_a_payment_under_way_is_closed_at_the_provider_first(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    waiting = await journey.pay(owner, order_id, SECOND_STEP)
    assert (waiting.state, bool(waiting.url)) == ("pending", True)
    clock.at += PAY_WITHIN
    assert await expire_unpaid(db, clock()) == 0, "the provider has not been asked"
    psp.broken = "before"
    assert await journey.reconcile_pending() == 0
    assert await expire_unpaid(db, clock()) == 0, "the provider does not answer"
    psp.broken = ""
    assert await recover(journey, clock) == 1
    assert waiting.provider_ref is not None
    assert (await psp.inner.fetch_payment(waiting.provider_ref)).state is PspState.CANCELED
    assert await expire_unpaid(db, clock()) == 1
    assert (await psp.inner.answer_step(waiting.provider_ref, approve=True)).state is PspState.CANCELED
    await healthy(db)


async def test_money_that_came_at_the_last_moment_pays_the_order(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    waiting = await journey.pay(owner, order_id, SECOND_STEP)
    await psp.inner.answer_step(str(waiting.provider_ref), approve=True)
    clock.at += PAY_WITHIN
    assert await expire_unpaid(db, clock()) == 0
    assert await journey.reconcile_pending() == 1
    assert await expire_unpaid(db, clock()) == 0
    assert (await order_now(db, order_id)).payment is PaymentState.HELD
    await healthy(db)


async def test_money_that_comes_after_the_order_was_cancelled_is_in_the_wallet(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, refunds: CardRefunds, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    waiting = await journey.pay(owner, order_id, SECOND_STEP)
    await walk(db, shop, order_id, clock, Step.CANCEL)
    await psp.inner.answer_step(str(waiting.provider_ref), approve=True)
    assert await journey.reconcile_pending() == 1, "a cancelled order's payment is looked at at once"
    assert (await attempt(db, order_id)).state == "credited"
    assert await purse(db, owner) == (PRICE, 0)
    assert await codes(db, order_id) == ["placed", "cancelled", "payment_credited"]
    await healthy(db)
    back = await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    assert (back.state, back.amount_minor) == ("succeeded", PRICE)
    assert (await purse(db, owner), await clearing(db)) == ((0, 0), 0)
    await healthy(db)


async def test_cancelling_closes_the_payment_at_the_provider(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    waiting = await journey.pay(owner, order_id, SECOND_STEP)
    await walk(db, shop, order_id, clock, Step.CANCEL)
    assert await journey.reconcile_pending() == 1
    assert (await psp.inner.fetch_payment(str(waiting.provider_ref))).state is PspState.CANCELED
    assert (await attempt(db, order_id)).state == "failed"


async def test_cancel_expire_and_pay_race(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    """Whoever wins, the money is in the ledger once, the stock is free or reserved once."""
    for round_ in range(6):
        owner = shop.shoppers[round_ % 3]
        order_id = await place_by_card(db, shop, owner, (1, 1), at=clock())
        waiting = await journey.pay(owner, order_id, SECOND_STEP)
        paid = await psp.inner.answer_step(str(waiting.provider_ref), approve=True)
        clock.at += PAY_WITHIN
        await asyncio.gather(
            walk(db, shop, order_id, clock, Step.CANCEL),
            journey.settle(paid),
            journey.reconcile_pending(),
            expire_unpaid(db, clock()),
            return_exceptions=True,
        )
        await recover(journey, clock)
        await healthy(db)
        assert (await attempt(db, order_id)).state in {"received", "credited"}
    assert await clearing(db) == -6 * PRICE


# ── another sum than the order's ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("came", [Money(1, "EUR"), Money(PRICE + 1, "EUR"), Money(PRICE, "USD")], ids=str)
async def test_another_sum_never_pays_the_order(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock, came: Money
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    waiting = await journey.pay(owner, order_id, SECOND_STEP)
    told = PspPayment(
        ref=str(waiting.provider_ref), subject=waiting.subject, amount=came, state=PspState.SUCCEEDED
    )
    for _ in range(2):
        settled = await journey.settle(told)
        assert (settled.state, settled.paid, settled.attention) == ("credited", came, "mismatch")
    assert (await order_now(db, order_id)).payment is PaymentState.PENDING
    async with db.reading() as tx:
        held = [a for a in await wallet.accounts(tx, [owner]) if a.balance_minor]
        (asked,) = await payments.unclear(tx, clock(), [shop.seller_id])
    assert [(a.currency, a.balance_minor, a.held_minor) for a in held] == [(came.currency, came.minor, 0)]
    assert (asked.reason, asked.paid_minor, asked.order_id) == ("mismatch", came.minor, order_id)
    async with db.transaction() as tx:
        await payments.attended(tx, [shop.seller_id], waiting.payment_id, clock())
        assert await payments.unclear(tx, clock(), [shop.seller_id]) == []
    await healthy(db)


async def test_an_order_paid_twice_credits_the_second_payment(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock
) -> None:
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    paid = await journey.pay(owner, order_id, GOOD)
    again = PspPayment(ref="another", subject=paid.subject, amount=paid.amount, state=PspState.SUCCEEDED)
    for _ in range(3):
        await journey.settle(again)
    assert await purse(db, owner) == (2 * PRICE, PRICE)
    assert (await attempt(db, order_id)).attention == "second_payment"
    assert await codes(db, order_id) == ["placed", "payment_received", "payment_credited"]
    await healthy(db)


async def test_what_stays_unclear_for_a_day_waits_for_a_person(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    order_id = await place_by_card(db, shop, shop.shoppers[0], at=clock())
    psp.broken = "before"
    with pytest.raises(PspUnavailable):
        await journey.pay(shop.shoppers[0], order_id, GOOD)
    for hours, seen in ((23, 0), (2, 1)):
        clock.at += timedelta(hours=hours)
        await journey.reconcile_pending()
        async with db.reading() as tx:
            assert len(await payments.unclear(tx, clock())) == seen
    psp.broken = ""
    assert await recover(journey, clock) == 1
    async with db.reading() as tx:
        assert await payments.unclear(tx, clock()) == []


# ── several sellers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_payment_for_the_parts_of_several_sellers(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, refunds: CardRefunds, clock: FixedClock
) -> None:
    owner, other = shop.shoppers[0], await open_shop(db, funds_minor=0, name="Atelier", stock=5)
    head = uuid7()
    await place_by_card(db, shop, owner, (0, 2), at=clock(), order_id=head, parent_id=head)
    part = await place_by_card(db, other, owner, (0, 1), at=clock(), parent_id=head)
    third = await place_by_card(db, other, owner, (1, 1), at=clock(), parent_id=head)
    waiting = await journey.pay(owner, part, SECOND_STEP)
    assert waiting.amount_minor == 4 * PRICE
    async with db.transaction() as tx:
        await take_step(tx, other.seller_id, third, Step.CANCEL, by="shopper", at=clock())
    await psp.inner.answer_step(str(waiting.provider_ref), approve=True)
    assert (await journey.pay(owner, head)).state == "received"
    assert await purse(db, owner) == (4 * PRICE, 3 * PRICE)
    assert [(await order_now(db, o)).payment.word for o in (head, part, third)] == ["held", "held", "voided"]
    assert (await codes(db, third))[-1] == "payment_credited"
    with pytest.raises(RefundTooLarge):
        await refunds.give_back(
            other.seller_id, third, refund_id=uuid7(), amount=Money(2 * PRICE, "EUR"), by="shopper"
        )
    back = await refunds.give_back(other.seller_id, third, refund_id=uuid7(), amount=None, by="shopper")
    assert back.amount_minor == PRICE
    await healthy(db)


async def test_a_part_that_was_cancelled_before_the_payment_is_told_nothing_of_it(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner, other = shop.shoppers[0], await open_shop(db, funds_minor=0, name="Atelier", stock=5)
    head = uuid7()
    await place_by_card(db, shop, owner, (0, 2), at=clock(), order_id=head, parent_id=head)
    before = await place_by_card(db, other, owner, (0, 1), at=clock(), parent_id=head)
    during = await place_by_card(db, other, owner, (1, 1), at=clock(), parent_id=head)
    await walk(db, other, before, clock, Step.CANCEL)
    clock.at += timedelta(seconds=1)
    waiting = await journey.pay(owner, head, SECOND_STEP)
    assert waiting.amount_minor == 3 * PRICE
    await walk(db, other, during, clock, Step.CANCEL)
    await psp.inner.answer_step(str(waiting.provider_ref), approve=True)
    assert (await journey.pay(owner, head)).state == "received"
    assert await codes(db, before) == ["placed", "cancelled"]
    assert await codes(db, during) == ["placed", "cancelled", "payment_credited"]
    assert await purse(db, owner) == (3 * PRICE, 2 * PRICE)
    async with db.reading() as tx:
        told = await orders.timeline(tx, await orders.load_order(tx, during))
    assert told[-1].detail == {"amount": str(Money(PRICE, "EUR"))}
    await healthy(db)
