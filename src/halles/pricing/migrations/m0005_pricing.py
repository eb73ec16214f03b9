"""Price lists, prices with their history, exchange rates with their date, VAT rates with their validity."""

from alembic import op

revision = "0005_pricing"
down_revision = "0004_places"


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute(_VAT)


# A price row is in force from `valid_from` until the next row of its variant. `regular_minor` present: the seller announces
# a reduction from it. `rate`: units of the currency for one euro, as the European Central Bank publishes them.
_TABLES = """
create schema pricing;

create table pricing.price_list (
  seller_id bigint not null,
  price_list_id bigint generated always as identity,
  name text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  country text check (country ~ '^[A-Z]{2}$'),
  valid_from timestamptz not null default '-infinity',
  valid_to timestamptz not null default 'infinity',
  primary key (seller_id, price_list_id),
  unique (seller_id, name, currency)
);

create table pricing.price (
  seller_id bigint not null,
  price_list_id bigint not null,
  variant_id bigint not null,
  valid_from timestamptz not null,
  minor bigint not null check (minor >= 0),
  regular_minor bigint check (regular_minor > minor),
  recorded_at timestamptz not null default now(),
  primary key (seller_id, price_list_id, variant_id, valid_from)
);

-- What pricing must know of a variant to tax it.
create table pricing.item (
  seller_id bigint not null,
  variant_id bigint not null,
  tax_category text not null,
  primary key (seller_id, variant_id)
);

create table pricing.rate (
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  day date not null,
  rate numeric not null check (rate > 0),
  source text not null,
  primary key (currency, day)
);

create table pricing.vat_rate (
  country text not null check (country ~ '^[A-Z]{2}$'),
  tax_category text not null check (tax_category in ('standard', 'intermediate', 'reduced', 'super_reduced', 'zero')),
  valid_from date not null,
  valid_to date not null default 'infinity',
  rate_bp integer not null check (rate_bp between 0 and 10000),
  primary key (country, tax_category, valid_from)
);
"""

# France: articles 278, 278 bis, 278-0 bis and 281 quater and following of the code général des impôts. Neighbours: the
# European Commission's "Taxes in Europe" database. A category that a country does not have is taxed at its standard rate.
_VAT = """
insert into pricing.vat_rate (country, tax_category, valid_from, rate_bp) values
  ('FR', 'standard', '2014-01-01', 2000), ('FR', 'intermediate', '2014-01-01', 1000),
  ('FR', 'reduced', '2014-01-01', 550), ('FR', 'super_reduced', '2014-01-01', 210),
  ('DE', 'standard', '2021-01-01', 1900), ('DE', 'reduced', '2021-01-01', 700),
  ('BE', 'standard', '1996-01-01', 2100), ('BE', 'intermediate', '1996-01-01', 1200), ('BE', 'reduced', '1996-01-01', 600),
  ('ES', 'standard', '2012-09-01', 2100), ('ES', 'reduced', '2012-09-01', 1000), ('ES', 'super_reduced', '2012-09-01', 400),
  ('IT', 'standard', '2013-10-01', 2200), ('IT', 'reduced', '2013-10-01', 1000), ('IT', 'super_reduced', '2013-10-01', 400),
  ('NL', 'standard', '2019-01-01', 2100), ('NL', 'reduced', '2019-01-01', 900),
  ('LU', 'standard', '2024-01-01', 1700), ('LU', 'intermediate', '2024-01-01', 1400), ('LU', 'reduced', '2024-01-01', 800),
  ('LU', 'super_reduced', '2024-01-01', 300),
  ('PT', 'standard', '2011-01-01', 2300), ('PT', 'intermediate', '2011-01-01', 1300), ('PT', 'reduced', '2011-01-01', 600);
"""
