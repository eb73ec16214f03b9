"""Orders as the interface shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from halles.kernel.web import Model, MoneyModel

State = Literal["placed", "packed", "shipped", "delivered", "cancelled", "returned"]
Payment = Literal["held", "captured", "voided", "refunded"]


class OptionModel(Model):
    """An option of a variant, in the reader's language."""

    name: str = Field(examples=["colour"])
    value: str = Field(examples=["Sand"])


class PromiseModel(Model):
    """When and how the goods arrive. `from`: where they leave from; `days`: business days of transit."""

    kind: Literal["delivery", "pickup"]
    date: date
    latest: date | None
    lane: Literal["hub", "abroad"]
    from_: str = Field(alias="from", serialization_alias="from")
    days: int
    confidence: Literal["kept", "at_risk", "missed"]
    text_key: str = Field(examples=["promise.hub"])


class LineModel(Model):
    """What was bought, as it was shown then."""

    variant_id: int
    product_id: UUID
    title: str
    options: list[OptionModel]
    image: str | None
    quantity: int
    unit_price: MoneyModel
    line_total: MoneyModel


class AddressModel(Model):
    """Where to send it."""

    name: str
    line1: str
    postcode: str
    city: str
    country: str


class PlaceModel(Model):
    """The place where the shopper was."""

    place_id: int
    name: str


class TapeModel(Model):
    """One thing that happened. `by`: `shopper`, `staff:<name>` or `system`."""

    at: datetime
    code: str = Field(examples=["orders.placed"])
    text: str
    by: str
    detail: dict[str, Any] | None


class OrderLight(Model):
    """An order in a list."""

    order_id: UUID
    seller_id: int
    number: str = Field(examples=["H-7F3K-2Q9D"])
    state: State
    payment: Payment
    placed_at: datetime
    currency: str
    total: MoneyModel
    pieces: int
    lines: list[LineModel]
    promise: PromiseModel
    can_cancel: bool


class OrderModel(OrderLight):
    """An order with everything a shopper may know of it."""

    tax: MoneyModel
    ship_to: AddressModel | None
    place: PlaceModel | None
    tape: list[TapeModel]


class OwnerModel(Model):
    """Somebody, as staff see them. `name` is None for a guest."""

    party_id: int
    name: str | None


class ConsoleOrderLight(OrderLight):
    """An order in the console's list."""

    owner: OwnerModel


class OrderPosting(Model):
    """Money that an order moved: from an account of one kind to another's."""

    posting_id: UUID
    at: datetime
    kind: str
    amount: MoneyModel
    text: str
    order_id: UUID
    topup_id: UUID | None = None
    debit: OwnerModel
    debit_kind: str
    credit: OwnerModel
    credit_kind: str


class OrderMovement(Model):
    """Stock that an order moved; deltas are of the whole batch, `quantity` is this order's part."""

    at: datetime
    cause: str
    location_id: int
    variant_id: int
    quantity: int
    by: str


class ConsoleOrder(OrderModel):
    """An order with what staff need beside it."""

    owner: OwnerModel
    email: str | None
    postings: list[OrderPosting]
    movements: list[OrderMovement]
