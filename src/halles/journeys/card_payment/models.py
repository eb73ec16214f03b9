"""Card payments as the interface shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from halles.kernel.web import Model, MoneyModel
from halles.payments.types import CardRefund, OrderPayment, Unclear


class CardMethod(Model):
    """How the demo pays. Real cards never reach Halles: they go from the browser to the provider."""

    demo_card: str = Field(max_length=32, examples=["4242 4242 4242 4242"])


class PayAsked(Model):
    """Pay, or find out where the payment stands; sent again it goes on where it stopped."""

    method: CardMethod | None = None


class OrderPaymentModel(Model):
    """A payment of an order. `next`: what is left for the shopper to do: `client_secret` for the provider's elements, or a page's
    `url`. `received` paid the order; `credited` went to the wallet."""

    order_id: UUID
    amount: MoneyModel
    state: Literal["created", "pending", "received", "credited", "failed"] = Field(examples=["pending"])
    provider: str = Field(examples=["stripe"])
    next: dict[str, str] | None = Field(examples=[{"client_secret": "pi_1_secret_2"}])
    failure: str | None
    pay_by: datetime


class RefundAsked(Model):
    """Money back to the card. `refund_id` is made by the client, a UUIDv7; sent again it goes on where it stopped. Without an
    amount: all that is left."""

    refund_id: UUID
    amount: MoneyModel | None = None


class CardRefundModel(Model):
    """A refund to the card that paid an order."""

    refund_id: UUID
    order_id: UUID
    amount: MoneyModel
    state: Literal["created", "pending", "succeeded", "failed"] = Field(examples=["succeeded"])
    failure: str | None
    created_at: datetime


class UnclearModel(Model):
    """Something of payments that a person should look at. `reason`: `unclear` has no end after a day, `mismatch` came with
    another sum than the order's, `second_payment` is an order that was paid twice."""

    what: Literal["topup", "order_payment", "card_refund"] = Field(examples=["order_payment"])
    id: UUID
    order_id: UUID | None
    amount: MoneyModel
    paid: MoneyModel | None
    provider: str = Field(examples=["stripe"])
    provider_ref: str | None = Field(examples=["pi_3P1"])
    failure: str | None
    reason: Literal["unclear", "mismatch", "second_payment"] = Field(examples=["mismatch"])
    since: datetime


def payment_model(row: OrderPayment, order_id: UUID) -> OrderPaymentModel:
    """An attempt as its payer sees it."""
    steps = {"client_secret": row.client_secret, "url": row.url}
    left = {name: value for name, value in steps.items() if value is not None}
    return OrderPaymentModel(
        order_id=order_id,
        amount=MoneyModel(minor=row.amount_minor, currency=row.currency),
        state=row.state,  # pyright: ignore[reportArgumentType]  the table checks it
        provider=row.provider,
        next=left or None,
        failure=row.failure,
        pay_by=row.closes_at,
    )


def refund_model(refund: CardRefund) -> CardRefundModel:
    """A refund as everybody sees it."""
    return CardRefundModel(
        refund_id=refund.refund_id,
        order_id=refund.order_id,
        amount=MoneyModel(minor=refund.amount_minor, currency=refund.currency),
        state=refund.state,  # pyright: ignore[reportArgumentType]  the table checks it
        failure=refund.failure,
        created_at=refund.created_at,
    )


def unclear_model(row: Unclear) -> UnclearModel:
    """What asks for a person."""
    paid = None
    if row.paid_minor is not None and row.paid_currency is not None:
        paid = MoneyModel(minor=row.paid_minor, currency=row.paid_currency)
    return UnclearModel(
        what=row.what,  # pyright: ignore[reportArgumentType]  the statement says it
        id=row.id,
        order_id=row.order_id,
        amount=MoneyModel(minor=row.amount_minor, currency=row.currency),
        paid=paid,
        provider=row.provider,
        provider_ref=row.provider_ref,
        failure=row.failure,
        reason=row.reason,  # pyright: ignore[reportArgumentType]
        since=row.since,
    )
