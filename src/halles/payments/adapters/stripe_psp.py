"""Stripe, through its own client: a PaymentIntent a top-up, paid in the shopper's browser with Stripe's elements."""

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
    PspRefused,
    PspState,
    PspUnavailable,
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
                    "metadata": {"owner_id": str(request.owner_id), "topup_id": str(request.topup_id)},
                },
                {"idempotency_key": f"halles-topup-{request.owner_id}-{request.topup_id}"},
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

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        if self._webhook_secret is None:
            raise BadWebhook("HALLES_STRIPE_WEBHOOK_SECRET is not set, so that no webhook can be believed.")
        try:
            text = body.decode()
            self._client.construct_event(text, signature, self._webhook_secret, _TOLERANCE_S)
            told = json.loads(text)
            about = told["data"]["object"]
            ref = str(about["id"]) if about.get("object") == "payment_intent" else None
            return PspNotice(event_id=str(told["id"]), kind=str(told["type"]), ref=ref)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
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


def _payment(intent: dict[str, Any]) -> PspPayment:
    """A PaymentIntent as ours. Raises PspRefused for one that Halles did not make."""
    try:
        owner_id, topup_id = int(intent["metadata"]["owner_id"]), UUID(intent["metadata"]["topup_id"])
    except (KeyError, ValueError, TypeError) as error:
        raise PspRefused("This payment was not made by Halles.") from error
    failed = intent.get("last_payment_error")
    return PspPayment(
        ref=str(intent["id"]),
        owner_id=owner_id,
        topup_id=topup_id,
        amount=Money(int(intent["amount"]), str(intent["currency"]).upper()),
        state=_STATES[str(intent["status"])],
        failure=str(failed["message"]) if failed else None,
        client_secret=intent.get("client_secret"),
    )
