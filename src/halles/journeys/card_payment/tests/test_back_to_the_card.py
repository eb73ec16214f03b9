"""Money back to the card, and webhooks about it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from halles.journeys.card_payment.api import CardPayments
from halles.journeys.card_payment.news import News
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.card_payment.tests.books import (
    clearing,
    codes,
    healthy,
    purse,
    walk,
)
from halles.journeys.card_payment.tests.waiting_orders import place_by_card
from halles.journeys.checkout.tests.small_shop import PRICE, Shop
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, Tx
from halles.kernel.ids import PLATFORM, uuid7
from halles.kernel.money import Money
from halles.orders.types import Step
from halles.payments import api as payments
from halles.payments.tests.hands import GOOD, SECOND_STEP, Flaky
from halles.payments.types import (
    NothingToRefund,
    PspNotice,
    PspRefund,
    PspRefused,
    PspUnavailable,
    RefundRequest,
    RefundReused,
    RefundState,
    RefundTooLarge,
)
from halles.wallet import api as wallet
from halles.wallet.types import InsufficientFunds

# ── back to the card ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def paid_order(
    db: Database, shop: Shop, journey: CardPayments, clock: FixedClock, *steps: Step
) -> UUID:
    order_id = await place_by_card(db, shop, shop.shoppers[0], (0, 2), at=clock())
    await journey.pay(shop.shoppers[0], order_id, GOOD)
    await walk(db, shop, order_id, clock, *steps)
    return order_id


async def test_what_was_taken_back_goes_to_the_card_by_the_stored_split(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, clock: FixedClock
) -> None:
    async with db.transaction() as tx:
        await wallet.set_terms(tx, shop.seller_id, 1000)
    order_id = await paid_order(db, shop, journey, clock, Step.PACK, Step.SHIP, Step.DELIVER, Step.TAKE_BACK)
    wish = uuid7()
    for _ in range(3):
        back = await refunds.give_back(shop.seller_id, order_id, refund_id=wish, amount=None, by="staff:7")
        assert (back.state, back.amount_minor) == ("succeeded", 2 * PRICE)
    async with db.reading() as tx:
        left = await wallet.accounts(tx, [shop.shoppers[0], shop.seller_id, PLATFORM])
    assert {account.balance_minor for account in left} == {0}
    assert (await codes(db, order_id))[-2:] == ["card_refund_started", "card_refunded"]
    with pytest.raises(RefundTooLarge):
        await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="staff:7")
    await healthy(db)


async def test_parts_never_sum_to_more_than_was_paid(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, clock: FixedClock
) -> None:
    order_id = await paid_order(db, shop, journey, clock, Step.PACK, Step.SHIP)
    asked = [
        refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=Money(700, "EUR"), by="staff:7")
        for _ in range(5)
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, RefundTooLarge) for one in found) == 2
    assert await clearing(db) == -2 * PRICE + 3 * 700
    assert await purse(db, shop.shoppers[0]) == (0, 0)
    await walk(db, shop, order_id, clock, Step.DELIVER, Step.TAKE_BACK)
    assert await purse(db, shop.shoppers[0]) == (2 * PRICE - 2100, 0)
    await healthy(db)


async def test_what_cannot_go_back(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, clock: FixedClock
) -> None:
    order_id = await paid_order(db, shop, journey, clock)
    with pytest.raises(NothingToRefund):
        await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    unpaid = await place_by_card(db, shop, shop.shoppers[0], at=clock())
    with pytest.raises(NothingToRefund):
        await refunds.give_back(shop.seller_id, unpaid, refund_id=uuid7(), amount=None, by="shopper")
    await walk(db, shop, order_id, clock, Step.CANCEL)
    wish = uuid7()
    await refunds.give_back(shop.seller_id, order_id, refund_id=wish, amount=Money(100, "EUR"), by="shopper")
    with pytest.raises(RefundReused):
        await refunds.give_back(
            shop.seller_id, order_id, refund_id=wish, amount=Money(101, "EUR"), by="shopper"
        )
    async with db.transaction() as tx:
        await _spend(tx, shop.shoppers[0], 2000, clock)
    with pytest.raises(InsufficientFunds):
        await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")


async def _spend(tx: Tx, owner: int, minor: int, clock: FixedClock) -> None:
    legs = wallet.split(minor, 0, 0, 5000)
    await wallet.hold(tx, owner_id=owner, hold_id=uuid7(), amount=Money(minor, "EUR"), legs=legs, at=clock())


@pytest.mark.parametrize("broken", ["before", "after"])
async def test_a_refund_survives_a_broken_line(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, psp: Flaky, clock: FixedClock, broken: str
) -> None:  # fmt: skip
    order_id = await paid_order(db, shop, journey, clock, Step.CANCEL)
    psp.broken = broken
    with pytest.raises(PspUnavailable):
        await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    assert await purse(db, shop.shoppers[0]) == (0, 0), "it has left the wallet, so that nobody spends it"
    psp.broken = ""
    clock.at += timedelta(minutes=6)
    assert await refunds.reconcile_pending() == 1
    assert await refunds.reconcile_pending() == 0
    assert await clearing(db) == 0
    async with db.reading() as tx:
        (row,) = await payments.refunds_of_order(tx, order_id)
    assert row.state == "succeeded"
    await healthy(db)


async def test_a_refund_that_the_bank_sends_back_is_in_the_wallet(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, psp: Flaky, clock: FixedClock
) -> None:
    """It succeeded first; weeks later the bank says no. Said twice, it changes the books once; a success afterwards, nothing."""
    order_id = await paid_order(db, shop, journey, clock, Step.CANCEL)
    back = await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    told = await psp.inner.fetch_refund(str(back.provider_ref))
    failed = PspRefund(
        ref=told.ref,
        home_id=told.home_id,
        refund_id=told.refund_id,
        amount=told.amount,
        state=RefundState.FAILED,
        failure="expired_or_canceled_card",
    )
    for word in (failed, failed, told):
        assert (await refunds.settle(word)).state == "failed"
    assert await purse(db, shop.shoppers[0]) == (2 * PRICE, 0)
    assert (await codes(db, order_id))[-1] == "card_refund_failed"
    await healthy(db)


async def test_a_refund_that_the_provider_refuses_is_in_the_wallet(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, psp: Flaky, clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    order_id = await paid_order(db, shop, journey, clock, Step.CANCEL)

    async def refuses(_request: RefundRequest) -> PspRefund:
        raise PspRefused("This charge is disputed.")

    monkeypatch.setattr(psp.inner, "create_refund", refuses)
    back = await refunds.give_back(shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    assert (back.state, back.failure) == ("failed", "This charge is disputed.")
    assert await purse(db, shop.shoppers[0]) == (2 * PRICE, 0)
    await healthy(db)


# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_webhook_storm_pays_once(
    db: Database, shop: Shop, journey: CardPayments, psp: Flaky, clock: FixedClock
) -> None:
    owner, news = shop.shoppers[0], News(db, psp, clock)
    order_id = await place_by_card(db, shop, owner, at=clock())
    ref = str((await journey.pay(owner, order_id, SECOND_STEP)).provider_ref)
    await psp.inner.answer_step(ref, approve=True)
    notices = [PspNotice(event_id=f"e{i % 4}", kind="succeeded", ref=ref) for i in range(12)]
    assert set(await asyncio.gather(*(news.hear(notice) for notice in notices))) <= {"received", "repeated"}
    assert await purse(db, owner) == (PRICE, PRICE)
    await healthy(db)


async def test_webhooks_about_refunds(
    db: Database, shop: Shop, journey: CardPayments, refunds: CardRefunds, psp: Flaky, clock: FixedClock
) -> None:
    news = News(db, psp, clock)
    order_id = await paid_order(db, shop, journey, clock, Step.CANCEL)
    psp.broken = "after"
    wish = uuid7()
    with pytest.raises(PspUnavailable):
        await refunds.give_back(shop.seller_id, order_id, refund_id=wish, amount=None, by="shopper")
    psp.broken = ""
    async with db.reading() as tx:
        (row,) = await payments.refunds_of_order(tx, order_id)
    told = await psp.inner.create_refund(
        RefundRequest(home_id=row.seller_id, refund_id=wish, payment_ref=row.payment_ref, amount=row.amount)
    )
    notice = PspNotice(event_id="r1", kind="refund.updated", ref=None, refund_ref=told.ref)
    assert [await news.hear(notice), await news.hear(notice)] == ["succeeded", "repeated"]
    stranger = PspNotice(event_id="r2", kind="refund.updated", ref=None, refund_ref="demo_re_x")
    assert await news.hear(stranger) == "ignored"
    await healthy(db)
