"""All the SQL of pricing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from halles.kernel.db import Statement, command, query
from halles.pricing.types import KeptRate, PriceRow, PriceStep, Rate

WITHDRAWN = "withdrawn"
"""First word of the name of a list that keeps what was planned and then withdrawn; its second is the list it was planned in. Such
a list ended when its prices were withdrawn, before any of them began, so none is ever in force."""

# For each wanted price: the list of that currency that fits the country best, the row in force, and beside a reduction what was
# charged before it (the 200 latest prices: more changes within thirty days would be a price a few hours long). A list of the
# shopper's country comes before a list for everywhere. VAT: the country's rate of the category, else its
# standard rate, else none.
PRICE_SQL = query(
    """select w.seller_id, w.variant_id, w.currency, w.country, now_in_force.price_list_id, now_in_force.minor,
      now_in_force.regular_minor,
      past.past_since, past.past_minor, past.past_announced, coalesce(i.perishable, false) as perishable,
      case when i.tax_category = 'zero' then 0 else coalesce(
        (select t.rate_bp from pricing.vat_rate t where t.country = w.country
          and t.tax_category in (coalesce(i.tax_category, 'standard'), 'standard')
          and t.valid_from <= (%(at)s::timestamptz at time zone 'UTC')::date
            and t.valid_to > (%(at)s::timestamptz at time zone 'UTC')::date
          order by (t.tax_category = coalesce(i.tax_category, 'standard')) desc limit 1), 0) end as tax_bp,
      now_in_force.valid_from
    from unnest(%(seller_ids)s::bigint[], %(variant_ids)s::bigint[], %(currencies)s::text[], %(countries)s::text[])
      w (seller_id, variant_id, currency, country)
    cross join lateral (
      select p.price_list_id, p.minor, p.regular_minor, p.valid_from
      from pricing.price_list l
      join pricing.price p on p.seller_id = w.seller_id and p.price_list_id = l.price_list_id and p.variant_id = w.variant_id
      where l.seller_id = w.seller_id and l.currency = w.currency and (l.country is null or l.country = w.country)
        and l.valid_from <= %(at)s and l.valid_to > %(at)s and p.valid_from <= %(at)s
      order by (l.country is not null) desc, l.price_list_id, p.valid_from desc limit 1) now_in_force
    left join lateral (
      select array_agg(e.valid_from order by e.valid_from desc) as past_since,
        array_agg(e.minor order by e.valid_from desc) as past_minor,
        array_agg(e.regular_minor is not null order by e.valid_from desc) as past_announced
      from (select p.valid_from, p.minor, p.regular_minor from pricing.price p
        where now_in_force.regular_minor is not null and p.seller_id = w.seller_id
          and p.price_list_id = now_in_force.price_list_id and p.variant_id = w.variant_id
          and p.valid_from < now_in_force.valid_from
        order by p.valid_from desc limit 200) e) past on true
    left join pricing.item i on i.seller_id = w.seller_id and i.variant_id = w.variant_id""",
    PriceRow,
)

# What the order path charges, and until when nothing that is known today changes it.
CHARGED: Statement[tuple[Any, ...]] = query(
    f"""select p.seller_id, p.variant_id, p.currency, p.country, p.minor, p.tax_bp,
      least(date_trunc('day', %(at)s::timestamptz, 'UTC') + interval '1 day',
        (select min(n.valid_from) from pricing.price_list l join pricing.price n using (seller_id, price_list_id)
          where l.seller_id = p.seller_id and l.currency = p.currency and n.variant_id = p.variant_id
            and n.valid_from > %(at)s and n.valid_from < l.valid_to),
        (select min(edge) from pricing.price_list l, unnest(array[l.valid_from, l.valid_to]) edge
          where l.seller_id = p.seller_id and l.currency = p.currency and edge > %(at)s and edge < 'infinity'))
    from ({PRICE_SQL.sql}) p""",
    tuple,
)
# What was shown at moments, each price at its own, and the end that was announced for it by then, though it was withdrawn since.
# A row that was written down later says nothing of a moment.
SHOWN: Statement[tuple[Any, ...]] = query(
    f"""select w.seller_id, w.variant_id, w.currency, w.country, w.at, shown.minor,
      least(nullif(shown.valid_to, 'infinity'),
        (select min(n.valid_from) from pricing.price n
          where n.seller_id = w.seller_id and n.price_list_id = shown.price_list_id and n.variant_id = w.variant_id
            and n.valid_from > w.at and n.recorded_at <= w.at),
        (select min(n.valid_from) from pricing.price_list l join pricing.price n using (seller_id, price_list_id)
          where l.seller_id = w.seller_id and l.currency = w.currency and l.valid_to > w.at
            and starts_with(l.name, '{WITHDRAWN} ' || shown.price_list_id || ' ')
            and n.variant_id = w.variant_id and n.valid_from > w.at and n.recorded_at <= w.at))
    from unnest(%(seller_ids)s::bigint[], %(variant_ids)s::bigint[], %(currencies)s::text[], %(countries)s::text[],
      %(moments)s::timestamptz[]) w (seller_id, variant_id, currency, country, at)
    cross join lateral (
      select p.price_list_id, p.minor, l.valid_to
      from pricing.price_list l
      join pricing.price p on p.seller_id = w.seller_id and p.price_list_id = l.price_list_id and p.variant_id = w.variant_id
      where l.seller_id = w.seller_id and l.currency = w.currency and (l.country is null or l.country = w.country)
        and l.valid_from <= w.at and l.valid_to > w.at and p.valid_from <= w.at and p.recorded_at <= w.at
      order by (l.country is not null) desc, l.price_list_id, p.valid_from desc limit 1) shown""",
    tuple,
)
VERSIONS: Statement[tuple[Any, ...]] = query(
    "select seller_id, version from pricing.version where seller_id = any(%(sellers)s::bigint[])", tuple
)
CHANGED = command(
    """insert into pricing.version as v (seller_id, version) values (%(seller_id)s, 1)
    on conflict (seller_id) do update set version = v.version + 1"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    price_list_id: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A price that had not begun. `recorded_at`: since when it is known that the price before it ends then."""

    price_list_id: int
    variant_id: int
    valid_from: datetime
    minor: int
    regular_minor: int | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnList:
    """Where what was planned in a list is kept after it was withdrawn."""

    planned_in: int
    price_list_id: int


# `do update` with nothing new, so that the row is returned whoever made it.
ENSURE_LISTS = query(
    """insert into pricing.price_list (seller_id, name, currency)
    select %(seller_id)s, 'default', c.currency from unnest(%(currencies)s::text[]) c (currency)
    on conflict (seller_id, name, currency) do update set name = excluded.name returning price_list_id, currency""",
    ListRow,
)
LISTS = query(
    "select price_list_id, currency from pricing.price_list where seller_id = %(seller_id)s and name = 'default'",
    ListRow,
)
CURRENCIES = query(
    """select distinct currency from pricing.price_list
    where seller_id = %(seller_id)s and valid_from <= %(at)s and valid_to > %(at)s order by currency""",
    str,
)
# A new schedule takes the place of what was planned and had not begun; what was charged stays.
FORGET_PLANNED = query(
    """delete from pricing.price p using (
      select d.price_list_id, d.variant_id, array_agg(d.valid_from) as kept
      from unnest(%(price_list_ids)s::bigint[], %(variant_ids)s::bigint[], %(froms)s::timestamptz[]) d (price_list_id,
        variant_id, valid_from)
      group by d.price_list_id, d.variant_id) s
    where p.seller_id = %(seller_id)s and p.price_list_id = s.price_list_id and p.variant_id = s.variant_id
      and p.valid_from > %(at)s and p.valid_from <> all(s.kept)
    returning p.price_list_id, p.variant_id, p.valid_from, p.minor, p.regular_minor, p.recorded_at""",
    PlannedRow,
)
# It is kept apart: shoppers had read it.
WITHDRAWN_LISTS = query(
    f"""insert into pricing.price_list (seller_id, name, currency, valid_to)
    select l.seller_id, '{WITHDRAWN} ' || l.price_list_id || ' ' || %(moment)s::text, l.currency, %(at)s
    from pricing.price_list l where l.seller_id = %(seller_id)s and l.price_list_id = any(%(price_list_ids)s::bigint[])
    on conflict (seller_id, name, currency) do update set valid_to = excluded.valid_to
    returning split_part(name, ' ', 2)::bigint as planned_in, price_list_id""",
    WithdrawnList,
)
KEEP_WITHDRAWN = command(
    """insert into pricing.price (seller_id, price_list_id, variant_id, valid_from, minor, regular_minor, recorded_at)
    select %(seller_id)s, u.* from unnest(%(price_list_ids)s::bigint[], %(variant_ids)s::bigint[], %(froms)s::timestamptz[],
      %(minors)s::bigint[], %(regulars)s::bigint[], %(recorded)s::timestamptz[]) u
    on conflict (seller_id, price_list_id, variant_id, valid_from) do nothing"""
)
FORGET_WITHDRAWN = command(
    f"""delete from pricing.price p using pricing.price_list l
    where l.seller_id = %(seller_id)s and starts_with(l.name, '{WITHDRAWN} ') and l.valid_to < %(before)s
      and p.seller_id = l.seller_id and p.price_list_id = l.price_list_id"""
)
FORGET_WITHDRAWN_LISTS = command(
    f"""delete from pricing.price_list l
    where l.seller_id = %(seller_id)s and starts_with(l.name, '{WITHDRAWN} ') and l.valid_to < %(before)s"""
)
# A row that says what is in force at its moment anyway is not written. That something changes then was known since the row was
# first planned, whatever it becomes.
SET_PRICES = query(
    """with d as (
      select u.*, lag(minor) over steps as before_minor, lag(regular_minor) over steps as before_regular,
        lag(valid_from) over steps as before_from
      from unnest(%(price_list_ids)s::bigint[], %(variant_ids)s::bigint[], %(froms)s::timestamptz[],
        %(minors)s::bigint[], %(regulars)s::bigint[])
        u (price_list_id, variant_id, valid_from, minor, regular_minor)
      window steps as (partition by price_list_id, variant_id order by valid_from))
    insert into pricing.price (seller_id, price_list_id, variant_id, valid_from, minor, regular_minor, recorded_at)
    select %(seller_id)s, d.price_list_id, d.variant_id, d.valid_from, d.minor, d.regular_minor, %(at)s
    from d left join lateral (
      select p.minor, p.regular_minor, p.valid_from from pricing.price p
      where p.seller_id = %(seller_id)s and p.price_list_id = d.price_list_id and p.variant_id = d.variant_id
        and p.valid_from <= d.valid_from
      order by p.valid_from desc limit 1) e on true
    where case when d.before_from is not null and (e.valid_from is null or d.before_from >= e.valid_from)
      then (d.minor, d.regular_minor) is distinct from (d.before_minor, d.before_regular)
      else e.valid_from is null or (d.minor, d.regular_minor) is distinct from (e.minor, e.regular_minor) end
    order by d.price_list_id, d.variant_id, d.valid_from
    on conflict (seller_id, price_list_id, variant_id, valid_from)
      do update set minor = excluded.minor, regular_minor = excluded.regular_minor,
        recorded_at = case when price.valid_from > excluded.recorded_at then price.recorded_at else excluded.recorded_at end
    returning variant_id""",
    int,
)
SET_TAX = command(
    """insert into pricing.item (seller_id, variant_id, tax_category)
    select %(seller_id)s, d.* from unnest(%(variant_ids)s::bigint[], %(categories)s::text[]) d
    on conflict (seller_id, variant_id) do update set tax_category = excluded.tax_category
    where item.tax_category <> excluded.tax_category"""
)
RATES = query(
    """select currency, day, rate from pricing.rate r
    where day = (select max(s.day) from pricing.rate s where s.currency = r.currency
      and s.day <= (%(at)s::timestamptz at time zone 'UTC')::date)
      and day >= (%(at)s::timestamptz at time zone 'UTC')::date - %(lives)s::int""",
    Rate,
)
# As `RATES` would have answered at that moment.
RATES_KNOWN = query(
    """select distinct on (currency) currency, day, rate from pricing.rate_log
    where recorded_at <= %(at)s and day <= (%(at)s::timestamptz at time zone 'UTC')::date
      and day >= (%(at)s::timestamptz at time zone 'UTC')::date - %(lives)s::int
    order by currency, day desc, recorded_at desc""",
    Rate,
)
RATE_HISTORY = query(
    """select currency, day, rate, source, recorded_at from pricing.rate_log
    where currency = %(currency)s order by day desc, recorded_at desc limit %(limit)s""",
    KeptRate,
)
LATEST_RATES = query(
    """select distinct on (currency) currency, day, rate, source, recorded_at from pricing.rate_log
    order by currency, day desc, recorded_at desc""",
    KeptRate,
)
# What is said again is not written again.
LOG_RATES = command(
    """insert into pricing.rate_log (currency, day, recorded_at, rate, source)
    select d.currency, d.day, %(at)s, d.rate, %(source)s
    from unnest(%(currencies)s::text[], %(days)s::date[], %(rates)s::numeric[]) d (currency, day, rate)
    left join pricing.rate r on r.currency = d.currency and r.day = d.day
    where r.rate is distinct from d.rate
    on conflict (currency, day, recorded_at) do update set rate = excluded.rate, source = excluded.source"""
)
SAVE_RATES = command(
    """insert into pricing.rate (currency, day, rate, source)
    select d.currency, d.day, d.rate, %(source)s from unnest(%(currencies)s::text[], %(days)s::date[],
      %(rates)s::numeric[]) d (currency, day, rate)
    on conflict (currency, day) do update set rate = excluded.rate, source = excluded.source
    where pricing.rate.rate <> excluded.rate"""
)
PERISHABLE = command(
    """insert into pricing.item (seller_id, variant_id, tax_category, perishable)
    select %(seller_id)s, v, 'standard', %(perishable)s from unnest(%(variant_ids)s::bigint[]) v
    on conflict (seller_id, variant_id) do update set perishable = excluded.perishable
    where item.perishable <> excluded.perishable"""
)
HISTORY = query(
    """select l.currency, l.country, p.variant_id, p.valid_from, p.minor, p.regular_minor, p.recorded_at
    from pricing.price_list l join pricing.price p using (seller_id, price_list_id)
    where l.seller_id = %(seller_id)s and p.variant_id = %(variant_id)s and p.valid_from <= %(at)s
      and p.valid_from < l.valid_to
    order by p.valid_from desc, l.price_list_id limit %(limit)s""",
    PriceStep,
)
