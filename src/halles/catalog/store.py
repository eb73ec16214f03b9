"""All the SQL of the catalogue: a typed statement each, a set at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from halles.catalog.rules.bundles import Bundle, BundleEntry, ShownTerms
from halles.catalog.types import ImportRun, Picture, VariantRef
from halles.kernel.db import Statement, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """A product with its variants and pictures as JSON; numbers that must stay exact travel as text."""

    seller_id: int
    product_id: UUID
    external_id: str
    brand: str | None
    family: str
    category: str
    title: dict[str, str]
    description: dict[str, str]
    attributes: list[dict[str, Any]]
    origin: str | None
    tax_category: str
    lane: str
    state: str
    version: int
    updated_at: datetime
    images: list[dict[str, Any]]
    variants: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    seller_id: int
    product_id: UUID
    title: dict[str, str]
    brand: str | None
    category: str
    family: str
    state: str
    lane: str
    image: dict[str, Any] | None
    variant_ids: list[int]
    variants: int
    updated_at: datetime
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    seller_id: int
    variant_id: int
    product_id: UUID
    sku: str
    gtin14: str | None
    title: dict[str, str]
    brand: str | None
    family: str
    options: list[dict[str, Any]]
    image: str | None
    content_amount: Decimal | None
    content_unit: str | None
    tax_category: str
    lane: str
    weight_g: int | None
    offer: str
    condition: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    external_id: str
    product_id: UUID
    content_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedVariantRow:
    variant_id: int
    sku: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    category: str
    family: str
    title: dict[str, str]
    count: int


# --- reading ----------------------------------------------------------------------------------------------------------

PRODUCTS = query(
    """select p.seller_id, p.product_id, p.external_id, p.brand, p.family, p.category, p.title, p.description,
      p.attributes, p.origin,
      p.tax_category, p.lane, p.state, p.version, p.updated_at,
      coalesce((select jsonb_agg(jsonb_build_object('name', m.name, 'width', m.width, 'height', m.height, 'alt',
        m.alt) order by m.position)
        from catalog.media m where m.seller_id = p.seller_id and m.product_id = p.product_id), '[]') as images,
      coalesce((select jsonb_agg(jsonb_build_object('variant_id', v.variant_id, 'sku', v.sku, 'gtin14', v.gtin14,
        'options', v.options,
          'images', to_jsonb(v.images), 'amount', v.content_amount::text, 'unit', v.content_unit, 'weight_g', v.weight_g,
          'offer', o.state, 'condition', o.condition) order by v.position, v.variant_id)
        from catalog.variant v join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id
        where v.seller_id = p.seller_id and v.product_id = p.product_id and o.state <> 'ended'), '[]') as variants
    from catalog.product p where p.seller_id = %(seller_id)s and p.product_id = any(%(product_ids)s::uuid[])""",
    ProductRow,
)
VARIANTS = query(
    """select v.seller_id, v.variant_id, v.product_id, v.sku, v.gtin14, p.title, p.brand, p.family, v.options,
      coalesce(v.images[1], (select m.name from catalog.media m where m.seller_id = p.seller_id and m.product_id = p.product_id
        order by m.position limit 1)) as image,
      v.content_amount, v.content_unit, p.tax_category, p.lane, v.weight_g, o.state as offer, o.condition, p.state
    from catalog.variant v
    join catalog.product p on p.seller_id = v.seller_id and p.product_id = v.product_id
    join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id
    where v.seller_id = %(seller_id)s and v.variant_id = any(%(variant_ids)s::bigint[])""",
    VariantRow,
)
BY_GTIN = query(
    """select v.seller_id, v.product_id, v.variant_id, v.gtin14 from catalog.variant v
    join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id
    join catalog.product p on p.seller_id = v.seller_id and p.product_id = v.product_id
    where v.gtin14 = any(%(gtins)s::text[]) and (%(seller_id)s::bigint is null or v.seller_id = %(seller_id)s)
      and p.state = 'active' and o.state <> 'ended'
    order by array_position(%(gtins)s::text[], v.gtin14), (o.condition = 'new') desc, v.variant_id""",
    VariantRef,
)

_CARD = """c.seller_id, c.product_id, c.title, c.brand, c.category, c.family, c.state, c.lane,
      (select jsonb_build_object('name', m.name, 'width', m.width, 'height', m.height, 'alt', m.alt) from catalog.media m
        where m.seller_id = c.seller_id and m.product_id = c.product_id order by m.position limit 1) as image,
      coalesce((select array_agg(v.variant_id order by v.position, v.variant_id) from catalog.variant v
        join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id and o.state = 'on_sale'
        where v.seller_id = c.seller_id and v.product_id = c.product_id), '{}') as variant_ids,
      (select count(*) from catalog.variant v join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id
        where v.seller_id = c.seller_id and v.product_id = c.product_id and o.state <> 'ended') as variants,
      c.updated_at"""
_WITHIN = """p.seller_id = %(seller_id)s and p.state = any(%(states)s::text[])
      and (%(category)s::text is null or p.category = %(category)s or starts_with(p.category, %(category)s || '/'))
      and (%(family)s::text is null or p.family = %(family)s)"""

BROWSE = query(
    f"""select {_CARD}, 0 as score from (
      select p.* from catalog.product p where {_WITHIN} and (%(after_id)s::uuid is null or p.product_id > %(after_id)s)
      order by p.product_id limit %(limit)s) c order by c.product_id""",
    CardRow,
)
# Words first; where they find nothing, what is spelled nearly so. A SKU or a GTIN typed whole comes before all.
SEARCH = query(
    f"""with asked as materialized (select catalog.question(%(q)s) as words, catalog.plain(%(q)s) as plain),
    found as (
      select p.product_id, (1000000 * ts_rank(p.words, asked.words))::int as score from catalog.product p, asked
      where {_WITHIN} and p.words @@ asked.words
      union all
      select p.product_id, 10000000 from catalog.variant v
      join catalog.product p on p.seller_id = v.seller_id and p.product_id = v.product_id
      where v.seller_id = %(seller_id)s and (v.sku = %(q)s or v.gtin14 = any(%(gtins)s::text[])) and {_WITHIN}
    ),
    near as (
      select p.product_id, (100000 * n.likeness)::int as score from asked
      cross join lateral catalog.near(%(seller_id)s, asked.plain) n
      join catalog.product p on p.product_id = n.product_id
      where not exists (select from found) and %(q)s::text !~ '(^|\\s)-|"' and {_WITHIN}
    ),
    ranked as (
      select hit.product_id, max(hit.score) as score from (select * from found union all select * from near) hit
      group by hit.product_id
    ),
    page as (
      select r.product_id, r.score from ranked r
      where %(after_score)s::int is null or (-r.score, r.product_id) > (-%(after_score)s::int, %(after_id)s::uuid)
      order by r.score desc, r.product_id limit %(limit)s
    )
    select {_CARD}, page.score from page join catalog.product c on c.seller_id = %(seller_id)s
      and c.product_id = page.product_id
    order by page.score desc, c.product_id""",
    CardRow,
)
CARDS = query(
    f"""select {_CARD}, 0 as score from catalog.product c
    where c.seller_id = %(seller_id)s and c.product_id = any(%(product_ids)s::uuid[]) and c.state = any(%(states)s::text[])""",
    CardRow,
)
ON_SALE = query(
    """select product_id from catalog.product
    where seller_id = %(seller_id)s and product_id = any(%(product_ids)s::uuid[]) and state = 'active'""",
    UUID,
)
CATEGORIES = query(
    """select p.category, min(p.family) as family, coalesce(min(c.title::text)::jsonb, '{}') as title, count(*) as count
    from catalog.product p left join catalog.category c on c.seller_id = p.seller_id and c.category = p.category
    where p.seller_id = %(seller_id)s and p.state = 'active' group by p.category order by p.category""",
    CategoryRow,
)

# --- saving -----------------------------------------------------------------------------------------------------------

LOCK = command("select pg_advisory_xact_lock(4407361, %(seller_id)s::int)")
"""One save a seller at a time, so that two imports do not take each other's rows in another order."""
KNOWN = query(
    """select external_id, product_id, content_hash from catalog.product
    where seller_id = %(seller_id)s and external_id = any(%(external_ids)s::text[])""",
    KnownRow,
)
SAVE_PRODUCTS = query(
    """insert into catalog.product (seller_id, product_id, external_id, brand, family, category, title, description,
      attributes, origin,
      tax_category, lane, content_hash)
    select %(seller_id)s, d.product_id, d.external_id, d.brand, d.family, d.category, d.title::jsonb, d.description::jsonb,
      d.attributes::jsonb, d.origin, d.tax_category, d.lane, d.content_hash
    from unnest(%(product_ids)s::uuid[], %(external_ids)s::text[], %(brands)s::text[], %(families)s::text[],
      %(categories)s::text[],
      %(titles)s::text[], %(descriptions)s::text[], %(attributes)s::text[], %(origins)s::text[], %(tax_categories)s::text[],
      %(lanes)s::text[], %(hashes)s::bytea[])
      d (product_id, external_id, brand, family, category, title, description, attributes, origin, tax_category, lane,
        content_hash)
    on conflict (seller_id, external_id) do update set brand = excluded.brand, family = excluded.family,
      category = excluded.category,
      title = excluded.title, description = excluded.description, attributes = excluded.attributes, origin = excluded.origin,
      tax_category = excluded.tax_category, lane = excluded.lane, content_hash = excluded.content_hash,
      version = product.version + 1, updated_at = now()
    returning product_id""",
    UUID,
)
SAVE_VARIANTS = query(
    """insert into catalog.variant (seller_id, product_id, sku, gtin14, options, images, content_amount, content_unit,
      weight_g, position)
    select %(seller_id)s, d.product_id, d.sku, d.gtin14, d.options::jsonb, coalesce(string_to_array(nullif(d.images, ''),
      ','), '{}'), d.amount, d.unit,
      d.weight_g, d.position
    from unnest(%(product_ids)s::uuid[], %(skus)s::text[], %(gtins)s::text[], %(options)s::text[], %(images)s::text[],
      %(amounts)s::numeric[], %(units)s::text[], %(weights)s::int[], %(positions)s::smallint[])
      d (product_id, sku, gtin14, options, images, amount, unit, weight_g, position)
    on conflict (seller_id, sku) do update set product_id = excluded.product_id, gtin14 = excluded.gtin14,
      options = excluded.options,
      images = excluded.images, content_amount = excluded.content_amount, content_unit = excluded.content_unit,
      weight_g = excluded.weight_g, position = excluded.position
    returning variant_id, sku, (xmax = 0) as is_new""",
    SavedVariantRow,
)
SAVE_OFFERS = command(
    """insert into catalog.offer (seller_id, variant_id, state, condition)
    select %(seller_id)s, d.* from unnest(%(variant_ids)s::bigint[], %(states)s::text[], %(conditions)s::text[]) d
    on conflict (seller_id, variant_id) do update set state = excluded.state, condition = excluded.condition, updated_at = now(),
      up_since = case when offer.state = 'ended' and excluded.state <> 'ended' then now() else offer.up_since end
    where (offer.state, offer.condition) <> (excluded.state, excluded.condition)"""
)
END_OFFERS = command(
    """update catalog.offer o set state = 'ended', updated_at = now() from catalog.variant v
    where v.seller_id = %(seller_id)s and v.product_id = any(%(product_ids)s::uuid[])
      and v.variant_id <> all(%(variant_ids)s::bigint[])
      and v.sku <> all(%(spared)s::text[]) and o.seller_id = v.seller_id and o.variant_id = v.variant_id and o.state <> 'ended'"""
)
CLEAR_MEDIA = command(
    "delete from catalog.media where seller_id = %(seller_id)s and product_id = any(%(product_ids)s::uuid[])"
)
SAVE_MEDIA = command(
    """insert into catalog.media (seller_id, product_id, position, name, width, height, alt)
    select %(seller_id)s, d.product_id, d.position, d.name, d.width, d.height, d.alt::jsonb
    from unnest(%(product_ids)s::uuid[], %(positions)s::smallint[], %(names)s::text[], %(widths)s::int[],
      %(heights)s::int[], %(alts)s::text[])
      d (product_id, position, name, width, height, alt)"""
)
SKUS = query(
    """select variant_id, sku, false as is_new from catalog.variant
    where seller_id = %(seller_id)s and sku = any(%(skus)s::text[])""",
    SavedVariantRow,
)
PICTURES = query(
    """select source, name, width, height from catalog.picture where seller_id = %(seller_id)s
      and source = any(%(sources)s::text[])""",
    Picture,
)
SAVE_PICTURES = command(
    """insert into catalog.picture (seller_id, source, name, width, height)
    select %(seller_id)s, d.* from unnest(%(sources)s::text[], %(names)s::text[], %(widths)s::int[], %(heights)s::int[]) d
    on conflict (seller_id, source) do update set name = excluded.name, width = excluded.width, height = excluded.height"""
)
SAVE_CATEGORIES = command(
    """insert into catalog.category (seller_id, category, title)
    select %(seller_id)s, d.category, d.title::jsonb from unnest(%(categories)s::text[], %(titles)s::text[]) d (category, title)
    on conflict (seller_id, category) do update set title = excluded.title where category.title <> excluded.title"""
)
# (seller, variant, since when it can be had again), of those that once could not.
UP_SINCE: Statement[tuple[Any, ...]] = query(
    """select d.seller_id, d.variant_id, greatest(p.up_since, o.up_since)
    from unnest(%(sellers)s::bigint[], %(variants)s::bigint[]) d(seller_id, variant_id)
    join catalog.variant v on v.seller_id = d.seller_id and v.variant_id = d.variant_id
    join catalog.product p on p.seller_id = v.seller_id and p.product_id = v.product_id
    left join catalog.offer o on o.seller_id = v.seller_id and o.variant_id = v.variant_id
    where p.up_since is not null or o.up_since is not null""",
    tuple,
)
EDIT = query(
    """update catalog.product set title = %(title)s::jsonb, description = %(description)s::jsonb, brand = %(brand)s,
      category = %(category)s,
      attributes = %(attributes)s::jsonb, version = version + 1, updated_at = now(),
      up_since = case when state <> 'active' and %(state)s::text = 'active' then now() else up_since end, state = %(state)s
    where seller_id = %(seller_id)s and product_id = %(product_id)s and version = %(version)s returning version""",
    int,
)

# --- import runs ------------------------------------------------------------------------------------------------------

_RUN = """seller_id, import_id, source, stored, options, state, total, created, changed, unchanged, rejected, errors, failure,
      started_at, heartbeat, finished_at"""
START_RUN = query(
    f"""insert into catalog.import_run (seller_id, import_id, source, stored, options, state)
    values (%(seller_id)s, %(import_id)s, %(source)s, %(stored)s, %(options)s::jsonb, %(state)s) returning {_RUN}""",
    ImportRun,
)
# A run whose heartbeat stopped belongs to nobody: whoever asks takes it up from its beginning, which changes only what is left.
CLAIM_RUN = query(
    f"""update catalog.import_run set state = 'running', heartbeat = now(), errors = '[]', total = 0, created = 0, changed = 0,
      unchanged = 0, rejected = 0
    where (seller_id, import_id) = (
      select seller_id, import_id from catalog.import_run
      where stored is not null and (state = 'queued' or (state = 'running' and heartbeat < now() - %(stale)s::interval))
      order by started_at limit 1 for update skip locked)
    returning {_RUN}""",
    ImportRun,
)
PROGRESS = command(
    """update catalog.import_run set total = %(total)s, created = %(created)s, changed = %(changed)s, unchanged = %(unchanged)s,
      rejected = %(rejected)s, errors = %(errors)s::jsonb, heartbeat = now()
    where seller_id = %(seller_id)s and import_id = %(import_id)s"""
)
FINISH_RUN = command(
    """update catalog.import_run set state = %(state)s, failure = %(failure)s, finished_at = now(), heartbeat = now()
    where seller_id = %(seller_id)s and import_id = %(import_id)s"""
)
RUNS = query(
    f"""select {_RUN} from catalog.import_run where seller_id = %(seller_id)s
      and (%(import_id)s::uuid is null or import_id = %(import_id)s) and (%(before)s::uuid is null or import_id < %(before)s)
    order by import_id desc limit %(limit)s""",
    ImportRun,
)

# --- what phones carry ------------------------------------------------------------------------------------------------

_SHOP = "seller_id = %(seller_id)s and place_id = %(place_id)s and currency = %(currency)s and language = %(language)s"
_BUNDLE = "seller_id, place_id, currency, language, bundle_id, version, floor, digest, left_out, read_at"
BUNDLE = query(f"select {_BUNDLE} from catalog.bundle where {_SHOP}", Bundle)
LOCK_BUNDLE = query("select pg_try_advisory_xact_lock(4407362, hashtext(%(shop)s))", bool)
MAKE_BUNDLE = query(
    f"""insert into catalog.bundle (seller_id, place_id, currency, language, bundle_id, read_at)
    values (%(seller_id)s, %(place_id)s, %(currency)s, %(language)s, %(bundle_id)s, %(at)s)
    on conflict (seller_id, place_id, currency, language) do update set read_at = bundle.read_at returning {_BUNDLE}""",
    Bundle,
)
ENTRIES = query(
    """select key, version, body from catalog.bundle_entry
    where seller_id = %(seller_id)s and bundle_id = %(bundle_id)s and version > %(since)s and (body is not null or %(gone)s)
    order by key""",
    BundleEntry,
)
PUT_ENTRIES = command(
    """insert into catalog.bundle_entry as e (seller_id, bundle_id, key, version, changed_at, body)
    select %(seller_id)s, %(bundle_id)s, d.key, %(version)s, %(at)s, d.body
    from unnest(%(keys)s::text[], %(bodies)s::text[]) d (key, body)
    on conflict (seller_id, bundle_id, key) do update set version = excluded.version, changed_at = excluded.changed_at,
      body = excluded.body"""
)
FORGET_ENTRIES = query(
    """with gone as (delete from catalog.bundle_entry where seller_id = %(seller_id)s and bundle_id = %(bundle_id)s
      and body is null and changed_at < %(before)s returning version)
    select coalesce(max(version), 0) from gone""",
    int,
)
MOVE_BUNDLE = query(
    f"""update catalog.bundle set version = %(version)s, digest = %(digest)s, read_at = %(at)s, left_out = %(left_out)s,
      floor = greatest(floor, %(floor)s) where {_SHOP} returning {_BUNDLE}""",
    Bundle,
)
_TERMS = "seller_id, honour_hours, case when isfinite(not_before) then not_before end as not_before"
SHOWN_TERMS = query(
    f"select {_TERMS} from catalog.shown_terms where seller_id = any(%(sellers)s::bigint[])", ShownTerms
)
PUT_TERMS = query(
    f"""insert into catalog.shown_terms as t (seller_id, honour_hours, not_before, changed_at)
    values (%(seller_id)s, %(honour_hours)s, coalesce(%(not_before)s::timestamptz, '-infinity'), %(at)s)
    on conflict (seller_id) do update set honour_hours = excluded.honour_hours, changed_at = excluded.changed_at,
      not_before = greatest(t.not_before, excluded.not_before) returning {_TERMS}""",
    ShownTerms,
)
SHOWN_PICTURES = query(
    """select count(distinct (m.product_id, m.name))::int from catalog.media m
    join catalog.product p using (seller_id, product_id) where m.seller_id = %(seller_id)s and p.state = 'active'""", int,
)  # fmt: skip
