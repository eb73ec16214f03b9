"""All the SQL of shelf labels."""

from __future__ import annotations

from typing import Any

from halles.kernel.db import Statement, command, query
from halles.shelf_labels.types import Gateway, Outgoing, RefusalCount, SentContent, ShelfLabel

_GATEWAY = "seller_id, gateway_id, place_id, name, key_sealed, heard_at, added_at"
_LABEL = """seller_id, label_code, gateway_id, place_id, product_id, variant_id, position, version, content, hash, desired_at,
      attempts, send_at, sent_at, confirmed_version, confirmed_at"""
_SENT = (
    "seller_id, label_code, version, gateway_id, hash, body, made_at, sent_at, confirmed_at, confirmed_hash"
)

ADD_GATEWAY = query(
    f"""insert into shelf_labels.gateway (seller_id, gateway_id, place_id, name, key_sealed, added_at)
    values (%(seller_id)s, %(gateway_id)s, %(place_id)s, %(name)s, %(key_sealed)s, %(at)s)
    on conflict do nothing returning {_GATEWAY}""",
    Gateway,
)
GATEWAY = query(
    f"""select {_GATEWAY} from shelf_labels.gateway
    where seller_id = %(seller_id)s and gateway_id = %(gateway_id)s""",
    Gateway,
)
GATEWAYS = query(
    f"select {_GATEWAY} from shelf_labels.gateway where seller_id = %(seller_id)s order by gateway_id",
    Gateway,
)
HEARD = command(
    """update shelf_labels.gateway set heard_at = %(at)s
    where seller_id = %(seller_id)s and gateway_id = %(gateway_id)s and (heard_at is null or heard_at < %(at)s)"""
)
# A label that gets another article or gateway begins again: what it shows is to be proved anew.
PUT_LABELS = command(
    """insert into shelf_labels.label as l (seller_id, label_code, gateway_id, place_id, product_id, variant_id, position,
      look_at, added_at)
    select %(seller_id)s, d.code, d.gateway_id, g.place_id, d.product_id, d.variant_id, d.position, %(at)s, %(at)s
    from unnest(%(codes)s::text[], %(gateway_ids)s::text[], %(product_ids)s::uuid[], %(variant_ids)s::bigint[],
      %(positions)s::text[]) d (code, gateway_id, product_id, variant_id, position)
    join shelf_labels.gateway g on g.seller_id = %(seller_id)s and g.gateway_id = d.gateway_id
    order by d.code
    on conflict (seller_id, label_code) do update set gateway_id = excluded.gateway_id, place_id = excluded.place_id,
      product_id = excluded.product_id, variant_id = excluded.variant_id, position = excluded.position,
      look_at = excluded.look_at,
      hash = case when l.gateway_id = excluded.gateway_id then l.hash end,
      content = case when l.gateway_id = excluded.gateway_id then l.content end,
      send_at = case when l.gateway_id = excluded.gateway_id then l.send_at end"""
)
REMOVE_LABEL = query(
    f"""delete from shelf_labels.label where seller_id = %(seller_id)s and label_code = %(code)s
    returning {_LABEL}""",
    ShelfLabel,
)
# The versions of a label that comes back go on where they ended, so that no old proof fits a new content.
LAST_VERSIONS: Statement[tuple[Any, ...]] = query(
    """select label_code, max(version) as version from shelf_labels.sent
    where seller_id = %(seller_id)s and label_code = any(%(codes)s::text[]) group by label_code""",
    tuple,
)
LABELS = query(
    f"""select {_LABEL} from shelf_labels.label where seller_id = %(seller_id)s
      and (%(place_id)s::bigint is null or place_id = %(place_id)s) order by place_id, position, label_code""",
    ShelfLabel,
)
SOME_LABELS = query(
    f"""select {_LABEL} from shelf_labels.label
    where seller_id = %(seller_id)s and label_code = any(%(codes)s::text[]) order by label_code for update""",
    ShelfLabel,
)
# One worker at a time looks (1) and sends (2), until its transaction ends: a lock of rows over all sellers no cluster gives.
ALONE = query("select pg_try_advisory_xact_lock(1279345996, %(what)s)", bool)
TO_LOOK_AT: Statement[tuple[Any, ...]] = query(
    "select seller_id, label_code from shelf_labels.label where look_at <= %(at)s order by look_at limit %(limit)s",
    tuple,
)
LOOK_LATER = command(
    """update shelf_labels.label l set look_at = d.look_at
    from unnest(%(seller_ids)s::bigint[], %(codes)s::text[], %(look_ats)s::timestamptz[]) d (seller_id, code, look_at)
    where l.seller_id = d.seller_id and l.label_code = d.code"""
)
LOOK_AT_VARIANTS = command(
    """update shelf_labels.label l set look_at = %(at)s
    from unnest(%(seller_ids)s::bigint[], %(variant_ids)s::bigint[]) d (seller_id, variant_id)
    where l.seller_id = d.seller_id and l.variant_id = d.variant_id and (l.look_at is null or l.look_at > %(at)s)"""
)
LOOK_AT_PRODUCTS = command(
    """update shelf_labels.label l set look_at = %(at)s
    from unnest(%(seller_ids)s::bigint[], %(product_ids)s::uuid[]) d (seller_id, product_id)
    where l.seller_id = d.seller_id and l.product_id = d.product_id and (l.look_at is null or l.look_at > %(at)s)"""
)
DESIRE = command(
    """update shelf_labels.label l set version = d.version, content = d.content::jsonb, hash = d.hash, desired_at = %(at)s,
      attempts = 0, send_at = %(at)s, sent_at = null
    from unnest(%(seller_ids)s::bigint[], %(codes)s::text[], %(versions)s::bigint[], %(contents)s::text[], %(hashes)s::text[])
      d (seller_id, code, version, content, hash)
    where l.seller_id = d.seller_id and l.label_code = d.code"""
)
KEEP_CONTENT = command(
    """insert into shelf_labels.sent (seller_id, label_code, version, gateway_id, hash, body, made_at)
    select d.*, %(at)s::timestamptz from unnest(%(seller_ids)s::bigint[], %(codes)s::text[], %(versions)s::bigint[],
      %(gateway_ids)s::text[], %(hashes)s::text[], %(bodies)s::text[]) d"""
)
# Marked before it is sent: what a crash leaves unsent is sent again with the next try.
TAKE_DUE = query(
    """with due as (
      select seller_id, label_code from shelf_labels.label where send_at <= %(at)s
      order by send_at limit %(limit)s
    ), marked as (
      update shelf_labels.label l set attempts = l.attempts + 1, sent_at = %(at)s,
        send_at = %(at)s::timestamptz + make_interval(secs => least(%(longest_s)s::float8,
          %(first_s)s::float8 * 2 ^ least(l.attempts, 20)))
      from due where l.seller_id = due.seller_id and l.label_code = due.label_code and l.send_at <= %(at)s
      returning l.seller_id, l.gateway_id, l.label_code, l.version
    ), noted as (
      update shelf_labels.sent s set sent_at = coalesce(s.sent_at, %(at)s) from marked m
      where s.seller_id = m.seller_id and s.label_code = m.label_code and s.version = m.version
      returning s.seller_id, s.label_code, s.body
    )
    select m.seller_id, m.gateway_id, m.label_code, m.version, n.body, g.key_sealed
    from marked m join noted n using (seller_id, label_code)
    join shelf_labels.gateway g using (seller_id, gateway_id) order by m.seller_id, m.gateway_id, m.label_code""",
    Outgoing,
)
SEND_AGAIN = command(
    """update shelf_labels.label set send_at = %(at)s, attempts = 0
    where seller_id = %(seller_id)s and (%(gateway_id)s::text is null or gateway_id = %(gateway_id)s)
      and (%(code)s::text is null or label_code = %(code)s) and version > confirmed_version"""
)
SENT = query(
    f"""select {_SENT} from shelf_labels.sent
    where seller_id = %(seller_id)s and label_code = %(code)s and version = %(version)s""",
    SentContent,
)
SENT_OF_LABEL = query(
    f"""select {_SENT} from shelf_labels.sent where seller_id = %(seller_id)s and label_code = %(code)s
    order by version desc limit %(limit)s""",
    SentContent,
)
CONFIRMED_CONTENTS = query(
    f"""select {_SENT} from shelf_labels.sent s where seller_id = %(seller_id)s and exists (
      select from shelf_labels.label l where l.seller_id = s.seller_id and l.label_code = s.label_code
        and l.confirmed_version = s.version and (%(place_id)s::bigint is null or l.place_id = %(place_id)s))""",
    SentContent,
)
CONFIRM_LABEL = command(
    """update shelf_labels.label set confirmed_version = %(version)s, confirmed_at = %(at)s,
      send_at = case when version = %(version)s then null else send_at end
    where seller_id = %(seller_id)s and label_code = %(code)s and confirmed_version < %(version)s"""
)
CONFIRM_CONTENT = command(
    """update shelf_labels.sent set confirmed_at = %(at)s, confirmed_hash = %(hash)s
    where seller_id = %(seller_id)s and label_code = %(code)s and version = %(version)s and confirmed_at is null"""
)
REFUSE = command(
    """insert into shelf_labels.refusal as r (seller_id, gateway_id, reason, label_code, count, first_at, last_at)
    values (%(seller_id)s, %(gateway_id)s, %(reason)s, %(code)s, 1, %(at)s, %(at)s)
    on conflict (seller_id, gateway_id, reason, label_code) do update set count = r.count + 1, last_at = excluded.last_at"""
)
REFUSALS = query(
    """select seller_id, gateway_id, reason, label_code, count, first_at, last_at from shelf_labels.refusal
    where seller_id = %(seller_id)s order by last_at desc limit 200""",
    RefusalCount,
)
# Contents that nobody will ask for: replaced by a later one that was confirmed, and old.
FORGET_SENT = command(
    """delete from shelf_labels.sent s using shelf_labels.label l
    where l.seller_id = s.seller_id and l.label_code = s.label_code and s.version < l.confirmed_version
      and s.made_at < %(before)s"""
)
ALL_LABELS = query(f"select {_LABEL} from shelf_labels.label", ShelfLabel)
ALL_CONFIRMED = query(
    f"""select {_SENT} from shelf_labels.sent s where exists (
      select from shelf_labels.label l where l.seller_id = s.seller_id and l.label_code = s.label_code
        and l.confirmed_version = s.version)""",
    SentContent,
)
