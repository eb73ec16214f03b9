"""Ring-fences and customer groups as the console shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from halles.journeys.fulfilment.models import OptionModel
from halles.kernel.web import Model

Kind = Literal["touchpoint_kind", "touchpoint", "group"]
Quantity = Annotated[int, Field(ge=1, le=1_000_000_000, examples=[40])]
_WHEN = "2026-12-24T18:00:00Z"


class ChannelModel(Model):
    """A way to the shopper: a kind of touchpoint (`key`: photo, qr, poster, web), one touchpoint or a customer group (`key`: its
    id). `web` is also whoever comes without a touchpoint."""

    kind: Kind = Field(examples=["touchpoint_kind"])
    key: str = Field(min_length=1, max_length=100, examples=["qr"])


class NamedChannel(ChannelModel):
    """`name`: as the seller calls it; None for a kind, which the page names, and for what is gone."""

    name: str | None


class FenceEdit(Model):
    """`quantity`: pieces for the channel in all, those it has sold included. `ends_at` None: until somebody ends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"command_id": "01935ab8-7c11-7000-8000-000000000001", "quantity": 60, "ends_at": _WHEN}
            ]
        }
    )
    command_id: UUID
    quantity: Quantity
    ends_at: AwareDatetime | None = None


class NewFence(Model):
    """Stock to keep for a channel. `fence_id` is made by the client. `location_id` None: at all locations; `starts_at` None: now.
    What is missing when it starts is taken as stock becomes free."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "fence_id": "01935ab8-7c11-7000-8000-000000000002",
                    "channel": {"kind": "touchpoint_kind", "key": "qr"},
                    "variant_id": 12,
                    "location_id": 1,
                    "quantity": 40,
                    "starts_at": None,
                    "ends_at": _WHEN,
                    "note": "Christmas in the showrooms",
                }
            ]
        }
    )
    fence_id: UUID
    channel: ChannelModel
    variant_id: int = Field(ge=1, le=2**62)
    location_id: int | None = Field(default=None, ge=1, le=2**62)
    quantity: Quantity
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    note: str | None = Field(default=None, max_length=200)


class FenceLocation(Model):
    """What a fence keeps at one location and what its channel has bought of it there, in pieces."""

    location_id: int
    name: str
    kept: int
    sold: int


class FenceModel(Model):
    """A ring-fence. `state`: planned, standing, ended. quantity = kept + sold + missing while it stands; `missing`: what stock
    could not give yet. `sold`: by orders that were not cancelled."""

    fence_id: UUID
    state: Literal["planned", "standing", "ended"]
    channel: NamedChannel
    variant_id: int
    sku: str
    title: str
    options: list[OptionModel]
    image: str | None
    location_id: int | None
    location: str | None
    quantity: int
    kept: int
    sold: int
    missing: int
    at: list[FenceLocation]
    starts_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    note: str | None


class GroupModel(Model):
    """Customers or partners under one name. `members`: their customer numbers."""

    group_id: UUID
    name: str
    members: list[MemberModel]


class MemberModel(Model):
    """`name` None: nameless."""

    party_id: int
    name: str | None


class GroupEdit(Model):
    """A group as it is to be. `members`: customer numbers, as the order's page shows them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Hotels in Paris", "members": [1042, 1077]}]}
    )
    name: str = Field(min_length=1, max_length=80)
    members: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(max_length=10_000)


class ChannelsModel(Model):
    """What a fence can be for: the kinds there are, this seller's touchpoints, its customer groups."""

    kinds: list[str]
    touchpoints: list[NamedChannel]
    groups: list[GroupModel]


GroupModel.model_rebuild()
