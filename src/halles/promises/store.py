"""All the SQL of promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from halles.kernel.db import command, query
from halles.promises.types import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow:
    country: str
    day: date


LANES_SQL = query(
    """select lane_id, seller_id, lane, origin, origin_country, location_id, country, transit_days, spread_days, cutoff,
      timezone, carrier
    from promises.lane where seller_id = any(%(seller_ids)s::bigint[]) order by seller_id, lane_id""",
    Lane,
)
HOLIDAYS_SQL = query(
    "select country, day from promises.holiday where day between %(first)s and %(last)s order by country, day",
    HolidayRow,
)
SAVE_LANE = query(
    """insert into promises.lane (seller_id, lane, origin, origin_country, location_id, country, transit_days,
      spread_days, cutoff, timezone, carrier)
    values (%(seller_id)s, %(lane)s, %(origin)s, %(origin_country)s, %(location_id)s, %(country)s, %(transit_days)s,
      %(spread_days)s,
      %(cutoff)s, %(timezone)s, %(carrier)s)
    on conflict (seller_id, country, lane, origin) do update set origin_country = excluded.origin_country,
      location_id = excluded.location_id, transit_days = excluded.transit_days, spread_days = excluded.spread_days,
      cutoff = excluded.cutoff, timezone = excluded.timezone, carrier = excluded.carrier
    returning lane_id""",
    int,
)
SAVE_HOLIDAYS = command(
    """insert into promises.holiday (country, day, name)
    select %(country)s, d.* from unnest(%(days)s::date[], %(names)s::text[]) d
    on conflict (country, day) do update set name = excluded.name"""
)
