"""All the SQL of inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from halles.inventory.types import Location, Movement, StockLevel
from halles.kernel.db import Statement, command, query

# The order path: a set of items a batch, locked in the one order every writer keeps.
LOCK: Statement[tuple[Any, ...]] = query(
    """select seller_id, location_id, variant_id, on_hand - reserved - safety - ring_fenced from inventory.stock
    where (seller_id, variant_id) in (select * from unnest(%(sellers)s::bigint[], %(variants)s::bigint[]))
    order by seller_id, location_id, variant_id for update""",
    tuple,
)
CHANGE = command(
    """update inventory.stock s set on_hand = s.on_hand + d.on_hand, reserved = s.reserved + d.reserved
    from unnest(%(sellers)s::bigint[], %(locations)s::bigint[], %(variants)s::bigint[], %(on_hand)s::bigint[],
      %(reserved)s::bigint[]) d(seller_id, location_id, variant_id, on_hand, reserved)
    where s.seller_id = d.seller_id and s.location_id = d.location_id and s.variant_id = d.variant_id"""
)
RECORD = command(
    """insert into inventory.movement (seller_id, location_id, variant_id, cause, delta_on_hand, delta_reserved, refs,
      quantities, by, reason, at)
    select seller_id, location_id, variant_id, %(cause)s, on_hand, reserved, refs::uuid[], quantities::bigint[], %(by)s,
      %(reason)s, %(at)s
    from unnest(%(sellers)s::bigint[], %(locations)s::bigint[], %(variants)s::bigint[], %(on_hand)s::bigint[],
      %(reserved)s::bigint[], %(refs)s::text[], %(quantities)s::text[])
      d(seller_id, location_id, variant_id, on_hand, reserved, refs, quantities)"""
)

LOCK_ITEMS = query(
    """select seller_id, location_id, variant_id, on_hand, reserved, safety, ring_fenced from inventory.stock
    where seller_id = %(seller_id)s and (location_id, variant_id) in
      (select * from unnest(%(locations)s::bigint[], %(variants)s::bigint[]))
    order by seller_id, location_id, variant_id for update""",
    StockLevel,
)
OPEN_ITEMS = command(
    """insert into inventory.stock (seller_id, location_id, variant_id)
    select %(seller_id)s, location_id, variant_id from unnest(%(locations)s::bigint[], %(variants)s::bigint[])
      d(location_id, variant_id) order by 2, 3
    on conflict do nothing"""
)
KEEP_BACK = command(
    """update inventory.stock set safety = %(safety)s, ring_fenced = %(ring_fenced)s
    where seller_id = %(seller_id)s and location_id = %(location_id)s and variant_id = %(variant_id)s"""
)
LEVELS = query(
    """select seller_id, location_id, variant_id, on_hand, reserved, safety, ring_fenced from inventory.stock
    where seller_id = %(seller_id)s and variant_id = any(%(variants)s::bigint[]) order by location_id, variant_id""",
    StockLevel,
)
STOCK_PAGE = query(
    """select seller_id, location_id, variant_id, on_hand, reserved, safety, ring_fenced from inventory.stock
    where seller_id = %(seller_id)s and (%(location_id)s::bigint is null or location_id = %(location_id)s)
      and (%(variants)s::bigint[] is null or variant_id = any(%(variants)s::bigint[]))
      and (location_id, variant_id) > (%(after_location)s, %(after_variant)s)
    order by location_id, variant_id limit %(limit)s""",
    StockLevel,
)

SAVE_LOCATION = query(
    """insert into inventory.location (seller_id, kind, name, lane, country, place_id)
    values (%(seller_id)s, %(kind)s, %(name)s, %(lane)s, %(country)s, %(place_id)s)
    on conflict (seller_id, name) do update
      set kind = excluded.kind, lane = excluded.lane, country = excluded.country, place_id = excluded.place_id
    returning location_id""",
    int,
)
LOCATIONS = query(
    """select seller_id, location_id, kind, name, lane, country, place_id from inventory.location
    where seller_id = any(%(sellers)s::bigint[]) order by seller_id, location_id""",
    Location,
)

MOVEMENTS = query(
    """select movement_id, location_id, variant_id, cause, delta_on_hand, delta_reserved, refs, quantities, by, reason, at
    from inventory.movement
    where seller_id = %(seller_id)s and location_id = %(location_id)s and variant_id = %(variant_id)s
      and (%(before_at)s::timestamptz is null or (at, movement_id) < (%(before_at)s, %(before_id)s::bigint))
    order by at desc, movement_id desc limit %(limit)s""",
    Movement,
)
MOVEMENTS_OF_ORDER = query(
    """select movement_id, location_id, variant_id, cause, delta_on_hand, delta_reserved, refs, quantities, by, reason, at
    from inventory.movement
    where seller_id = %(seller_id)s and at = any(%(moments)s::timestamptz[]) and %(order_id)s = any(refs)
      and (location_id, variant_id) in (select * from unnest(%(locations)s::bigint[], %(variants)s::bigint[]))
    order by at, movement_id""",
    Movement,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A stock item whose row and movements disagree."""

    seller_id: int
    location_id: int
    variant_id: int
    on_hand: int
    moved_on_hand: int
    reserved: int
    moved_reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What one stock item has reserved."""

    seller_id: int
    location_id: int
    variant_id: int
    reserved: int


DIFFERENCES = query(
    """select seller_id, location_id, variant_id, coalesce(s.on_hand, 0) on_hand, coalesce(m.on_hand, 0) moved_on_hand,
      coalesce(s.reserved, 0) reserved, coalesce(m.reserved, 0) moved_reserved
    from inventory.stock s full join
      (select seller_id, location_id, variant_id, sum(delta_on_hand)::bigint on_hand, sum(delta_reserved)::bigint reserved
       from inventory.movement group by 1, 2, 3) m using (seller_id, location_id, variant_id)
    where coalesce(s.on_hand, 0) <> coalesce(m.on_hand, 0) or coalesce(s.reserved, 0) <> coalesce(m.reserved, 0)
    order by 1, 2, 3 limit %(limit)s""",
    Difference,
)
RESERVED = query(
    "select seller_id, location_id, variant_id, reserved from inventory.stock where reserved <> 0", Reserved
)
COUNT_ITEMS = query("select count(*) from inventory.stock", int)
