"""Money into a wallet: once, whatever breaks in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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
from halles.journeys.card_payment.news import News
from halles.journeys.card_payment.psp_http import router as psp_router
from halles.journeys.top_up.api import TopUps
from halles.journeys.top_up.http import router
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, query
from halles.kernel.ids import PLATFORM, PartyId, uuid7
from halles.kernel.money import Money
from halles.payments import api as payments
from halles.payments.adapters.demo import DemoPsp
from halles.payments.tests.hands import DECLINED, GOOD, SECOND_STEP, Flaky
from halles.payments.types import PspNotice, PspPayment, PspUnavailable, TopupState
from halles.wallet import api as wallet

OWNER = PartyId(1001)
AMOUNT = Money(5000, "EUR")
_OUTCOMES = query("select outcome from payments.psp_event order by at, event_id", str)
_ENDS = query("select body->>'state' from kernel.waiting_event where kind = 'payments.topup_settled'", str)


@pytest.fixture
def psp(db: Database) -> Flaky:
    return Flaky(DemoPsp(db))


@pytest.fixture
def journey(db: Database, psp: Flaky, clock: FixedClock) -> TopUps:
    return TopUps(db, psp, clock)


def news(journey: TopUps) -> News:
    """Webhooks, on the same provider."""
    return News(journey._db, journey._psp, journey._clock)  # pyright: ignore[reportPrivateUsage]


async def balances(db: Database) -> tuple[int, int]:
    """The shopper's money and the clearing account's, which is its mirror."""
    async with db.reading() as tx:
        found = await wallet.accounts(tx, [OWNER, PLATFORM])
    by_owner = {account.owner_id: account.balance_minor for account in found}
    return by_owner.get(OWNER, 0), by_owner.get(PLATFORM, 0)


async def state_of(db: Database, topup_id: UUID) -> str:
    async with db.reading() as tx:
        return (await payments.topup(tx, OWNER, topup_id)).state


async def test_a_paid_topup_is_booked_once(db: Database, journey: TopUps) -> None:
    topup_id = uuid7()
    for _ in range(3):
        assert (await journey.start(OWNER, topup_id, AMOUNT, GOOD)).state == TopupState.SETTLED
    assert await balances(db) == (5000, -5000)
    async with db.reading() as tx:
        assert await tx.all(_ENDS) == ["settled"]


async def test_many_at_the_same_moment_book_once(db: Database, journey: TopUps) -> None:
    topup_id = uuid7()
    await asyncio.gather(*(journey.start(OWNER, topup_id, AMOUNT, GOOD) for _ in range(6)))
    assert await balances(db) == (5000, -5000)


async def test_a_declined_card_books_nothing(db: Database, journey: TopUps) -> None:
    failed = await journey.start(OWNER, uuid7(), AMOUNT, DECLINED)
    assert (failed.state, failed.failure) == ("failed", "Your card was declined.")
    assert await balances(db) == (0, 0)


# ── a process that dies at any step ─────────────────────────────────────────────────────────────────────────────────────────


async def recover(journey: TopUps, clock: FixedClock) -> int:
    clock.at += timedelta(minutes=10)
    return await journey.reconcile_pending()


async def test_killed_before_the_provider_heard_of_it(
    db: Database, journey: TopUps, psp: Flaky, clock: FixedClock
) -> None:
    """Recorded, then the line broke: the reconciler opens the payment, and the shopper's next try pays it."""
    topup_id = uuid7()
    psp.broken = "before"
    with pytest.raises(PspUnavailable):
        await journey.start(OWNER, topup_id, AMOUNT, GOOD)
    assert await state_of(db, topup_id) == "created"
    psp.broken = ""
    assert await recover(journey, clock) == 0
    assert await state_of(db, topup_id) == "pending"
    assert (await journey.start(OWNER, topup_id, AMOUNT, GOOD)).state == "settled"
    assert await balances(db) == (5000, -5000)


async def test_killed_after_the_provider_was_paid(
    db: Database, journey: TopUps, psp: Flaky, clock: FixedClock
) -> None:
    """The provider has the money and nobody here heard: the reconciler finds out, and a repeat by the shopper adds nothing."""
    topup_id = uuid7()
    psp.broken = "after"
    with pytest.raises(PspUnavailable):
        await journey.start(OWNER, topup_id, AMOUNT, GOOD)
    assert await balances(db) == (0, 0)
    assert await recover(journey, clock) == 0, "the line is still broken"
    psp.broken = ""
    assert await recover(journey, clock) == 1
    assert (await journey.start(OWNER, topup_id, AMOUNT, GOOD)).state == "settled"
    assert await recover(journey, clock) == 0
    assert await balances(db) == (5000, -5000)


async def test_killed_while_booking(
    db: Database, journey: TopUps, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State, money and event are one transaction: when the booking dies, none of them happened."""
    topup_id = uuid7()

    async def dies(*_: Any, **__: Any) -> bool:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(wallet, "top_up", dies)
        with pytest.raises(RuntimeError):
            await journey.start(OWNER, topup_id, AMOUNT, GOOD)
    assert await state_of(db, topup_id) == "created"
    assert await balances(db) == (0, 0)
    assert await recover(journey, clock) == 1
    assert await balances(db) == (5000, -5000)


async def test_workers_share_what_is_due(db: Database, psp: Flaky, clock: FixedClock) -> None:
    journeys = [TopUps(db, psp, clock) for _ in range(4)]
    psp.broken = "after"
    for _ in range(10):
        with pytest.raises(PspUnavailable):
            await journeys[0].start(OWNER, uuid7(), AMOUNT, GOOD)
    psp.broken = ""
    clock.at += timedelta(minutes=10)
    ended = await asyncio.gather(*(journey.reconcile_pending() for journey in journeys))
    assert sum(ended) == 10
    assert await balances(db) == (50_000, -50_000)


async def test_a_topup_nobody_finishes_is_closed_at_the_provider_first(
    db: Database, journey: TopUps, psp: Flaky, clock: FixedClock
) -> None:
    topup_id = uuid7()
    waiting = await journey.start(OWNER, topup_id, AMOUNT, SECOND_STEP)
    assert (waiting.state, bool(waiting.url)) == ("pending", True)
    clock.at += timedelta(hours=22)
    assert await journey.reconcile_pending() == 0
    clock.at += timedelta(hours=1)
    assert await journey.reconcile_pending() == 1
    assert await state_of(db, topup_id) == "failed"
    assert waiting.provider_ref is not None
    assert (await psp.inner.answer_step(waiting.provider_ref, approve=True)).state == "canceled"


async def test_a_slow_provider_holds_no_connection(
    db: Database, journey: TopUps, psp: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the provider thinks, every connection of the pool is free."""
    free: list[int] = []

    async def look(work: Callable[[], Awaitable[PspPayment]]) -> PspPayment:
        stats = db._pool.get_stats()  # pyright: ignore[reportPrivateUsage]
        free.append(stats["pool_size"] - stats["pool_available"])
        return await work()

    monkeypatch.setattr(psp, "_call", look)
    await journey.start(OWNER, uuid7(), AMOUNT, GOOD)
    assert free == [0]


# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_webhooks_may_come_twice_and_in_any_order(db: Database, journey: TopUps, psp: Flaky) -> None:
    waiting = await journey.start(OWNER, uuid7(), AMOUNT, SECOND_STEP)
    ref = str(waiting.provider_ref)
    await psp.inner.answer_step(ref, approve=True)
    late, final = (
        PspNotice(event_id="e1", kind="created", ref=ref),
        PspNotice(event_id="e2", kind="succeeded", ref=ref),
    )
    assert [await news(journey).hear(notice) for notice in (final, late, final, late)] == [
        "settled",
        "settled",
        "repeated",
        "repeated",
    ]
    assert await balances(db) == (5000, -5000)


async def test_a_webhook_storm_books_once(db: Database, journey: TopUps, psp: Flaky) -> None:
    waiting = await journey.start(OWNER, uuid7(), AMOUNT, SECOND_STEP)
    ref = str(waiting.provider_ref)
    await psp.inner.answer_step(ref, approve=True)
    notices = [PspNotice(event_id=f"e{i % 4}", kind="succeeded", ref=ref) for i in range(12)]
    await asyncio.gather(*(news(journey).hear(notice) for notice in notices))
    assert await balances(db) == (5000, -5000)


async def test_webhooks_about_something_else_are_noted_and_ignored(db: Database, journey: TopUps) -> None:
    assert await news(journey).hear(PspNotice(event_id="e1", kind="payout.paid", ref=None)) == "ignored"
    assert await news(journey).hear(PspNotice(event_id="e2", kind="x", ref="pi_of_another_shop")) == "ignored"
    async with db.reading() as tx:
        assert await tx.all(_OUTCOMES) == ["ignored", "ignored"]


async def test_a_webhook_while_the_provider_is_away_is_refused_so_that_it_comes_again(
    journey: TopUps, psp: Flaky, db: Database
) -> None:
    waiting = await journey.start(OWNER, uuid7(), AMOUNT, SECOND_STEP)
    notice = PspNotice(event_id="e1", kind="succeeded", ref=waiting.provider_ref)
    psp.broken = "before"
    with pytest.raises(PspUnavailable):
        await news(journey).hear(notice)
    psp.broken = ""
    assert await news(journey).hear(notice) == "pending"


async def test_a_provider_that_names_another_amount_books_nothing(
    db: Database, journey: TopUps, psp: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await journey.start(OWNER, uuid7(), AMOUNT, SECOND_STEP)
    ref = str(waiting.provider_ref)
    await psp.inner.answer_step(ref, approve=True)
    true = psp.inner.fetch_payment

    async def lies(asked: str) -> PspPayment:
        found = await true(asked)
        return PspPayment(
            ref=found.ref,
            subject=found.subject,
            amount=Money(1, "EUR"),
            state=found.state,
        )

    monkeypatch.setattr(psp.inner, "fetch_payment", lies)
    assert await news(journey).hear(PspNotice(event_id="e1", kind="succeeded", ref=ref)) == "mismatch"
    assert await balances(db) == (0, 0)
    assert await state_of(db, waiting.topup_id) == "pending"


# ── over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shop(db: Database, clock: FixedClock, tmp_path: Path) -> FastAPI:
    return app_of(db, clock, settings_of(tmp_path), router, psp_router, identity_router, Psp=DemoPsp(db))


@pytest.fixture
async def phone(shop: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(shop) as client:
        await client.post("/api/guest")
        yield client


def asked(topup_id: UUID, card: str | None = None, minor: int = 5000) -> dict[str, Any]:
    method = None if card is None else {"demo_card": card}
    return {"topup_id": str(topup_id), "amount": {"minor": minor, "currency": "EUR"}, "method": method}


async def test_a_shopper_tops_up_and_reads_it_back(phone: httpx.AsyncClient) -> None:
    topup_id = uuid7()
    answer = await phone.post("/api/topups", json=asked(topup_id, "4242 4242 4242 4242"))
    assert answer.json() == {
        "topup_id": str(topup_id),
        "amount": {"minor": 5000, "currency": "EUR"},
        "state": "settled",
        "provider": "demo",
        "next": None,
        "failure": None,
    }
    assert (await phone.get(f"/api/topups/{topup_id}")).json() == answer.json()


async def test_an_id_means_one_topup_of_one_owner(shop: FastAPI, phone: httpx.AsyncClient) -> None:
    topup_id = uuid7()
    await phone.post("/api/topups", json=asked(topup_id))
    reused = await phone.post("/api/topups", json=asked(topup_id, minor=6000))
    assert (reused.status_code, reused.json()["code"]) == (409, "payments.topup_reused")
    async with browser(shop) as other:
        await other.post("/api/guest")
        assert (await other.post("/api/topups", json=asked(topup_id))).status_code == 409
        assert (await other.get(f"/api/topups/{topup_id}")).status_code == 404


@pytest.mark.parametrize("minor", [0, -1, 99, 200_001, 2**70])
async def test_silly_amounts_are_refused(phone: httpx.AsyncClient, minor: int) -> None:
    assert (await phone.post("/api/topups", json=asked(uuid7(), minor=minor))).status_code == 422


async def test_the_second_step_is_a_page_of_the_payers_own(shop: FastAPI, phone: httpx.AsyncClient) -> None:
    topup_id = uuid7()
    url = (await phone.post("/api/topups", json=asked(topup_id, SECOND_STEP))).json()["next"]["url"]
    page = await phone.get(url)
    assert "50.00 EUR" in page.text
    async with browser(shop) as thief:
        await thief.post("/api/guest")
        assert (await thief.get(url)).status_code == 404
        assert (await thief.post(url, data={"answer": "approve"})).status_code == 404
    forged = await phone.post(url, data={"answer": "approve"}, headers={"origin": "https://evil.test"})
    assert forged.status_code == 403
    done = await phone.post(url, data={"answer": "approve"})
    assert (done.status_code, done.headers["location"]) == (303, f"/wallet?topup={topup_id}")
    assert (await phone.get(f"/api/topups/{topup_id}")).json()["state"] == "settled"


async def test_without_a_provider_topups_are_off(db: Database, clock: FixedClock, tmp_path: Path) -> None:
    async with browser(
        app_of(db, clock, settings_of(tmp_path), router, psp_router, identity_router)
    ) as phone:
        await phone.post("/api/guest")
        assert (await phone.post("/api/topups", json=asked(uuid7()))).json()["code"] == "payments.off"
        hook = await phone.post(
            "/api/psp/stripe/webhook", content=b"{}", headers={"content-type": "application/json"}
        )
        assert hook.status_code == 404


async def test_the_card_leaves_no_trace(
    phone: httpx.AsyncClient,
    db: Database,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the tables nor the logs know the digits, paid or declined."""
    await phone.post("/api/topups", json=asked(uuid7(), GOOD))
    await phone.post("/api/topups", json=asked(uuid7(), DECLINED))
    printed = capfd.readouterr()
    text = printed.out + printed.err + caplog.text
    tables = query("select string_agg(t::text, ' ') from payments.topup t", str)
    demo = query("select string_agg(t::text, ' ') from payments.demo_payment t", str)
    async with db.reading() as tx:
        text += await tx.one(tables) + await tx.one(demo)
    assert not any(card in text for card in (GOOD, DECLINED))


async def test_money_on_its_way_follows_a_guest_who_signs_in(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock
) -> None:
    """A guest's payment waits for its second step; meanwhile they sign in to their account: the money arrives there."""
    camille = "camille@demo.halles.example"
    async with db.transaction() as tx:
        account = await identity.create_person(tx, camille, now=clock())
    guest = (await phone.get("/api/me")).json()["party_id"]
    topup_id = uuid7()
    url = (await phone.post("/api/topups", json=asked(topup_id, SECOND_STEP))).json()["next"]["url"]
    assert (await phone.post("/api/demo/sign-in", json={"email": camille})).json()["party_id"] == account
    journey, psp = TopUps(db, DemoPsp(db), clock), DemoPsp(db)
    await journey.settle(await psp.answer_step(url.rsplit("/", 1)[1], approve=True))
    assert (await phone.get(f"/api/topups/{topup_id}")).json()["state"] == "settled"
    async with db.reading() as tx:
        found = {a.owner_id: a.balance_minor for a in await wallet.accounts(tx, [guest, account])}
    assert found == {account: 5000}
