"""What every provider must do; then what only Stripe's wire shows."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.ids import uuid7
from halles.kernel.money import Money
from halles.payments.adapters.demo import DemoPsp
from halles.payments.adapters.stripe_psp import StripePsp
from halles.payments.tests.hands import DECLINED, GOOD, HOOK, KEY, SECOND_STEP, Hands, signed, topup_subject
from halles.payments.types import (
    BadWebhook,
    PaymentRequest,
    PspRefused,
    PspState,
    PspUnavailable,
    RefundRequest,
    RefundState,
    Subject,
    SubjectKind,
)

# Stripe's own HTTP layer gives httpx a text as `data=`, which httpx deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Use 'content=<...>' to upload raw bytes:DeprecationWarning:httpx"
)


def request_of(minor: int = 5000) -> PaymentRequest:
    return PaymentRequest(subject=topup_subject(1001, uuid7()), amount=Money(minor, "EUR"))


async def test_a_payment_is_open_until_somebody_pays(hands: Hands) -> None:
    asked = request_of()
    made = await hands.psp.create_payment(asked)
    assert (made.subject, made.amount) == (asked.subject, asked.amount)
    assert made.state is PspState.NEEDS_METHOD
    await hands.pay(asked, made, GOOD)
    paid = await hands.psp.fetch_payment(made.ref)
    assert (paid.state, paid.ref, paid.amount, paid.failure) == (
        PspState.SUCCEEDED,
        made.ref,
        asked.amount,
        None,
    )


async def test_a_declined_card_never_pays(hands: Hands) -> None:
    asked = request_of()
    made = await hands.psp.create_payment(asked)
    await hands.pay(asked, made, DECLINED)
    found = await hands.psp.fetch_payment(made.ref)
    assert found.state in {PspState.FAILED, PspState.NEEDS_METHOD}
    assert "declined" in (found.failure or "")


async def test_a_second_step_is_asked_and_answered(hands: Hands) -> None:
    asked = request_of()
    made = await hands.psp.create_payment(asked)
    await hands.pay(asked, made, SECOND_STEP)
    waiting = await hands.psp.fetch_payment(made.ref)
    assert waiting.state is PspState.NEEDS_ACTION
    assert waiting.client_secret or waiting.url
    await hands.approve(waiting)
    assert (await hands.psp.fetch_payment(made.ref)).state is PspState.SUCCEEDED


async def test_a_canceled_payment_stays_canceled_and_a_paid_one_paid(hands: Hands) -> None:
    asked = request_of()
    made = await hands.psp.create_payment(asked)
    assert (await hands.psp.cancel_payment(made.ref)).state is PspState.CANCELED
    assert (await hands.psp.cancel_payment(made.ref)).state is PspState.CANCELED
    paid_request = request_of()
    paid = await hands.psp.create_payment(paid_request)
    await hands.pay(paid_request, paid, GOOD)
    assert (await hands.psp.cancel_payment(paid.ref)).state is PspState.SUCCEEDED


async def test_an_unknown_payment_is_refused(hands: Hands) -> None:
    with pytest.raises(PspRefused):
        await hands.psp.fetch_payment("pi_nobody")


async def test_a_webhook_is_believed_only_with_its_signature(hands: Hands) -> None:
    body, signature = hands.notice("evt_1", "payment_intent.succeeded", "pi_1")
    notice = hands.psp.verify_webhook(body, signature)
    assert (notice.event_id, notice.kind, notice.ref) == ("evt_1", "payment_intent.succeeded", "pi_1")
    for bad in (None, "", "x", signature[:-1], signature.upper(), "é"):
        with pytest.raises(BadWebhook):
            hands.psp.verify_webhook(body, bad)
    with pytest.raises(BadWebhook):
        hands.psp.verify_webhook(body.replace(b"pi_1", b"pi_2"), signature)


async def test_a_payment_of_an_order_says_so(hands: Hands) -> None:
    subject = Subject(SubjectKind.ORDER, 7, uuid7())
    made = await hands.psp.create_payment(PaymentRequest(subject=subject, amount=Money(1200, "EUR")))
    assert (await hands.psp.fetch_payment(made.ref)).subject == subject


async def test_money_goes_back_once_a_refund(hands: Hands) -> None:
    asked = request_of()
    made = await hands.psp.create_payment(asked)
    await hands.pay(asked, made, GOOD)
    wish = RefundRequest(home_id=7, refund_id=uuid7(), payment_ref=made.ref, amount=Money(2000, "EUR"))
    first, second = await hands.psp.create_refund(wish), await hands.psp.create_refund(wish)
    assert first.ref == second.ref
    assert (first.refund_id, first.home_id, first.amount) == (wish.refund_id, 7, wish.amount)
    assert first.state is RefundState.SUCCEEDED
    assert (await hands.psp.fetch_refund(first.ref)).refund_id == wish.refund_id
    other = RefundRequest(home_id=7, refund_id=uuid7(), payment_ref=made.ref, amount=Money(500, "EUR"))
    assert (await hands.psp.create_refund(other)).ref != first.ref


async def test_an_unknown_refund_is_refused(hands: Hands) -> None:
    with pytest.raises(PspRefused):
        await hands.psp.fetch_refund("re_nobody")


async def test_a_webhook_about_a_refund_names_it(hands: Hands) -> None:
    ref = "re_1" if hands.psp.name == "stripe" else "demo_re_1"
    notice = hands.psp.verify_webhook(*hands.notice("evt_2", "refund.updated", ref))
    assert (notice.ref, notice.refund_ref) == (None, ref)


async def test_the_demo_gives_no_more_back_than_was_paid(db: Any) -> None:
    psp, asked = DemoPsp(db), request_of()
    paid = await psp.create_payment(PaymentRequest(subject=asked.subject, amount=asked.amount, card=GOOD))
    wish = RefundRequest(home_id=7, refund_id=uuid7(), payment_ref=paid.ref, amount=Money(5001, "EUR"))
    with pytest.raises(PspRefused):
        await psp.create_refund(wish)


async def test_the_demo_opens_one_payment_a_topup(db: Any) -> None:
    psp, asked = DemoPsp(db), request_of()
    first, second = await psp.create_payment(asked), await psp.create_payment(asked)
    assert first == second


# ── Stripe's wire ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stripe_psp() -> StripePsp:
    return StripePsp(KEY, webhook_secret=HOOK, api_base="http://127.0.0.1:9")


async def test_an_unreachable_stripe_may_be_asked_again(
    stripe_psp: StripePsp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_seconds: float) -> None:
        return None

    monkeypatch.setattr("anyio.sleep", at_once)
    with pytest.raises(PspUnavailable):
        await stripe_psp.create_payment(request_of())
    await stripe_psp.close()


async def test_each_topup_has_its_idempotency_key(
    stripe_psp: StripePsp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """localstripe knows no idempotency keys, so the header itself is looked at: one for each owner and top-up."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["idempotency-key"])
        return httpx.Response(
            503, json={"error": {"message": "later"}}, headers={"stripe-should-retry": "false"}
        )

    client = stripe_psp._http  # pyright: ignore[reportPrivateUsage]
    await client.close_async()
    mock = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(client, "_client_async", mock)
    one = request_of()
    other = PaymentRequest(subject=topup_subject(1002, one.subject.id), amount=one.amount)
    for asked in (one, one, other):
        with pytest.raises(PspUnavailable):
            await stripe_psp.create_payment(asked)
    assert seen[0] == seen[1] == f"halles-topup-1001-{one.subject.id}"
    assert seen[2] != seen[0]
    await stripe_psp.close()


@pytest.mark.parametrize(
    "event",
    [
        {
            "id": "evt_1",
            "object": "event",
            "type": "charge.refunded",
            "data": {"object": {"id": "ch_1", "object": "charge"}},
        },
        {"id": "evt_2", "object": "event", "type": "x", "data": {"object": {"id": "x"}}},
    ],
)
def test_notices_about_something_else_name_no_payment(stripe_psp: StripePsp, event: dict[str, Any]) -> None:
    assert stripe_psp.verify_webhook(*signed(event)).ref is None


@pytest.mark.parametrize(
    "event", [[], {}, "x", 1, None, {"object": "event"}, {"object": "event", "id": 1, "data": {"object": []}}]
)
def test_a_signed_webhook_that_makes_no_sense_is_refused(stripe_psp: StripePsp, event: object) -> None:
    with pytest.raises(BadWebhook):
        stripe_psp.verify_webhook(*signed(event))


def test_an_old_webhook_is_refused(stripe_psp: StripePsp) -> None:
    event = {"id": "evt_1", "object": "event", "type": "x", "data": {"object": {"id": "x"}}}
    with pytest.raises(BadWebhook):
        stripe_psp.verify_webhook(*signed(event, at=time.time() - 301))
    with pytest.raises(BadWebhook):
        stripe_psp.verify_webhook(*signed(event, secret="whsec_other"))


@given(body=st.binary(max_size=300), signature=st.none() | st.text(max_size=80))
def test_noise_is_never_believed(body: bytes, signature: str | None) -> None:
    psp = _NOISE_PSP
    with pytest.raises(BadWebhook):
        psp.verify_webhook(body, signature)


@given(body=st.binary(max_size=300))
def test_signed_noise_is_refused_not_crashed_on(body: bytes) -> None:
    import hashlib
    import hmac

    stamp = int(time.time())
    mac = hmac.new(HOOK.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    with pytest.raises(BadWebhook):
        _NOISE_PSP.verify_webhook(body, f"t={stamp},v1={mac}")


_NOISE_PSP = StripePsp(KEY, webhook_secret=HOOK)
