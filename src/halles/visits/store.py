"""All the SQL of visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from halles.kernel.db import Tx, command, query
from halles.visits.types import HourCount, RecentEvent, SeenCount, VisitEvent

# Numbers for a page, not money: a crash may lose the last quarter of a second of them, and orders need the disk more.
_RELAXED = command("set local synchronous_commit to off")
_RECORD = query(
    """with given as (
      select * from unnest(%(seller_ids)s::bigint[], %(event_ids)s::uuid[], %(kinds)s::text[], %(place_ids)s::bigint[],
        %(touchpoint_ids)s::bigint[], %(visitors)s::text[], %(product_ids)s::uuid[], %(ats)s::timestamptz[], %(days)s::date[])
        as g (seller_id, event_id, kind, place_id, touchpoint_id, visitor, product_id, at, day)
    ), fresh as (
      insert into visits.event (seller_id, event_id, kind, place_id, touchpoint_id, visitor, product_id, at)
      select seller_id, event_id, kind, place_id, touchpoint_id, visitor, product_id, at from given
      on conflict do nothing returning *
    ), arrived as (
      insert into visits.visitor_day (seller_id, day, place_id, visitor)
      select distinct g.seller_id, g.day, coalesce(g.place_id, 0), g.visitor
      from given g join fresh f using (seller_id, event_id) where g.kind = 'opened' and g.visitor is not null
      order by 1, 2, 3, 4 on conflict do nothing returning *
    ), counted as (
      select seller_id, date_trunc('hour', at, 'UTC') as hour, coalesce(place_id, 0) as place_id,
        coalesce(touchpoint_id, 0) as touchpoint_id, kind, count(*) as count
      from fresh group by 1, 2, 3, 4, 5
      union all
      select seller_id, hour, place_id, touchpoint_id, 'visit', count(*) from (
        select a.seller_id, a.place_id, min(date_trunc('hour', g.at, 'UTC')) as hour,
          min(coalesce(g.touchpoint_id, 0)) as touchpoint_id
        from arrived a join given g on g.seller_id = a.seller_id and g.day = a.day and g.visitor = a.visitor
          and coalesce(g.place_id, 0) = a.place_id and g.kind = 'opened'
        group by a.seller_id, a.place_id, a.day, a.visitor
      ) first group by 1, 2, 3, 4
    ), kept as (
      insert into visits.hourly as h (seller_id, hour, place_id, touchpoint_id, kind, shard, count)
      select seller_id, hour, place_id, touchpoint_id, kind, pg_backend_pid() %% 16, count from counted order by 1, 2, 3, 4, 5
      on conflict (seller_id, hour, place_id, touchpoint_id, kind, shard) do update set count = h.count + excluded.count
    )
    select count(*)::int from fresh""",
    int,
)
_BY_HOUR = query(
    """select hour, place_id, kind, sum(count)::bigint as count from visits.hourly
    where seller_id = %(seller_id)s and hour >= date_trunc('hour', %(since)s::timestamptz, 'UTC') and hour < %(until)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s)
    group by hour, place_id, kind""",
    HourCount,
)
_RECENT = query(
    """select at, kind, place_id from visits.event
    where seller_id = %(seller_id)s and at >= %(since)s and at < %(until)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s)
    order by at desc limit %(limit)s""",
    RecentEvent,
)
_SEEN = query(
    """select coalesce(place_id, 0) as place_id, product_id, count(*) as count from visits.event
    where seller_id = %(seller_id)s and at >= %(since)s and at < %(until)s and product_id is not null
      and kind in ('product_seen', 'photo', 'scan') group by 1, 2""",
    SeenCount,
)
_FORGET_EVENTS = command("delete from visits.event where at < %(before)s")
_FORGET_DAYS = command("delete from visits.visitor_day where day < %(before)s::timestamptz::date - 2")


async def record(tx: Tx, events: Sequence[VisitEvent]) -> int:
    """Keep events and count those that are new; returns how many. Two statements, whatever the number."""
    await tx.run(_RELAXED)
    params = {
        "seller_ids": [event.seller_id for event in events],
        "event_ids": [event.event_id for event in events],
        "kinds": [event.kind.value for event in events],
        "place_ids": [event.place_id for event in events],
        "touchpoint_ids": [event.touchpoint_id for event in events],
        "visitors": [event.visitor for event in events],
        "product_ids": [event.product_id for event in events],
        "ats": [event.at for event in events],
        "days": [event.day for event in events],
    }
    return await tx.one(_RECORD, params)


async def by_hour(
    tx: Tx, seller_id: int, place_id: int | None, since: datetime, until: datetime
) -> list[HourCount]:
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until}
    return await tx.all(_BY_HOUR, params)


async def recent(
    tx: Tx, seller_id: int, place_id: int | None, since: datetime, until: datetime, limit: int
) -> list[RecentEvent]:
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until, "limit": limit}
    return await tx.all(_RECENT, params)


async def seen(tx: Tx, seller_id: int, since: datetime, until: datetime) -> list[SeenCount]:
    return await tx.all(_SEEN, {"seller_id": seller_id, "since": since, "until": until})


async def forget(tx: Tx, before: datetime) -> int:
    """Delete events older than `before` and the days of visitors, but not the counts; returns how many rows."""
    gone = await tx.run(_FORGET_EVENTS, {"before": before})
    return gone + await tx.run(_FORGET_DAYS, {"before": before})
