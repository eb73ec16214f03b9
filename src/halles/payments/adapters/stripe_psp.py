"""Stripe, through its own client: a PaymentIntent a top-up or an attempt to pay an order, paid in the shopper's browser with
Stripe's elements; a Refund for money that goes back to the card."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import stripe
import structlog

from halles.kernel.errors import Refusal
from halles.kernel.money import Money
from halles.payments.types import (
    BadWebhook,
    PaymentRequest,
    PspNotice,
    PspPayment,
    PspRefund,
    PspRefused,
    PspState,
    PspUnavailable,
    RefundRequest,
    RefundState,
    Subject,
    SubjectKind,
)

log = structlog.get_logger("halles.payments")
_TIMEOUT_S = 10.0
_TOLERANCE_S = 300
# docs.stripe.com/payments/paymentintents/lifecycle
_STATES = {
    "requires_payment_method": PspState.NEEDS_METHOD,
    "requires_confirmation": PspState.NEEDS_METHOD,
    "requires_action": PspState.NEEDS_ACTION,
    "processing": PspState.PROCESSING,
    "requires_capture": PspState.PROCESSING,
    "succeeded": PspState.SUCCEEDED,
    "canceled": PspState.CANCELED,
}
# docs.stripe.com/api/refunds/object#refund_object-status
_REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_MOST_REFUNDS = 100


class StripePsp:
    """A declined card leaves a PaymentIntent open, so that the shopper can try another: only Stripe's word ends a top-up."""

    name = "stripe"

    def __init__(
        self, secret_key: str, *, webhook_secret: str | None, api_base: str = "https://api.stripe.com"
    ) -> None:
        self._http = stripe.HTTPXClient(timeout=_TIMEOUT_S)
        self._client = stripe.StripeClient(
            secret_key, http_client=self._http, base_addresses={"api": api_base}, max_network_retries=2
        )
        self._webhook_secret = webhook_secret

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        async with _translated():
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": request.amount.minor,
                    "currency": request.amount.currency.lower(),
                    "metadata": _metadata(request.subject),
                },
                {"idempotency_key": _key(request.subject)},
            )
            return _payment(intent.to_dict())

    async def fetch_payment(self, ref: str) -> PspPayment:
        async with _translated():
            return _payment((await self._client.v1.payment_intents.retrieve_async(ref)).to_dict())

    async def cancel_payment(self, ref: str) -> PspPayment:
        try:
            async with _translated():
                return _payment((await self._client.v1.payment_intents.cancel_async(ref)).to_dict())
        except PspRefused:
            return await self.fetch_payment(ref)

    async def create_refund(self, request: RefundRequest) -> PspRefund:
        """Looks for it among the payment's refunds before it makes one: Stripe forgets an idempotency key after a day."""
        async with _translated():
            found = await self._client.v1.refunds.list_async(
                {"payment_intent": request.payment_ref, "limit": _MOST_REFUNDS}
            )
            for one in found.data:
                told: dict[str, Any] = one.to_dict()
                if _refund_id(told) == str(request.refund_id):
                    return _refund(told)
            made = await self._client.v1.refunds.create_async(
                {
                    "payment_intent": request.payment_ref,
                    "amount": request.amount.minor,
                    "metadata": {"home_id": str(request.home_id), "refund_id": str(request.refund_id)},
                },
                {"idempotency_key": f"halles-refund-{request.refund_id}"},
            )
            return _refund(made.to_dict())

    async def fetch_refund(self, ref: str) -> PspRefund:
        async with _translated():
            return _refund((await self._client.v1.refunds.retrieve_async(ref)).to_dict())

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        if self._webhook_secret is None:
            raise BadWebhook("HALLES_STRIPE_WEBHOOK_SECRET is not set, so that no webhook can be believed.")
        try:
            text = body.decode()
            self._client.construct_event(text, signature, self._webhook_secret, _TOLERANCE_S)
            told = json.loads(text)
            about = told["data"]["object"]
            ref = str(about["id"])
            return PspNotice(
                event_id=str(told["id"]),
                kind=str(told["type"]),
                ref=ref if about.get("object") == "payment_intent" else None,
                refund_ref=ref if about.get("object") == "refund" else None,
            )
        except (
            stripe.SignatureVerificationError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise BadWebhook("This is not a webhook of Stripe, or it is too old.") from error


@asynccontextmanager
async def _translated() -> AsyncGenerator[None]:
    """Stripe's errors as ours: what may pass is PspUnavailable, what will not is PspRefused."""
    try:
        yield
    except Refusal:
        raise
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("payments.stripe_key_refused", request_id=error.request_id)  # noqa: TRY400  the trace says no more
        raise PspUnavailable("The payment provider refuses this shop's key.", retry_after_s=300) from error
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        raise PspRefused(error.user_message or "The payment provider refused.", reason=error.code) from error
    except stripe.StripeError as error:
        raise PspUnavailable(
            "The payment provider does not answer. Nothing is lost.", retry_after_s=5
        ) from error


def _metadata(subject: Subject) -> dict[str, str]:
    """What Stripe keeps with a payment, so that its answer finds our row."""
    names = _NAMES[subject.kind]
    return {names[0]: str(subject.home_id), names[1]: str(subject.id)}


_NAMES = {
    SubjectKind.TOPUP: ("owner_id", "topup_id"),
    SubjectKind.ORDER: ("seller_id", "order_payment_id"),
}


def _key(subject: Subject) -> str:
    return f"halles-{subject.kind.value}-{subject.home_id}-{subject.id}"


def _subject(metadata: dict[str, str]) -> Subject:
    """Raises KeyError, ValueError for metadata that Halles did not write."""
    kind = SubjectKind.ORDER if "order_payment_id" in metadata else SubjectKind.TOPUP
    home, name = _NAMES[kind]
    return Subject(kind, int(metadata[home]), UUID(metadata[name]))


def _payment(intent: dict[str, Any]) -> PspPayment:
    """A PaymentIntent as ours. Raises PspRefused for one that Halles did not make, PspUnavailable for a state it does not know.

    `amount_received` is what was paid, where Stripe says so: less than asked for is possible with some methods.
    """
    try:
        subject = _subject(intent["metadata"])
    except (KeyError, ValueError, TypeError) as error:
        raise PspRefused("This payment was not made by Halles.") from error
    state = _STATES.get(str(intent["status"]))
    if state is None:
        raise PspUnavailable(
            "The provider gives a state that is not known here.", state=str(intent["status"])
        )
    minor = int(intent["amount"])
    if state is PspState.SUCCEEDED:
        minor = int(intent.get("amount_received") or minor)
    failed = intent.get("last_payment_error")
    return PspPayment(
        ref=str(intent["id"]),
        subject=subject,
        amount=Money(minor, str(intent["currency"]).upper()),
        state=state,
        failure=str(failed["message"]) if failed else None,
        client_secret=intent.get("client_secret"),
    )


def _refund_id(told: dict[str, Any]) -> str | None:
    metadata: dict[str, str] | None = told.get("metadata")
    return None if metadata is None else metadata.get("refund_id")


def _refund(told: dict[str, Any]) -> PspRefund:
    """A Refund as ours. Raises PspRefused for one that Halles did not make."""
    try:
        home_id, refund_id = int(told["metadata"]["home_id"]), UUID(told["metadata"]["refund_id"])
    except (KeyError, ValueError, TypeError) as error:
        raise PspRefused("This refund was not made by Halles.") from error
    return PspRefund(
        ref=str(told["id"]),
        home_id=home_id,
        refund_id=refund_id,
        amount=Money(int(told["amount"]), str(told["currency"]).upper()),
        state=_REFUND_STATES.get(str(told["status"]), RefundState.PENDING),
        failure=told.get("failure_reason"),
    )
