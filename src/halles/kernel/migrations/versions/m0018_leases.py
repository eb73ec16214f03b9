"""Leases: which process does a share of some work, and since which epoch."""

from alembic import op

revision = "0018_leases"
down_revision = "0017_reservations"


def upgrade() -> None:
    op.execute("""
    -- `epoch` moves with every new holder: what an older one still does is told apart by it. A few rows, changed often.
    create table kernel.lease (
      pool text not null,
      share smallint not null,
      epoch bigint not null default 0,
      holder uuid,
      address text,
      at timestamptz not null default now(),
      primary key (pool, share)
    ) with (fillfactor = 30);
    create table kernel.member (
      pool text not null,
      member uuid not null,
      address text not null,
      seen_at timestamptz not null,
      primary key (pool, member)
    ) with (fillfactor = 30);
    """)
