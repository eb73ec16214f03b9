"""Accounts closed by those who own them."""

from alembic import op

revision = "0029_closed_accounts"
down_revision = "0028_kept_by_digest"


def upgrade() -> None:
    op.execute(_TABLES)


# A row a closed party: the entry that proves a closing, without anything about the person. A guest who had become the account is
# closed with it, under the same `closure_id`. `fingerprint`: of what was asked. `by`: shopper, guest, or post (an operator
# answered a letter). `money`: what became of what was left, as amounts with their currencies, for the books. `next_at`: when
# forgetting goes on; null once it is over. `passes`: how often it was done.
_TABLES = """
create table identity.closure (
  party_id bigint primary key,
  closure_id uuid not null,
  fingerprint bytea not null,
  by text not null check (by in ('shopper', 'guest', 'post')),
  money text not null default '',
  closed_at timestamptz not null,
  passes smallint not null default 0,
  next_at timestamptz
);
create index closure_by_id on identity.closure (closure_id);
create index closure_due on identity.closure (next_at) where next_at is not null;
create index party_merged on identity.party (merged_into) where merged_into is not null;
"""
