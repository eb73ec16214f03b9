"""Baskets: what somebody may buy, without any promise yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.arrays import Bigints, Texts
from halles.kernel.db import Tx
from halles.orders import store
from halles.orders.types import BadBasketLine, BasketLine

MOST_PIECES = 99
MOST_LINES = 100


async def basket(tx: Tx, owner_id: int, seller_id: int) -> list[BasketLine]:
    """The lines, oldest first. One query."""
    return await tx.all(store.BASKET, {"owner_id": owner_id, "seller_id": seller_id})


async def baskets(tx: Tx, owner_id: int) -> list[BasketLine]:
    """The lines of every seller, oldest first. One query."""
    return await tx.all(store.BASKETS, {"owners": Bigints([owner_id])})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToPut:
    """Set how many pieces of an article an owner's basket holds; 0 takes it out. Raises BadBasketLine.

    The price of the first time stays; photo, touchpoint and place are replaced when given.
    """

    owner_id: int
    seller_id: int
    variant_id: int
    quantity: int
    added_price_minor: int | None
    currency: str
    match_id: UUID | None = None
    touchpoint_id: int | None = None
    place_id: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.quantity <= MOST_PIECES:
            raise BadBasketLine(
                f"A basket holds 1 to {MOST_PIECES} pieces of an article.", quantity=self.quantity
            )


def put_params(lines: Sequence[LineToPut], at: datetime) -> dict[str, Any]:
    """Parameters of PUT_LINES, which gives the owners whose line is in: a basket that is full takes no more. Lines of different
    owners."""
    return {
        **_keys(lines),
        "quantities": Bigints([line.quantity for line in lines]),
        "prices": Bigints(
            [-1 if line.added_price_minor is None else line.added_price_minor for line in lines]
        ),
        "currencies": Texts([line.currency for line in lines]),
        "matches": [line.match_id for line in lines],
        "touchpoints": Bigints([line.touchpoint_id or 0 for line in lines]),
        "places": Bigints([line.place_id or 0 for line in lines]),
        "at": at,
        "most": MOST_LINES,
    }


def remove_params(lines: Sequence[LineToPut]) -> dict[str, Any]:
    """Parameters of EMPTY_BASKETS for lines that are taken out."""
    return _keys(lines)


def _keys(lines: Sequence[LineToPut]) -> dict[str, Any]:
    return {
        "owners": Bigints([line.owner_id for line in lines]),
        "sellers": Bigints([line.seller_id for line in lines]),
        "variants": Bigints([line.variant_id for line in lines]),
    }


def full() -> BadBasketLine:
    """The refusal of a basket that takes no more."""
    return BadBasketLine(f"A basket holds at most {MOST_LINES} articles.")


async def put_line(
    tx: Tx,
    *,
    owner_id: int,
    seller_id: int,
    variant_id: int,
    quantity: int,
    added_price_minor: int | None,
    currency: str,
    at: datetime,
) -> None:
    """Put one line. One query. Raises BadBasketLine."""
    line = LineToPut(
        owner_id=owner_id,
        seller_id=seller_id,
        variant_id=variant_id,
        quantity=quantity,
        added_price_minor=added_price_minor,
        currency=currency,
    )
    if line.quantity == 0:
        await tx.run(store.EMPTY_BASKETS, remove_params([line]))
    elif not await tx.all(store.PUT_LINES, put_params([line], at)):
        raise full()
