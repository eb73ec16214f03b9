"""Promises: hubs, carriers, lanes with legs, customs, how long legs took, promises that are watched, parcels and their scans."""

from alembic import op

revision = "0020_lanes"
down_revision = "0019_ring_fences"


# The lanes of the release before keep their columns, which it goes on reading and writing; each gets the legs that promise the
# same dates. A lane without legs is still a lane: what the release before writes meanwhile works.
def upgrade() -> None:
    op.execute(_PLACES)
    op.execute(_LEGS)
    op.execute(_WATCHED)
    op.execute(_OPEN_ORDERS)


_PLACES = """
create table promises.hub (
  seller_id bigint not null,
  hub_id bigint generated always as identity,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  timezone text not null,
  location_id bigint,
  primary key (seller_id, hub_id),
  unique (seller_id, name)
);

-- `weekdays`: bits, Monday the lowest.
create table promises.carrier (
  seller_id bigint not null,
  carrier_id bigint generated always as identity,
  name text not null,
  weekdays smallint not null default 31 check (weekdays between 1 and 127),
  primary key (seller_id, carrier_id),
  unique (seller_id, name)
);

-- Days on which a carrier does not move, both included.
create table promises.rest (
  seller_id bigint not null,
  carrier_id bigint not null,
  first_day date not null,
  last_day date not null,
  reason text not null default '',
  primary key (seller_id, carrier_id, first_day),
  check (last_day between first_day and first_day + 366)
);

create table promises.customs (
  seller_id bigint not null,
  origin text not null check (origin ~ '^[A-Z]{2}$'),
  destination text not null check (destination ~ '^[A-Z]{2}$'),
  earliest_days smallint not null check (earliest_days between 0 and 90),
  likely_days smallint not null,
  latest_days smallint not null check (latest_days <= 90),
  held_days smallint not null default 4 check (held_days between 1 and 90),
  primary key (seller_id, origin, destination),
  check (earliest_days <= likely_days and likely_days <= latest_days)
);
"""

# `kind`: 1 pick and pack, 2 line haul, 3 customs, 4 hub, 5 last mile. A customs leg takes its days from promises.customs where
# the pair of countries is there.
_LEGS = """
alter table promises.lane
  add column quantile real not null default 0.9 check (quantile between 0.5 and 0.999),
  add column active boolean not null default true;

create table promises.leg (
  seller_id bigint not null,
  lane_id bigint not null,
  kind smallint not null check (kind between 1 and 5),
  carrier_id bigint,
  hub_id bigint,
  timezone text not null,
  cutoff time,
  weekdays smallint check (weekdays between 1 and 127),
  earliest_days smallint not null check (earliest_days between 0 and 90),
  likely_days smallint not null,
  latest_days smallint not null check (latest_days <= 90),
  primary key (seller_id, lane_id, kind),
  check (earliest_days <= likely_days and likely_days <= latest_days)
);

insert into promises.carrier (seller_id, name)
  select distinct seller_id, carrier from promises.lane where carrier <> '';

insert into promises.leg (seller_id, lane_id, kind, carrier_id, timezone, cutoff, earliest_days, likely_days, latest_days)
  select l.seller_id, l.lane_id, v.kind, case when v.kind > 1 then c.carrier_id end, l.timezone,
    case when v.kind = 1 then l.cutoff end, v.earliest, v.earliest, v.latest
  from promises.lane l
  left join promises.carrier c on c.seller_id = l.seller_id and c.name = l.carrier
  cross join lateral (values (1, 0, 0), (2, l.transit_days, l.transit_days), (5, 0, l.spread_days)) v(kind, earliest, latest);

-- How many parcels were seen to take so many working days on a leg, by the day of their delivery.
create table promises.took (
  seller_id bigint not null,
  lane_id bigint not null,
  kind smallint not null check (kind between 1 and 5),
  day date not null,
  days smallint not null check (days between 0 and 60),
  parcels integer not null check (parcels > 0),
  primary key (seller_id, lane_id, kind, day, days)
);
"""

# A promise that was given. state: 1 kept, 2 at risk, 3 missed (on its way); 4 was kept, 5 was missed, 6 ended otherwise.
_WATCHED = """
create table promises.watch (
  seller_id bigint not null,
  order_id uuid not null,
  owner_id bigint not null,
  lane_id bigint not null default 0,
  placed_at timestamptz not null,
  promised_on date not null,
  deadline date not null,
  state smallint not null default 1 check (state between 1 and 6),
  chance real not null default 1 check (chance between 0 and 1),
  expected_on date,
  due_at timestamptz,
  delivered_on date,
  closed_on date,
  cause text,
  owner text,
  told smallint not null default 0,
  took smallint[],
  version integer not null default 1,
  primary key (seller_id, order_id),
  check ((state <= 3) = (closed_on is null)),
  check (state <= 3 or due_at is null)
) with (fillfactor = 85);
create index watch_due on promises.watch (due_at) where due_at is not null;
create index watch_worried on promises.watch (seller_id, deadline, order_id) where state in (2, 3);
create index watch_closed on promises.watch (seller_id, closed_on) where state in (4, 5);

-- A parcel of an order; the first bears the order's own id and needs no row.
create table promises.shipment (
  seller_id bigint not null,
  shipment_id uuid not null,
  order_id uuid not null,
  carrier text not null default '',
  tracking text not null default '',
  created_at timestamptz not null,
  primary key (seller_id, shipment_id)
);
create index shipment_of_order on promises.shipment (seller_id, order_id);
create index shipment_by_id on promises.shipment (shipment_id);

create table promises.scan (
  seller_id bigint not null,
  order_id uuid not null,
  shipment_id uuid not null,
  event_id uuid not null,
  code text not null,
  at timestamptz not null,
  place text not null default '',
  source text not null,
  received_at timestamptz not null,
  primary key (seller_id, order_id, shipment_id, event_id)
);
"""

# Orders that are on their way are watched from now on; the lane is found at the first look.
_OPEN_ORDERS = """
-- Orders that were placed and are not watched yet.
create table promises.fresh (
  seller_id bigint not null,
  order_id uuid not null,
  primary key (seller_id, order_id)
);
insert into promises.fresh (seller_id, order_id) select seller_id, order_id from orders."order" where state in (1, 2, 3);
"""
