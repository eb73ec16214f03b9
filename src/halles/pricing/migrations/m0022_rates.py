"""Dated rates that remember their corrections, and goods whose reductions need no thirty days."""

from alembic import op

revision = "0022_rates"
down_revision = "0021_samples"


def upgrade() -> None:
    op.execute(_LOG)
    op.execute(_PERISHABLE)


# `pricing.rate` holds what is thought right today; the log holds all that was ever thought, so that what a shopper saw at a
# moment can be told after a correction. Rates from before the log count as known for ever.
_LOG = """
create table pricing.rate_log (
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  day date not null,
  recorded_at timestamptz not null,
  rate numeric not null check (rate > 0),
  source text not null,
  primary key (currency, day, recorded_at)
);
insert into pricing.rate_log (currency, day, recorded_at, rate, source)
  select currency, day, '2000-01-01 00:00+00', rate, source from pricing.rate;
"""

# What spoils soon may be announced as reduced from the price before (code de la consommation, L112-1-1, II).
_PERISHABLE = "alter table pricing.item add column perishable boolean not null default false"
