"""Flash sales, their waiting rooms and what each customer took."""

from alembic import op

revision = "0016_flash_sales"
down_revision = "0015_card_orders"


def upgrade() -> None:
    op.execute("""
    create schema flash;

    -- `seed`: 32 random bytes; its hash is shown from the beginning, itself after the draw. `stopped_at`: ended early.
    -- `settled_at`: what the sale had kept for itself was given back, once.
    create table flash.sale (
      seller_id bigint not null,
      sale_id uuid not null,
      title jsonb not null,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      starts_at timestamptz not null,
      ends_at timestamptz not null,
      quantity bigint not null check (quantity > 0),
      per_customer bigint not null check (per_customer > 0),
      waiting_room boolean not null,
      prequeue_s integer not null check (prequeue_s >= 0),
      admit_per_s double precision not null check (admit_per_s > 0),
      hold_s integer not null check (hold_s > 0),
      seed bytea not null check (length(seed) = 32),
      stopped_at timestamptz,
      settled_at timestamptz,
      version bigint not null default 1,
      created_at timestamptz not null,
      primary key (seller_id, sale_id),
      constraint it_lasts check (starts_at < ends_at)
    );
    create index sale_by_id on flash.sale (sale_id);
    create index sale_open on flash.sale (seller_id, ends_at) where settled_at is null;

    -- The articles of a sale. `fenced`: pieces at `location_id` that ordinary orders may not take; none without a location.
    create table flash.item (
      seller_id bigint not null,
      sale_id uuid not null,
      variant_id bigint not null,
      price_minor bigint check (price_minor >= 0),
      location_id bigint,
      fenced bigint not null default 0 check (fenced >= 0),
      primary key (seller_id, sale_id, variant_id),
      constraint fenced_somewhere check (fenced = 0 or location_id is not null)
    );
    create index item_variant on flash.item (seller_id, variant_id);

    -- The hot row of a sale: locked by every batch that sells from it, after stock and before what customers took.
    create table flash.counter (
      seller_id bigint not null,
      sale_id uuid not null,
      quantity bigint not null,
      taken bigint not null default 0,
      orders bigint not null default 0,
      last_at timestamptz,
      stopped_at timestamptz,
      primary key (seller_id, sale_id),
      constraint never_more check (taken between 0 and quantity)
    ) with (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

    create table flash.taken (
      seller_id bigint not null,
      sale_id uuid not null,
      owner_id bigint not null,
      taken bigint not null check (taken >= 0),
      last_at timestamptz not null,
      primary key (seller_id, sale_id, owner_id)
    ) with (fillfactor = 80);
    create index taken_owner on flash.taken (owner_id);

    -- The waiting room: tickets are numbered from 1; `drawn`: how many were drawn at the start, null before.
    -- `admitted_to`: places up to this one are in. `marks`: (Unix ms, admitted_to) pairs of the last moments.
    create table flash.room (
      seller_id bigint not null,
      sale_id uuid not null,
      next_number bigint not null default 1,
      drawn bigint,
      drawn_at timestamptz,
      admitted_to bigint not null default 0,
      credit double precision not null default 0,
      measured_per_s double precision not null default 0,
      stepped_at timestamptz not null,
      paused text,
      marks bigint[] not null default '{}',
      primary key (seller_id, sale_id),
      constraint only_who_joined check (admitted_to < next_number)
    ) with (fillfactor = 30);

    -- `person`: p:<party>, or v:<mark> for a browser without an account. One ticket each.
    -- `claimed_at`: when its turn was taken up.
    create table flash.ticket (
      seller_id bigint not null,
      sale_id uuid not null,
      person text not null,
      owner_id bigint not null,
      number bigint not null,
      joined_at timestamptz not null,
      claimed_at timestamptz,
      primary key (seller_id, sale_id, person)
    ) with (fillfactor = 80);
    create index ticket_owner on flash.ticket (owner_id);
    create index ticket_claimed on flash.ticket (seller_id, sale_id, claimed_at) where claimed_at is not null;

    -- How many pages each process shows the sale to, and what it refused: a sum over the processes of the last seconds.
    create table flash.audience (
      seller_id bigint not null,
      sale_id uuid not null,
      process uuid not null,
      watchers bigint not null,
      refused bigint not null,
      at timestamptz not null,
      primary key (seller_id, sale_id, process)
    ) with (fillfactor = 50);
    """)
