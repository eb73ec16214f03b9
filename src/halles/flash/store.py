"""All the SQL of flash sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.flash.types import ItemRow, RunningSale, Sale, Standing, TicketRow
from halles.kernel.cluster import on_cluster
from halles.kernel.db import Statement, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedPieces:
    """What sales that are not settled keep of one stock item."""

    seller_id: int
    location_id: int
    variant_id: int
    pieces: int


_SALE = """seller_id, sale_id, title, currency, starts_at, ends_at, quantity, per_customer, waiting_room, prequeue_s,
      admit_per_s, hold_s, seed, stopped_at, settled_at, version, created_at"""

# ── the order path: locked after stock, before accounts ─────────────────────────────────────────────────────────────────────
RUNNING = query(
    """select s.seller_id, s.sale_id, i.variant_id, s.starts_at, s.ends_at, s.quantity, s.per_customer,
      s.waiting_room as admission, i.location_id, i.fenced
    from flash.sale s join flash.item i on i.seller_id = s.seller_id and i.sale_id = s.sale_id
    where s.seller_id = any(%(sellers)s::bigint[]) and s.starts_at <= %(until)s
      and least(s.ends_at, s.stopped_at) > %(since)s
    order by s.seller_id, i.variant_id, s.starts_at""",
    RunningSale,
)
FENCED = query(
    """select i.seller_id, i.location_id, i.variant_id, sum(i.fenced)::bigint pieces
    from flash.sale s join flash.item i on i.seller_id = s.seller_id and i.sale_id = s.sale_id
    where s.settled_at is null and i.fenced > 0 group by 1, 2, 3""",
    FencedPieces,
)
LOCK_SALES: Statement[tuple[Any, ...]] = query(
    """select seller_id, sale_id, quantity, taken, stopped_at from flash.counter
    where (seller_id, sale_id) in (select * from unnest(%(sellers)s::bigint[], %(sales)s::uuid[]))
    order by seller_id, sale_id for update""",
    tuple,
)
LOCK_TAKEN: Statement[tuple[Any, ...]] = query(
    """select seller_id, sale_id, owner_id, taken from flash.taken
    where (seller_id, sale_id, owner_id) in
      (select * from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(owners)s::bigint[]))
    order by seller_id, sale_id, owner_id for update""",
    tuple,
)
TAKE_SALES = command(
    """update flash.counter c set taken = c.taken + d.pieces, orders = c.orders + d.orders,
      last_at = greatest(c.last_at, %(at)s)
    from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(pieces)s::bigint[], %(orders)s::bigint[])
      d(seller_id, sale_id, pieces, orders)
    where c.seller_id = d.seller_id and c.sale_id = d.sale_id"""
)
TAKE_OWNERS = command(
    """insert into flash.taken as t (seller_id, sale_id, owner_id, taken, last_at)
    select seller_id, sale_id, owner_id, pieces, %(at)s
    from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(owners)s::bigint[], %(pieces)s::bigint[])
      d(seller_id, sale_id, owner_id, pieces)
    order by seller_id, sale_id, owner_id
    on conflict (seller_id, sale_id, owner_id) do update set taken = t.taken + excluded.taken, last_at = excluded.last_at"""
)

# ── after an order ──────────────────────────────────────────────────────────────────────────────────────────────────────────
# The sale that an order's articles were in when it was placed: in a sale's time every order of its articles is the sale's.
SALES_AT: Statement[tuple[Any, ...]] = query(
    """select d.line, s.sale_id
    from unnest(%(lines)s::bigint[], %(sellers)s::bigint[], %(variants)s::bigint[], %(moments)s::timestamptz[])
      d(line, seller_id, variant_id, at)
    join flash.item i on i.seller_id = d.seller_id and i.variant_id = d.variant_id
    join flash.sale s on s.seller_id = i.seller_id and s.sale_id = i.sale_id
      and s.starts_at <= d.at and least(s.ends_at, s.stopped_at) > d.at""",
    tuple,
)
GIVE_BACK_SALES = command(
    """update flash.counter c set taken = c.taken - d.pieces, orders = c.orders - d.orders
    from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(pieces)s::bigint[], %(orders)s::bigint[])
      d(seller_id, sale_id, pieces, orders)
    where c.seller_id = d.seller_id and c.sale_id = d.sale_id"""
)
GIVE_BACK_OWNERS = command(
    """update flash.taken t set taken = t.taken - d.pieces
    from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(owners)s::bigint[], %(pieces)s::bigint[])
      d(seller_id, sale_id, owner_id, pieces)
    where t.seller_id = d.seller_id and t.sale_id = d.sale_id and t.owner_id = d.owner_id"""
)
HAND_OVER = command(
    """with gone as (delete from flash.taken where owner_id = %(old_owner)s returning seller_id, sale_id, taken, last_at)
    insert into flash.taken as t (seller_id, sale_id, owner_id, taken, last_at)
    select seller_id, sale_id, %(owner)s, taken, last_at from gone order by seller_id, sale_id
    on conflict (seller_id, sale_id, owner_id) do update set taken = t.taken + excluded.taken"""
)

HAND_OVER_TICKETS = command("update flash.ticket set owner_id = %(owner)s where owner_id = %(old_owner)s")

# ── sales ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
ONE_AT_A_TIME = query(
    "select pg_advisory_xact_lock(hashtextextended('flash.sales', %(seller_id)s::bigint))::text", str
)
OVERLAPPING = query(
    """select i.variant_id from flash.item i join flash.sale s on s.seller_id = i.seller_id and s.sale_id = i.sale_id
    where i.seller_id = %(seller_id)s and i.variant_id = any(%(variants)s::bigint[]) and s.sale_id <> %(sale_id)s
      and s.starts_at < %(ends_at)s and least(s.ends_at, s.stopped_at) > %(starts_at)s
    order by i.variant_id limit 1""",
    int,
)
INSERT_SALE = command(
    """insert into flash.sale (seller_id, sale_id, title, currency, starts_at, ends_at, quantity, per_customer, waiting_room,
      prequeue_s, admit_per_s, hold_s, seed, created_at)
    values (%(seller_id)s, %(sale_id)s, %(title)s::jsonb, %(currency)s, %(starts_at)s, %(ends_at)s, %(quantity)s,
      %(per_customer)s, %(waiting_room)s, %(prequeue_s)s, %(admit_per_s)s, %(hold_s)s, %(seed)s, %(at)s)"""
)
UPDATE_SALE = command(
    """update flash.sale set title = %(title)s::jsonb, currency = %(currency)s, starts_at = %(starts_at)s,
      ends_at = %(ends_at)s, quantity = %(quantity)s, per_customer = %(per_customer)s, waiting_room = %(waiting_room)s,
      prequeue_s = %(prequeue_s)s, admit_per_s = %(admit_per_s)s, hold_s = %(hold_s)s, version = version + 1
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s"""
)
INSERT_COUNTER = command(
    """insert into flash.counter (seller_id, sale_id, quantity) values (%(seller_id)s, %(sale_id)s, %(quantity)s)
    on conflict (seller_id, sale_id) do update set quantity = excluded.quantity"""
)
INSERT_ROOM = command(
    """insert into flash.room (seller_id, sale_id, stepped_at) values (%(seller_id)s, %(sale_id)s, %(at)s)
    on conflict do nothing"""
)
DELETE_ITEMS = command("delete from flash.item where seller_id = %(seller_id)s and sale_id = %(sale_id)s")
INSERT_ITEMS = command(
    """insert into flash.item (seller_id, sale_id, variant_id, price_minor, location_id, fenced)
    select %(seller_id)s, %(sale_id)s, variant_id, nullif(price_minor, -1), nullif(location_id, 0), fenced
    from unnest(%(variants)s::bigint[], %(prices)s::bigint[], %(locations)s::bigint[], %(fenced)s::bigint[])
      d(variant_id, price_minor, location_id, fenced)"""
)
LOCK_SALE = query(
    f"select {_SALE} from flash.sale where seller_id = %(seller_id)s and sale_id = %(sale_id)s for update",
    Sale,
)
STOP = command(
    """update flash.sale set stopped_at = %(at)s, version = version + 1
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s"""
)
# Later than every order that the sale took, whatever their clocks said: so an order's moment tells whether it was the sale's.
STOP_COUNTER: Statement[tuple[Any, ...]] = query(
    """update flash.counter set stopped_at = greatest(%(at)s, last_at + interval '1 microsecond')
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s and stopped_at is null returning stopped_at""",
    tuple,
)
SETTLE = query(
    """update flash.sale set settled_at = %(at)s
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s and settled_at is null returning sale_id""",
    UUID,
)
SALES_BY_ID = query(f"select {_SALE} from flash.sale where sale_id = any(%(sales)s::uuid[])", Sale)
SALES_OF = query(
    f"""select {_SALE} from flash.sale where seller_id = any(%(sellers)s::bigint[])
    order by starts_at desc, sale_id limit %(limit)s""",
    Sale,
)
OPEN_SALES = query(
    f"""select {_SALE} from flash.sale where settled_at is null and least(ends_at, stopped_at) > %(at)s
    order by starts_at, sale_id limit %(limit)s""",
    Sale,
)
DUE: Statement[tuple[Any, ...]] = query(
    """select seller_id, sale_id from flash.sale where settled_at is null and least(ends_at, stopped_at) <= %(at)s
    order by seller_id, sale_id limit 100""",
    tuple,
)
ITEMS = query(
    """select seller_id, sale_id, variant_id, price_minor, location_id, fenced from flash.item
    where (seller_id, sale_id) in (select * from unnest(%(sellers)s::bigint[], %(sales)s::uuid[]))
    order by seller_id, sale_id, variant_id""",
    ItemRow,
)
FENCES: Statement[tuple[Any, ...]] = query(
    """select i.location_id, i.variant_id, i.fenced from flash.item i
    join flash.sale s on s.seller_id = i.seller_id and s.sale_id = i.sale_id
    where i.seller_id = %(seller_id)s and i.variant_id = any(%(variants)s::bigint[]) and i.fenced > 0
      and s.settled_at is null and s.starts_at <= %(at)s and least(s.ends_at, s.stopped_at) > %(at)s""",
    tuple,
)

# ── the waiting room: its row is locked alone ───────────────────────────────────────────────────────────────────────────────
STANDING = query(
    """select r.seller_id, r.sale_id, c.taken, c.orders, r.next_number, r.drawn, r.drawn_at, r.admitted_to, r.credit,
      r.measured_per_s, r.stepped_at, r.paused, r.marks,
      coalesce((select sum(a.watchers) from flash.audience a where a.seller_id = r.seller_id and a.sale_id = r.sale_id
        and a.at > %(since)s), 0)::bigint as watchers,
      coalesce((select sum(a.refused) from flash.audience a where a.seller_id = r.seller_id and a.sale_id = r.sale_id),
        0)::bigint as refused
    from flash.room r join flash.counter c on c.seller_id = r.seller_id and c.sale_id = r.sale_id
    where (r.seller_id, r.sale_id) in (select * from unnest(%(sellers)s::bigint[], %(sales)s::uuid[]))""",
    Standing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRow:
    """A locked waiting room."""

    next_number: int
    drawn: int | None
    admitted_to: int
    credit: float
    measured_per_s: float
    stepped_at: Any
    paused: str | None
    marks: list[int]


_ROOM = "next_number, drawn, admitted_to, credit, measured_per_s, stepped_at, paused, marks"
LOCK_ROOM = query(
    f"select {_ROOM} from flash.room where seller_id = %(seller_id)s and sale_id = %(sale_id)s for update",
    RoomRow,
)
# Whoever steps first does it for all processes; the others find it done.
LOCK_ROOM_DUE = query(
    f"""select {_ROOM} from flash.room where seller_id = %(seller_id)s and sale_id = %(sale_id)s
      and (drawn is null or stepped_at <= %(due)s) for update skip locked""",
    RoomRow,
)
STEP_ROOM = command(
    """update flash.room set drawn = coalesce(drawn, next_number - 1), drawn_at = coalesce(drawn_at, %(at)s),
      admitted_to = %(admitted_to)s, credit = %(credit)s, measured_per_s = %(measured_per_s)s, stepped_at = %(at)s,
      paused = %(paused)s, marks = %(marks)s::bigint[]
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s"""
)
NUMBERED = command(
    """update flash.room set next_number = %(next_number)s where seller_id = %(seller_id)s and sale_id = %(sale_id)s"""
)
TICKETS = query(
    """select person, owner_id, number, joined_at, claimed_at from flash.ticket
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s and person = any(%(people)s::text[])""",
    TicketRow,
)
SAVE_TICKETS = command(
    """insert into flash.ticket (seller_id, sale_id, person, owner_id, number, joined_at)
    select %(seller_id)s, %(sale_id)s, person, owner_id, number, %(at)s
    from unnest(%(people)s::text[], %(owners)s::bigint[], %(numbers)s::bigint[]) d(person, owner_id, number)
    on conflict (seller_id, sale_id, person) do update
      set owner_id = excluded.owner_id, number = excluded.number, joined_at = excluded.joined_at, claimed_at = null"""
)
CLAIM = query(
    """update flash.ticket set claimed_at = coalesce(claimed_at, %(at)s),
      owner_id = case when claimed_at is null then %(owner_id)s else owner_id end
    where seller_id = %(seller_id)s and sale_id = %(sale_id)s and person = %(person)s and number = %(number)s
    returning person, owner_id, number, joined_at, claimed_at""",
    TicketRow,
)
# Admitted people who still have time and bought nothing since; and those who took their turn up lately.
CLAIMS: Statement[tuple[int, int]] = query(
    """select count(*) filter (where not exists (select from flash.taken o where o.seller_id = t.seller_id
        and o.sale_id = t.sale_id and o.owner_id = t.owner_id and o.last_at >= t.claimed_at)),
      count(*) filter (where t.claimed_at > %(lately)s)
    from flash.ticket t
    where t.seller_id = %(seller_id)s and t.sale_id = %(sale_id)s and t.claimed_at > %(since)s""",
    tuple,
)
ATTEND = command(
    """insert into flash.audience (seller_id, sale_id, process, watchers, refused, at)
    select seller_id, sale_id, %(process)s, watchers, refused, %(at)s
    from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(watchers)s::bigint[], %(refused)s::bigint[])
      d(seller_id, sale_id, watchers, refused)
    order by seller_id, sale_id
    on conflict (seller_id, sale_id, process) do update
      set watchers = excluded.watchers, refused = excluded.refused, at = excluded.at"""
)


# ── for the doctor ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a sale's counter says, and what its customers' rows add up to."""

    seller_id: int
    sale_id: UUID
    quantity: int
    per_customer: int
    starts_at: Any
    over_at: Any
    taken: int
    by_customers: int
    variants: list[int]


TALLIES = query(
    """select s.seller_id, s.sale_id, c.quantity, s.per_customer, s.starts_at, least(s.ends_at, s.stopped_at) as over_at,
      c.taken,
      (select coalesce(sum(t.taken), 0)::bigint from flash.taken t
        where t.seller_id = s.seller_id and t.sale_id = s.sale_id) as by_customers,
      array(select i.variant_id from flash.item i where i.seller_id = s.seller_id and i.sale_id = s.sale_id) as variants
    from flash.sale s join flash.counter c on c.seller_id = s.seller_id and c.sale_id = s.sale_id
    where s.starts_at <= now() order by s.seller_id, s.sale_id""",
    Tally,
)

# A cluster locks over several shards by an update that changes nothing (docs/howto/cluster.md).
on_cluster(
    LOCK_SALES,
    """with locked as (
      update flash.counter c set taken = c.taken
      from unnest(%(sellers)s::bigint[], %(sales)s::uuid[]) d(seller_id, sale_id)
      where c.seller_id = d.seller_id and c.sale_id = d.sale_id
      returning c.seller_id, c.sale_id, c.quantity, c.taken, c.stopped_at)
    select seller_id, sale_id, quantity, taken, stopped_at from locked order by seller_id, sale_id""",
)
on_cluster(
    LOCK_TAKEN,
    """with locked as (
      update flash.taken t set taken = t.taken
      from unnest(%(sellers)s::bigint[], %(sales)s::uuid[], %(owners)s::bigint[]) d(seller_id, sale_id, owner_id)
      where t.seller_id = d.seller_id and t.sale_id = d.sale_id and t.owner_id = d.owner_id
      returning t.seller_id, t.sale_id, t.owner_id, t.taken)
    select seller_id, sale_id, owner_id, taken from locked order by seller_id, sale_id, owner_id""",
)


# ── what is held of a person ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTicket:
    """A place in a waiting room, as its owner takes it along."""

    seller_id: int
    sale_id: UUID
    number: int
    joined_at: datetime
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTaking:
    """Pieces that somebody took of a sale."""

    seller_id: int
    sale_id: UUID
    taken: int
    last_at: datetime


TICKETS_OF = query(
    """select seller_id, sale_id, number, joined_at, claimed_at from flash.ticket
    where owner_id = any(%(owners)s::bigint[]) order by joined_at, sale_id""",
    OwnTicket,
)
TAKEN_OF = query(
    """select seller_id, sale_id, taken, last_at from flash.taken
    where owner_id = any(%(owners)s::bigint[]) order by last_at, sale_id""",
    OwnTaking,
)
FORGET_TICKETS = command("delete from flash.ticket where owner_id = any(%(owners)s::bigint[])")
