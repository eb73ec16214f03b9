"""Orders, receipts, timelines and baskets."""

from alembic import op

revision = "0007_orders"
down_revision = "0006_inventory"


def upgrade() -> None:
    op.execute("""
    create schema orders;

    -- state: 1 placed, 2 packed, 3 shipped, 4 delivered, 5 cancelled, 6 returned.
    -- payment: 1 held, 2 captured, 3 voided, 4 refunded. `fingerprint` stands for the body of the command that made the order.
    create table orders."order" (
      seller_id bigint not null,
      order_id uuid not null,
      owner_id bigint not null,
      touchpoint_id bigint,
      place_id bigint,
      total_minor bigint not null check (total_minor >= 0),
      tax_minor bigint not null check (tax_minor between 0 and total_minor),
      currency text not null,
      state smallint not null check (state between 1 and 6),
      payment smallint not null check (payment between 1 and 4),
      placed_at timestamptz not null,
      lines jsonb not null,
      promise jsonb not null,
      ship_to jsonb,
      email text,
      fingerprint bytea not null,
      primary key (seller_id, order_id)
    ) with (fillfactor = 85);
    -- An order id is used once, whoever the seller and the owner are. On a cluster this index is per shard (docs/adr/0002).
    create unique index order_once on orders."order" (order_id);
    create index order_recent on orders."order" (seller_id, placed_at, order_id);

    -- The shopper's list.
    create table orders.receipt (
      owner_id bigint not null,
      order_id uuid not null,
      seller_id bigint not null,
      placed_at timestamptz not null,
      primary key (owner_id, order_id)
    );

    -- What happened to an order after it was placed; its first line is the order row itself.
    create table orders.event (
      seller_id bigint not null,
      order_id uuid not null,
      seq smallint not null,
      at timestamptz not null,
      code text not null,
      by text not null,
      detail jsonb,
      primary key (seller_id, order_id, seq)
    );

    create table orders.basket_line (
      owner_id bigint not null,
      seller_id bigint not null,
      variant_id bigint not null,
      quantity smallint not null check (quantity between 1 and 99),
      added_price_minor bigint,
      currency text not null,
      match_id uuid,
      touchpoint_id bigint,
      place_id bigint,
      added_at timestamptz not null default now(),
      primary key (owner_id, seller_id, variant_id)
    );
    """)
