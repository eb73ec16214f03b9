"""All the SQL of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.db import Statement, command, query
from halles.orders.types import BasketLine, TimelineEntry

# The order path, a set a batch. In these statements 0 and the empty text stand for absent.
EXISTING: Statement[tuple[Any, ...]] = query(
    """select order_id, seller_id, owner_id, fingerprint, state, total_minor, currency, placed_at from orders."order"
    where order_id = any(%(order_ids)s::uuid[])""",
    tuple,
)
PLACE = command(
    """insert into orders."order" (seller_id, order_id, owner_id, touchpoint_id, place_id, total_minor, tax_minor, currency,
      state, payment, placed_at, lines, promise, ship_to, email, fingerprint)
    select seller_id, order_id, owner_id, nullif(touchpoint_id, 0), nullif(place_id, 0), total, tax, currency, 1, 1, %(at)s,
      lines, promise, nullif(ship_to, 'null'::jsonb), nullif(email, ''), fingerprint
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[], %(owners)s::bigint[], %(touchpoints)s::bigint[],
      %(places)s::bigint[], %(totals)s::bigint[], %(taxes)s::bigint[], %(currencies)s::text[], %(lines)s::jsonb[],
      %(promises)s::jsonb[], %(ship_tos)s::jsonb[], %(emails)s::text[], %(fingerprints)s::bytea[])
      d(seller_id, order_id, owner_id, touchpoint_id, place_id, total, tax, currency, lines, promise, ship_to, email,
        fingerprint)"""
)
RECEIVE = command(
    """insert into orders.receipt (owner_id, order_id, seller_id, placed_at)
    select owner_id, order_id, seller_id, %(at)s
    from unnest(%(owners)s::bigint[], %(order_ids)s::uuid[], %(sellers)s::bigint[]) d(owner_id, order_id, seller_id)"""
)
EMPTY_BASKETS = command(
    """delete from orders.basket_line b
    using unnest(%(owners)s::bigint[], %(sellers)s::bigint[], %(variants)s::bigint[]) d(owner_id, seller_id, variant_id)
    where b.owner_id = d.owner_id and b.seller_id = d.seller_id and b.variant_id = d.variant_id"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    seller_id: int
    order_id: UUID
    owner_id: int
    touchpoint_id: int | None
    place_id: int | None
    total_minor: int
    tax_minor: int
    currency: str
    state: int
    payment: int
    placed_at: datetime
    lines: list[dict[str, Any]]
    promise: dict[str, Any]
    ship_to: dict[str, Any] | None
    email: str | None


_COLUMNS = """seller_id, o.order_id, o.owner_id, touchpoint_id, place_id, total_minor, tax_minor, currency, state, payment,
  o.placed_at, lines, promise, ship_to, email"""
LOAD = query(f'select {_COLUMNS} from orders."order" o where order_id = %(order_id)s', OrderRow)
LOCK = query(
    f'select {_COLUMNS} from orders."order" o where order_id = %(order_id)s and seller_id = %(seller_id)s for update',
    OrderRow,
)
LOCK_OF_OWNER = query(
    """select o.order_id from orders.receipt r join orders."order" o using (seller_id, order_id)
    where r.owner_id = %(owner_id)s order by o.seller_id, o.order_id for update of o""",
    UUID,
)
LIST_OF_OWNER = query(
    f"""select o.{_COLUMNS} from orders.receipt r join orders."order" o using (seller_id, order_id)
    where r.owner_id = %(owner_id)s
      and (%(before_at)s::timestamptz is null or (r.placed_at, r.order_id) < (%(before_at)s, %(before_id)s::uuid))
    order by r.placed_at desc, r.order_id desc limit %(limit)s""",
    OrderRow,
)
LIST_OF_SELLERS = query(
    f"""select {_COLUMNS} from orders."order" o
    where seller_id = any(%(sellers)s::bigint[]) and (%(state)s::smallint is null or state = %(state)s)
      and (%(tail)s::text is null or right(replace(order_id::text, '-', ''), 10) = %(tail)s)
      and (%(owners)s::bigint[] is null or owner_id = any(%(owners)s::bigint[]))
      and (%(before_at)s::timestamptz is null or (placed_at, order_id) < (%(before_at)s, %(before_id)s::uuid))
    order by placed_at desc, order_id desc limit %(limit)s""",
    OrderRow,
)
TIMELINE = query(
    """select at, code, by, detail from orders.event where seller_id = %(seller_id)s and order_id = %(order_id)s order by seq""",
    TimelineEntry,
)
ADVANCE = command(
    """update orders."order" set state = %(state)s, payment = %(payment)s
    where seller_id = %(seller_id)s and order_id = %(order_id)s"""
)
APPEND = command(
    """insert into orders.event (seller_id, order_id, seq, at, code, by, detail)
    select %(seller_id)s, %(order_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(code)s, %(by)s, %(detail)s::text::jsonb
    from orders.event where seller_id = %(seller_id)s and order_id = %(order_id)s"""
)

BASKET = query(
    """select owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id, touchpoint_id, place_id, added_at
    from orders.basket_line where owner_id = %(owner_id)s and seller_id = %(seller_id)s order by added_at, variant_id""",
    BasketLine,
)
PUT_LINE = command(
    """insert into orders.basket_line (owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id,
      touchpoint_id, place_id, added_at)
    values (%(owner_id)s, %(seller_id)s, %(variant_id)s, %(quantity)s, %(added_price_minor)s, %(currency)s, %(match_id)s,
      %(touchpoint_id)s, %(place_id)s, %(at)s)
    on conflict (owner_id, seller_id, variant_id) do update set quantity = excluded.quantity,
      match_id = coalesce(excluded.match_id, basket_line.match_id),
      touchpoint_id = coalesce(excluded.touchpoint_id, basket_line.touchpoint_id),
      place_id = coalesce(excluded.place_id, basket_line.place_id)"""
)
REMOVE_LINE = command(
    """delete from orders.basket_line
    where owner_id = %(owner_id)s and seller_id = %(seller_id)s and variant_id = %(variant_id)s"""
)
COUNT_OTHERS = query(
    """select count(*) from orders.basket_line
    where owner_id = %(owner_id)s and seller_id = %(seller_id)s and variant_id <> %(variant_id)s""",
    int,
)

MERGE_BASKETS = command(
    """with gone as (delete from orders.basket_line where owner_id = %(old)s returning *)
    insert into orders.basket_line (owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id,
      touchpoint_id, place_id, added_at)
    select %(new)s, seller_id, variant_id, quantity, added_price_minor, currency, match_id, touchpoint_id, place_id, added_at
    from gone order by seller_id, variant_id
    on conflict (owner_id, seller_id, variant_id) do update
      set quantity = least(99, basket_line.quantity + excluded.quantity),
        match_id = coalesce(basket_line.match_id, excluded.match_id)"""
)
MERGE_RECEIPTS = command(
    """with gone as (delete from orders.receipt where owner_id = %(old)s returning *)
    insert into orders.receipt (owner_id, order_id, seller_id, placed_at)
    select %(new)s, order_id, seller_id, placed_at from gone on conflict do nothing"""
)
MERGE_ORDERS = command(
    """update orders."order" o set owner_id = %(new)s from orders.receipt r
    where r.owner_id = %(old)s and o.seller_id = r.seller_id and o.order_id = r.order_id"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuantity:
    """What open orders have reserved of one stock item."""

    seller_id: int
    location_id: int
    variant_id: int
    quantity: int
    orders: int


OPEN_QUANTITIES = query(
    """select seller_id, (l->>'location_id')::bigint location_id, (l->>'variant_id')::bigint variant_id,
      sum((l->>'quantity')::bigint)::bigint quantity, count(*) orders
    from orders."order", jsonb_array_elements(lines) l where state in (1, 2) group by 1, 2, 3""",
    OpenQuantity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order whose money is held."""

    seller_id: int
    order_id: UUID
    owner_id: int
    total_minor: int


OPEN_ORDERS = query(
    'select seller_id, order_id, owner_id, total_minor from orders."order" where payment = 1', OpenOrder
)
COUNT_ORDERS = query('select count(*) from orders."order"', int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What was ordered in a UTC hour at a place (None: at none) in a currency, cancelled orders left out."""

    hour: datetime
    place_id: int | None
    currency: str
    orders: int
    total_minor: int


SALES = query(
    """select date_trunc('hour', placed_at, 'UTC') as hour, place_id, currency, count(*)::int as orders,
      sum(total_minor)::bigint as total_minor
    from orders."order" where seller_id = %(seller_id)s and placed_at >= %(since)s and placed_at < %(until)s and state <> 5
      and (%(place_id)s::bigint is null or place_id = %(place_id)s)
    group by 1, 2, 3""",
    Sales,
)
