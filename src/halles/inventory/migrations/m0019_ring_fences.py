"""Ring-fences: stock kept for one channel."""

from alembic import op

revision = "0019_ring_fences"
down_revision = "0018_leases"


# `channel`: how the channel is told; `channel_key`: which one: a kind of touchpoint, a touchpoint's or a customer group's id.
# `location_id` null: at all locations. `settled_at`: what it still kept was given back, once.
# fence_item: what a fence keeps at a location (counted in stock.ring_fenced while `standing`), what its channel has taken.
# Its rows change under the lock of the stock row they belong to; kept + sold over all locations never exceed the quantity.
# fence_sold: which order took how many, so that a cancelled order gives them back.
def upgrade() -> None:
    op.execute("""
    create table inventory.fence (
      seller_id bigint not null,
      fence_id uuid not null,
      channel text not null check (channel in ('touchpoint_kind', 'touchpoint', 'group')),
      channel_key text not null,
      variant_id bigint not null,
      location_id bigint,
      quantity bigint not null check (quantity >= 0),
      starts_at timestamptz not null,
      ends_at timestamptz,
      ended_at timestamptz,
      settled_at timestamptz,
      note text,
      made_by text not null,
      made_at timestamptz not null,
      primary key (seller_id, fence_id),
      constraint it_lasts check (starts_at < ends_at)
    );
    create index fence_standing on inventory.fence (seller_id, fence_id) where settled_at is null;

    create table inventory.fence_item (
      seller_id bigint not null,
      variant_id bigint not null,
      fence_id uuid not null,
      location_id bigint not null,
      kept bigint not null default 0 check (kept >= 0),
      sold bigint not null default 0 check (sold >= 0),
      standing boolean not null default true,
      primary key (seller_id, variant_id, fence_id, location_id),
      constraint kept_while_it_stands check (standing or kept = 0)
    ) with (fillfactor = 70);

    create table inventory.fence_sold (
      seller_id bigint not null,
      order_id uuid not null,
      fence_id uuid not null,
      location_id bigint not null,
      variant_id bigint not null,
      quantity bigint not null check (quantity > 0),
      primary key (seller_id, order_id, fence_id, location_id)
    );

    create table inventory.customer_group (
      seller_id bigint not null,
      group_id uuid not null,
      name text not null,
      made_at timestamptz not null,
      primary key (seller_id, group_id)
    );

    create table inventory.customer_group_member (
      seller_id bigint not null,
      group_id uuid not null,
      owner_id bigint not null,
      primary key (seller_id, owner_id, group_id)
    );
    """)
