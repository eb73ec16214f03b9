"""API keys narrowed to places."""

from alembic import op

revision = "0030_narrow_keys"
down_revision = "0029_closed_accounts"


# What a key was narrowed to; empty: to nothing in particular, as all keys of the releases before.
def upgrade() -> None:
    op.execute(_TABLES)


_TABLES = """
alter table identity.api_key
  add column uses text[] not null default '{}' check (uses <@ array['counting', 'parcels', 'metrics']),
  add column place_ids bigint[] not null default '{}';
"""
