"""Places, touchpoints, samples on display."""

from alembic import op

revision = "0004_places"
down_revision = "0003_catalog"


# Opening hours: {"mon": [["10:00", "19:30"]], …} in the place's own timezone; a day that is absent is closed.
# Codes of touchpoints and samples are printed on posters and labels, so they are unique over every seller, and the row of a
# sample that was taken away stays: its code is never given again, and still leads to the product.
def upgrade() -> None:
    op.execute("""
    create schema places;

    create table places.place (
      seller_id bigint not null,
      place_id bigint generated always as identity,
      code text not null,
      name text not null,
      kind text not null check (kind in ('showroom', 'store')),
      line1 text,
      postcode text,
      city text not null,
      country text not null check (country ~ '^[A-Z]{2}$'),
      latitude double precision check (latitude between -90 and 90),
      longitude double precision check (longitude between -180 and 180),
      timezone text not null,
      opening_hours jsonb not null default '{}',
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      label_currency text check (label_currency ~ '^[A-Z]{3}$'),
      capacity integer check (capacity > 0),
      version bigint not null default 1,
      updated_at timestamptz not null default now(),
      primary key (seller_id, place_id),
      unique (seller_id, code)
    );

    create table places.touchpoint (
      seller_id bigint not null,
      touchpoint_id bigint generated always as identity,
      place_id bigint,
      code text not null,
      kind text not null check (kind in ('photo', 'qr', 'poster', 'web')),
      primary key (seller_id, touchpoint_id)
    );
    create unique index touchpoint_code on places.touchpoint (code);

    create table places.sample (
      seller_id bigint not null,
      sample_id bigint generated always as identity,
      place_id bigint not null,
      product_id uuid not null,
      variant_id bigint,
      code text not null,
      position text not null default '',
      placed_at timestamptz not null default now(),
      removed_at timestamptz,
      primary key (seller_id, sample_id)
    );
    create unique index sample_code on places.sample (code);
    create index sample_place on places.sample (seller_id, place_id, product_id) where removed_at is null;
    create index sample_product on places.sample (seller_id, product_id) where removed_at is null;
    """)
