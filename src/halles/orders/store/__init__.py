"""All the SQL of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import Statement, command, query
from halles.orders.types import BasketLine, TimelineEntry

# The order path, a set a batch. In these statements 0 and the empty text stand for absent.
EXISTING: Statement[tuple[Any, ...]] = query(
    """select order_id, seller_id, owner_id, fingerprint, state, payment, total_minor, currency, placed_at, pay_by
    from orders."order" where order_id = any(%(order_ids)s::uuid[])""",
    tuple,
)
PLACE = command(
    """insert into orders."order" (seller_id, order_id, owner_id, touchpoint_id, place_id, total_minor, tax_minor, currency,
      state, payment, pay_by, placed_at, promise_id, fingerprint, lines, matches, ship_to, email, parent_id)
    select seller_id, order_id, owner_id, nullif(touchpoint_id, 0), nullif(place_id, 0), total_minor, tax_minor, currency, 1,
      payment, case when payment = 5 then %(pay_by)s::timestamptz end, %(at)s::timestamptz, promise_id, fingerprint, lines,
      matches, ship_to, email, parent_id
    from unnest(%(rows)s::orders.placing[])"""
)
KEEP = query(
    """with d as materialized (
      select seller_id, body, sha256(convert_to(body::text, 'UTF8')) digest, place
      from unnest(%(sellers)s::bigint[], %(bodies)s::text[]::jsonb[]) with ordinality d(seller_id, body, place)),
    k as (insert into orders.kept (seller_id, digest, body)
      select distinct on (seller_id, digest) seller_id, digest, body from d order by 1, 2
      on conflict (seller_id, digest) do update set digest = excluded.digest returning seller_id, digest, kept_id)
    select kept_id from d join k using (seller_id, digest) order by place""",
    int,
)
UNPAID: Statement[tuple[Any, ...]] = query(
    """select owner_id, sum(lines[i])::bigint from orders."order", generate_series(2, cardinality(lines), 6) i
    where seller_id = any(%(sellers)s::bigint[]) and owner_id = any(%(owners)s::bigint[]) and payment = 5
    group by owner_id""",
    tuple,
)
EMPTY_BASKETS = command(
    """delete from orders.basket_line b
    using unnest(%(owners)s::bigint[], %(sellers)s::bigint[], %(variants)s::bigint[]) d(owner_id, seller_id, variant_id)
    where b.owner_id = d.owner_id and b.seller_id = d.seller_id and b.variant_id = d.variant_id"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """`articles`: by kept_id, as text. `lines` and `matches` as the table holds them."""

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
    articles: dict[str, dict[str, Any]]
    promise: dict[str, Any]
    ship_to: dict[str, Any] | None
    email: str | None


_COLUMNS = """o.seller_id, o.order_id, o.owner_id, o.touchpoint_id, o.place_id, o.parent_id, o.total_minor, o.tax_minor,
  o.currency, o.state, o.payment, o.pay_by, o.placed_at, o.lines, o.matches, o.ship_to, o.email,
  (select body from orders.kept k where k.seller_id = o.seller_id and k.kept_id = o.promise_id) promise,
  (select jsonb_object_agg(o.lines[i],
      (select k.body from orders.kept k where k.seller_id = o.seller_id and k.kept_id = o.lines[i]))
    from generate_series(6, cardinality(o.lines), 6) i) articles"""
LOAD = query(f'select {_COLUMNS} from orders."order" o where order_id = %(order_id)s', OrderRow)
LOCK = query(
    f'select {_COLUMNS} from orders."order" o where order_id = %(order_id)s and seller_id = %(seller_id)s for update',
    OrderRow,
)
LOCK_OF_OWNER = query(
    """select order_id from orders."order" where owner_id = %(owner_id)s order by seller_id, order_id for update""",
    UUID,
)
LIST_OF_OWNER = query(
    f"""select {_COLUMNS} from orders."order" o where owner_id = %(owner_id)s
      and (%(before_at)s::timestamptz is null or (placed_at, order_id) < (%(before_at)s, %(before_id)s::uuid))
    order by placed_at desc, order_id desc limit %(limit)s""",
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
CUSTOMERS = query(
    """select distinct owner_id from orders."order"
    where seller_id = any(%(sellers)s::bigint[]) and owner_id >= %(since)s
      and (%(owners)s::bigint[] is null or owner_id = any(%(owners)s::bigint[]))
    order by owner_id limit %(limit)s""",
    int,
)
TIMELINE = query(
    """select at, code, by, detail from orders.event where seller_id = %(seller_id)s and order_id = %(order_id)s order by seq""",
    TimelineEntry,
)
TIMELINE_OF = query(
    """select e.at, e.code, e.by, e.detail from orders."order" o
    join orders.event e on e.seller_id = o.seller_id and e.order_id = o.order_id
    where o.order_id = %(order_id)s order by e.seq""",
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


# Orders paid by card. A family: the parts of several sellers that were placed together.
@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKey:
    seller_id: int
    order_id: UUID


FAMILY = query(
    """select seller_id, order_id from orders."order"
    where parent_id = (select parent_id from orders."order" where order_id = %(order_id)s) order by seller_id, order_id""",
    OrderKey,
)
PARTS = query(
    f"""select {_COLUMNS} from orders."order" o where o.parent_id = %(parent_id)s
    order by (o.order_id <> o.parent_id), o.seller_id, o.order_id""",
    OrderRow,
)
SIBLINGS_WAITING = query(
    """select count(*) from orders."order"
    where parent_id = %(parent_id)s and order_id <> %(order_id)s and payment = 5""",
    int,
)
LOCK_UNPAID = query(
    f"""select {_COLUMNS} from orders."order" o where o.payment = 5 and o.pay_by <= %(now)s
      and (%(after_at)s::timestamptz is null or (o.pay_by, o.order_id) > (%(after_at)s, %(after_id)s::uuid))
    order by o.pay_by, o.order_id limit %(limit)s for update of o skip locked""",
    OrderRow,
)
EXPIRE = command(
    """update orders."order" o set state = 5, payment = 3
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[]) d(seller_id, order_id)
    where o.seller_id = d.seller_id and o.order_id = d.order_id and o.payment = 5"""
)
APPEND_EXPIRED = command(
    """insert into orders.event (seller_id, order_id, seq, at, code, by)
    select d.seller_id, d.order_id,
      (select coalesce(max(seq), 0) + 1 from orders.event e where e.seller_id = d.seller_id and e.order_id = d.order_id),
      %(at)s, 'orders.expired', 'system'
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[]) d(seller_id, order_id)"""
)

BASKET = query(
    """select owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id, touchpoint_id, place_id, added_at
    from orders.basket_line where owner_id = %(owner_id)s and seller_id = %(seller_id)s order by added_at, variant_id""",
    BasketLine,
)
BASKETS = query(
    """select owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id, touchpoint_id, place_id, added_at
    from orders.basket_line where owner_id = any(%(owners)s::bigint[]) order by added_at, seller_id, variant_id""",
    BasketLine,
)
# A line each of several owners: one of an owner, so that their number is right. In `prices` -1, in the rest 0 stands for absent.
PUT_LINES = query(
    """insert into orders.basket_line (owner_id, seller_id, variant_id, quantity, added_price_minor, currency, match_id,
      touchpoint_id, place_id, added_at)
    select d.owner_id, d.seller_id, d.variant_id, d.quantity, nullif(d.price, -1), d.currency, d.match_id,
      nullif(d.touchpoint_id, 0), nullif(d.place_id, 0), %(at)s::timestamptz
    from unnest(%(owners)s::bigint[], %(sellers)s::bigint[], %(variants)s::bigint[], %(quantities)s::bigint[],
        %(prices)s::bigint[], %(currencies)s::text[], %(matches)s::uuid[], %(touchpoints)s::bigint[], %(places)s::bigint[])
      d(owner_id, seller_id, variant_id, quantity, price, currency, match_id, touchpoint_id, place_id)
    left join (select owner_id, seller_id, array_agg(variant_id) held from orders.basket_line
      where owner_id = any(%(owners)s::bigint[]) group by 1, 2) b on b.owner_id = d.owner_id and b.seller_id = d.seller_id
    where coalesce(cardinality(array_remove(b.held, d.variant_id)), 0) < %(most)s::bigint
    order by 1, 2, 3
    on conflict (owner_id, seller_id, variant_id) do update set quantity = excluded.quantity,
      match_id = coalesce(excluded.match_id, basket_line.match_id),
      touchpoint_id = coalesce(excluded.touchpoint_id, basket_line.touchpoint_id),
      place_id = coalesce(excluded.place_id, basket_line.place_id)
    returning owner_id""",
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
MERGE_ORDERS = command('update orders."order" set owner_id = %(new)s where owner_id = %(old)s')


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuantity:
    """What open orders have reserved of one stock item."""

    seller_id: int
    location_id: int
    variant_id: int
    quantity: int
    orders: int


OPEN_QUANTITIES = query(
    """select seller_id, lines[i + 4] location_id, lines[i] variant_id, sum(lines[i + 1])::bigint quantity, count(*) orders
    from orders."order", generate_series(1, cardinality(lines), 6) i where state in (1, 2) group by 1, 2, 3""",
    OpenQuantity,
)


# What orders that were not cancelled bought of an article between two moments, for each of a set of windows.
BOUGHT_WITHIN: Statement[tuple[Any, ...]] = query(
    """select d.number, sum(o.lines[i + 1])::bigint
    from unnest(%(numbers)s::bigint[], %(sellers)s::bigint[], %(variants)s::bigint[], %(since)s::timestamptz[],
      %(until)s::timestamptz[]) d(number, seller_id, variant_id, since, until)
    join orders."order" o on o.seller_id = d.seller_id and o.placed_at >= d.since and o.placed_at < d.until and o.state <> 5,
      generate_series(1, cardinality(o.lines), 6) i
    where o.lines[i] = d.variant_id group by d.number""",
    tuple,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order whose money is held."""

    seller_id: int
    order_id: UUID
    owner_id: int
    total_minor: int


OPEN_ORDERS = query(
    """select seller_id, order_id, owner_id, total_minor from orders."order"
    where payment = 1 and uuid_hash(order_id) & 4095 = any(%(buckets)s::bigint[])""",
    OpenOrder,
)
# (bucket, how many, digest): the same of open holds are told by wallet.OPEN_DIGESTS.
OPEN_DIGESTS: Statement[tuple[Any, ...]] = query(
    """select (uuid_hash(order_id) & 4095)::bigint bucket, count(*),
      bit_xor(hash_record_extended((order_id, owner_id, total_minor), 0))
    from orders."order" where payment = 1 group by 1""",
    tuple,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """What the keeping of a promise asks of an order. `steps`: [code, moment] of its timeline, in order."""

    seller_id: int
    order_id: UUID
    owner_id: int
    state: int
    placed_at: datetime
    promise: dict[str, Any]
    country: str | None
    steps: list[list[str]] | None


PROGRESS = query(
    """select o.seller_id, o.order_id, o.owner_id, o.state, o.placed_at, k.body promise, o.ship_to->>'country' country,
      (select jsonb_agg(jsonb_build_array(e.code, e.at) order by e.seq) from orders.event e
        where e.seller_id = o.seller_id and e.order_id = o.order_id) steps
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[]) d(seller_id, order_id)
    join orders."order" o on o.seller_id = d.seller_id and o.order_id = d.order_id
    join orders.kept k on k.seller_id = o.seller_id and k.kept_id = o.promise_id""",
    ProgressRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """Where an order stands, and the last day of its promise."""

    seller_id: int
    order_id: UUID
    state: int
    placed_at: datetime
    deadline: str


STATES = query(
    """select o.seller_id, o.order_id, o.state, o.placed_at, coalesce(k.body->>'latest', k.body->>'date') deadline
    from orders."order" o join orders.kept k on k.seller_id = o.seller_id and k.kept_id = o.promise_id""",
    StateRow,
)

# A cluster asks only the shards of these sellers: there an order's id is its seller's (docs/howto/cluster.md).
on_cluster(
    EXISTING,
    """select o.order_id, o.seller_id, o.owner_id, o.fingerprint, o.state, o.payment, o.total_minor, o.currency, o.placed_at,
      o.pay_by
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[]) d(seller_id, order_id)
    join orders."order" o on o.seller_id = d.seller_id and o.order_id = d.order_id""",
)
on_cluster(
    LOCK_OF_OWNER,
    """with locked as (
      update orders."order" o set state = o.state where o.owner_id = %(owner_id)s returning o.seller_id, o.order_id)
    select order_id from locked order by seller_id, order_id""",
)


# Demand by area. A collected order counts where its place is; digital goods without either count nowhere in particular ('').
@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSale:
    """Pieces of an article ordered to a postcode, or collected at a place (then country and postcode are '')."""

    country: str
    postcode: str
    place_id: int
    variant_id: int
    pieces: int


_AREA = """select owner_id, lines, coalesce(ship_to->>'country', '') as country, coalesce(ship_to->>'postcode', '') as postcode,
      case when ship_to is null then coalesce(place_id, 0) else 0 end as place_id
    from orders."order" where seller_id = %(seller_id)s and placed_at >= %(since)s and placed_at < %(until)s
      and state in (1, 2, 3, 4)"""
AREA_SALES = query(
    f"""select country, postcode, place_id, lines[i] as variant_id, sum(lines[i + 1])::bigint as pieces
    from ({_AREA}) o, generate_series(1, cardinality(lines), 6) i group by 1, 2, 3, 4""",
    AreaSale,
)
AREA_SHOPPERS = query(
    f"""select count(distinct owner_id) from ({_AREA}) o
    where (%(countries)s::text[] is null
      or (country, postcode, place_id) in
        (select * from unnest(%(countries)s::text[], %(postcodes)s::text[], %(places)s::bigint[])))""",
    int,
)
