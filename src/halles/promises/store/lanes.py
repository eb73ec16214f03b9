"""Lanes, their legs, carriers, hubs, customs and calendars; how long legs took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from halles.kernel.db import command, query
from halles.promises.types import Carrier, Customs, Holiday, Hub, Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow:
    """A day on which a country (carrier 0), or a carrier (country empty), rests."""

    country: str
    carrier_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """`legs`: a JSON object a leg, in order. `seen`: [kind, days, parcels] each."""

    lane_id: int
    seller_id: int
    lane: str
    origin: str
    origin_country: str
    location_id: int | None
    country: str
    transit_days: int
    spread_days: int
    cutoff: time
    timezone: str
    carrier: str
    quantile: float
    active: bool
    legs: list[dict[str, Any]] | None
    seen: list[list[int]] | None


LANES_SQL = query(
    """select l.lane_id, l.seller_id, l.lane, l.origin, l.origin_country, l.location_id, l.country, l.transit_days,
      l.spread_days, l.cutoff, l.timezone, l.carrier, l.quantile, l.active,
      (select jsonb_agg(jsonb_build_object('kind', g.kind, 'carrier_id', coalesce(g.carrier_id, 0), 'carrier', c.name,
          'hub', h.name, 'hub_country', h.country, 'timezone', g.timezone, 'cutoff', g.cutoff,
          'weekdays', coalesce(g.weekdays, c.weekdays, 31), 'own_weekdays', g.weekdays,
          'days', case when k.origin is null then array[g.earliest_days, g.likely_days, g.latest_days]
            else array[k.earliest_days, k.likely_days, k.latest_days] end, 'held', k.held_days) order by g.kind)
        from promises.leg g
        left join promises.carrier c on c.seller_id = g.seller_id and c.carrier_id = g.carrier_id
        left join promises.hub h on h.seller_id = g.seller_id and h.hub_id = g.hub_id
        left join promises.customs k on g.kind = 3 and k.seller_id = l.seller_id and k.origin = l.origin_country
          and k.destination = l.country
        where g.seller_id = l.seller_id and g.lane_id = l.lane_id) legs,
      (select jsonb_agg(array[t.kind, t.days, t.parcels]) from (select kind, days, sum(parcels)::int parcels
          from promises.took where seller_id = l.seller_id and lane_id = l.lane_id and day >= %(since)s group by 1, 2) t) seen
    from promises.lane l where l.seller_id = any(%(seller_ids)s::bigint[]) order by l.seller_id, l.lane_id""",
    LaneRow,
)
HOLIDAYS_SQL = query(
    """select country, 0::bigint carrier_id, day from promises.holiday where day between %(first)s and %(last)s
    union all
    select '', r.carrier_id, d.day::date from promises.rest r,
      generate_series(greatest(r.first_day, %(first)s::date), least(r.last_day, %(last)s::date), '1 day') d(day)
    where r.seller_id = any(%(seller_ids)s::bigint[]) order by 1, 2, 3""",
    HolidayRow,
)
SAVE_LANE = query(
    """insert into promises.lane (seller_id, lane, origin, origin_country, location_id, country, transit_days,
      spread_days, cutoff, timezone, carrier, quantile, active)
    values (%(seller_id)s, %(lane)s, %(origin)s, %(origin_country)s, %(location_id)s, %(country)s, %(transit_days)s,
      %(spread_days)s, %(cutoff)s, %(timezone)s, %(carrier)s, %(quantile)s, %(active)s)
    on conflict (seller_id, country, lane, origin) do update set origin_country = excluded.origin_country,
      location_id = excluded.location_id, transit_days = excluded.transit_days, spread_days = excluded.spread_days,
      cutoff = excluded.cutoff, timezone = excluded.timezone, carrier = excluded.carrier, quantile = excluded.quantile,
      active = excluded.active
    returning lane_id""",
    int,
)
DROP_LEGS = command(
    """delete from promises.leg where seller_id = %(seller_id)s and lane_id = %(lane_id)s
    and kind <> all(%(kinds)s::smallint[])"""
)
SAVE_LEGS = command(
    """insert into promises.leg (seller_id, lane_id, kind, carrier_id, hub_id, timezone, cutoff, weekdays, earliest_days,
      likely_days, latest_days)
    select %(seller_id)s, %(lane_id)s, d.kind, nullif(d.carrier_id, 0), nullif(d.hub_id, 0), d.timezone, d.cutoff,
      nullif(d.weekdays, 0), d.earliest, d.likely, d.latest
    from unnest(%(kinds)s::smallint[], %(carriers)s::bigint[], %(hubs)s::bigint[], %(timezones)s::text[],
      %(cutoffs)s::time[], %(weekdays)s::smallint[], %(earliest)s::smallint[], %(likely)s::smallint[], %(latest)s::smallint[])
      d(kind, carrier_id, hub_id, timezone, cutoff, weekdays, earliest, likely, latest)
    on conflict (seller_id, lane_id, kind) do update set carrier_id = excluded.carrier_id, hub_id = excluded.hub_id,
      timezone = excluded.timezone, cutoff = excluded.cutoff, weekdays = excluded.weekdays,
      earliest_days = excluded.earliest_days, likely_days = excluded.likely_days, latest_days = excluded.latest_days"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """A leg as it was written."""

    lane_id: int
    kind: int
    earliest_days: int
    likely_days: int
    latest_days: int
    carrier: str
    hub: str
    timezone: str
    cutoff: time | None
    weekdays: int | None


LEGS = query(
    """select g.lane_id, g.kind, g.earliest_days, g.likely_days, g.latest_days, coalesce(c.name, '') carrier,
      coalesce(h.name, '') hub, g.timezone, g.cutoff, g.weekdays
    from promises.leg g
    left join promises.carrier c on c.seller_id = g.seller_id and c.carrier_id = g.carrier_id
    left join promises.hub h on h.seller_id = g.seller_id and h.hub_id = g.hub_id
    where g.seller_id = %(seller_id)s order by g.lane_id, g.kind""",
    LegRow,
)
SWITCH_LANE = query(
    """update promises.lane set active = %(active)s, quantile = %(quantile)s
    where seller_id = %(seller_id)s and lane_id = %(lane_id)s returning lane_id""",
    int,
)
SAVE_HOLIDAYS = command(
    """insert into promises.holiday (country, day, name)
    select %(country)s, d.* from unnest(%(days)s::date[], %(names)s::text[]) d
    on conflict (country, day) do update set name = excluded.name"""
)
DROP_HOLIDAYS = command(
    "delete from promises.holiday where country = %(country)s and day between %(first)s and %(last)s"
)
HOLIDAYS = query(
    "select country, day, name from promises.holiday where day >= %(from_day)s order by country, day", Holiday
)
LANES_THROUGH = query(
    """select l.lane_id from promises.lane l where %(country)s in (l.country, l.origin_country) or exists (
      select from promises.leg g join promises.hub h on h.seller_id = g.seller_id and h.hub_id = g.hub_id
      where g.seller_id = l.seller_id and g.lane_id = l.lane_id and h.country = %(country)s)""",
    int,
)
LOCK_NETWORK = command("select pg_advisory_xact_lock(4407363, hashint8(%(seller_id)s::bigint))")
_CARRIER = "seller_id, carrier_id, name, weekdays"
CARRIERS = query(
    f"select {_CARRIER} from promises.carrier where seller_id = %(seller_id)s order by name", Carrier
)
SAVE_CARRIER = query(
    """insert into promises.carrier (seller_id, name, weekdays) values (%(seller_id)s, %(name)s, coalesce(%(weekdays)s, 31))
    on conflict (seller_id, name) do update set weekdays = coalesce(%(weekdays)s, carrier.weekdays) returning carrier_id""",
    int,
)
_HUB = "seller_id, hub_id, name, country, timezone, location_id"
HUBS = query(f"select {_HUB} from promises.hub where seller_id = %(seller_id)s order by name", Hub)
SAVE_HUB = query(
    """insert into promises.hub (seller_id, name, country, timezone, location_id)
    values (%(seller_id)s, %(name)s, %(country)s, %(timezone)s, %(location_id)s)
    on conflict (seller_id, name) do update set country = excluded.country, timezone = excluded.timezone,
      location_id = excluded.location_id
    returning hub_id""",
    int,
)
USES = query(
    """select l.origin || ' → ' || l.country from promises.leg g
    join promises.lane l on l.seller_id = g.seller_id and l.lane_id = g.lane_id
    where g.seller_id = %(seller_id)s and (g.hub_id = %(hub_id)s or g.carrier_id = %(carrier_id)s) order by 1""",
    str,
)
DROP_HUB = command("delete from promises.hub where seller_id = %(seller_id)s and hub_id = %(hub_id)s")
DROP_CARRIER = command(
    "delete from promises.carrier where seller_id = %(seller_id)s and carrier_id = %(carrier_id)s"
)
DROP_RESTS = command(
    "delete from promises.rest where seller_id = %(seller_id)s and carrier_id = %(carrier_id)s"
)
RESTS = query(
    """select seller_id, carrier_id, first_day, last_day, reason from promises.rest
    where seller_id = %(seller_id)s and last_day >= %(from_day)s order by first_day, carrier_id""",
    Rest,
)
SAVE_REST = command(
    """insert into promises.rest (seller_id, carrier_id, first_day, last_day, reason)
    select %(seller_id)s, carrier_id, %(first_day)s, %(last_day)s, %(reason)s from promises.carrier
    where seller_id = %(seller_id)s and carrier_id = %(carrier_id)s
    on conflict (seller_id, carrier_id, first_day) do update set last_day = excluded.last_day, reason = excluded.reason"""
)
DROP_REST = command(
    """delete from promises.rest where seller_id = %(seller_id)s and carrier_id = %(carrier_id)s
    and first_day = %(first_day)s"""
)
CUSTOMS = query(
    """select seller_id, origin, destination, earliest_days, likely_days, latest_days, held_days from promises.customs
    where seller_id = %(seller_id)s order by origin, destination""",
    Customs,
)
SAVE_CUSTOMS = command(
    """insert into promises.customs (seller_id, origin, destination, earliest_days, likely_days, latest_days, held_days)
    values (%(seller_id)s, %(origin)s, %(destination)s, %(earliest_days)s, %(likely_days)s, %(latest_days)s, %(held_days)s)
    on conflict (seller_id, origin, destination) do update set earliest_days = excluded.earliest_days,
      likely_days = excluded.likely_days, latest_days = excluded.latest_days, held_days = excluded.held_days"""
)
DROP_CUSTOMS = command(
    """delete from promises.customs where seller_id = %(seller_id)s and origin = %(origin)s
    and destination = %(destination)s"""
)

# What was delivered since a day, counted anew: how long each leg took.
FORGET_TOOK = command("delete from promises.took where day >= %(since)s")
LEARN_TOOK = command(
    """insert into promises.took (seller_id, lane_id, kind, day, days, parcels)
    select w.seller_id, w.lane_id, t.kind, w.closed_on, least(t.days, 60), count(*)
    from promises.watch w cross join lateral unnest(w.took) with ordinality t(days, kind)
    where w.closed_on >= %(since)s and w.state in (4, 5) and w.lane_id > 0 and t.days >= 0
    group by w.seller_id, w.lane_id, t.kind, w.closed_on, least(t.days, 60)
    on conflict (seller_id, lane_id, kind, day, days) do update set parcels = excluded.parcels"""
)
