"""All that crosses the border of payments: top-ups, card payments of orders, refunds, what a provider says, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from halles.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from halles.kernel.money import Money

CURRENCIES = ("EUR", "CNY", "GBP", "USD", "CHF", "JPY")
"""Currencies a wallet can be topped up in: those whose minor units a provider counts as we do."""


class TopupState(StrEnum):
    """`created`: recorded, the provider may not know yet. `pending`: the provider waits for the shopper or the bank."""

    CREATED = "created"
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"


class OrderPaymentState(StrEnum):
    """`created`, `pending`: as of a top-up. `received`: it paid its order. `credited`: the money came, but the order did not wait
    for it or for this sum, so that it went to the shopper's wallet. `failed`: the provider ended it without money."""

    CREATED = "created"
    PENDING = "pending"
    RECEIVED = "received"
    CREDITED = "credited"
    FAILED = "failed"


class RefundState(StrEnum):
    """`created`: recorded, and the money has left the wallet. `pending`: the provider works on it. `failed`: it is in the wallet
    again."""

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PspState(StrEnum):
    """Where a payment stands with its provider. The last three are ends."""

    NEEDS_METHOD = "needs_method"
    NEEDS_ACTION = "needs_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class SubjectKind(StrEnum):
    """What somebody pays for."""

    TOPUP = "topup"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a payment at the provider is for; it carries this, so that its answer finds our row. `home_id`: the shopper of a
    top-up, the seller of an order. `id`: the top-up's, or that of one attempt to pay an order."""

    kind: SubjectKind
    home_id: int
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What is asked of a provider. `card`: a test card's digits, which only the demo provider reads and nobody keeps."""

    subject: Subject
    amount: Money
    card: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PspPayment:
    """What a provider says of a payment. `client_secret` lets the shopper's browser go on, `url` is a page where they go on;
    each None when there is no such thing. `failure`: the latest reason in the provider's words."""

    ref: str
    subject: Subject
    amount: Money
    state: PspState
    failure: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Give back part of the payment `payment_ref`. `home_id`: the seller of the order."""

    home_id: int
    refund_id: UUID
    payment_ref: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PspRefund:
    """What a provider says of a refund. `state`: pending, succeeded or failed."""

    ref: str
    home_id: int
    refund_id: UUID
    amount: Money
    state: RefundState
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PspNotice:
    """A verified webhook: something happened to a payment, or to a refund. Both refs None: it is about something else."""

    event_id: str
    kind: str
    ref: str | None
    refund_ref: str | None = None


class Psp(Protocol):
    """A payment service provider. Any call may raise PspUnavailable: then nothing is known, and asking again is right."""

    @property
    def name(self) -> str: ...

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        """Open a payment; the same subject gives the same payment. Raises PspRefused."""
        ...

    async def fetch_payment(self, ref: str) -> PspPayment:
        """Where a payment stands now. Raises PspRefused when the provider does not know it."""
        ...

    async def cancel_payment(self, ref: str) -> PspPayment:
        """Close a payment that nobody paid; one that was paid meanwhile is given as it stands."""
        ...

    async def create_refund(self, request: RefundRequest) -> PspRefund:
        """Give money back; the same refund id gives the same refund, whenever it is asked again. Raises PspRefused."""
        ...

    async def fetch_refund(self, ref: str) -> PspRefund:
        """Where a refund stands now. Raises PspRefused when the provider does not know it."""
        ...

    def verify_webhook(self, body: bytes, signature: str | None) -> PspNotice:
        """Read a webhook after its signature holds. Raises BadWebhook."""
        ...

    async def close(self) -> None:
        """Let go of its connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Topup:
    """Money on its way into a wallet. `provider_ref` None: the provider has not answered yet. `url`, `client_secret`: as in
    PspPayment, while there is something for the shopper to do."""

    owner_id: int
    topup_id: UUID
    amount_minor: int
    currency: str
    provider: str
    state: str
    provider_ref: str | None
    client_secret: str | None = field(repr=False)
    url: str | None
    failure: str | None
    created_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def ended(self) -> bool:
        return self.state in {TopupState.SETTLED, TopupState.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPayment:
    """One attempt to pay an order by card; the next begins only when the last has failed.

    `closes_at`: when it is closed at the provider, because the order waits no longer. `paid_minor`, `paid_currency`: what the
    provider took, None while it took nothing. `attention`: why a person should look, None when none need.
    """

    seller_id: int
    payment_id: UUID
    order_id: UUID
    attempt: int
    amount_minor: int
    currency: str
    provider: str
    state: str
    provider_ref: str | None
    client_secret: str | None = field(repr=False)
    url: str | None
    failure: str | None
    paid_minor: int | None
    paid_currency: str | None
    attention: str | None
    closes_at: datetime
    created_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def paid(self) -> Money | None:
        """What the provider took."""
        if self.paid_minor is None or self.paid_currency is None:
            return None
        return Money(self.paid_minor, self.paid_currency)

    @property
    def open(self) -> bool:
        return self.state in {OrderPaymentState.CREATED, OrderPaymentState.PENDING}

    @property
    def subject(self) -> Subject:
        return Subject(SubjectKind.ORDER, self.seller_id, self.payment_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRefund:
    """Money on its way back to the card that paid an order. `by`: `shopper` or `staff:<party_id>`."""

    seller_id: int
    refund_id: UUID
    order_id: UUID
    payment_id: UUID
    payment_ref: str
    amount_minor: int
    currency: str
    provider: str
    state: str
    provider_ref: str | None
    failure: str | None
    by: str
    created_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def open(self) -> bool:
        return self.state in {RefundState.CREATED, RefundState.PENDING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Something of payments that a person should look at. `what`: topup, order_payment or card_refund. `reason`: `unclear` (no
    end after a day), `mismatch` (another sum than the order's came) or `second_payment` (an order was paid twice)."""

    what: str
    home_id: int
    id: UUID
    order_id: UUID | None
    amount_minor: int
    currency: str
    paid_minor: int | None
    paid_currency: str | None
    provider: str
    provider_ref: str | None
    failure: str | None
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TopupSettled:
    """A top-up reached its end; `state` says which: settled or failed."""

    kind: ClassVar[str] = "payments.topup_settled"
    owner_id: int
    topup_id: UUID
    state: str

    def key(self) -> str:
        return f"topup:{self.topup_id}"


class BadTopup(Invalid):
    """An amount or currency that cannot be topped up."""

    code, title = "payments.bad_topup", "Not an amount to top up"


class TopupReused(Conflict):
    """The id belongs to a top-up that says something else."""

    code, title = "payments.topup_reused", "This id was used for another top-up"


class NoSuchTopup(NotFound):
    """The caller has no top-up with this id."""

    code, title = "payments.no_such_topup", "No such top-up"


class PaymentsOff(Forbidden):
    """No provider is configured, so that no card can be taken here."""

    code, title = "payments.off", "Cards are not taken here"


class NotAwaitingPayment(Conflict):
    """The order does not wait for a card: it was placed on the wallet, it is paid, or it is over."""

    code, title = "payments.not_awaiting_payment", "This order does not wait for a payment"


class TooLate(Conflict):
    """The time in which this order could be paid is over."""

    code, title = "payments.too_late", "The time to pay is over"


class TooManyAttempts(Conflict):
    """Too many payments of this order have failed."""

    code, title = "payments.too_many_attempts", "Too many attempts to pay"


class NothingToRefund(Conflict):
    """No card has paid this order, or its money is still needed: cancel the order first."""

    code, title = "payments.nothing_to_refund", "There is nothing to give back to a card"


class RefundTooLarge(Conflict):
    """All refunds of a payment together never exceed what was paid."""

    code, title = "payments.refund_too_large", "More than was paid"


class RefundReused(Conflict):
    """The id belongs to a refund that says something else."""

    code, title = "payments.refund_reused", "This id was used for another refund"


class NoSuchPayment(NotFound):
    """The provider, or a person, names a payment or refund that is not known here."""

    code, title = "payments.no_such_payment", "No such payment"


class PspUnavailable(Unavailable):
    """The provider does not answer; what it did is found out by asking again."""

    code, title = "payments.provider_unavailable", "The payment provider does not answer"


class PspRefused(Invalid):
    """The provider will never do this."""

    code, title = "payments.provider_refused", "The payment provider refused"


class PaymentMismatch(Conflict):
    """The provider's books name another amount, currency or owner than ours: a person must look."""

    code, title = "payments.mismatch", "The provider's books differ from ours"


class BadWebhook(Invalid):
    """A webhook whose signature does not hold, that is too old, or that cannot be read."""

    status, code, title = 400, "payments.bad_webhook", "Not a webhook of the provider"
