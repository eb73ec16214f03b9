"""What a phone carries offline: versions and deltas, and how long what it showed is honoured."""

from alembic import op

revision = "0025_bundles"
down_revision = "0024_assortments"


def upgrade() -> None:
    op.execute(_BUNDLES)


# A bundle is the shop of one place (0: the web) in one currency and language. `bundle_id`: its line of versions; a phone that
# knows another one starts afresh. `read_at`: the moment whose shop the newest version is. `floor`: deltas from versions below it
# are gone, because what was removed then is no longer remembered. An entry without a body is one that was removed.
# `digest` stands for everything that the newest version holds.
_BUNDLES = """
create table catalog.bundle (
  seller_id bigint not null,
  place_id bigint not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  language text not null,
  bundle_id uuid not null,
  version bigint not null default 0,
  floor bigint not null default 0,
  digest bytea not null default '',
  left_out integer not null default 0,
  read_at timestamptz not null,
  primary key (seller_id, place_id, currency, language),
  unique (seller_id, bundle_id)
);

create table catalog.bundle_entry (
  seller_id bigint not null,
  bundle_id uuid not null,
  key text not null,
  version bigint not null,
  changed_at timestamptz not null,
  body text,
  primary key (seller_id, bundle_id, key)
);
create index bundle_entry_version on catalog.bundle_entry (seller_id, bundle_id, version);

-- Since when what was hidden or ended can be had again; null: it always could. A price that stood before was shown to nobody.
alter table catalog.product add column up_since timestamptz;
alter table catalog.offer add column up_since timestamptz;

-- How long a seller honours a price that a phone showed: so many hours after the phone had it, and none had before `not_before`.
create table catalog.shown_terms (
  seller_id bigint not null primary key,
  honour_hours smallint not null check (honour_hours between 0 and 168),
  not_before timestamptz not null default '-infinity',
  changed_at timestamptz not null
);
"""
