"""All the SQL of welcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from halles.kernel.db import command, query
from halles.welcome.types import (
    Booking,
    BookingTally,
    Door,
    DoorCount,
    DoorFault,
    Heard,
    SlotRow,
    Ticket,
    TicketTally,
    Zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRow:
    slot_min: int
    stay_min: int
    bookable_pct: int
    largest_party: int
    days_ahead: int
    grace_min: int
    open_bookings: int
    queue: bool
    auto_call: bool
    come_min: int
    rules: list[dict[str, Any]]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadcountRow:
    zone: str
    at: datetime
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """A zone's flows since its anchor: their sum, and the lowest sum on the way (0 at most)."""

    zone: str
    total: int
    lowest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKey:
    seller_id: int
    place_id: int


_TERMS = """slot_min, stay_min, bookable_pct, largest_party, days_ahead, grace_min, open_bookings, queue, auto_call, come_min,
      rules, version"""
_BOOKING = (
    "seller_id, booking_id, place_id, party_id, starts_at, ends_at, day, size, code, state, made_at, ended_at"
)
_TICKET = """seller_id, ticket_id, place_id, party_id, day, number, size, state, passed, joined_at, called_at, come_by,
      ended_at"""
_HERE = "seller_id = %(seller_id)s and place_id = %(place_id)s"

# ── settings ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
TERMS = query(f"select {_TERMS} from welcome.terms where {_HERE}", TermsRow)
SET_UP = query("select place_id from welcome.terms where seller_id = %(seller_id)s", int)
# The lock of a place: whoever books, queues, calls or changes its terms holds it until the transaction ends.
LOCK_PLACE = query(f"select {_TERMS} from welcome.terms where {_HERE} for no key update", TermsRow)
PUT_TERMS = command(
    """insert into welcome.terms (seller_id, place_id, slot_min, stay_min, bookable_pct, largest_party, days_ahead, grace_min,
      open_bookings, queue, auto_call, come_min, rules, updated_at)
    values (%(seller_id)s, %(place_id)s, %(slot_min)s, %(stay_min)s, %(bookable_pct)s, %(largest_party)s, %(days_ahead)s,
      %(grace_min)s, %(open_bookings)s, %(queue)s, %(auto_call)s, %(come_min)s, %(rules)s::jsonb, %(at)s)
    on conflict (seller_id, place_id) do update set slot_min = excluded.slot_min, stay_min = excluded.stay_min,
      bookable_pct = excluded.bookable_pct, largest_party = excluded.largest_party, days_ahead = excluded.days_ahead,
      grace_min = excluded.grace_min, open_bookings = excluded.open_bookings, queue = excluded.queue,
      auto_call = excluded.auto_call, come_min = excluded.come_min, rules = excluded.rules, updated_at = excluded.updated_at,
      version = terms.version + 1
    where terms.version = %(version)s"""
)
ZONES = query(
    f"select zone, name_fr, name_en, capacity, rank from welcome.zone where {_HERE} order by rank, zone", Zone
)
DROP_ZONES = command(f"delete from welcome.zone where {_HERE}")
PUT_ZONES = command(
    """insert into welcome.zone (seller_id, place_id, zone, name_fr, name_en, capacity, rank)
    select %(seller_id)s, %(place_id)s, d.* from unnest(%(zones)s::text[], %(names_fr)s::text[], %(names_en)s::text[],
      %(capacities)s::int[], %(ranks)s::int[]) d (zone, name_fr, name_en, capacity, rank) order by d.zone"""
)
_DOOR = "door, place_id, name_fr, name_en, from_zone, to_zone, rank"
DOORS = query(f"select {_DOOR} from welcome.door where {_HERE} order by rank, door", Door)
DOOR = query(f"select {_DOOR} from welcome.door where seller_id = %(seller_id)s and door = %(door)s", Door)
DROP_DOORS = command(f"delete from welcome.door where {_HERE}")
PUT_DOORS = command(
    """insert into welcome.door (seller_id, place_id, door, name_fr, name_en, from_zone, to_zone, rank)
    select %(seller_id)s, %(place_id)s, d.* from unnest(%(doors)s::text[], %(names_fr)s::text[], %(names_en)s::text[],
      %(from_zones)s::text[], %(to_zones)s::text[], %(ranks)s::int[]) d (door, name_fr, name_en, from_zone, to_zone, rank)
    order by d.door on conflict do nothing"""
)

# ── counts ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
CROSS = query(
    """with fresh as (
      insert into welcome.crossing (seller_id, event_id, place_id, door, from_zone, to_zone, at, inward, outward, source,
        noted_at)
      select %(seller_id)s, d.event_id, %(place_id)s, %(door)s, %(from_zone)s, %(to_zone)s, d.at, d.inward, d.outward,
        %(source)s, %(now)s
      from unnest(%(event_ids)s::uuid[], %(ats)s::timestamptz[], %(inwards)s::int[], %(outwards)s::int[])
        d (event_id, at, inward, outward)
      order by d.event_id on conflict do nothing returning event_id)
    select count(*)::int from fresh""",
    int,
)
ADD_HEADCOUNT = command(
    """insert into welcome.headcount (seller_id, event_id, place_id, zone, at, people, noted_by, noted_at)
    values (%(seller_id)s, %(event_id)s, %(place_id)s, %(zone)s, %(at)s, %(people)s, %(noted_by)s, %(now)s)
    on conflict do nothing"""
)
HEADCOUNT = query(
    f"""select zone, at, people from welcome.headcount
    where {_HERE} and event_id = %(event_id)s and zone = %(zone)s and people = %(people)s""",
    HeadcountRow,
)
HEADCOUNTS = query(
    f"""select distinct on (zone) zone, at, people from welcome.headcount
    where {_HERE} and at > %(since)s and at <= %(now)s order by zone, at desc, event_id""",
    HeadcountRow,
)
# The sum of a zone's flows and the lowest it came to on the way: what rules.counting.level needs, without a row a crossing.
FLOWS = query(
    """with anchor as (
      select * from unnest(%(zones)s::text[], %(sinces)s::timestamptz[]) a (zone, since)
    ), flow as (
      select a.zone, c.at, sum(side.change) as change from welcome.crossing c
      cross join lateral (values (c.to_zone, c.inward - c.outward), (c.from_zone, c.outward - c.inward)) side (zone, change)
      join anchor a on a.zone = side.zone
      where c.seller_id = %(seller_id)s and c.place_id = %(place_id)s and c.at > %(oldest)s and c.at <= %(now)s
        and c.at > a.since
      group by a.zone, c.at
    ), running as (
      select zone, change, sum(change) over (partition by zone order by at) as level from flow
    )
    select zone, sum(change)::bigint as total, least(0, min(level))::bigint as lowest from running group by zone""",
    FlowRow,
)
DOOR_COUNTS = query(
    """select door, coalesce(sum(inward), 0)::bigint as inward, coalesce(sum(outward), 0)::bigint as outward, max(at) as last_at,
      array_agg(distinct source order by source) as sources
    from welcome.crossing where seller_id = %(seller_id)s and place_id = %(place_id)s and at > %(since)s and at <= %(now)s
    group by door""",
    DoorCount,
)
HEARD = query(
    """select door, source, max(at) as last_at from welcome.crossing
    where seller_id = %(seller_id)s and place_id = %(place_id)s and at > %(since)s and at <= %(now)s and source <> 'manual'
    group by door, source order by door, source""",
    Heard,
)
DEPARTED = query(
    """select coalesce(sum(outward), 0)::bigint from welcome.crossing
    where seller_id = %(seller_id)s and place_id = %(place_id)s and from_zone is null and at > %(since)s and at <= %(now)s""",
    int,
)

# ── bookings ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
SLOTS = query(
    f"""select starts_at, booked, most from welcome.slot
    where {_HERE} and starts_at > %(since)s and starts_at < %(until)s order by starts_at""",
    SlotRow,
)
TAKE_SLOT = command(
    """insert into welcome.slot as s (seller_id, place_id, starts_at, booked, most)
    values (%(seller_id)s, %(place_id)s, %(starts_at)s, %(size)s, %(most)s)
    on conflict (seller_id, place_id, starts_at) do update set booked = s.booked + excluded.booked, most = excluded.most"""
)
FREE_SLOTS = command(
    """update welcome.slot s set booked = s.booked - d.size
    from (select starts_at, sum(size)::int as size from unnest(%(starts)s::timestamptz[], %(sizes)s::int[]) x (starts_at, size)
      group by starts_at) d
    where s.seller_id = %(seller_id)s and s.place_id = %(place_id)s and s.starts_at = d.starts_at"""
)
BOOKING = query(
    f"select {_BOOKING} from welcome.booking where seller_id = %(seller_id)s and booking_id = %(booking_id)s",
    Booking,
)
ADD_BOOKING = query(
    f"""insert into welcome.booking (seller_id, booking_id, place_id, party_id, starts_at, ends_at, day, size, code, made_at)
    values (%(seller_id)s, %(booking_id)s, %(place_id)s, %(party_id)s, %(starts_at)s, %(ends_at)s, %(day)s, %(size)s, %(code)s,
      %(now)s)
    on conflict do nothing returning {_BOOKING}""",
    Booking,
)
OPEN_OF_PARTY = query(
    f"""select count(*)::int from welcome.booking
    where {_HERE} and party_id = %(party_id)s and day = %(day)s and state = 'booked'""",
    int,
)
BOOKINGS_OF_PARTY = query(
    f"""select {_BOOKING} from welcome.booking where party_id = %(party_id)s and ends_at > %(since)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s) order by starts_at desc, booking_id limit 100""",
    Booking,
)
BOOKING_OF_PARTY = query(
    f"select {_BOOKING} from welcome.booking where party_id = %(party_id)s and booking_id = %(booking_id)s",
    Booking,
)
BOOKINGS_OF_DAY = query(
    f"select {_BOOKING} from welcome.booking where {_HERE} and day = %(day)s order by starts_at, made_at",
    Booking,
)
BOOKING_BY_CODE = query(
    f"""select {_BOOKING} from welcome.booking where {_HERE} and day = %(day)s and code = %(code)s
    for no key update""",
    Booking,
)
DUE_BOOKINGS = query(
    f"""select {_BOOKING} from welcome.booking where {_HERE} and state = 'booked' and starts_at <= %(until)s
    order by starts_at, made_at, booking_id""",
    Booking,
)
END_BOOKINGS = query(
    f"""update welcome.booking set state = %(state)s, ended_at = %(now)s
    where seller_id = %(seller_id)s and booking_id = any(%(booking_ids)s::uuid[]) and state = 'booked' returning {_BOOKING}""",
    Booking,
)

# ── the queue ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
TICKET = query(
    f"select {_TICKET} from welcome.ticket where seller_id = %(seller_id)s and ticket_id = %(ticket_id)s",
    Ticket,
)
TICKET_OF_PARTY = query(
    f"select {_TICKET} from welcome.ticket where party_id = %(party_id)s and ticket_id = %(ticket_id)s",
    Ticket,
)
TICKETS_OF_PARTY = query(
    f"""select {_TICKET} from welcome.ticket where party_id = %(party_id)s and joined_at > %(since)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s) order by joined_at desc limit 20""",
    Ticket,
)
OPEN_TICKETS = query(
    f"select {_TICKET} from welcome.ticket where {_HERE} and ended_at is null order by day, number",
    Ticket,
)
NEXT_NUMBER = query(
    f"select coalesce(max(number), 0) + 1 from welcome.ticket where {_HERE} and day = %(day)s", int
)
ADD_TICKET = query(
    f"""insert into welcome.ticket (seller_id, ticket_id, place_id, party_id, day, number, size, joined_at)
    values (%(seller_id)s, %(ticket_id)s, %(place_id)s, %(party_id)s, %(day)s, %(number)s, %(size)s, %(now)s)
    on conflict (seller_id, ticket_id) do nothing returning {_TICKET}""",
    Ticket,
)
CALL = query(
    f"""update welcome.ticket set state = 'called', called_at = %(now)s, come_by = %(come_by)s
    where seller_id = %(seller_id)s and ticket_id = any(%(ticket_ids)s::uuid[]) and state = 'waiting' returning {_TICKET}""",
    Ticket,
)
PASS = command(
    """update welcome.ticket t set passed = d.passed
    from unnest(%(ticket_ids)s::uuid[], %(passed)s::int[]) d (ticket_id, passed)
    where t.seller_id = %(seller_id)s and t.ticket_id = d.ticket_id and t.state = 'waiting'"""
)
END_TICKETS = query(
    f"""update welcome.ticket set state = %(state)s, ended_at = %(now)s
    where seller_id = %(seller_id)s and ticket_id = any(%(ticket_ids)s::uuid[]) and state = any(%(from_states)s::text[])
    returning {_TICKET}""",
    Ticket,
)

# ── time, people, the doctor ────────────────────────────────────────────────────────────────────────────────────────────────
# Every place with an open ticket, or with a booking whose time has come.
TO_LOOK_AT = query(
    """select seller_id, place_id from welcome.ticket where ended_at is null
    union
    select seller_id, place_id from welcome.booking where state = 'booked' and starts_at <= %(now)s
    order by 1, 2""",
    PlaceKey,
)
HAND_OVER_BOOKINGS = command(
    "update welcome.booking set party_id = %(party_id)s where party_id = %(old_party_id)s"
)
HAND_OVER_TICKETS = command(
    "update welcome.ticket set party_id = %(party_id)s where party_id = %(old_party_id)s"
)
BOOKINGS_OF_PEOPLE = query(
    f"""select {_BOOKING} from welcome.booking where party_id = any(%(parties)s::bigint[])
    order by starts_at, booking_id""",
    Booking,
)
TICKETS_OF_PEOPLE = query(
    f"""select {_TICKET} from welcome.ticket where party_id = any(%(parties)s::bigint[])
    order by joined_at, ticket_id""",
    Ticket,
)
FORGET_BOOKINGS_OF = command(
    """update welcome.booking set party_id = null where party_id = any(%(parties)s::bigint[])
    and state <> 'booked'"""
)
FORGET_TICKETS_OF = command(
    """update welcome.ticket set party_id = null where party_id = any(%(parties)s::bigint[])
    and ended_at is not null"""
)
FORGET_BOOKERS = command(
    """update welcome.booking set party_id = null
    where party_id is not null and state <> 'booked' and ends_at < %(before)s"""
)
FORGET_QUEUERS = command(
    "update welcome.ticket set party_id = null where party_id is not null and ended_at < %(before)s"
)
FORGET_CROSSINGS = command("delete from welcome.crossing where at < %(before)s")
FORGET_HEADCOUNTS = command("delete from welcome.headcount where at < %(before)s")
SLOT_TALLIES = query(
    """select s.seller_id, s.place_id, s.starts_at, s.booked, s.most, coalesce(sum(b.size), 0)::int as people
    from welcome.slot s left join welcome.booking b on b.seller_id = s.seller_id and b.place_id = s.place_id
      and b.starts_at = s.starts_at and b.state in ('booked', 'arrived')
    group by s.seller_id, s.place_id, s.starts_at, s.booked, s.most
    having s.booked <> coalesce(sum(b.size), 0) or s.booked > s.most""",
    BookingTally,
)
TICKET_FAULTS = query(
    """select seller_id, ticket_id, state, 'its state and its moments contradict each other' as text from welcome.ticket
    where (state in ('waiting', 'called')) <> (ended_at is null) or (state = 'called' and come_by is null)
      or (state = 'entered' and called_at is null)""",
    TicketTally,
)
DOOR_FAULTS = query(
    """select d.seller_id, d.door, side.zone from welcome.door d
    cross join lateral (values (d.from_zone), (d.to_zone)) side (zone)
    where side.zone is not null and not exists (select from welcome.zone z
      where z.seller_id = d.seller_id and z.place_id = d.place_id and z.zone = side.zone)""",
    DoorFault,
)
COUNT_ALL = query(
    """select (select count(*) from welcome.booking where state = 'booked') +
      (select count(*) from welcome.ticket where ended_at is null)""",
    int,
)
