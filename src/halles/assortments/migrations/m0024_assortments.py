"""Assortment scenarios and plans."""

from alembic import op

revision = "0024_assortments"
down_revision = "0023_shelf_labels"


def upgrade() -> None:
    op.execute(_TABLES)


# `history`: demand of an earlier system by postcode, product and day; `shoppers`: how many people were behind a row.
# `scenario.fingerprint` stands for the command that made it. At most one scenario of a place is approved.
_TABLES = """
create schema assortments;

create table assortments.history (
  seller_id bigint not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  postcode text not null,
  day date not null,
  product_id uuid not null,
  sales integer not null check (sales >= 0),
  views integer not null check (views >= 0),
  searches integer not null check (searches >= 0),
  shoppers integer not null check (shoppers >= 0),
  primary key (seller_id, day, country, postcode, product_id)
);

create table assortments.postcode (
  seller_id bigint not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  postcode text not null,
  latitude double precision not null check (latitude between -90 and 90),
  longitude double precision not null check (longitude between -180 and 180),
  primary key (seller_id, country, postcode)
);

create table assortments.scenario (
  seller_id bigint not null,
  scenario_id uuid not null,
  place_id bigint not null,
  name text not null,
  state text not null default 'open' check (state in ('open', 'approved', 'replaced')),
  wishes jsonb not null,
  plan jsonb not null,
  fingerprint bytea not null,
  made_by bigint not null,
  made_at timestamptz not null,
  approved_by bigint,
  approved_at timestamptz,
  primary key (seller_id, scenario_id),
  check ((state = 'open') = (approved_at is null))
);
create unique index scenario_approved on assortments.scenario (seller_id, place_id) where state = 'approved';
create index scenario_of_place on assortments.scenario (seller_id, place_id, made_at desc);
"""
