"""An order with what happened to it, for its page: read together with whatever else is looked at, without what orders share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast
from uuid import UUID

import msgspec

from halles.kernel import lanes
from halles.kernel.arrays import Bigints
from halles.kernel.batching import Batcher
from halles.kernel.db import Database
from halles.orders import store
from halles.orders.api.reading import placed_entry
from halles.orders.store import pages as rows_of
from halles.orders.store.pages import PageRow
from halles.orders.types import (
    Address,
    Line,
    NoSuchOrder,
    Option,
    Order,
    OrderState,
    PaymentState,
    Text,
    TimelineEntry,
)

_MOST_KEPT = 10_000

Key = tuple[int, int]
"""A seller and a kept_id."""


class Shown(msgspec.Struct, frozen=True):
    """What an order keeps of an article, beside the line's own numbers."""

    product_id: UUID
    title: Text
    options: tuple[Option, ...] = ()
    image: str | None = None


class Pages:
    """One a database. Remembers what orders share word for word: that is never changed and never deleted."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._orders: Batcher[UUID, tuple[Order, bool] | None] = Batcher(self._read, limit=100)
        self._kept: dict[Key, Kept] = {}

    async def page(self, order_id: UUID) -> tuple[Order, list[TimelineEntry]]:
        """An order and what happened to it, at one moment; whether the caller may see it is the caller's question. One query, for
        all who look at the same moment; two more for one that something happened to. Raises NoSuchOrder."""
        found = await self._orders.ask(order_id)
        if found is None:
            raise NoSuchOrder("No such order.", order_id=str(order_id))
        order, moved = found
        if not moved:
            return order, [placed_entry(order)]
        rows, later = await lanes.reads(self._db).ask(
            (rows_of.PAGES, {"order_ids": [order_id]}), (store.TIMELINE_OF, {"order_id": order_id})
        )
        order = _order(rows[0], await self._known(rows))
        return order, [placed_entry(order), *later]

    async def close(self) -> None:
        await self._orders.close()

    async def _read(self, order_ids: Sequence[UUID]) -> list[tuple[Order, bool] | None]:
        rows = await lanes.reads(self._db).tx.all(rows_of.PAGES, {"order_ids": list(set(order_ids))})
        known = await self._known(rows)
        found = {row.order_id: (_order(row, known), row.moved) for row in rows}
        return [found.get(order_id) for order_id in order_ids]

    async def _known(self, rows: Sequence[PageRow]) -> Mapping[Key, Kept]:
        """At least what these orders share; read so far as it is not known."""
        keys = {(row.seller_id, kept_id) for row in rows for kept_id in (row.promise_id, *row.lines[5::6])}
        if keys <= self._kept.keys():
            return self._kept
        if len(self._kept) > _MOST_KEPT:
            self._kept = {}
        known = self._kept
        missing = [key for key in keys if key not in known]
        params = {"sellers": Bigints(key[0] for key in missing), "kept": Bigints(key[1] for key in missing)}
        for seller_id, kept_id, body in await lanes.reads(self._db).tx.all(rows_of.KEPT, params):
            known[seller_id, kept_id] = Kept(body)
        return known


class Kept:
    """What stands under a kept_id: a promise as it was given, or an article as it was shown."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    @cached_property
    def article(self) -> Shown:
        return msgspec.convert(self.body, Shown)


def _order(row: PageRow, known: Mapping[Key, Kept]) -> Order:
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
        lines=tuple([_line(row, number, known) for number in range(len(row.lines) // 6)]),
        promise=known[row.seller_id, row.promise_id].body,
        ship_to=None if row.ship_to is None else msgspec.convert(row.ship_to, Address),
        email=row.email,
    )


def _line(row: PageRow, number: int, known: Mapping[Key, Kept]) -> Line:
    variant_id, quantity, price, tax_bp, location_id, article_id = row.lines[6 * number : 6 * number + 6]
    article = known[row.seller_id, article_id].article
    return Line(
        variant_id=variant_id,
        product_id=article.product_id,
        title=article.title,
        quantity=quantity,
        unit_price_minor=price,
        tax_bp=tax_bp,
        location_id=location_id,
        options=article.options,
        image=article.image,
        match_id=None if row.matches is None else row.matches[number],
    )


def pages(db: Database) -> Pages:
    """The pages of this database."""
    found = db.standing.get("orders.pages")
    if found is None:
        found = db.standing["orders.pages"] = Pages(db)
    return cast("Pages", found)
