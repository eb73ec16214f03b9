"""Samples taught by staff, the shop's own head, confusions."""

from alembic import op

revision = "0021_samples"
down_revision = "0020_lanes"


def upgrade() -> None:
    op.execute("""
    -- Photos that staff took of one thing on display. `learnt_at`: since when
    -- photos are answered with it; null while it is not, or not again since it was retired.
    create table vision.taught_sample (
      seller_id bigint not null,
      sample_id uuid not null,
      place_id bigint not null,
      product_id uuid not null,
      variant_id bigint,
      state text not null check (state in ('open', 'taught', 'retired')),
      opened_by bigint not null,
      opened_at timestamptz not null,
      taught_by bigint,
      taught_at timestamptz,
      retired_by bigint,
      retired_at timestamptz,
      learnt_at timestamptz,
      primary key (seller_id, sample_id)
    );
    create index taught_sample_product on vision.taught_sample (seller_id, product_id);
    create index taught_sample_waiting on vision.taught_sample (seller_id, product_id)
      where state = 'taught' and learnt_at is null;

    -- `vector`: float16[d], as the index keeps it. `sharpness` and `brightness`: 0 to 1. `seen_product_id`, `seen_share`: what
    -- a shopper would have been answered first, before this sample was taught.
    create table vision.taught_photo (
      seller_id bigint not null,
      sample_id uuid not null,
      side text not null check (side in ('front', 'back', 'left', 'right', 'shelf')),
      media text not null,
      model_id text not null,
      vector bytea not null,
      sharpness real not null,
      brightness real not null,
      seen_product_id uuid,
      seen_share real,
      taken_at timestamptz not null,
      primary key (seller_id, sample_id, side)
    );

    -- `body`: as vision/rules/head.py packs it. `version`: of the seller's index when it was learned; readers compare it.
    create table vision.head (
      seller_id bigint not null,
      model_id text not null,
      version bigint not null,
      products integer not null,
      photos integer not null,
      body bytea not null,
      learnt_at timestamptz not null,
      primary key (seller_id, model_id)
    );

    -- Of `photos` photos of a product, `times` were taken for `other_id`, each left out of what it was compared with.
    create table vision.confusion (
      seller_id bigint not null,
      model_id text not null,
      product_id uuid not null,
      other_id uuid not null,
      times integer not null,
      photos integer not null,
      similarity real not null,
      media text not null,
      other_media text not null,
      primary key (seller_id, model_id, product_id, other_id)
    );

    -- What is written about a product: in the catalogue, and (`package`) in its pictures `media`, read by OCR.
    create table vision.product_words (
      seller_id bigint not null,
      product_id uuid not null,
      name text not null,
      description text not null,
      package text not null,
      media text[] not null,
      changed_at timestamptz not null,
      primary key (seller_id, product_id)
    );
    create index product_words_changed on vision.product_words (seller_id, changed_at);

    -- Null: answered for good. False: a second look is under way; true: it has spoken, or failed.
    alter table vision.photo_match add column refined boolean;
    """)
