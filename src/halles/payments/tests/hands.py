"""Providers for tests, each with the hands of a shopper who pays: the demo's own, and Stripe's client against localstripe."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

import httpx
import pytest

from halles.payments.adapters.demo import DemoPsp
from halles.payments.adapters.stripe_psp import StripePsp
from halles.payments.types import (
    PaymentRequest,
    Psp,
    PspNotice,
    PspPayment,
    PspRefund,
    PspUnavailable,
    RefundRequest,
    Subject,
    SubjectKind,
)

T = TypeVar("T")
KEY = "sk_test_12345"
HOOK = "whsec_test"
GOOD, DECLINED, SECOND_STEP = "4242424242424242", "4000000000000002", "4000002500003155"
_DECLINED_LATER = (
    "4000000000000341"  # localstripe declines the other number only where a customer keeps the card
)


def topup_subject(owner_id: int, topup_id: UUID) -> Subject:
    return Subject(SubjectKind.TOPUP, owner_id, topup_id)


class Hands(Protocol):
    """A shopper at a provider's counter, and the provider's own pen for webhooks."""

    @property
    def psp(self) -> Psp: ...

    async def pay(self, request: PaymentRequest, payment: PspPayment, card: str) -> None: ...

    async def approve(self, payment: PspPayment) -> None: ...

    def notice(self, event_id: str, kind: str, ref: str) -> tuple[bytes, str]: ...

    async def close(self) -> None: ...


class DemoHands:
    """The demo's counter is its own page."""

    def __init__(self, psp: DemoPsp) -> None:
        self.psp = psp

    async def pay(self, request: PaymentRequest, payment: PspPayment, card: str) -> None:
        again = PaymentRequest(subject=request.subject, amount=request.amount, card=card)
        assert (await self.psp.create_payment(again)).ref == payment.ref

    async def approve(self, payment: PspPayment) -> None:
        await self.psp.answer_step(payment.ref, approve=True)

    def notice(self, event_id: str, kind: str, ref: str) -> tuple[bytes, str]:
        return self.psp.notice(event_id, kind, ref)

    async def close(self) -> None:
        return None


class Flaky:
    """A provider whose line breaks: before the call reaches it, or after it did its work and before the answer is heard."""

    def __init__(self, inner: DemoPsp) -> None:
        self.inner, self.broken = inner, ""

    @property
    def name(self) -> str:
        return self.inner.name

    async def close(self) -> None: ...

    async def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        if self.broken == "before":
            raise PspUnavailable("no line")
        found = await work()
        if self.broken == "after":
            raise PspUnavailable("line lost")
        return found

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        return await self._call(lambda: self.inner.create_payment(request))

    async def fetch_payment(self, ref: str) -> PspPayment:
        return await self._call(lambda: self.inner.fetch_payment(ref))

    async def cancel_payment(self, ref: str) -> PspPayment:
        return await self._call(lambda: self.inner.cancel_payment(ref))

    async def create_refund(self, request: RefundRequest) -> PspRefund:
        return await self._call(lambda: self.inner.create_refund(request))

    async def fetch_refund(self, ref: str) -> PspRefund:
        return await self._call(lambda: self.inner.fetch_refund(ref))

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        return self.inner.verify_webhook(body, signature)


class StripeHands:
    """Does what Stripe's script does in the shopper's browser, against localstripe."""

    def __init__(self, base: str) -> None:
        self.psp = StripePsp(KEY, webhook_secret=HOOK, api_base=base)
        self._browser = httpx.AsyncClient(base_url=base, auth=(KEY, ""))

    async def pay(self, request: PaymentRequest, payment: PspPayment, card: str) -> None:
        number = _DECLINED_LATER if card == DECLINED else card
        details = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        method = await self._browser.post(
            "/v1/payment_methods", data={"type": "card", **{f"card[{k}]": v for k, v in details.items()}}
        )
        chosen = {"payment_method": method.raise_for_status().json()["id"]}
        (await self._browser.post(f"/v1/payment_intents/{payment.ref}", data=chosen)).raise_for_status()
        confirmed = await self._browser.post(f"/v1/payment_intents/{payment.ref}/confirm")
        assert confirmed.status_code in {200, 402}, confirmed.text

    async def approve(self, payment: PspPayment) -> None:
        answer = {"client_secret": payment.client_secret, "success": "true"}
        (
            await self._browser.post(f"/v1/payment_intents/{payment.ref}/_authenticate", data=answer)
        ).raise_for_status()

    def notice(self, event_id: str, kind: str, ref: str) -> tuple[bytes, str]:
        about = {"id": ref, "object": "refund" if ref.startswith("re_") else "payment_intent"}
        return signed({"id": event_id, "object": "event", "type": kind, "data": {"object": about}})

    async def close(self) -> None:
        await self._browser.aclose()
        await self.psp.close()


def signed(event: object, *, secret: str = HOOK, at: float | None = None) -> tuple[bytes, str]:
    """A webhook with Stripe's signature scheme (docs.stripe.com/webhooks, "Verify manually")."""
    body = json.dumps(event).encode()
    stamp = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={mac}"


@contextmanager
def localstripe(folder: Path) -> Generator[str]:
    """localstripe (GPL) as a peer in a process of its own; skips, saying so, where it is not installed or cannot listen."""
    python = os.environ.get("HALLES_LOCALSTRIPE")
    if python is None:
        pytest.skip(
            "localstripe is not here: `./halles test` brings it, or name a Python that has it in HALLES_LOCALSTRIPE"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "localstripe.log").open("wb") as log:
        peer = subprocess.Popen(
            [python, "-m", "localstripe", "--from-scratch", "--port", str(port)],
            stdout=log,
            stderr=log,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base, peer)
        yield base
    finally:
        peer.terminate()
        peer.wait(10)


def _wait(base: str, peer: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if peer.poll() is not None:
            pytest.skip("localstripe could not start (it listens on IPv6)")
        try:
            httpx.get(base, timeout=1)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.skip("localstripe did not answer in 20 s")
