"""Electronic shelf labels and what they confirmed."""

from alembic import op

revision = "0023_shelf_labels"
down_revision = "0022_rates"


def upgrade() -> None:
    op.execute(_TABLES)


# `key_sealed`: the gateway's HMAC key, encrypted with the deployment's secret. `version`: what a label should show; `send_at`
# null: nothing to send. `look_at`: when its content must be computed again. `sent`: every content that was ever wanted, whole.
# `refusal`: counts, one row a gateway, reason and label of its seller ('': a label of nobody), so that no flood fills it.
_TABLES = """
create schema shelf_labels;

create table shelf_labels.gateway (
  seller_id bigint not null,
  gateway_id text not null check (gateway_id ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  place_id bigint not null,
  name text not null,
  key_sealed text not null,
  heard_at timestamptz,
  added_at timestamptz not null,
  primary key (seller_id, gateway_id)
);

create table shelf_labels.label (
  seller_id bigint not null,
  label_code text not null check (label_code ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,39}$'),
  gateway_id text not null,
  place_id bigint not null,
  product_id uuid not null,
  variant_id bigint not null,
  position text not null default '',
  version bigint not null default 0,
  content jsonb,
  hash text,
  desired_at timestamptz,
  attempts integer not null default 0,
  send_at timestamptz,
  sent_at timestamptz,
  confirmed_version bigint not null default 0,
  confirmed_at timestamptz,
  look_at timestamptz,
  added_at timestamptz not null,
  primary key (seller_id, label_code),
  check (confirmed_version <= version)
);
create index label_send on shelf_labels.label (send_at) where send_at is not null;
create index label_look on shelf_labels.label (look_at) where look_at is not null;
create index label_variant on shelf_labels.label (seller_id, variant_id);

create table shelf_labels.sent (
  seller_id bigint not null,
  label_code text not null,
  version bigint not null,
  gateway_id text not null,
  hash text not null,
  body text not null,
  made_at timestamptz not null,
  sent_at timestamptz,
  confirmed_at timestamptz,
  confirmed_hash text,
  primary key (seller_id, label_code, version)
);

create table shelf_labels.refusal (
  seller_id bigint not null,
  gateway_id text not null,
  reason text not null,
  label_code text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (seller_id, gateway_id, reason, label_code)
);
"""
