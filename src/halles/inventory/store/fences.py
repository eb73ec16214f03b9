"""The SQL of ring-fences and customer groups. A fence's row is locked before its stock, its items only under that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from halles.inventory.types import CustomerGroup, RingFence
from halles.kernel.db import Statement, command, query

# The order path, for articles that have fences alone: what they keep, read under the lock of the stock; who is in which group;
# what the batch's orders took.
KEPT_BY_FENCES: Statement[tuple[Any, ...]] = query(
    """select seller_id, variant_id, location_id, fence_id, kept from inventory.fence_item
    where (seller_id, variant_id) in (select * from unnest(%(sellers)s::bigint[], %(variants)s::bigint[])) and kept > 0""",
    tuple,
)
GROUPS_OF: Statement[tuple[Any, ...]] = query(
    """select seller_id, owner_id, group_id from inventory.customer_group_member
    where seller_id = any(%(sellers)s::bigint[]) and owner_id = any(%(owners)s::bigint[])""",
    tuple,
)
TAKE_OF_FENCES = command(
    """with d as materialized (
      select * from unnest(%(sellers)s::bigint[], %(orders)s::uuid[], %(fences)s::uuid[], %(locations)s::bigint[],
        %(variants)s::bigint[], %(quantities)s::bigint[]) d(seller_id, order_id, fence_id, location_id, variant_id, quantity)),
    taken as (
      update inventory.fence_item i set kept = i.kept - g.quantity, sold = i.sold + g.quantity
      from (select seller_id, variant_id, fence_id, location_id, sum(quantity)::bigint quantity from d group by 1, 2, 3, 4) g
      where i.seller_id = g.seller_id and i.variant_id = g.variant_id and i.fence_id = g.fence_id
        and i.location_id = g.location_id),
    opened as (
      update inventory.stock s set ring_fenced = s.ring_fenced - g.quantity
      from (select seller_id, location_id, variant_id, sum(quantity)::bigint quantity from d group by 1, 2, 3) g
      where s.seller_id = g.seller_id and s.location_id = g.location_id and s.variant_id = g.variant_id)
    insert into inventory.fence_sold (seller_id, order_id, fence_id, location_id, variant_id, quantity)
    select seller_id, order_id, fence_id, location_id, variant_id, quantity from d"""
)

# What cancelled orders had taken of fences goes back to those that still stand; under the lock of the stock.
GIVE_BACK = command(
    """with d as materialized (
      select * from unnest(%(sellers)s::bigint[], %(orders)s::uuid[]) d(seller_id, order_id)),
    gone as (
      delete from inventory.fence_sold f using d where f.seller_id = d.seller_id and f.order_id = d.order_id
      returning f.seller_id, f.variant_id, f.fence_id, f.location_id, f.quantity),
    back as (
      update inventory.fence_item i
      set sold = i.sold - g.quantity, kept = i.kept + case when i.standing then g.quantity else 0 end
      from (select seller_id, variant_id, fence_id, location_id, sum(quantity)::bigint quantity from gone group by 1, 2, 3, 4) g
      where i.seller_id = g.seller_id and i.variant_id = g.variant_id and i.fence_id = g.fence_id
        and i.location_id = g.location_id
      returning i.seller_id, i.location_id, i.variant_id, case when i.standing then g.quantity else 0 end kept)
    update inventory.stock s set ring_fenced = s.ring_fenced + b.kept
    from (select seller_id, location_id, variant_id, sum(kept)::bigint kept from back group by 1, 2, 3) b
    where s.seller_id = b.seller_id and s.location_id = b.location_id and s.variant_id = b.variant_id"""
)

_FENCE = """seller_id, fence_id, channel, channel_key, variant_id, location_id, quantity, starts_at, ends_at, ended_at,
  settled_at, note, made_by, made_at"""
STANDING_FENCES = query(
    f"""select {_FENCE} from inventory.fence where seller_id = any(%(sellers)s::bigint[]) and settled_at is null
    order by seller_id, fence_id""",
    RingFence,
)
FENCES_PAGE = query(
    f"""select {_FENCE} from inventory.fence where seller_id = %(seller_id)s
      and (%(after)s::uuid is null or fence_id < %(after)s) and (%(over)s or settled_at is null)
    order by fence_id desc limit %(limit)s""",
    RingFence,
)
LOCK_FENCE = query(
    f"""select {_FENCE} from inventory.fence where seller_id = %(seller_id)s and fence_id = %(fence_id)s for update""",
    RingFence,
)
INSERT_FENCE = command(
    """insert into inventory.fence (seller_id, fence_id, channel, channel_key, variant_id, location_id, quantity, starts_at,
      ends_at, note, made_by, made_at)
    values (%(seller_id)s, %(fence_id)s, %(channel)s, %(channel_key)s, %(variant_id)s, %(location_id)s, %(quantity)s,
      %(starts_at)s, %(ends_at)s, %(note)s, %(made_by)s, %(made_at)s) on conflict do nothing"""
)
CHANGE_FENCE = command(
    """update inventory.fence set quantity = %(quantity)s, ends_at = %(ends_at)s
    where seller_id = %(seller_id)s and fence_id = %(fence_id)s"""
)
SETTLE_FENCE = command(
    """update inventory.fence set settled_at = %(at)s, ended_at = coalesce(ended_at, %(ended_at)s)
    where seller_id = %(seller_id)s and fence_id = %(fence_id)s"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceItem:
    """What a fence keeps at one location, and what its channel took of it there."""

    seller_id: int
    fence_id: UUID
    variant_id: int
    location_id: int
    kept: int
    sold: int


FENCE_ITEMS = query(
    """select seller_id, fence_id, variant_id, location_id, kept, sold from inventory.fence_item
    where seller_id = %(seller_id)s and variant_id = any(%(variants)s::bigint[]) and fence_id = any(%(fences)s::uuid[])
    order by fence_id, location_id""",
    FenceItem,
)
KEPT_OF = query(
    """select seller_id, fence_id, variant_id, location_id, kept, sold from inventory.fence_item
    where seller_id = %(seller_id)s and variant_id = any(%(variants)s::bigint[]) and kept > 0
    order by variant_id, location_id, fence_id""",
    FenceItem,
)
KEEP_MORE = command(
    """with d as materialized (select * from unnest(%(locations)s::bigint[], %(pieces)s::bigint[]) d(location_id, pieces)),
    fenced as (
      update inventory.stock s set ring_fenced = s.ring_fenced + d.pieces from d
      where s.seller_id = %(seller_id)s and s.location_id = d.location_id and s.variant_id = %(variant_id)s)
    insert into inventory.fence_item as i (seller_id, variant_id, fence_id, location_id, kept)
    select %(seller_id)s, %(variant_id)s, %(fence_id)s, location_id, pieces from d
    on conflict (seller_id, variant_id, fence_id, location_id) do update set kept = i.kept + excluded.kept"""
)
KEEP_LESS = command(
    """with d as materialized (select * from unnest(%(locations)s::bigint[], %(pieces)s::bigint[]) d(location_id, pieces)),
    freed as (
      update inventory.stock s set ring_fenced = s.ring_fenced - d.pieces from d
      where s.seller_id = %(seller_id)s and s.location_id = d.location_id and s.variant_id = %(variant_id)s)
    update inventory.fence_item i set kept = i.kept - d.pieces from d
    where i.seller_id = %(seller_id)s and i.variant_id = %(variant_id)s and i.fence_id = %(fence_id)s
      and i.location_id = d.location_id"""
)
FALL = command(
    """update inventory.fence_item set standing = false
    where seller_id = %(seller_id)s and variant_id = %(variant_id)s and fence_id = %(fence_id)s"""
)
DUE_FENCES: Statement[tuple[Any, ...]] = query(
    """select seller_id, fence_id from inventory.fence f
    where settled_at is null and (least(ends_at, ended_at) <= %(now)s or starts_at <= %(now)s
      and quantity > (select coalesce(sum(i.kept + i.sold), 0) from inventory.fence_item i
        where i.seller_id = f.seller_id and i.variant_id = f.variant_id and i.fence_id = f.fence_id)
      and exists (select from inventory.stock s where s.seller_id = f.seller_id and s.variant_id = f.variant_id
        and (f.location_id is null or s.location_id = f.location_id)
        and s.on_hand - s.reserved - s.safety - s.ring_fenced > 0))
    order by seller_id, fence_id limit %(limit)s""",
    tuple,
)

GROUPS = query(
    """select g.seller_id, g.group_id, g.name, g.made_at,
      (select array_agg(m.owner_id order by m.owner_id) from inventory.customer_group_member m
       where m.seller_id = g.seller_id and m.group_id = g.group_id) members
    from inventory.customer_group g where g.seller_id = %(seller_id)s order by g.name, g.group_id""",
    CustomerGroup,
)
SAVE_GROUP = command(
    """insert into inventory.customer_group as g (seller_id, group_id, name, made_at)
    values (%(seller_id)s, %(group_id)s, %(name)s, %(at)s)
    on conflict (seller_id, group_id) do update set name = excluded.name"""
)
NAMESAKE = query(
    """select count(*) from inventory.customer_group
    where seller_id = %(seller_id)s and name = %(name)s and group_id <> %(group_id)s""",
    int,
)
CLEAR_GROUP = command(
    """delete from inventory.customer_group_member where seller_id = %(seller_id)s and group_id = %(group_id)s
      and owner_id <> all(%(owners)s::bigint[])"""
)
FILL_GROUP = command(
    """insert into inventory.customer_group_member (seller_id, group_id, owner_id)
    select %(seller_id)s, %(group_id)s, unnest(%(owners)s::bigint[]) on conflict do nothing"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """What one stock item has ring-fenced: as its row says, and as the fences of channels add up."""

    seller_id: int
    location_id: int
    variant_id: int
    ring_fenced: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceTally:
    """A fence's books. `recorded`: what orders that stand took of it, one by one."""

    seller_id: int
    fence_id: UUID
    quantity: int
    kept: int
    sold: int
    recorded: int
    settled: bool


FENCED = query(
    """select seller_id, location_id, variant_id, coalesce(s.ring_fenced, 0) ring_fenced, coalesce(i.kept, 0) kept
    from (select seller_id, location_id, variant_id, ring_fenced from inventory.stock where ring_fenced <> 0) s full join
      (select seller_id, location_id, variant_id, sum(kept)::bigint kept from inventory.fence_item where kept <> 0
       group by 1, 2, 3) i using (seller_id, location_id, variant_id)
    order by 1, 2, 3""",
    Fenced,
)
FENCE_TALLIES = query(
    """select f.seller_id, f.fence_id, f.quantity, coalesce(i.kept, 0) kept, coalesce(i.sold, 0) sold,
      coalesce(o.quantity, 0) recorded, f.settled_at is not null settled
    from inventory.fence f
    left join (select seller_id, fence_id, sum(kept)::bigint kept, sum(sold)::bigint sold from inventory.fence_item
      group by 1, 2) i on i.seller_id = f.seller_id and i.fence_id = f.fence_id
    left join (select seller_id, fence_id, sum(quantity)::bigint quantity from inventory.fence_sold group by 1, 2) o
      on o.seller_id = f.seller_id and o.fence_id = f.fence_id
    order by 1, 2""",
    FenceTally,
)
