"""Products, variants, pictures, offers, categories, import runs, and the words they are searched by."""

from alembic import op

revision = "0003_catalog"
down_revision = "0002_identity"


def upgrade() -> None:
    op.execute(_WORDS)
    op.execute(_TABLES)
    op.execute(_NEAR)
    op.execute(_IMPORTS)


# `plain` folds case and accents, so that "ecru" finds "écru"; immutable, because a generated column is built on it.
_WORDS = r"""
create schema catalog;

create function catalog.plain(words text) returns text language sql immutable parallel safe
return translate(lower(words), 'àáâãäåçèéêëìíîïñòóôõöùúûüýÿ’', 'aaaaaaceeeeiiiinooooouuuuyy''');

create function catalog.all_languages(words jsonb) returns text language sql immutable parallel safe
begin atomic
  select string_agg(catalog.plain(value), ' ' order by key) from jsonb_each_text(words);
end;

create function catalog.values_of(attributes jsonb) returns text language sql immutable parallel safe
begin atomic
  select string_agg(catalog.plain(value #>> '{}'), ' ') from jsonb_path_query(attributes, '$[*].value.*') as found (value);
end;

create function catalog.words(title jsonb, description jsonb, brand text, category text, attributes jsonb)
returns tsvector language sql immutable parallel safe
return setweight(to_tsvector('french', catalog.plain(coalesce(title ->> 'fr', title ->> 'und', ''))), 'A')
  || setweight(to_tsvector('english', catalog.plain(coalesce(title ->> 'en', title ->> 'und', ''))), 'A')
  || setweight(to_tsvector('simple', coalesce(catalog.all_languages(title), '')), 'A')
  || setweight(to_tsvector('simple', catalog.plain(coalesce(brand, '') || ' ' || translate(category, '/-_', '   '))), 'B')
  || setweight(to_tsvector('french', catalog.plain(coalesce(description ->> 'fr', description ->> 'und', ''))), 'C')
  || setweight(to_tsvector('english', catalog.plain(coalesce(description ->> 'en', description ->> 'und', ''))), 'C')
  || setweight(to_tsvector('simple', coalesce(catalog.values_of(attributes), '')), 'D');

create function catalog.question(words text) returns tsquery language sql stable parallel safe
begin atomic
  select websearch_to_tsquery('french', catalog.plain(words)) || websearch_to_tsquery('english', catalog.plain(words))
    || coalesce((select to_tsquery('simple', string_agg(quote_literal(word) || ':*', ' & '))
                 from regexp_split_to_table(catalog.plain(words), '[^[:alnum:]]+') as split (word)
                 where word <> '' and words !~ '(^|\s)-|"'), ''::tsquery);
end;

do $$ begin
  if exists (select from pg_available_extensions where name = 'pg_trgm') then
    create extension if not exists pg_trgm;
  end if;
exception when insufficient_privilege then null;
end $$;
"""

# `external_id`: the seller's own name of the product. `content_hash`: what was imported last, so that a re-import changes
# only what changed. Texts are {"fr": …, "en": …}; "und" holds a text that is the same in every language. Attributes and
# options are ordered lists of {"name": …, "value": {…}}.
_TABLES = """
create table catalog.product (
  seller_id bigint not null,
  product_id uuid not null,
  external_id text not null,
  brand text,
  family text not null,
  category text not null,
  title jsonb not null,
  description jsonb not null default '{}',
  attributes jsonb not null default '[]',
  origin text,
  tax_category text not null default 'standard',
  lane text not null check (lane in ('hub', 'abroad')),
  state text not null default 'active' check (state in ('active', 'hidden')),
  content_hash bytea not null,
  version bigint not null default 1,
  updated_at timestamptz not null default now(),
  words tsvector generated always as (catalog.words(title, description, brand, category, attributes)) stored,
  primary key (seller_id, product_id),
  unique (seller_id, external_id)
);
create index product_words on catalog.product using gin (words);
create index product_category on catalog.product (seller_id, category, product_id) where state = 'active';

create table catalog.variant (
  seller_id bigint not null,
  variant_id bigint generated always as identity,
  product_id uuid not null,
  sku text not null,
  gtin14 text check (gtin14 ~ '^[0-9]{14}$'),
  options jsonb not null default '[]',
  images text[] not null default '{}',
  content_amount numeric check (content_amount > 0),
  content_unit text,
  weight_g integer check (weight_g >= 0),
  position smallint not null default 0,
  primary key (seller_id, variant_id),
  unique (seller_id, sku)
);
create index variant_product on catalog.variant (seller_id, product_id);
create index variant_gtin on catalog.variant (gtin14, seller_id) where gtin14 is not null;

create table catalog.offer (
  seller_id bigint not null,
  variant_id bigint not null,
  state text not null check (state in ('on_sale', 'paused', 'ended')),
  condition text not null check (condition in ('new', 'refurbished', 'used')),
  updated_at timestamptz not null default now(),
  primary key (seller_id, variant_id)
);

create table catalog.media (
  seller_id bigint not null,
  product_id uuid not null,
  position smallint not null,
  name text not null,
  width integer not null,
  height integer not null,
  alt jsonb not null default '{}',
  primary key (seller_id, product_id, position)
);

-- Every picture source read once: "file:<hash of its bytes>" or its URL, and what it became in the media store.
create table catalog.picture (
  seller_id bigint not null,
  source text not null,
  name text not null,
  width integer not null,
  height integer not null,
  primary key (seller_id, source)
);

create table catalog.category (
  seller_id bigint not null,
  category text not null,
  title jsonb not null,
  primary key (seller_id, category)
);
"""

# `near`: products whose name is nearly what was asked, where the trigram extension may be had; none elsewhere. So the same
# statements run on both.
_NEAR = """
do $$ begin
  if exists (select from pg_extension where extname = 'pg_trgm') then
    create index product_likeness on catalog.product using gin (catalog.all_languages(title) gin_trgm_ops);
    create function catalog.near(seller bigint, asked text) returns table (product_id uuid, likeness real)
      language sql stable set pg_trgm.word_similarity_threshold = 0.42 as $near$
        select p.product_id, word_similarity(asked, catalog.all_languages(p.title)) from catalog.product p
        where p.seller_id = seller and asked <% catalog.all_languages(p.title) $near$;
  else
    create function catalog.near(seller bigint, asked text) returns table (product_id uuid, likeness real)
      language sql stable as $near$ select null::uuid, 0::real where false $near$;
  end if;
end $$;
"""

# A run is a row before it is work: a process that dies leaves `heartbeat` behind, and the next one takes the run up again.
_IMPORTS = """
create table catalog.import_run (
  seller_id bigint not null,
  import_id uuid not null,
  source text not null,
  stored text,
  options jsonb not null default '{}',
  state text not null check (state in ('queued', 'running', 'done', 'failed')),
  total integer not null default 0,
  created integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  rejected integer not null default 0,
  errors jsonb not null default '[]',
  failure text,
  started_at timestamptz not null default now(),
  heartbeat timestamptz not null default now(),
  finished_at timestamptz,
  primary key (seller_id, import_id)
);
create index import_waiting on catalog.import_run (started_at) where state in ('queued', 'running');
"""
