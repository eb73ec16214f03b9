"""All the SQL of assortments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.assortments.types import HistoryPieces, HistorySum, HistoryWeek, PostcodePoint
from halles.kernel.db import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow:
    """A scenario as it is stored; `wishes` and `plan` as JSON."""

    seller_id: int
    scenario_id: UUID
    place_id: int
    name: str
    state: str
    wishes: dict[str, Any]
    plan: dict[str, Any]
    fingerprint: bytes
    made_by: int
    made_at: datetime
    approved_by: int | None
    approved_at: datetime | None


_SCENARIO = """seller_id, scenario_id, place_id, name, state, wishes, plan, fingerprint, made_by, made_at, approved_by,
      approved_at"""
KEEP = query(
    f"""insert into assortments.scenario (seller_id, scenario_id, place_id, name, wishes, plan, fingerprint, made_by, made_at)
    values (%(seller_id)s, %(scenario_id)s, %(place_id)s, %(name)s, %(wishes)s::jsonb, %(plan)s::jsonb, %(fingerprint)s,
      %(made_by)s, %(made_at)s)
    on conflict do nothing returning {_SCENARIO}""",
    ScenarioRow,
)
SCENARIO = query(
    f"""select {_SCENARIO} from assortments.scenario
    where seller_id = %(seller_id)s and scenario_id = %(scenario_id)s""",
    ScenarioRow,
)
SCENARIOS = query(
    f"""select {_SCENARIO} from assortments.scenario
    where seller_id = %(seller_id)s and (%(place_id)s::bigint is null or place_id = %(place_id)s)
      and (%(scenario_ids)s::uuid[] is null or scenario_id = any(%(scenario_ids)s))
    order by made_at desc, scenario_id limit %(limit)s""",
    ScenarioRow,
)
# Every scenario of the place, so that two who approve at once come one after the other.
LOCK_PLACE = query(
    """select scenario_id from assortments.scenario where seller_id = %(seller_id)s and place_id = %(place_id)s
    order by scenario_id for update""",
    UUID,
)
REPLACE = command(
    """update assortments.scenario set state = 'replaced'
    where seller_id = %(seller_id)s and place_id = %(place_id)s and state = 'approved'"""
)
APPROVE = query(
    f"""update assortments.scenario set state = 'approved', approved_by = %(by)s, approved_at = %(at)s
    where seller_id = %(seller_id)s and scenario_id = %(scenario_id)s returning {_SCENARIO}""",
    ScenarioRow,
)
DROP = command(
    """delete from assortments.scenario
    where seller_id = %(seller_id)s and scenario_id = %(scenario_id)s and state = 'open'"""
)

PUT_HISTORY = command(
    """insert into assortments.history (seller_id, country, postcode, day, product_id, sales, views, searches, shoppers)
    select %(seller_id)s, d.* from unnest(%(countries)s::text[], %(postcodes)s::text[], %(days)s::date[],
      %(products)s::uuid[], %(sales)s::int[], %(views)s::int[], %(searches)s::int[], %(shoppers)s::int[])
      d (country, postcode, day, product_id, sales, views, searches, shoppers)
    order by d.day, d.country, d.postcode, d.product_id
    on conflict (seller_id, day, country, postcode, product_id) do update set sales = excluded.sales,
      views = excluded.views, searches = excluded.searches, shoppers = excluded.shoppers"""
)
HISTORY = query(
    """select country, postcode, product_id, sum(sales)::bigint as sales, sum(views)::bigint as views,
      sum(searches)::bigint as searches, max(shoppers)::bigint as shoppers
    from assortments.history where seller_id = %(seller_id)s and day >= %(since)s and day < %(until)s
    group by country, postcode, product_id""",
    HistorySum,
)
HISTORY_WEEKS = query(
    """select country, postcode, floor((day - %(from_day)s::date) / 7.0)::int as week, sum(sales)::bigint as pieces,
      max(shoppers)::bigint as shoppers
    from assortments.history where seller_id = %(seller_id)s and day >= %(since)s and day < %(until)s
    group by 1, 2, 3""",
    HistoryWeek,
)
HISTORY_PIECES = query(
    """select a.unit, d.number, coalesce(sum(sales) filter (where h.day < d.day), 0)::bigint as before,
      coalesce(sum(sales) filter (where h.day >= d.day), 0)::bigint as after
    from assortments.history h,
      unnest(%(products)s::uuid[], %(numbers)s::bigint[], %(days)s::date[], %(first_days)s::date[], %(last_days)s::date[])
        d (product_id, number, day, first_day, last_day),
      unnest(%(countries)s::text[], %(postcodes)s::text[], %(units)s::bigint[]) a (country, postcode, unit)
    where h.seller_id = %(seller_id)s and h.product_id = d.product_id and h.day >= d.first_day and h.day < d.last_day
      and h.day >= %(since)s and h.day < %(until)s and a.country = h.country and a.postcode = h.postcode
    group by 1, 2""",
    HistoryPieces,
)
PUT_POSTCODES = command(
    """insert into assortments.postcode (seller_id, country, postcode, latitude, longitude)
    select %(seller_id)s, d.* from unnest(%(countries)s::text[], %(postcodes)s::text[], %(latitudes)s::float8[],
      %(longitudes)s::float8[]) d (country, postcode, latitude, longitude)
    order by d.country, d.postcode
    on conflict (seller_id, country, postcode) do update set latitude = excluded.latitude, longitude = excluded.longitude"""
)
POSTCODES = query(
    """select country, postcode, latitude, longitude from assortments.postcode
    where seller_id = %(seller_id)s and (country, postcode) in
      (select * from unnest(%(countries)s::text[], %(postcodes)s::text[]))""",
    PostcodePoint,
)
