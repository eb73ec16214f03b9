"""Promises that were given and how they fare; parcels and their scans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import command, query
from halles.promises.types import Shipment, TrackingEvent, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    seller_id: int
    order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """Promises of a lane that were kept or missed, by who made them late; `cause` None: kept, or nobody's fault."""

    lane_id: int
    state: int
    cause: str | None
    owner: str | None
    orders: int
    promised_days: int
    actual_days: int


_WATCH = """w.seller_id, w.order_id, w.owner_id, w.lane_id, w.placed_at, w.promised_on, w.deadline, w.state, w.chance,
  w.expected_on, w.due_at, w.delivered_on, w.closed_on, w.cause, w.owner, w.told, w.took, w.version"""
_KEYS = "unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[]) d(seller_id, order_id)"
_HERE = "w.seller_id = d.seller_id and w.order_id = d.order_id"

NOTE_FRESH = command(
    f"insert into promises.fresh (seller_id, order_id) select d.seller_id, d.order_id from {_KEYS} on conflict do nothing"
)
FRESH = query("select seller_id, order_id from promises.fresh limit %(limit)s", Key)
DROP_FRESH = command(
    f"delete from promises.fresh w using {_KEYS} where w.seller_id = d.seller_id and w.order_id = d.order_id"
)
BEGIN = command(
    """insert into promises.watch (seller_id, order_id, owner_id, lane_id, placed_at, promised_on, deadline, due_at)
    select d.* from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[], %(owners)s::bigint[], %(lanes)s::bigint[],
      %(placed)s::timestamptz[], %(promised)s::date[], %(deadlines)s::date[], %(due)s::timestamptz[]) d
    order by 1, 2 on conflict do nothing"""
)
WATCHES = query(f"select {_WATCH} from {_KEYS} join promises.watch w on {_HERE}", Watch)
LOCK = query(
    f"""select {_WATCH} from {_KEYS} join promises.watch w on {_HERE} order by w.seller_id, w.order_id for update of w""",
    Watch,
)
on_cluster(
    LOCK,
    f"""with locked as (
      update promises.watch w set version = w.version from {_KEYS} where {_HERE} returning {_WATCH})
    select * from locked order by seller_id, order_id""",
)
DUE = query(
    """select w.seller_id, w.order_id from promises.watch w where w.due_at <= %(now)s
    order by w.due_at limit %(limit)s""",
    Key,
)
SAVE = query(
    """update promises.watch w set state = d.state, chance = d.chance, expected_on = d.expected_on, due_at = d.due_at,
      delivered_on = d.delivered_on, closed_on = d.closed_on, cause = nullif(d.cause, ''), owner = nullif(d.owner, ''),
      told = d.told, took = string_to_array(nullif(d.took, ''), ',')::smallint[], lane_id = d.lane_id,
      owner_id = d.owner_id, version = w.version + 1
    from unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[], %(versions)s::int[], %(states)s::smallint[],
      %(chances)s::real[], %(expected)s::date[], %(due)s::timestamptz[], %(delivered)s::date[], %(closed)s::date[],
      %(causes)s::text[], %(owners)s::text[], %(told)s::smallint[], %(took)s::text[], %(lanes)s::bigint[],
      %(owner_ids)s::bigint[])
      d(seller_id, order_id, version, state, chance, expected_on, due_at, delivered_on, closed_on, cause, owner, told, took,
        lane_id, owner_id)
    where w.seller_id = d.seller_id and w.order_id = d.order_id and w.version = d.version returning w.order_id""",
    UUID,
)
WORRIED = query(
    f"""select {_WATCH} from promises.watch w where w.seller_id = %(seller_id)s and w.state in (2, 3)
      and (%(after_day)s::date is null or (w.deadline, w.order_id) > (%(after_day)s, %(after_id)s::uuid))
    order by w.deadline, w.order_id limit %(limit)s""",
    Watch,
)
OPEN_ON = query(
    f"""select {_WATCH} from promises.watch w where w.seller_id = %(seller_id)s and w.closed_on is null
      and w.lane_id = any(%(lane_ids)s::bigint[]) order by w.deadline, w.order_id limit %(limit)s""",
    Watch,
)
COUNT_ON = query(
    """select count(*)::int from promises.watch where seller_id = %(seller_id)s and closed_on is null
    and lane_id = any(%(lane_ids)s::bigint[])""",
    int,
)
_ASLEEP = "w.closed_on is null and w.due_at > %(now)s and w.lane_id = any(%(lane_ids)s::bigint[])"
WAKE = command(
    f"""with found as (
      select w.seller_id, w.order_id from promises.watch w where {_ASLEEP}
        and (%(seller_id)s::bigint is null or w.seller_id = %(seller_id)s)
      order by w.seller_id, w.order_id for update skip locked)
    update promises.watch w set due_at = %(now)s from found d where {_HERE}"""
)
on_cluster(
    WAKE,
    f"""update promises.watch w set due_at = %(now)s where {_ASLEEP}
      and (%(seller_id)s::bigint is null or w.seller_id = %(seller_id)s)""",
)
OPEN_COUNTS = query(
    """select 0::bigint lane_id, state, null::text cause, null::text as owner, count(*)::int orders, 0 promised_days,
      0 actual_days
    from promises.watch where seller_id = %(seller_id)s and closed_on is null group by state""",
    KeptRow,
)
KEPT = query(
    """select lane_id, state, cause, owner, count(*)::int orders,
      sum(deadline - (placed_at at time zone 'UTC')::date)::int promised_days,
      sum(delivered_on - (placed_at at time zone 'UTC')::date)::int actual_days
    from promises.watch where seller_id = %(seller_id)s and closed_on >= %(since)s and state in (4, 5)
    group by lane_id, state, cause, owner""",
    KeptRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the doctor compares: a watch in short."""

    seller_id: int
    order_id: UUID
    state: int
    deadline: date
    delivered_on: date | None
    due: bool


STANDING = query(
    """select seller_id, order_id, state, deadline, delivered_on, due_at is not null due from promises.watch
    union all
    select seller_id, order_id, 0, '1970-01-01'::date, null, true from promises.fresh""",
    Standing,
)
IMPORT = command(
    """insert into promises.watch (seller_id, order_id, owner_id, lane_id, placed_at, promised_on, deadline, state, chance,
      expected_on, delivered_on, closed_on, cause, owner, told, took)
    select %(seller_id)s, d.order_id, %(seller_id)s, d.lane_id, d.placed_at, d.promised_on, d.deadline, d.state,
      case d.state when 4 then 1 else 0 end, d.delivered_on, d.delivered_on, d.delivered_on, nullif(d.cause, ''),
      nullif(d.owner, ''), 3, string_to_array(d.took, ',')::smallint[]
    from unnest(%(order_ids)s::uuid[], %(lanes)s::bigint[], %(placed)s::timestamptz[], %(promised)s::date[],
      %(deadlines)s::date[], %(states)s::smallint[], %(delivered)s::date[], %(causes)s::text[], %(owners)s::text[],
      %(took)s::text[])
      d(order_id, lane_id, placed_at, promised_on, deadline, state, delivered_on, cause, owner, took)
    on conflict (seller_id, order_id) do nothing"""
)

# Parcels.
_SHIPMENT = "w.seller_id, w.shipment_id, w.order_id, w.carrier, w.tracking, w.created_at"
_SCAN = "w.seller_id, w.shipment_id, w.event_id, w.order_id, w.code, w.at, w.place, w.source, w.received_at"
ADD_SHIPMENT = command(
    """insert into promises.shipment (seller_id, shipment_id, order_id, carrier, tracking, created_at)
    values (%(seller_id)s, %(shipment_id)s, %(order_id)s, %(carrier)s, %(tracking)s, %(at)s) on conflict do nothing"""
)
SHIPMENT = query(
    f"""select {_SHIPMENT} from promises.shipment w where w.shipment_id = %(shipment_id)s
      and (%(seller_ids)s::bigint[] is null or w.seller_id = any(%(seller_ids)s::bigint[])) order by w.seller_id""",
    Shipment,
)
SHIPMENTS = query(
    f"select {_SHIPMENT} from {_KEYS} join promises.shipment w on {_HERE} order by w.created_at, w.shipment_id",
    Shipment,
)
ADD_SCANS = query(
    """insert into promises.scan (seller_id, order_id, shipment_id, event_id, code, at, place, source, received_at)
    select %(seller_id)s, %(order_id)s, %(shipment_id)s, d.event_id, d.code, d.at, d.place, %(source)s, %(now)s
    from unnest(%(event_ids)s::uuid[], %(codes)s::text[], %(moments)s::timestamptz[], %(places)s::text[])
      d(event_id, code, at, place)
    order by d.event_id on conflict do nothing returning event_id""",
    UUID,
)
SCANS = query(
    f"select {_SCAN} from {_KEYS} join promises.scan w on {_HERE} order by w.at, w.received_at, w.event_id",
    TrackingEvent,
)
