"""Orders, lists of them, and their timeline."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from halles.kernel.db import Tx
from halles.orders import store
from halles.orders.store import OpenOrder, OpenQuantity, OrderRow, Sales
from halles.orders.types import Address, Line, NoSuchOrder, Order, OrderState, PaymentState, TimelineEntry


def order_of(row: OrderRow) -> Order:
    """A row as an order."""
    return Order(
        seller_id=row.seller_id,
        order_id=row.order_id,
        owner_id=row.owner_id,
        touchpoint_id=row.touchpoint_id,
        place_id=row.place_id,
        total_minor=row.total_minor,
        tax_minor=row.tax_minor,
        currency=row.currency,
        state=OrderState(row.state),
        payment=PaymentState(row.payment),
        placed_at=row.placed_at,
        pay_by=row.pay_by,
        parent_id=row.parent_id,
        lines=tuple(_lines(row)),
        promise=row.promise,
        ship_to=None if row.ship_to is None else msgspec.convert(row.ship_to, Address),
        email=row.email,
    )


def _lines(row: OrderRow) -> Generator[Line]:
    for number, at in enumerate(range(0, len(row.lines), 6)):
        variant_id, quantity, price, tax_bp, location_id, article_id = row.lines[at : at + 6]
        own: dict[str, Any] = {
            "variant_id": variant_id,
            "quantity": quantity,
            "unit_price_minor": price,
            "tax_bp": tax_bp,
            "location_id": location_id,
        }
        match = None if row.matches is None else row.matches[number]
        if match is not None:
            own["match_id"] = match
        yield msgspec.convert(row.articles[str(article_id)] | own, Line)


async def load_order(tx: Tx, order_id: UUID) -> Order:
    """The order of this id; whether the caller may see it is the caller's question. One query. Raises NoSuchOrder."""
    row = await tx.first(store.LOAD, {"order_id": order_id})
    if row is None:
        raise NoSuchOrder("No such order.", order_id=str(order_id))
    return order_of(row)


async def parts(tx: Tx, order: Order) -> list[Order]:
    """Every seller's part of the order that this one belongs to, itself among them; itself alone if there are no others. At most
    one query."""
    if order.parent_id is None:
        return [order]
    return [order_of(row) for row in await tx.all(store.PARTS, {"parent_id": order.parent_id})]


async def list_orders(
    tx: Tx, owner_id: int, *, before: tuple[datetime, UUID] | None = None, limit: int = 20
) -> list[Order]:
    """A shopper's orders, the latest first; `before`: (placed_at, order_id) of the last one seen. One query."""
    rows = await tx.all(store.LIST_OF_OWNER, {"owner_id": owner_id, "limit": limit, **_before(before)})
    return [order_of(row) for row in rows]


async def list_sold(
    tx: Tx,
    seller_ids: Sequence[int],
    *,
    state: OrderState | None = None,
    tail: str | None = None,
    owner_ids: Sequence[int] | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Order]:
    """What these sellers sold, the latest first. `tail`: see `read_number`. `owner_ids`: only these shoppers'. One query."""
    params = {
        "sellers": list(seller_ids),
        "state": state,
        "tail": tail,
        "owners": None if owner_ids is None else list(owner_ids),
        "limit": limit,
        **_before(before),
    }
    return [order_of(row) for row in await tx.all(store.LIST_OF_SELLERS, params)]


async def customers(
    tx: Tx,
    seller_ids: Sequence[int],
    *,
    owner_ids: Sequence[int] | None = None,
    since: int = 0,
    limit: int = 50,
) -> list[int]:
    """Who ordered from these sellers, by party id from `since` on; only of `owner_ids` when given. One query."""
    params = {
        "sellers": list(seller_ids),
        "owners": None if owner_ids is None else list(owner_ids),
        "since": since,
        "limit": limit,
    }
    return await tx.all(store.CUSTOMERS, params)


def _before(before: tuple[datetime, UUID] | None) -> dict[str, Any]:
    return {"before_at": before[0] if before else None, "before_id": before[1] if before else None}


async def timeline(tx: Tx, order: Order) -> list[TimelineEntry]:
    """What happened, in order; the first entry is the order itself. One query."""
    key = {"seller_id": order.seller_id, "order_id": order.order_id}
    return [placed_entry(order), *await tx.all(store.TIMELINE, key)]


def placed_entry(order: Order) -> TimelineEntry:
    """The first entry of a timeline: the order itself."""
    return TimelineEntry(at=order.placed_at, code="orders.placed", by="shopper", detail=None)


async def sales(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime
) -> list[Sales]:
    """What was ordered in [since, until), by UTC hour, place and currency. One query over these orders."""
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until}
    return await tx.all(store.SALES, params)


async def open_quantities(tx: Tx) -> list[OpenQuantity]:
    """What all open orders have reserved, by stock item. One query over everything."""
    return await tx.all(store.OPEN_QUANTITIES)


async def bought_within(tx: Tx, windows: Sequence[tuple[int, int, datetime, datetime]]) -> dict[int, int]:
    """Pieces of (seller, variant) in orders placed from a moment until before another and not cancelled, by the window's
    number; none is absent. One query."""
    params = {
        "numbers": list(range(len(windows))),
        "sellers": [window[0] for window in windows],
        "variants": [window[1] for window in windows],
        "since": [window[2] for window in windows],
        "until": [window[3] for window in windows],
    }
    return {row[0]: row[1] for row in await tx.all(store.BOUGHT_WITHIN, params)} if windows else {}


async def open_orders(tx: Tx, buckets: Sequence[int]) -> list[OpenOrder]:
    """Orders whose money is held, of these buckets. One query over everything."""
    return await tx.all(store.OPEN_ORDERS, {"buckets": list(buckets)})


async def open_digests(tx: Tx) -> dict[int, tuple[int, int]]:
    """How many orders wait with their money held, and a digest of (order, owner, minor), by bucket. One query over everything."""
    return {bucket: (many, digest) for bucket, many, digest in await tx.all(store.OPEN_DIGESTS)}


async def count_orders(tx: Tx) -> int:
    """How many orders were ever placed."""
    return await tx.one(store.COUNT_ORDERS)
