"""What promises tell others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseShifted:
    """A promise became at risk, missed, or safe again. `first`: its shopper was not told of it before."""

    kind: ClassVar[str] = "promises.shifted"
    seller_id: int
    order_id: UUID
    owner_id: int
    state: str
    first: bool
    expected_on: date | None = None

    def key(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelMoved:
    """A carrier or somebody of the shop told what happened to parcels of an order."""

    kind: ClassVar[str] = "promises.parcel_moved"
    seller_id: int
    order_id: UUID
    owner_id: int
    codes: tuple[str, ...]

    def key(self) -> str:
        return f"order:{self.order_id}"
