"""Stock, accounts and parked events as the console shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from halles.journeys.fulfilment.models import OptionModel, OwnerModel
from halles.kernel.web import Model, MoneyModel, Page


class StockLocationModel(Model):
    """Where stock is."""

    location_id: int
    name: str
    kind: str


class KeptStockModel(Model):
    """Pieces kept for a channel: a kind of touchpoint, a touchpoint or a customer group. `name` None for a kind."""

    kind: str
    key: str
    name: str | None
    pieces: int


class StockModel(Model):
    """One article at one location, in pieces. Sellable = on hand - reserved - safety - ring-fenced. `kept_for`: for whom it is
    ring-fenced; what is not named there waits for a flash sale."""

    variant_id: int
    sku: str
    title: str
    options: list[OptionModel]
    image: str | None
    location: StockLocationModel
    on_hand: int
    reserved: int
    safety: int
    ring_fenced: int
    sellable: int
    kept_for: list[KeptStockModel]


class MovementModel(Model):
    """One change of a stock item. `refs`: the orders, or the command, behind it."""

    movement_id: int
    at: datetime
    cause: str
    delta_on_hand: int
    delta_reserved: int
    ref: UUID | None
    refs: list[UUID]
    by: str
    reason: str | None


class SafetyChange(Model):
    """`pieces` kept from sale against miscounts; 0: none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pieces": 2}]})
    pieces: int = Field(ge=0, le=1_000_000_000)


class StockChange(Model):
    """`quantity`: pieces added (receive), added or taken (adjust), or found (count). `command_id` is made by the client."""

    command_id: UUID
    location_id: int = Field(ge=1, le=2**62)
    variant_id: int = Field(ge=1, le=2**62)
    quantity: int = Field(ge=-1_000_000_000, le=1_000_000_000)
    reason: str | None = Field(default=None, max_length=500)


class LevelModel(Model):
    """A stock item after a change."""

    location_id: int
    variant_id: int
    on_hand: int
    reserved: int
    safety: int
    ring_fenced: int
    sellable: int


class LedgerAccountModel(Model):
    """An account with its owner."""

    account_id: int
    owner: OwnerModel
    kind: str
    currency: str
    balance: MoneyModel
    held: MoneyModel


class AccountPage(Page[LedgerAccountModel]):
    """A page of accounts. `sums`: what all accounts of the installation add up to in each currency, which is nothing; only for
    an operator, on the first page of the whole list."""

    sums: list[MoneyModel] | None = None


class ParkedModel(Model):
    """An event whose reaction failed too often."""

    event_id: UUID
    kind: str
    key: str
    body: dict[str, Any]
    attempts: int
    error: str | None
    at: datetime
    parked_at: datetime
