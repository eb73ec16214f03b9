"""Orders as the interface shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from halles.kernel.web import Model, MoneyModel

Day = date
State = Literal["placed", "packed", "shipped", "delivered", "cancelled", "returned"]
Payment = Literal["held", "captured", "voided", "refunded", "pending"]


class OptionModel(Model):
    """An option of a variant, in the reader's language."""

    name: str = Field(examples=["colour"])
    value: str = Field(examples=["Sand"])


class PromiseModel(Model):
    """When and how the goods arrive. `from`: where they leave from; `days`: business days of transit. `likely`: by which day half
    of such orders are there. `expected`: when it comes as things stand now, told once the promise is at risk or missed."""

    kind: Literal["delivery", "pickup"]
    date: date
    likely: Day | None = None
    latest: date | None
    expected: Day | None = None
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


class OrderPlaceModel(Model):
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


class CardRefundLine(Model):
    """Money on its way back to the card, or there."""

    amount: MoneyModel
    state: Literal["created", "pending", "succeeded", "failed"]
    at: datetime


class CardModel(Model):
    """How an order is paid by card. `state` of the latest attempt, `none` before the first; `paid`: what the provider took.
    `left`: what may still go back to the card; None while nothing may."""

    state: Literal["none", "created", "pending", "received", "credited", "failed"]
    failure: str | None
    paid: MoneyModel | None
    left: MoneyModel | None
    refunds: list[CardRefundLine]
    provider_ref: str | None = Field(description="The provider's name for the payment; for staff.")
    attention: str | None = Field(description="Why a person should look; for staff.")


class OrderPart(Model):
    """What one seller delivers of an order of several; `order_id` is its own. `seller` None: nameless."""

    order_id: UUID
    seller_id: int
    seller: str | None
    number: str
    state: State
    payment: Payment
    total: MoneyModel
    promise: PromiseModel
    can_cancel: bool


class OrderLight(Model):
    """An order in a list. `pay_by`: until when a card is awaited; None for an order that the wallet paid. `parent_id`: present on
    the parts of an order of several sellers, the same on all of them."""

    order_id: UUID
    seller_id: int
    number: str = Field(examples=["H-7F3K-2Q9D"])
    state: State
    payment: Payment
    pay_by: datetime | None = None
    parent_id: UUID | None = None
    placed_at: datetime
    currency: str
    total: MoneyModel
    pieces: int
    lines: list[LineModel]
    promise: PromiseModel
    can_cancel: bool


class OrderModel(OrderLight):
    """An order with everything a shopper may know of it. `parts`: all that was ordered with it of other sellers, itself among
    them; empty for an order of one seller, and for staff, who see their own."""

    tax: MoneyModel
    ship_to: AddressModel | None
    place: OrderPlaceModel | None
    tape: list[TapeModel]
    parts: list[OrderPart] = Field(default_factory=list[OrderPart])
    card: CardModel | None = None


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


class SourcedLocation(Model):
    """What a location had for it when the order was placed. `late`: it could not keep the promise; `full`: it had packed its
    day's orders. `distance_km` None: unknown. `load`: percent of the day's orders. `score`: points against it."""

    location_id: int
    name: str
    chosen: bool
    late: bool
    full: bool
    distance_km: int | None
    cost_minor: int
    load: int
    score: float


class SourcedModel(Model):
    """Why an order leaves from where it does. `rule`: `simple` is the promised lane, then the fullest location; with `weighted`
    the locations are told in the order in which the seller's rule preferred them."""

    rule: Literal["simple", "weighted"]
    split: Literal["never", "lines", "pieces"]
    locations: list[SourcedLocation]


class ConsoleOrder(OrderModel):
    """An order with what staff need beside it."""

    owner: OwnerModel
    email: str | None
    postings: list[OrderPosting]
    movements: list[OrderMovement]
    sourced: SourcedModel
