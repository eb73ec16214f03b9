"""Reservations for baskets, and what sourcing knows of a location."""

from alembic import op

revision = "0017_reservations"
down_revision = "0016_flash_sales"


def upgrade() -> None:
    op.execute(_RESERVATIONS)
    op.execute(_SOURCING)


# state: 1 standing, 2 released, 3 expired, 4 ordered. `items`: location, variant, quantity; three numbers an item. The pieces are
# counted in stock.reserved as long as the state is 1, and whoever moves it on gives them back in the same transaction: once.
_RESERVATIONS = """
create table inventory.reservation (
  seller_id bigint not null,
  reservation_id uuid not null,
  owner_id bigint not null,
  network text not null,
  state smallint not null default 1 check (state between 1 and 4),
  items bigint[] not null check (cardinality(items) > 0 and cardinality(items) % 3 = 0),
  pieces bigint not null check (pieces > 0),
  renewed smallint not null default 0,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (seller_id, reservation_id)
) with (fillfactor = 70);
create index reservation_by_id on inventory.reservation (reservation_id);
create index reservation_due on inventory.reservation (expires_at) where state = 1;
create index reservation_over on inventory.reservation (expires_at) where state <> 1;
create index reservation_of_owner on inventory.reservation (owner_id, made_at);
create index reservation_of_network on inventory.reservation (network) where state = 1;
"""

# A seller without a row in sourcing_rule is served as docs/algorithms/sourcing.md says of the simple rule.
# `split`: 0 an order leaves from one location, 1 lines may be divided between locations, 2 a line may be divided too.
# Money in minor units of `currency`. `a_day`: orders a location can pack; `packed`: those that chose it, by day.
# `sourced`: why an order leaves from where it does, written with the order.
_SOURCING = """
alter table inventory.location
  add column latitude double precision check (latitude between -90 and 90),
  add column longitude double precision check (longitude between -180 and 180),
  add column handling_minor bigint not null default 0 check (handling_minor >= 0),
  add column a_day integer check (a_day >= 0);

create table inventory.sourcing_rule (
  seller_id bigint primary key,
  split smallint not null check (split between 0 and 2),
  distance_weight double precision not null check (distance_weight >= 0),
  cost_weight double precision not null check (cost_weight >= 0),
  load_weight double precision not null check (load_weight >= 0),
  hub_parcel_minor bigint not null check (hub_parcel_minor >= 0),
  abroad_parcel_minor bigint not null check (abroad_parcel_minor >= 0)
);

create table inventory.packed (
  seller_id bigint not null,
  location_id bigint not null,
  day date not null,
  orders bigint not null default 0,
  primary key (seller_id, location_id, day)
) with (fillfactor = 50);

create table inventory.sourced (
  seller_id bigint not null,
  order_id uuid not null,
  why jsonb not null,
  primary key (seller_id, order_id)
);
"""
