"""Orders for their pages, as sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.db import Statement, query


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """An order without what it shares with others, which its lines and `promise_id` name. `moved`: something happened to it
    after it was placed."""

    seller_id: int
    order_id: UUID
    owner_id: int
    touchpoint_id: int | None
    place_id: int | None
    parent_id: UUID | None
    total_minor: int
    tax_minor: int
    currency: str
    state: int
    payment: int
    pay_by: datetime | None
    placed_at: datetime
    lines: list[int]
    matches: list[UUID | None] | None
    ship_to: dict[str, Any] | None
    email: str | None
    promise_id: int
    moved: bool


PAGES = query(
    """select o.seller_id, o.order_id, o.owner_id, o.touchpoint_id, o.place_id, o.parent_id, o.total_minor, o.tax_minor,
      o.currency, o.state, o.payment, o.pay_by, o.placed_at, o.lines, o.matches, o.ship_to, o.email, o.promise_id,
      exists (select from orders.event e where e.seller_id = o.seller_id and e.order_id = o.order_id) moved
    from orders."order" o where o.order_id = any(%(order_ids)s::uuid[])""",
    PageRow,
)
KEPT: Statement[tuple[Any, ...]] = query(
    """select k.seller_id, k.kept_id, k.body from unnest(%(sellers)s::bigint[], %(kept)s::bigint[]) d(seller_id, kept_id)
    join orders.kept k on k.seller_id = d.seller_id and k.kept_id = d.kept_id""",
    tuple,
)
