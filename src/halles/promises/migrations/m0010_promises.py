"""Lanes from where goods are to where shoppers are, and the days on which carriers do not move."""

from alembic import op

revision = "0010_promises"
down_revision = "0009_payments"


# `transit_days`, `spread_days`: business days from the dispatch day to the earliest and from the earliest to the latest
# arrival. `cutoff`: local time of `timezone` until which an order leaves the same business day.
def upgrade() -> None:
    op.execute("""
    create schema promises;

    create table promises.lane (
      seller_id bigint not null,
      lane_id bigint generated always as identity,
      lane text not null check (lane in ('hub', 'abroad')),
      origin text not null,
      origin_country text not null check (origin_country ~ '^[A-Z]{2}$'),
      location_id bigint,
      country text not null check (country ~ '^[A-Z]{2}$'),
      transit_days smallint not null check (transit_days between 0 and 90),
      spread_days smallint not null default 0 check (spread_days between 0 and 90),
      cutoff time not null,
      timezone text not null,
      carrier text not null,
      primary key (seller_id, lane_id),
      unique (seller_id, country, lane, origin)
    );

    create table promises.holiday (
      country text not null check (country ~ '^[A-Z]{2}$'),
      day date not null,
      name text not null,
      primary key (country, day)
    );
    """)
