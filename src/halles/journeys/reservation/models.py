"""Reservations as the interface shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from halles.inventory import api as inventory
from halles.inventory.types import Reservation, ReservationState
from halles.kernel.web import Model


class AskReservation(Model):
    """Set the basket aside. `reservation_id` is made by the client, a UUIDv7; sent again it gives the same reservation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reservation_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b20", "partial": False}]
        }
    )
    reservation_id: UUID
    partial: bool = Field(
        default=False,
        description="Take as many pieces of a line as there are; otherwise all lines or nothing.",
    )


class AskRenewal(Model):
    """Make it last longer. `renewal`: which renewal of this reservation it is, so that a repeat changes nothing."""

    renewal: int = Field(ge=1, le=inventory.RENEWALS, examples=[1])


class ReservedLine(Model):
    """Pieces set aside; a line that none could be had of is absent."""

    seller_id: int
    variant_id: int
    quantity: int


class ReservationModel(Model):
    """Goods set aside for a basket. `expires_at`: until when, while it stands; `renewals_left`: how often it may be prolonged."""

    reservation_id: UUID
    state: Literal["standing", "released", "expired", "ordered"]
    expires_at: datetime
    renewals_left: int
    lines: list[ReservedLine]


def shown(found: Sequence[Reservation]) -> ReservationModel:
    """The rows of one reservation, one a seller. It stands as long as any of them does."""
    first = min(found, key=lambda one: one.state)
    return ReservationModel.model_validate(
        {
            "reservation_id": first.reservation_id,
            "state": ReservationState(first.state).word,
            "expires_at": first.expires_at,
            "renewals_left": inventory.RENEWALS - first.renewed,
            "lines": [
                ReservedLine(seller_id=one.seller_id, variant_id=variant_id, quantity=quantity)
                for one in found
                if one.state == first.state
                for _, variant_id, quantity in one.pieces()
            ],
        }
    )
