"""From an order's events to its mails: each once, whatever dies or comes twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from halles.identity.types import MailNotConfigured, MailRefused, MailUnavailable
from halles.journeys.card_payment.api import CardPayments
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.card_payment.tasks import settle_pending
from halles.journeys.order_letters.reactions import QueueLetters
from halles.journeys.order_letters.sending import message_id, send_due
from halles.journeys.order_letters.tests.post import EMAIL, Post
from halles.kernel.ids import uuid7
from halles.kernel.relay import Delivery
from halles.letters import api as letters
from halles.letters.types import Kind, LetterState
from halles.orders import api as orders
from halles.orders.types import OrderPlaced, Step
from halles.payments.adapters.demo import DemoPsp
from halles.payments.tests.hands import GOOD


async def test_an_order_is_confirmed_once_and_then_its_way_is_told(post: Post) -> None:
    order_id = await post.place()
    await post.work()
    await post.work()
    number = orders.number(order_id)
    assert post.box.subjects == [f"Your order {number} is confirmed"]
    assert post.box.mails[0].recipient == EMAIL
    await post.step(order_id, Step.PACK, Step.SHIP)
    await post.work()
    await post.step(order_id, Step.DELIVER)
    await post.work()
    await post.step(order_id, Step.TAKE_BACK)
    await post.work()
    assert post.box.subjects[1:] == [
        f"Your order {number} is on its way",
        f"Your order {number} has arrived",
        f"Refund of your order {number}",
    ]
    assert {one.why for one in await post.letters(order_id) if one.state == LetterState.MOOT} == {"overtaken"}


async def test_a_card_order_is_confirmed_when_it_is_paid(post: Post) -> None:
    services = post.services
    order_id = await post.place(payment="card")
    await post.work()
    assert post.box.mails == []
    payments = CardPayments(services.db, DemoPsp(services.db), services.clock)
    await payments.pay(post.shop.shoppers[0], order_id, GOOD)
    await post.work()
    await post.work()
    assert len(post.box.mails) == 1
    assert "Paid by card." in post.box.mails[0].text
    await post.step(order_id, Step.CANCEL)
    await post.work()
    assert "is in your Halles wallet" in post.box.mails[1].text
    refunds = CardRefunds(services.db, DemoPsp(services.db), services.clock)
    await refunds.give_back(post.shop.seller_id, order_id, refund_id=uuid7(), amount=None, by="shopper")
    await post.work()
    await post.work()
    assert post.box.subjects[2:] == [f"Refund of your order {orders.number(order_id)}"]
    assert "€36.00" in post.box.mails[2].text


async def test_an_order_that_nobody_paid_is_not_confirmed(post: Post) -> None:
    order_id = await post.place(payment="card")
    await post.work()
    post.at(hours=2)
    await settle_pending(post.services)
    await post.work()
    assert post.box.subjects == [f"Your order {orders.number(order_id)} is cancelled"]
    assert "did not come in time" in post.box.mails[0].text


async def test_an_order_of_several_sellers_is_confirmed_by_one_mail(post: Post) -> None:
    order_id = await post.place(several=True)
    await post.work()
    (mail,) = post.box.mails
    assert "Sold by Maison" in mail.text
    assert "Sold by Atelier" in mail.text
    assert "Total: €48.00" in mail.text
    assert f"/orders/{order_id}#" in mail.text


async def test_an_event_delivered_twice_mails_once(post: Post) -> None:
    order_id = await post.place()
    await post.work()
    event = OrderPlaced(
        seller_id=post.shop.seller_id, order_id=order_id, owner_id=1, total_minor=1, currency="EUR"
    )
    async with post.services.db.transaction() as tx:
        queue = QueueLetters(post.services.settings, post.services.clock)
        await queue.placed([event, event], Delivery(event_ids=[uuid7(), uuid7()], db=post.services.db, tx=tx))
    await post.work()
    assert len(post.box.mails) == 1


async def test_who_dies_after_the_hand_over_sends_the_same_message_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, under one Message-ID: more cannot be had of a mail server."""
    order_id = await post.place()
    await post.events()

    async def dies(*_: object) -> bool:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(letters, "end", dies)
        await send_due(post.services)
    assert await send_due(post.services) == 0, "nobody touches what another may be sending"
    post.at(minutes=11)
    assert await send_due(post.services) == 1
    first, second = post.box.mails
    assert first == second
    (letter,) = await post.letters(order_id)
    assert (letter.state, letter.claims, first.message_id) == (LetterState.SENT, 2, message_id(letter))


async def test_workers_beside_each_other_send_each_mail_once(post: Post) -> None:
    made = [await post.place() for _ in range(3)]
    await post.events()
    await asyncio.gather(*(send_due(post.services) for _ in range(4)))
    assert len(post.box.mails) == len(made) == len({mail.message_id for mail in post.box.mails})


async def test_a_server_that_is_away_is_tried_again(post: Post) -> None:
    order_id = await post.place()
    post.box.wrong = [MailUnavailable("away"), MailUnavailable("away")]
    for minutes, sent in ((0, 0), (0.5, 0), (1.5, 0), (2, 0), (4, 1)):
        post.at(minutes=minutes)
        await post.work()
        assert len(post.box.mails) == sent
    (letter,) = await post.letters(order_id)
    assert (letter.state, letter.failures) == (LetterState.SENT, 2)


@pytest.mark.parametrize(
    ("wrong", "why"), [(MailRefused("unknown"), "refused"), (ValueError("no header"), "broken")]
)
async def test_what_can_never_be_sent_is_parked_at_once(post: Post, wrong: Exception, why: str) -> None:
    order_id = await post.place()
    post.box.wrong = [wrong]
    await post.work()
    async with post.services.db.transaction() as tx:
        (parked,) = await letters.parked(tx, post.shop.seller_id)
        assert (parked.order_id, parked.why) == (order_id, why)
        assert await letters.retry_all(tx, post.shop.seller_id, post.services.clock()) == 1
    await post.work()
    assert len(post.box.mails) == 1


async def test_without_an_address_nobody_is_told(post: Post) -> None:
    order_id = await post.place(email=None)
    await post.work()
    (letter,) = await post.letters(order_id)
    assert (letter.state, letter.why) == (LetterState.MOOT, "no_address")


async def test_without_a_mail_server_nothing_is_queued(post: Post) -> None:
    bare = replace(
        post,
        services=replace(post.services, settings=post.services.settings.model_copy(update={"demo": False})),
    )
    order_id: UUID = await bare.place()
    await bare.work()
    assert await bare.letters(order_id) == []


async def test_a_server_that_is_taken_away_costs_no_try(post: Post) -> None:
    order_id = await post.place()
    post.box.wrong = [MailNotConfigured("none")]
    await post.work()
    (letter,) = await post.letters(order_id)
    assert (letter.state, letter.failures) == (LetterState.WAITING, 0)
    post.at(minutes=11)
    await post.work()
    assert len(post.box.mails) == 1


async def test_a_seller_turns_off_what_is_optional(post: Post) -> None:
    async with post.services.db.transaction() as tx:
        terms = (await letters.terms(tx, [post.shop.seller_id]))[post.shop.seller_id]
        await letters.save_terms(tx, replace(terms, off=[int(Kind.CANCELLED)]), post.services.clock())
    order_id = await post.place()
    await post.work()
    await post.step(order_id, Step.CANCEL)
    await post.work()
    assert post.box.subjects == [f"Your order {orders.number(order_id)} is confirmed"]


async def test_a_pass_sends_no_more_than_its_second_allows(post: Post) -> None:
    slow = post.services.settings.model_copy(update={"order_mails_per_second": 2})
    post = replace(post, services=replace(post.services, settings=slow))
    for _ in range(3):
        await post.place()
    await post.events()
    assert [await send_due(post.services) for _ in range(3)] == [2, 1, 0]
