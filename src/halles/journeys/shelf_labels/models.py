"""Shelf labels and their gateways as the console shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from halles.journeys.labels.check import Rule
from halles.kernel.web import Model
from halles.shelf_labels.types import LabelState

Code = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,39}$", examples=["A0-17-3F"])]
Name = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{1,39}$", examples=["marais-1"])]


class ShelfLabelModel(Model):
    """`wanted`: what it should show; `shows`: what was last proved, None: nothing ever was. `tries`: of the present content."""

    label_code: str
    gateway_id: str
    place_id: int
    place: str
    product_id: UUID
    variant_id: int
    position: str
    state: LabelState
    version: int
    wanted: dict[str, Any] | None
    wanted_since: datetime | None
    shows: dict[str, Any] | None
    shows_since: datetime | None
    tries: int
    next_try_at: datetime | None


class GatewayModel(Model):
    """`heard_at`: its last signed message; None: none ever."""

    gateway_id: str
    name: str
    place_id: int
    place: str
    labels: int
    heard_at: datetime | None


class RefusalModel(Model):
    """How often a gateway claimed what it could not have. `label_code` None: of a label that nobody knows."""

    gateway_id: str
    reason: str
    label_code: str | None
    count: int
    first_at: datetime
    last_at: datetime


class ShelfModel(Model):
    """All of a seller's labels. `broker`: whether one is set at all; `counts`: labels by state."""

    broker: bool
    confirm_s: float
    counts: dict[str, int]
    labels: list[ShelfLabelModel]
    gateways: list[GatewayModel]
    refusals: list[RefusalModel]


class NewGateway(Model):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"gateway_id": "marais-1", "place_id": 1, "name": "Ground floor"}]}
    )
    gateway_id: Name
    place_id: int = Field(ge=1, le=2**62)
    name: str = Field(min_length=1, max_length=100)


class MadeGateway(Model):
    """`key` is told this once; `topics`: what its maker must enter."""

    gateway_id: str
    key: str
    topics: str


class LabelEdit(Model):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"gateway_id": "marais-1", "variant_id": 12, "position": "B4"}]}
    )
    gateway_id: Name
    variant_id: int = Field(ge=1, le=2**62)
    position: str = Field(default="", max_length=40)


class Counted(Model):
    count: int


class FaultModel(Model):
    """A label that would break a rule. `hint`: what is known of it, as a person reads it."""

    rule: Rule
    variant_id: int
    sku: str
    title: str
    hint: str
