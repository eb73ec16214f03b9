"""What anonymous visitors did, and its counts per place, touchpoint and hour."""

from alembic import op

revision = "0012_visits"
down_revision = "0011_vision"


def upgrade() -> None:
    op.execute("""
    create schema visits;

    -- `visitor`: a keyed hash of a cookie that rotates; null when the browser refused it. `event_id` is made by the client.
    create table visits.event (
      seller_id bigint not null,
      event_id uuid not null,
      kind text not null check (kind in ('opened', 'product_seen', 'photo', 'scan', 'basket', 'checkout', 'order')),
      place_id bigint,
      touchpoint_id bigint,
      visitor text,
      product_id uuid,
      at timestamptz not null,
      primary key (seller_id, event_id)
    );
    create index event_at on visits.event (seller_id, at);

    -- A visit is one visitor at one place on one of the place's days: this row makes the second `opened` not count.
    create table visits.visitor_day (
      seller_id bigint not null,
      day date not null,
      place_id bigint not null,
      visitor text not null,
      primary key (seller_id, day, place_id, visitor)
    );

    -- Counts by UTC hour, kept with the events. place_id, touchpoint_id 0: none known. kind `visit`: first `opened` of the day.
    -- `shard`: connections count in different rows, so that a busy place's writers never wait for each other; readers sum.
    create table visits.hourly (
      seller_id bigint not null,
      hour timestamptz not null,
      place_id bigint not null,
      touchpoint_id bigint not null,
      kind text not null,
      shard smallint not null,
      count bigint not null,
      primary key (seller_id, hour, place_id, touchpoint_id, kind, shard)
    ) with (fillfactor = 70);
    """)
