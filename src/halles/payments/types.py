"""All that crosses the border of payments: top-ups, what a provider says of a payment, events, refusals."""

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


class PspState(StrEnum):
    """Where a payment stands with its provider. The last three are ends."""

    NEEDS_METHOD = "needs_method"
    NEEDS_ACTION = "needs_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What is asked of a provider. `card`: a test card's digits, which only the demo provider reads and nobody keeps."""

    owner_id: int
    topup_id: UUID
    amount: Money
    card: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PspPayment:
    """What a provider says of a payment. `client_secret` lets the shopper's browser go on, `url` is a page where they go on;
    each None when there is no such thing. `failure`: the latest reason in the provider's words."""

    ref: str
    owner_id: int
    topup_id: UUID
    amount: Money
    state: PspState
    failure: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PspNotice:
    """A verified webhook: something happened to a payment. `ref` None: it is about something else."""

    event_id: str
    kind: str
    ref: str | None


class Psp(Protocol):
    """A payment service provider. Any call may raise PspUnavailable: then nothing is known, and asking again is right."""

    @property
    def name(self) -> str: ...

    async def create_payment(self, request: PaymentRequest) -> PspPayment:
        """Open a payment; the same owner and top-up give the same payment. Raises PspRefused."""
        ...

    async def fetch_payment(self, ref: str) -> PspPayment:
        """Where a payment stands now. Raises PspRefused when the provider does not know it."""
        ...

    async def cancel_payment(self, ref: str) -> PspPayment:
        """Close a payment that nobody paid; one that was paid meanwhile is given as it stands."""
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
    """No provider is configured, so that nothing can be topped up here."""

    code, title = "payments.off", "Top-ups are not set up"


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
