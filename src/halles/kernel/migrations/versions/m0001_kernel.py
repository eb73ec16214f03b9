"""Outbox and idempotency."""

from alembic import op

revision = "0001_kernel"
down_revision = None


def upgrade() -> None:
    op.execute("""
    create schema kernel;
    create table kernel.outbox (
      partition smallint not null,
      seq bigint generated always as identity,
      event_id uuid not null,
      key text not null,
      kind text not null,
      body jsonb not null,
      at timestamptz not null default now(),
      attempts smallint not null default 0,
      next_at timestamptz,
      done text[] not null default '{}',
      error text,
      parked_at timestamptz,
      primary key (partition, seq)
    ) with (autovacuum_vacuum_scale_factor = 0.05);
    create index outbox_parked on kernel.outbox (parked_at) where parked_at is not null;
    create table kernel.command (
      scope text not null,
      key text not null,
      fingerprint bytea not null,
      status smallint,
      body bytea,
      at timestamptz not null default now(),
      primary key (scope, key)
    );
    create index command_at on kernel.command (at);
    """)
