"""Top-ups, the payment providers' webhooks, and the demo provider's own books."""

from alembic import op

revision = "0009_payments"
down_revision = "0008_wallet"


def upgrade() -> None:
    op.execute("""
    create schema payments;

    -- `provider_ref`: the provider's name for the payment, known once it answered. `next_ask_at`: when the reconciler asks again.
    create table payments.topup (
      owner_id bigint not null,
      topup_id uuid not null,
      amount_minor bigint not null check (amount_minor > 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      provider text not null,
      state text not null check (state in ('created', 'pending', 'settled', 'failed')),
      provider_ref text,
      client_secret text,
      url text,
      failure text,
      asks integer not null default 0,
      next_ask_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (owner_id, topup_id),
      check ((state in ('settled', 'failed')) = (next_ask_at is null))
    );
    create index topup_due on payments.topup (next_ask_at) where next_ask_at is not null;
    -- A top-up's id is used once, whoever its owner is. On a cluster this index is per shard.
    create unique index topup_once on payments.topup (topup_id);
    create index topup_ref on payments.topup (provider_ref);

    -- Every webhook that was acted on, once. `outcome`: what it changed, for a person who looks.
    create table payments.psp_event (
      provider text not null,
      event_id text not null,
      kind text not null,
      provider_ref text,
      outcome text not null,
      at timestamptz not null,
      primary key (provider, event_id)
    );

    -- The demo provider's side of the counter: nothing but its adapter reads or writes it.
    create table payments.demo_payment (
      ref text primary key,
      idempotency_key text not null unique,
      owner_id bigint not null,
      topup_id uuid not null,
      amount_minor bigint not null,
      currency text not null,
      state text not null check (state in ('needs_method', 'needs_action', 'succeeded', 'failed', 'canceled')),
      failure text,
      created_at timestamptz not null default now()
    );
    """)
