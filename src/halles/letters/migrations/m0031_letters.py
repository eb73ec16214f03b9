"""Mails that orders send, and what sellers want said in them."""

from alembic import op

revision = "0031_letters"
down_revision = "0030_narrow_keys"


def upgrade() -> None:
    op.execute(_TABLES)


# `state`: 1 waiting, 2 sent, 3 parked, 4 moot. `unpaid`: it waits for its order's payment. `cause`: zeros, but for refunds.
_TABLES = """
create schema letters;

create table letters.letter (
  seller_id bigint not null,
  order_id uuid not null,
  kind smallint not null check (kind between 1 and 6),
  cause uuid not null,
  state smallint not null default 1 check (state between 1 and 4),
  due_at timestamptz not null,
  queued_at timestamptz not null,
  claims integer not null default 0,
  failures integer not null default 0,
  unpaid boolean not null default false,
  why text,
  sent_at timestamptz,
  primary key (seller_id, order_id, kind, cause)
);
create index letter_due on letters.letter (due_at) where state = 1;
create index letter_parked on letters.letter (seller_id, due_at) where state = 3;

create table letters.terms (
  seller_id bigint not null primary key,
  off smallint[] not null check (off <@ array[2, 3, 4, 5, 6]::smallint[]),
  legal text not null check (length(legal) <= 2000),
  withdrawal_days integer not null check (withdrawal_days between 14 and 365),
  withdrawal_fr text not null check (length(withdrawal_fr) <= 4000),
  withdrawal_en text not null check (length(withdrawal_en) <= 4000),
  version integer not null,
  updated_at timestamptz not null
);
"""
