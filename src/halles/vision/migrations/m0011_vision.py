"""Picture vectors, photo statistics, index versions, photo matches."""

from alembic import op

revision = "0011_vision"
down_revision = "0010_promises"


def upgrade() -> None:
    op.execute("""
    create schema vision;

    -- `version`: the index version at which this row was last written; readers fetch what is newer than theirs.
    create table vision.picture (
      seller_id bigint not null,
      product_id uuid not null,
      media text not null,
      model_id text not null,
      variant_id bigint,
      kind text not null check (kind in ('catalogue', 'shop')),
      place_id bigint,
      vector bytea not null,
      version bigint not null,
      primary key (seller_id, product_id, media, model_id)
    );
    create index picture_version on vision.picture (seller_id, version);

    -- `rebuilt`: rows were removed at this version, so a reader older than it must load everything again.
    create table vision.index_version (
      seller_id bigint primary key,
      version bigint not null,
      rebuilt bigint not null default 0
    );

    -- `mean`: float32[d] of unit vectors of the seller's recognised photos; `photos` stops growing at a cap, so it forgets.
    create table vision.photo_statistics (
      seller_id bigint not null,
      model_id text not null,
      photos bigint not null,
      mean bytea not null,
      primary key (seller_id, model_id)
    );

    -- `candidates`: [[product_id, variant_id or null, score], ...], best first, as they were shown.
    create table vision.photo_match (
      seller_id bigint not null,
      match_id uuid not null,
      place_id bigint,
      touchpoint_id bigint,
      visitor text,
      model_id text not null,
      outcome text not null check (outcome in ('product', 'candidates', 'unknown')),
      found_by text not null check (found_by in ('barcode', 'picture')),
      gtin text,
      candidates jsonb not null,
      chosen_variant_id bigint,
      order_id uuid,
      bought_product_id uuid,
      bought_variant_id bigint,
      cpu_ms real not null,
      taken_at timestamptz not null,
      primary key (seller_id, match_id)
    );
    create index photo_match_id on vision.photo_match (match_id);
    create index photo_match_taken on vision.photo_match (seller_id, taken_at);
    """)
