"""All SQL of letters."""

from __future__ import annotations

from halles.kernel.cluster import on_cluster
from halles.kernel.db import command, query
from halles.letters.types import Backlog, Letter, Terms

_LETTER = """l.seller_id, l.order_id, l.kind, l.cause, l.state, l.due_at, l.queued_at, l.claims, l.failures, l.why, l.sent_at"""
_KEYS = """unnest(%(sellers)s::bigint[], %(order_ids)s::uuid[], %(kinds)s::smallint[], %(causes)s::uuid[])
      d(seller_id, order_id, kind, cause)"""
_HERE = "l.seller_id = d.seller_id and l.order_id = d.order_id and l.kind = d.kind and l.cause = d.cause"
_ONE = """seller_id = %(seller_id)s and order_id = %(order_id)s and kind = %(kind)s and cause = %(cause)s"""
_MINE = f"{_ONE} and state = 1 and claims = %(claims)s"

# Again only what was found unpaid: a letter that a worker has just now, or that failed, keeps its moment.
QUEUE = command(
    f"""insert into letters.letter as l (seller_id, order_id, kind, cause, due_at, queued_at)
    select d.*, %(now)s::timestamptz, %(now)s::timestamptz from {_KEYS} order by 1, 2, 3, 4
    on conflict (seller_id, order_id, kind, cause) do update set due_at = excluded.due_at, unpaid = false
      where l.state = 1 and l.unpaid"""
)
DUE = query(
    f"select {_LETTER} from letters.letter l where l.state = 1 and l.due_at <= %(now)s order by l.due_at limit %(limit)s",
    Letter,
)
_CLAIM = "set claims = l.claims + 1, due_at = %(until)s, unpaid = false"
CLAIM = query(
    f"""with found as (
      select l.seller_id, l.order_id, l.kind, l.cause from {_KEYS} join letters.letter l on {_HERE}
      where l.state = 1 and l.due_at <= %(now)s for update of l skip locked)
    update letters.letter l {_CLAIM} from found d where {_HERE} returning {_LETTER}""",
    Letter,
)
on_cluster(
    CLAIM,
    f"""update letters.letter l {_CLAIM} from {_KEYS}
    where {_HERE} and l.state = 1 and l.due_at <= %(now)s returning {_LETTER}""",
)
END = command(
    f"""update letters.letter set state = %(state)s::smallint, why = %(why)s, due_at = %(now)s,
      sent_at = case when %(state)s::smallint = 2 then %(now)s::timestamptz end where {_MINE}"""
)
PUT_OFF = command(
    f"""update letters.letter set due_at = %(due_at)s, failures = %(failures)s, unpaid = %(unpaid)s, why = %(why)s
    where {_MINE}"""
)
PARKED = query(
    f"""select {_LETTER} from letters.letter l where l.seller_id = %(seller_id)s and l.state = 3
    order by l.due_at, l.order_id limit %(limit)s""",
    Letter,
)
BACKLOG = query(
    """select coalesce(greatest(extract(epoch from %(now)s - (
        select min(due_at) from letters.letter where state = 1)), 0), 0)::float as lag_s,
      (select count(*)::int from letters.letter where state = 3) as parked""",
    Backlog,
)
OF_ORDER = query(
    f"""select {_LETTER} from letters.letter l where l.seller_id = %(seller_id)s and l.order_id = %(order_id)s
    order by l.queued_at, l.kind""",
    Letter,
)
WAITING = query(
    "select count(*)::int from letters.letter where seller_id = %(seller_id)s and state = 1 and due_at <= %(now)s",
    int,
)
RETRY = command(
    f"""update letters.letter set state = 1, failures = 0, why = null, due_at = %(now)s where {_ONE} and state = 3"""
)
RETRY_ALL = command(
    """update letters.letter set state = 1, failures = 0, why = null, due_at = %(now)s
    where seller_id = %(seller_id)s and state = 3"""
)

_TERMS = "seller_id, off, legal, withdrawal_days, withdrawal_fr, withdrawal_en, version"
TERMS = query(f"select {_TERMS} from letters.terms where seller_id = any(%(sellers)s::bigint[])", Terms)
SAVE_TERMS = query(
    f"""insert into letters.terms as t ({_TERMS}, updated_at)
    select %(seller_id)s, %(off)s::smallint[], %(legal)s, %(withdrawal_days)s, %(withdrawal_fr)s, %(withdrawal_en)s, 1, %(now)s
    where %(version)s::int = 0 or exists (select from letters.terms where seller_id = %(seller_id)s)
    on conflict (seller_id) do update set off = excluded.off, legal = excluded.legal,
      withdrawal_days = excluded.withdrawal_days, withdrawal_fr = excluded.withdrawal_fr,
      withdrawal_en = excluded.withdrawal_en, version = t.version + 1, updated_at = excluded.updated_at
      where t.version = %(version)s::int
    returning {_TERMS}""",
    Terms,
)
