"""Baskets: what somebody may buy, without any promise yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

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
    return await tx.all(store.BASKETS, {"owner_id": owner_id})


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
    match_id: UUID | None = None,
    touchpoint_id: int | None = None,
    place_id: int | None = None,
) -> None:
    """Set how many pieces of an article the basket holds; 0 takes it out. Two queries. Raises BadBasketLine.

    The price of the first time stays; photo, touchpoint and place are replaced when given.
    """
    if not 0 <= quantity <= MOST_PIECES:
        raise BadBasketLine(f"A basket holds 1 to {MOST_PIECES} pieces of an article.", quantity=quantity)
    if quantity == 0:
        await remove_line(tx, owner_id=owner_id, seller_id=seller_id, variant_id=variant_id)
        return
    key = {"owner_id": owner_id, "seller_id": seller_id, "variant_id": variant_id}
    if await tx.one(store.COUNT_OTHERS, key) >= MOST_LINES:
        raise BadBasketLine(f"A basket holds at most {MOST_LINES} articles.")
    params = {
        **key,
        "quantity": quantity,
        "added_price_minor": added_price_minor,
        "currency": currency,
        "match_id": match_id,
        "touchpoint_id": touchpoint_id,
        "place_id": place_id,
        "at": at,
    }
    await tx.run(store.PUT_LINE, params)


async def remove_line(tx: Tx, *, owner_id: int, seller_id: int, variant_id: int) -> None:
    """Take an article out, if it is in. One query."""
    await tx.run(store.REMOVE_LINE, {"owner_id": owner_id, "seller_id": seller_id, "variant_id": variant_id})
