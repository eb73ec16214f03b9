"""All the SQL of inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from halles.inventory.types import Location, Movement, Reservation, StockLevel
from halles.kernel.cluster import on_cluster
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

RESERVE = command(
    """with d as materialized (select * from unnest(%(rows)s::inventory.moving[])),
    changed as (
      update inventory.stock s set reserved = s.reserved + d.reserved from d
      where s.seller_id = d.seller_id and s.location_id = d.location_id and s.variant_id = d.variant_id)
    insert into inventory.movement (seller_id, location_id, variant_id, cause, delta_reserved, refs, quantities, by, at)
    select seller_id, location_id, variant_id, 'reserved', reserved, refs, quantities, 'shopper', %(at)s::timestamptz from d"""
)

# Reservations: a row is locked before the stock it keeps, by whoever takes it, releases it or lets it expire.
RELEASE = command(
    """with d as materialized (select * from unnest(%(rows)s::inventory.moving[])),
    changed as (
      update inventory.stock s set reserved = s.reserved - d.reserved from d
      where s.seller_id = d.seller_id and s.location_id = d.location_id and s.variant_id = d.variant_id)
    insert into inventory.movement (seller_id, location_id, variant_id, cause, delta_reserved, refs, quantities, by, reason, at)
    select seller_id, location_id, variant_id, 'released', -reserved, refs, quantities, 'shopper', 'reservation',
      %(at)s::timestamptz from d"""
)
LOCK_RESERVATIONS: Statement[tuple[Any, ...]] = query(
    """select seller_id, reservation_id, owner_id, items from inventory.reservation
    where (seller_id, reservation_id) in (select * from unnest(%(sellers)s::bigint[], %(reservation_ids)s::uuid[]))
      and state = 1 order by seller_id, reservation_id for update""",
    tuple,
)
MARK_ORDERED = command(
    """update inventory.reservation r set state = 4
    from unnest(%(sellers)s::bigint[], %(reservation_ids)s::uuid[]) d(seller_id, reservation_id)
    where r.seller_id = d.seller_id and r.reservation_id = d.reservation_id"""
)
_RESERVATION = "seller_id, reservation_id, owner_id, network, state, items, renewed, made_at, expires_at"
ONE_RESERVES_AT_A_TIME = command(
    """select pg_advisory_xact_lock(hashtextextended('inventory.reservation of ' || %(who)s::text, 0))"""
)
FIND_RESERVATION = query(
    f"""select {_RESERVATION} from inventory.reservation where reservation_id = %(reservation_id)s order by seller_id""",
    Reservation,
)
STANDING = query(
    f"""select {_RESERVATION} from inventory.reservation where owner_id = any(%(owners)s::bigint[]) and state = 1
    order by seller_id, reservation_id""",
    Reservation,
)
LOCK_STANDING = query(
    f"""select {_RESERVATION} from inventory.reservation where owner_id = %(owner_id)s and state = 1
      and (%(reservation_id)s::uuid is null or reservation_id = %(reservation_id)s)
    order by seller_id, reservation_id for update""",
    Reservation,
)
RECENT_OF_OWNER = query(
    """select count(distinct reservation_id) from inventory.reservation
    where owner_id = %(owner_id)s and made_at > %(since)s""",
    int,
)
PIECES_OF_NETWORK = query(
    """select coalesce(sum(pieces), 0)::bigint from inventory.reservation
    where network = %(network)s and state = 1 and owner_id <> %(owner_id)s""",
    int,
)
INSERT_RESERVATION = command(
    """insert into inventory.reservation (seller_id, reservation_id, owner_id, network, items, pieces, made_at, expires_at)
    values (%(seller_id)s, %(reservation_id)s, %(owner_id)s, %(network)s, %(items)s::bigint[], %(pieces)s, %(at)s,
      %(expires_at)s) on conflict do nothing"""
)
END_RESERVATIONS = command(
    """update inventory.reservation r set state = %(state)s
    from unnest(%(sellers)s::bigint[], %(reservation_ids)s::uuid[]) d(seller_id, reservation_id)
    where r.seller_id = d.seller_id and r.reservation_id = d.reservation_id and r.state = 1"""
)
RENEW = command(
    """update inventory.reservation set renewed = %(renewal)s, expires_at = %(expires_at)s
    where owner_id = %(owner_id)s and reservation_id = %(reservation_id)s and state = 1"""
)
LOCK_DUE = query(
    f"""select {_RESERVATION} from inventory.reservation where state = 1 and expires_at <= %(now)s
    order by expires_at, seller_id, reservation_id limit %(limit)s for update skip locked""",
    Reservation,
)
FORGET_RESERVATIONS = command(
    "delete from inventory.reservation where state <> 1 and expires_at < %(before)s"
)
HAND_OVER = command(
    """with mine as materialized (select seller_id, reservation_id from inventory.reservation
      where owner_id = %(old_owner)s order by seller_id, reservation_id for update)
    update inventory.reservation r set owner_id = %(owner)s from mine
    where r.seller_id = mine.seller_id and r.reservation_id = mine.reservation_id"""
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
SET_SAFETY = query(
    """update inventory.stock set safety = %(safety)s
    where seller_id = %(seller_id)s and location_id = %(location_id)s and variant_id = %(variant_id)s
    returning seller_id, location_id, variant_id, on_hand, reserved, safety, ring_fenced""",
    StockLevel,
)
FENCE = command(
    """update inventory.stock s set ring_fenced = greatest(0, s.ring_fenced + d.pieces)
    from unnest(%(locations)s::bigint[], %(variants)s::bigint[], %(pieces)s::bigint[]) d(location_id, variant_id, pieces)
    where s.seller_id = %(seller_id)s and s.location_id = d.location_id and s.variant_id = d.variant_id"""
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
    """select seller_id, location_id, kind, name, lane, country, place_id, latitude, longitude, handling_minor, a_day
    from inventory.location
    where seller_id = any(%(sellers)s::bigint[]) order by seller_id, location_id""",
    Location,
)


# Sourcing by a rule: only for sellers who made one.
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule as the table holds it."""

    seller_id: int
    split: int
    distance_weight: float
    cost_weight: float
    load_weight: float
    hub_parcel_minor: int
    abroad_parcel_minor: int


RULES = query(
    """select seller_id, split, distance_weight, cost_weight, load_weight, hub_parcel_minor, abroad_parcel_minor
    from inventory.sourcing_rule where seller_id = any(%(sellers)s::bigint[]) order by seller_id""",
    RuleRow,
)
SAVE_RULE = command(
    """insert into inventory.sourcing_rule (seller_id, split, distance_weight, cost_weight, load_weight, hub_parcel_minor,
      abroad_parcel_minor)
    values (%(seller_id)s, %(split)s, %(distance_weight)s, %(cost_weight)s, %(load_weight)s, %(hub_parcel_minor)s,
      %(abroad_parcel_minor)s)
    on conflict (seller_id) do update set split = excluded.split, distance_weight = excluded.distance_weight,
      cost_weight = excluded.cost_weight, load_weight = excluded.load_weight, hub_parcel_minor = excluded.hub_parcel_minor,
      abroad_parcel_minor = excluded.abroad_parcel_minor"""
)
DROP_RULE = command("delete from inventory.sourcing_rule where seller_id = %(seller_id)s")
SAVE_SPOT = command(
    """update inventory.location set latitude = %(latitude)s, longitude = %(longitude)s, handling_minor = %(handling_minor)s,
      a_day = %(a_day)s
    where seller_id = %(seller_id)s and location_id = %(location_id)s"""
)
PACKED: Statement[tuple[Any, ...]] = query(
    """select seller_id, location_id, orders from inventory.packed
    where seller_id = any(%(sellers)s::bigint[]) and day = %(day)s::text::date""",
    tuple,
)
COUNT_PACKED = command(
    """insert into inventory.packed as p (seller_id, location_id, day, orders)
    select seller_id, location_id, %(day)s::text::date, orders
    from unnest(%(sellers)s::bigint[], %(locations)s::bigint[], %(orders)s::bigint[]) d(seller_id, location_id, orders)
    order by 1, 2
    on conflict (seller_id, location_id, day) do update set orders = p.orders + excluded.orders"""
)
KEEP_WHY = command(
    """insert into inventory.sourced (seller_id, order_id, why)
    select seller_id, order_id, why::jsonb
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[], %(whys)s::text[]) d(seller_id, order_id, why)"""
)
WHY: Statement[dict[str, Any]] = query(
    "select why from inventory.sourced where seller_id = %(seller_id)s and order_id = %(order_id)s", dict
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
KEPT = query(
    """select seller_id, items[i] location_id, items[i + 1] variant_id, sum(items[i + 2])::bigint reserved
    from inventory.reservation, generate_series(1, cardinality(items), 3) i where state = 1 group by 1, 2, 3""",
    Reserved,
)
RESERVED = query(
    "select seller_id, location_id, variant_id, reserved from inventory.stock where reserved <> 0", Reserved
)
COUNT_ITEMS = query("select count(*) from inventory.stock", int)

# A cluster locks over several shards by an update that changes nothing (docs/howto/cluster.md).
on_cluster(
    LOCK,
    """with locked as (
      update inventory.stock s set reserved = s.reserved
      from unnest(%(sellers)s::bigint[], %(variants)s::bigint[]) d(seller_id, variant_id)
      where s.seller_id = d.seller_id and s.variant_id = d.variant_id
      returning s.seller_id, s.location_id, s.variant_id, s.on_hand - s.reserved - s.safety - s.ring_fenced sellable)
    select seller_id, location_id, variant_id, sellable from locked order by seller_id, location_id, variant_id""",
)

_HELD_RESERVATION = ", ".join(f"r.{column}" for column in _RESERVATION.split(", "))
on_cluster(
    LOCK_RESERVATIONS,
    """with locked as (
      update inventory.reservation r set state = r.state
      from unnest(%(sellers)s::bigint[], %(reservation_ids)s::uuid[]) d(seller_id, reservation_id)
      where r.seller_id = d.seller_id and r.reservation_id = d.reservation_id and r.state = 1
      returning r.seller_id, r.reservation_id, r.owner_id, r.items)
    select seller_id, reservation_id, owner_id, items from locked order by seller_id, reservation_id""",
)
on_cluster(
    LOCK_STANDING,
    f"""with locked as (
      update inventory.reservation r set state = r.state where r.owner_id = %(owner_id)s and r.state = 1
        and (%(reservation_id)s::uuid is null or r.reservation_id = %(reservation_id)s) returning {_HELD_RESERVATION})
    select {_RESERVATION} from locked order by seller_id, reservation_id""",
)
on_cluster(
    LOCK_DUE,
    f"""with locked as (
      update inventory.reservation r set state = r.state
      from (select seller_id, reservation_id from inventory.reservation where state = 1 and expires_at <= %(now)s
        order by expires_at, seller_id, reservation_id limit %(limit)s) d
      where r.seller_id = d.seller_id and r.reservation_id = d.reservation_id and r.state = 1 and r.expires_at <= %(now)s
      returning {_HELD_RESERVATION})
    select {_RESERVATION} from locked order by expires_at, seller_id, reservation_id""",
)
on_cluster(HAND_OVER, "update inventory.reservation set owner_id = %(owner)s where owner_id = %(old_owner)s")
