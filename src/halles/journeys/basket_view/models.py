"""The basket as the interface shows it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from halles.journeys.fulfilment.models import OptionModel, PromiseModel
from halles.journeys.reservation.models import ReservationModel
from halles.kernel.web import Model, MoneyModel

Available = Literal["yes", "few", "no"]


class BasketLineModel(Model):
    """One article of a seller. `unit_price` is None when it is not sold in this currency; `was_price`: what it cost when it was
    put in, if that was another price."""

    seller_id: int
    variant_id: int
    product_id: UUID
    title: str
    options: list[OptionModel]
    image: str | None
    quantity: int
    unit_price: MoneyModel | None
    was_price: MoneyModel | None
    line_total: MoneyModel | None
    available: Available
    left: int | None = Field(description="Pieces left, told only when few are.")
    match_id: UUID | None
    promise: PromiseModel | None


class BasketProblem(Model):
    """Why an article cannot be ordered as it stands; `code` is the refusal that checkout would answer with."""

    code: str = Field(examples=["inventory.insufficient_stock"])
    variant_id: int
    detail: str


class BasketWalletModel(Model):
    """Money that can be spent now."""

    available: MoneyModel


class BasketPart(Model):
    """What one seller delivers: its lines, when they are there, what they cost. `seller` None: nameless."""

    seller_id: int
    seller: str | None
    lines: list[BasketLineModel]
    total: MoneyModel
    tax: MoneyModel
    promise: PromiseModel | None


class BasketModel(Model):
    """`seller_id`: whose touchpoint this is. Lines, problems and totals are of all sellers, `parts` tells them apart; the
    touchpoint's seller is the first. `promise`: when everything is there. `enough`: the wallet covers the total. `reservation`:
    what is set aside for this basket now."""

    seller_id: int
    currency: str
    lines: list[BasketLineModel]
    total: MoneyModel
    tax: MoneyModel
    promise: PromiseModel | None
    problems: list[BasketProblem]
    parts: list[BasketPart]
    wallet: BasketWalletModel | None
    enough: bool
    reservation: ReservationModel | None = None


class PutLine(Model):
    """How many pieces; 0 takes the article out. `match_id`: the photo that led here."""

    quantity: int = Field(ge=0, le=99)
    match_id: UUID | None = None
    touchpoint: str | None = Field(default=None, max_length=100)
    seller_id: int | None = Field(
        default=None, ge=1, le=2**62, description="Whose article it is; absent: the touchpoint's seller's."
    )
