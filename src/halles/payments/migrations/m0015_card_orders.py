"""Orders paid by card: attempts to pay, refunds to the card, and the demo provider's side of both."""

from alembic import op

revision = "0015_card_orders"
down_revision = "0014_outbox_parcels"


def upgrade() -> None:
    op.execute("""
    -- One attempt to pay an order. `closes_at`: when it is closed at the provider. `paid_*`: what the provider took.
    -- `attention`: why a person should look; `attended_at`: when one did.
    create table payments.order_payment (
      seller_id bigint not null,
      payment_id uuid not null,
      order_id uuid not null,
      attempt smallint not null check (attempt > 0),
      amount_minor bigint not null check (amount_minor > 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      provider text not null,
      state text not null check (state in ('created', 'pending', 'received', 'credited', 'failed')),
      provider_ref text,
      client_secret text,
      url text,
      failure text,
      paid_minor bigint check (paid_minor > 0),
      paid_currency text,
      attention text,
      attended_at timestamptz,
      closes_at timestamptz not null,
      asks integer not null default 0,
      next_ask_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (seller_id, payment_id),
      unique (seller_id, order_id, attempt),
      check ((state in ('created', 'pending')) = (next_ask_at is not null)),
      check ((state in ('received', 'credited')) = (paid_minor is not null)),
      check (state <> 'received' or (paid_minor = amount_minor and paid_currency = currency))
    );
    create index order_payment_due on payments.order_payment (next_ask_at) where next_ask_at is not null;
    -- An order has one payment under way, and is paid by one.
    create unique index order_payment_open on payments.order_payment (seller_id, order_id) where next_ask_at is not null;
    create index order_payment_of on payments.order_payment (order_id);
    create unique index order_payment_once on payments.order_payment (seller_id, order_id) where state = 'received';
    create index order_payment_attention on payments.order_payment (created_at)
      where attention is not null and attended_at is null;

    -- Money on its way back to a card. It left the wallet in the transaction that wrote this row.
    create table payments.card_refund (
      seller_id bigint not null,
      refund_id uuid not null,
      order_id uuid not null,
      payment_id uuid not null,
      payment_ref text not null,
      amount_minor bigint not null check (amount_minor > 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      provider text not null,
      state text not null check (state in ('created', 'pending', 'succeeded', 'failed')),
      provider_ref text,
      failure text,
      by text not null,
      asks integer not null default 0,
      next_ask_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (seller_id, refund_id),
      check ((state in ('created', 'pending')) = (next_ask_at is not null))
    );
    create index card_refund_due on payments.card_refund (next_ask_at) where next_ask_at is not null;
    create index card_refund_of on payments.card_refund (order_id);
    create index card_refund_by_payment on payments.card_refund (seller_id, payment_id);

    alter table payments.demo_payment add column subject text not null default 'topup';
    create table payments.demo_refund (
      ref text primary key,
      refund_id uuid not null unique,
      home_id bigint not null,
      payment_ref text not null,
      amount_minor bigint not null check (amount_minor > 0),
      currency text not null,
      created_at timestamptz not null default now()
    );
    create index demo_refund_of on payments.demo_refund (payment_ref);
    """)
