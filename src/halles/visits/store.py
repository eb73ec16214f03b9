"""All the SQL of visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.kernel.db import Tx, command, query
from halles.visits.types import (
    Answers,
    Consent,
    HourCount,
    RecentEvent,
    SeenCount,
    Tie,
    TiedEvent,
    TiedTouch,
    VisitDay,
    VisitEvent,
)

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
    """Delete events older than `before`, the days of visitors and ties, but not the counts; returns how many rows."""
    gone = await tx.run(_FORGET_EVENTS, {"before": before})
    gone += await tx.run(_FORGET_TIES, {"before": before})
    return gone + await tx.run(_FORGET_DAYS, {"before": before})


# ── consent and ties ────────────────────────────────────────────────────────────────────────────────────────────────────────

_CONSENT = "seller_id, party_id, consent_id, agreed, text_version, language, at"
KEEP_CONSENT = command(
    """insert into visits.consent (seller_id, party_id, consent_id, agreed, text_version, language, at)
    values (%(seller_id)s, %(party_id)s, %(consent_id)s, %(agreed)s, %(text_version)s, %(language)s, %(at)s)
    on conflict do nothing"""
)
CONSENT = query(
    f"""select {_CONSENT} from visits.consent
    where seller_id = %(seller_id)s and party_id = %(party_id)s and consent_id = %(consent_id)s""",
    Consent,
)
CONSENTS_OF = query(
    f"select {_CONSENT} from visits.consent where party_id = %(party_id)s order by place_in_line", Consent
)
AGREE = command(
    """insert into visits.agreed (seller_id, party_id, since) values (%(seller_id)s, %(party_id)s, %(at)s)
    on conflict do nothing"""
)
WITHDRAW = command(
    """delete from visits.agreed where party_id = %(party_id)s
      and (%(seller_id)s::bigint is null or seller_id = %(seller_id)s)"""
)
UNTIE = command(
    """delete from visits.tie where party_id = %(party_id)s
      and (%(seller_id)s::bigint is null or seller_id = %(seller_id)s)"""
)
ERASE = command("delete from visits.consent where party_id = %(party_id)s")


# Held until the transaction ends, so that nobody is tied while they withdraw.
AGREED = query(
    """select since from visits.agreed where seller_id = %(seller_id)s and party_id = %(party_id)s for key share""",
    datetime,
)
# One at a time for a person: an answer and the next are decided in the order in which they came.
LOCK_PERSON = command(
    "select pg_advisory_xact_lock(hashtextextended('visits.consent', %(party_id)s::bigint))"
)
LOCK_VISITOR = command(
    "select pg_advisory_xact_lock(hashtextextended(%(visitor)s::text, %(seller_id)s::bigint))"
)
TIES = query(
    """select seller_id, visitor, party_id, since, until from visits.tie
    where seller_id = %(seller_id)s and visitor = %(visitor)s order by since""",
    Tie,
)
DROP_TIES = command(
    """delete from visits.tie
    where seller_id = %(seller_id)s and visitor = %(visitor)s and party_id = %(party_id)s"""
)
PUT_TIES = command(
    """insert into visits.tie (seller_id, visitor, party_id, since, until)
    select %(seller_id)s, %(visitor)s, %(party_id)s, d.since, d.until
    from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) d (since, until)"""
)
TIES_OF = query(
    """select seller_id, visitor, party_id, since, until from visits.tie
    where party_id = %(party_id)s order by since""",
    Tie,
)
EVENTS_OF = query(
    """select e.seller_id, e.at, e.kind, e.place_id, e.product_id
    from visits.tie t join visits.event e
      on e.seller_id = t.seller_id and e.visitor = t.visitor and e.at between t.since and t.until
    where t.party_id = %(party_id)s order by e.at, e.event_id""",
    TiedEvent,
)
# What a guest said and did moves to the account that they turn out to be.
MOVE_CONSENT = command(
    """update visits.consent set party_id = %(new)s where seller_id = %(seller_id)s and party_id = %(old)s"""
)
MOVE_AGREED = command(
    """update visits.agreed set party_id = %(new)s where seller_id = %(seller_id)s and party_id = %(old)s"""
)
MOVE_TIES = command(
    """update visits.tie set party_id = %(new)s where seller_id = %(seller_id)s and party_id = %(old)s"""
)

# ── what tied people did ────────────────────────────────────────────────────────────────────────────────────────────────────

# A tie is short and few; the events of a period are many, and read once by their time.
_TIED = """from visits.tie t join visits.event e
      on e.seller_id = t.seller_id and e.visitor = t.visitor and e.at between t.since and t.until
    where t.seller_id = %(seller_id)s and t.until >= %(since)s and t.since < %(until)s
      and e.seller_id = %(seller_id)s and e.place_id = %(place_id)s and e.at >= %(since)s and e.at < %(until)s"""
VISIT_DAYS = query(
    f"""select t.party_id, (e.at at time zone %(zone)s)::date as day, min(e.at) as first_at {_TIED}
    group by 1, 2 order by 1, 2""",
    VisitDay,
)
TOUCHES = query(
    f"""select t.party_id, e.product_id, min(e.at) as at {_TIED} and e.product_id is not null
    group by 1, 2, (e.at at time zone %(zone)s)::date order by 1, 3""",
    TiedTouch,
)
DEVICES = query(
    f"""select devices::int from (select t.party_id, count(distinct t.visitor) as devices {_TIED} group by 1) d""",
    int,
)
TIES_AT = query(
    """select seller_id, visitor, party_id, since, until from visits.tie
    where seller_id = %(seller_id)s and until >= %(since)s and since < %(until)s order by visitor, since""",
    Tie,
)
TIED_VISITS = query(
    f"select count(distinct (t.visitor, (e.at at time zone %(zone)s)::date)) {_TIED} and e.kind = 'opened'",
    int,
)
ANSWERS = query(
    """select count(*) filter (where agreed) as yes, count(*) filter (where not agreed) as no from (
      select distinct on (party_id) agreed from visits.consent
      where seller_id = %(seller_id)s and at >= %(since)s and at < %(until)s order by party_id, place_in_line desc) a""",
    Answers,
)
FIRST_DAY = query(
    """select min(hour) from visits.hourly
    where seller_id = %(seller_id)s and place_id = %(place_id)s and kind = 'visit'""",
    datetime,
)
_FORGET_TIES = command("delete from visits.tie where until < %(before)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A tie or an agreement that must not be. `what`: `unagreed`, `overlap`, `answer`."""

    what: str
    seller_id: int
    party_id: int


FAULTS = query(
    """select 'unagreed' as what, t.seller_id, t.party_id from visits.tie t
      where not exists (select from visits.agreed a where a.seller_id = t.seller_id and a.party_id = t.party_id)
      group by 2, 3
    union all
    select 'overlap', seller_id, party_id from (
      select seller_id, party_id, since <= lag(until) over w and party_id <> lag(party_id) over w as meets from visits.tie
      window w as (partition by seller_id, visitor order by since)) m where meets
    union all
    select 'answer', coalesce(c.seller_id, a.seller_id), coalesce(c.party_id, a.party_id) from (
      select distinct on (seller_id, party_id) seller_id, party_id, agreed from visits.consent
      order by seller_id, party_id, place_in_line desc) c
      full join visits.agreed a on a.seller_id = c.seller_id and a.party_id = c.party_id
      where coalesce(c.agreed, false) <> (a.party_id is not null)""",
    Fault,
)
COUNT_AGREED = query("select count(*) from visits.agreed", int)
