"""The outbox as parcels: the events of one partition and transaction in one row, inserted and deleted, never changed.

`kernel.outbox` keeps its rows and its shape: what the release before wrote waits there and is delivered from there, and so are
events that wait alone (failed, held back, parked, or with a reaction that calls outside). Nothing that runs today breaks.
"""

from alembic import op

revision = "0014_outbox_parcels"
down_revision = "0013_compact_rows"


def upgrade() -> None:
    # Rows of up to 8 kB stay in the page: a parcel is read once and deleted, a second table for its text would double that.
    # JSON of one batch is short-lived: compressing it would cost more CPU than its bytes cost the log.
    op.execute("""
    create table kernel.parcel (
      partition smallint not null,
      seq bigint generated always as identity,
      parcel_id uuid not null,
      at timestamptz not null default now(),
      events text not null,
      primary key (partition, seq)
    ) with (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
      autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000, autovacuum_vacuum_cost_delay = 0);
    alter table kernel.parcel alter column events set storage external;
    create table kernel.outgoing (
      partition smallint not null,
      seq bigint generated always as identity,
      parcel_id uuid not null,
      at timestamptz not null,
      events text not null,
      primary key (partition, seq)
    ) with (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
      autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000, autovacuum_vacuum_cost_delay = 0);
    alter table kernel.outgoing alter column events set storage external;
    create index outbox_key on kernel.outbox (partition, key) where parked_at is null;
    create view kernel.waiting_event as
      select event_id, key, kind, body, at, parked_at, partition, seq from kernel.outbox
      union all
      select (left(parcel_id::text, 32)
          || lpad(to_hex(('x' || right(parcel_id::text, 4))::bit(16)::int + nr::int - 1), 4, '0'))::uuid,
        event ->> 'key', event ->> 'kind', event -> 'body', at, null, partition, seq
      from kernel.parcel, jsonb_array_elements(events::jsonb) with ordinality as one (event, nr);
    """)
