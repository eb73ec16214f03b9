"""What was ordered by whom and where, for those who measure. Cancelled and returned orders do not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from halles.kernel.db import query


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsOrder:
    """An order of somebody. `first_at`: when they first ordered from this seller, as far back as orders go."""

    owner_id: int
    placed_at: datetime
    first_at: datetime
    place_id: int | None
    variants: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWeek:
    """Orders to a postcode (or collected at a place: then country and postcode are '') in a week counted from a day.
    `total_minor`: of the orders in one currency."""

    country: str
    postcode: str
    place_id: int
    week: int
    orders: int
    pieces: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPeople:
    """Different people who ordered to a postcode, or collected at a place."""

    country: str
    postcode: str
    place_id: int
    shoppers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPieces:
    """Pieces of a numbered set of articles ordered to a numbered unit of areas, before and after the set's day."""

    unit: int
    number: int
    before: int
    after: int


_AREA = """select owner_id, lines, placed_at, total_minor, currency, coalesce(ship_to->>'country', '') as country,
      upper(regexp_replace(coalesce(ship_to->>'postcode', ''), '\\s', '', 'g')) as postcode,
      case when ship_to is null then coalesce(place_id, 0) else 0 end as place_id,
      (placed_at at time zone %(zone)s)::date as day
    from orders."order" where seller_id = %(seller_id)s and placed_at >= %(since)s and placed_at < %(until)s
      and state in (1, 2, 3, 4)"""
ORDERS_OF_PEOPLE = query(
    """select owner_id, placed_at, first_at, place_id, variants from (
      select owner_id, placed_at, min(placed_at) over (partition by owner_id) as first_at, place_id,
        array(select lines[i] from generate_series(1, cardinality(lines), 6) i) as variants
      from orders."order" where seller_id = %(seller_id)s and owner_id = any(%(owners)s::bigint[]) and state in (1, 2, 3, 4)) o
    where placed_at >= %(since)s and placed_at < %(until)s order by owner_id, placed_at""",
    PersonsOrder,
)
AREA_WEEKS = query(
    f"""select country, postcode, place_id, floor((day - %(from_day)s::date) / 7.0)::int as week, count(*) as orders,
      sum((select sum(lines[i + 1]) from generate_series(1, cardinality(lines), 6) i))::bigint as pieces,
      coalesce(sum(total_minor) filter (where currency = %(currency)s), 0)::bigint as total_minor
    from ({_AREA}) o group by 1, 2, 3, 4""",
    AreaWeek,
)
AREA_PEOPLE = query(
    f"""select country, postcode, place_id, count(distinct owner_id) as shoppers from ({_AREA}) o group by 1, 2, 3""",
    AreaPeople,
)
UNIT_PIECES = query(
    f"""select a.unit, d.number,
      coalesce(sum(lines[i + 1]) filter (where o.day < d.day), 0)::bigint as before,
      coalesce(sum(lines[i + 1]) filter (where o.day >= d.day), 0)::bigint as after
    from ({_AREA}) o, generate_series(1, cardinality(o.lines), 6) i,
      unnest(%(variants)s::bigint[], %(numbers)s::bigint[], %(days)s::date[], %(first_days)s::date[], %(last_days)s::date[])
        d (variant_id, number, day, first_day, last_day),
      unnest(%(countries)s::text[], %(postcodes)s::text[], %(places)s::bigint[], %(units)s::bigint[])
        a (country, postcode, place_id, unit)
    where d.variant_id = o.lines[i] and o.day >= d.first_day and o.day < d.last_day
      and a.country = o.country and a.postcode = o.postcode and a.place_id = o.place_id
    group by 1, 2""",
    UnitPieces,
)
