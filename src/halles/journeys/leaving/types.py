"""Archives, what stands in the way of leaving, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from halles.kernel.errors import Conflict, Unauthenticated
from halles.orders.types import BasketLine

Code = Literal[
    "leaving.last_in_charge", "leaving.order_open", "leaving.payment_pending", "leaving.money_left"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Integer minor units and an ISO 4217 code."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that is not over."""

    order_id: UUID
    number: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account has under way. `sellers`: those that nobody else runs, 0 the installation. `pending`: payments and refunds
    that a provider has not answered for. `held`: an amount is set aside."""

    sellers: Sequence[int]
    orders: Sequence[OpenOrder]
    pending: int
    money: Sequence[Amount]
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why an account cannot be closed now. Of `orders`, `money` and `sellers` those are filled in that the code is about."""

    code: Code
    orders: Sequence[OpenOrder] = ()
    money: Sequence[Amount] = ()
    sellers: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """A line of an order's timeline."""

    at: datetime
    code: str
    by: str
    detail: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """An article of an order as it was shown. `unit_price_minor` holds `tax_bp` basis points of tax. `match_id`: the photo that
    led to it."""

    variant_id: int
    product_id: UUID
    title: dict[str, str]
    options: dict[str, dict[str, str]]
    quantity: int
    unit_price_minor: int
    tax_bp: int
    match_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    """Where an order was sent."""

    name: str
    line1: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrder:
    """An order with its whole story. Amounts are in minor units of `currency`."""

    order_id: UUID
    number: str
    seller_id: int
    placed_at: datetime
    place_id: int | None
    touchpoint_id: int | None
    parent_id: UUID | None
    total_minor: int
    tax_minor: int
    currency: str
    state: str
    payment: str
    promise: dict[str, Any]
    email: str | None
    ship_to: OwnAddress | None
    lines: list[OwnLine]
    timeline: list[OwnEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrders:
    """Orders, the oldest first, and what is in the basket."""

    orders: list[OwnOrder]
    basket: list[BasketLine]


class LastInCharge(Conflict):
    """Nobody else runs this seller, or this installation: give its role to somebody first."""

    code, title = "leaving.last_in_charge", "Somebody must run it"


class OrderOpen(Conflict):
    """An order is on its way: it is cancelled, or arrives, first."""

    code, title = "leaving.order_open", "An order is open"


class PaymentPending(Conflict):
    """A payment or a refund is not settled yet."""

    code, title = "leaving.payment_pending", "A payment is pending"


class MoneyLeft(Conflict):
    """There is money in the wallet: it is spent, paid out by the shop, or given up in so many words."""

    code, title = "leaving.money_left", "There is money in the wallet"


class ProofNeeded(Unauthenticated):
    """Closing an account needs a fresh proof of who asks: a mailed code or a passkey."""

    code, title = "leaving.proof_needed", "Prove that it is you"
