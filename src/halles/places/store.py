"""All the SQL of places."""

from __future__ import annotations

from dataclasses import dataclass

from halles.kernel.db import command, query
from halles.places.types import Place, Sample, ShownSample, Touchpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCount:
    place_id: int
    samples: int


_PLACE = """seller_id, place_id, code, name, kind, line1, postcode, city, country, latitude, longitude, timezone, opening_hours,
      currency, label_currency, capacity, version, updated_at"""
_SAMPLE = "seller_id, sample_id, place_id, product_id, variant_id, code, position, placed_at"
_TOUCHPOINT = """t.seller_id, t.touchpoint_id, t.code, t.kind, t.place_id, p.code as place_code, p.name as place_name,
      p.kind as place_kind, p.city, p.country, p.currency, p.label_currency, p.latitude, p.longitude
    from places.touchpoint t left join places.place p on p.seller_id = t.seller_id and p.place_id = t.place_id"""

PLACES = query(
    f"select {_PLACE} from places.place where seller_id = %(seller_id)s order by name, place_id", Place
)
PLACE = query(
    f"""select {_PLACE} from places.place where place_id = %(place_id)s
      and (%(seller_id)s::bigint is null or seller_id = %(seller_id)s)""",
    Place,
)
ADD_PLACE = query(
    f"""insert into places.place (seller_id, code, name, kind, line1, postcode, city, country, latitude, longitude,
      timezone, opening_hours, currency, label_currency, capacity)
    values (%(seller_id)s, %(code)s, %(name)s, %(kind)s, %(line1)s, %(postcode)s, %(city)s, %(country)s, %(latitude)s,
      %(longitude)s, %(timezone)s, %(opening_hours)s::jsonb, %(currency)s, %(label_currency)s, %(capacity)s)
    on conflict (seller_id, code) do nothing returning {_PLACE}""",
    Place,
)
CHANGE_PLACE = query(
    f"""update places.place set code = %(code)s, name = %(name)s, kind = %(kind)s,
      line1 = %(line1)s, postcode = %(postcode)s, city = %(city)s, country = %(country)s,
      latitude = %(latitude)s, longitude = %(longitude)s, timezone = %(timezone)s,
      opening_hours = %(opening_hours)s::jsonb, currency = %(currency)s, label_currency = %(label_currency)s,
      capacity = %(capacity)s, version = version + 1, updated_at = now()
    where seller_id = %(seller_id)s and place_id = %(place_id)s and version = %(version)s
      and not exists (select from places.place o where o.seller_id = %(seller_id)s and o.code = %(code)s
        and o.place_id <> %(place_id)s)
    returning {_PLACE}""",
    Place,
)
TOUCHPOINT = query(f"select {_TOUCHPOINT} where t.code = %(code)s", Touchpoint)
TOUCHPOINTS = query(f"select {_TOUCHPOINT} where t.seller_id = %(seller_id)s order by t.code", Touchpoint)
ADD_TOUCHPOINT = query(
    """insert into places.touchpoint (seller_id, place_id, code, kind) values (%(seller_id)s, %(place_id)s, %(code)s, %(kind)s)
    on conflict (code) do update set kind = excluded.kind, place_id = excluded.place_id
      where touchpoint.seller_id = excluded.seller_id
    returning touchpoint_id""",
    int,
)
SAMPLES = query(
    f"""select {_SAMPLE} from places.sample where seller_id = %(seller_id)s and place_id = %(place_id)s
      and removed_at is null order by position, sample_id""",
    Sample,
)
SAMPLES_OF = query(
    f"""select {_SAMPLE} from places.sample where seller_id = %(seller_id)s
      and product_id = any(%(product_ids)s::uuid[]) and removed_at is null order by sample_id""",
    Sample,
)
COUNT_SAMPLES = query(
    """select place_id, count(*) as samples from places.sample where seller_id = %(seller_id)s
      and removed_at is null group by place_id""",
    SampleCount,
)
SAMPLE = query(f"select {_SAMPLE} from places.sample where code = %(code)s", Sample)
SHOWN = query(
    """select sample_id, product_id, code, position, placed_at, removed_at from places.sample
    where seller_id = %(seller_id)s and place_id = %(place_id)s and placed_at < %(until)s
    order by placed_at, sample_id""",
    ShownSample,
)
ADD_SAMPLE = query(
    f"""insert into places.sample (seller_id, place_id, product_id, variant_id, code, position, placed_at)
    values (%(seller_id)s, %(place_id)s, %(product_id)s, %(variant_id)s, %(code)s, %(position)s,
      coalesce(%(placed_at)s::timestamptz, now()))
    on conflict (code) do nothing returning {_SAMPLE}""",
    Sample,
)
REMOVE_SAMPLE = command(
    """update places.sample set removed_at = now()
    where seller_id = %(seller_id)s and place_id = %(place_id)s and sample_id = %(sample_id)s and removed_at is null"""
)
