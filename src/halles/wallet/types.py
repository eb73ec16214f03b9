"""Accounts, holds, transfers, and what the wallet refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

AccountId = NewType("AccountId", int)
"""One account of one owner."""


class AccountKind(StrEnum):
    """`main`: a shopper's money. `payable`: what a seller has earned. `tax`: what a seller owes the state. `fees`: what the
    platform has earned. `clearing`: the mirror of a bank or payment provider, the only kind that goes negative."""

    MAIN = "main"
    PAYABLE = "payable"
    TAX = "tax"
    FEES = "fees"
    CLEARING = "clearing"


class HoldState(IntEnum):
    HELD = 1
    CAPTURED = 2
    VOIDED = 3


class TransferKind(StrEnum):
    """Why money moved."""

    TOP_UP = "top_up"
    CARD = "card"
    CARD_REFUND = "card_refund"
    CARD_REFUND_FAILED = "card_refund_failed"
    CAPTURE = "capture"
    REFUND = "refund"
    MERGE = "merge"
    GIVEN_UP = "given_up"
    PAID_OUT = "paid_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`held_minor` is the part of `balance_minor` that open holds have set aside."""

    owner_id: int
    account_id: int
    kind: str
    currency: str
    balance_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        return self.balance_minor - self.held_minor


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Names an account before it is known whether it is open."""

    owner_id: int
    kind: AccountKind
    currency: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A party's part of a payment, and how much of it was given back. Travels as an array: it is stored with every hold."""

    owner_id: int
    kind: AccountKind
    amount_minor: int
    refunded_minor: int = 0

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.refunded_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Money of `account_id` set aside for an order, with the split that its capture will post. Legs sum to the amount."""

    owner_id: int
    hold_id: UUID
    account_id: int
    currency: str
    amount_minor: int
    state: HoldState
    order_id: UUID | None
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A transfer seen from one account: positive when money came in."""

    posting_id: UUID
    at: datetime
    kind: str
    amount_minor: int
    currency: str
    order_id: UUID | None
    topup_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTransfer:
    """A transfer that an order caused, seen from outside: from whose account of which kind to whose."""

    transfer_id: UUID
    at: datetime
    kind: str
    amount_minor: int
    currency: str
    debit_owner: int
    debit_kind: str
    credit_owner: int
    credit_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHold:
    """Money that was set aside for an order, as its owner takes it along. `state`: 1 held, 2 captured, 3 voided."""

    hold_id: UUID
    account_id: int
    amount_minor: int
    state: int
    order_id: UUID | None
    at: datetime


class InsufficientFunds(Conflict):
    """The account has less available than the command needs."""

    code, title = "wallet.insufficient_funds", "Not enough money"

    def __init__(self, *, missing_minor: int, available_minor: int, currency: str) -> None:
        super().__init__(
            "There is not enough money in the wallet for this.",
            missing_minor=missing_minor,
            available_minor=available_minor,
            currency=currency,
        )


class NoSuchAccount(NotFound):
    """The owner has no such account."""

    code, title = "wallet.no_such_account", "No such account"


class NoSuchHold(NotFound):
    """Nothing is held under this id."""

    code, title = "wallet.no_such_hold", "No such hold"


class HoldIsSpent(Conflict):
    """The hold was captured or voided already, or not captured yet."""

    code, title = "wallet.hold_is_spent", "This hold is in another state"


class RefundTooLarge(Conflict):
    """More would be given back than is left of what was captured."""

    code, title = "wallet.refund_too_large", "More than was paid"


class TransferReused(Conflict):
    """A transfer with this id exists and says something else."""

    code, title = "wallet.transfer_id_reused", "This id was used for something else"


class BadTransfer(Invalid):
    """A transfer that cannot mean anything: no amount, or an account with itself."""

    code, title = "wallet.bad_transfer", "Not a transfer"
