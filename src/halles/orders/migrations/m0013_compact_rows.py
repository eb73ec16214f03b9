"""Orders and holds as compact rows; articles and promises kept once; what the order path reads and writes as sets."""

from alembic import op

revision = "0013_compact_rows"
down_revision = "0012_visits"


def upgrade() -> None:
    op.execute(_KEPT)
    op.execute(_ORDERS)
    op.execute(_HOLDS)
    op.execute(_MOVEMENTS)
    op.execute(_SETS)


# What many orders share word for word: an article as it was shown, a promise as it was given. Never changed, never deleted.
_KEPT = """
create table orders.kept (
  seller_id bigint not null,
  kept_id bigint generated always as identity,
  digest bytea not null,
  body jsonb not null,
  primary key (seller_id, kept_id),
  unique (seller_id, digest)
);

create function orders.article_of(line jsonb) returns jsonb language sql immutable
  return line - 'quantity' - 'unit_price_minor' - 'tax_bp' - 'location_id' - 'match_id';

insert into orders.kept (seller_id, digest, body)
  select seller_id, sha256(convert_to(body::text, 'UTF8')), body from (
    select distinct seller_id, orders.article_of(line) as body from orders."order", jsonb_array_elements(lines) line
    union select seller_id, promise from orders."order") b;
"""

# `lines`: variant, quantity, unit price (gross, minor units), tax (basis points), location, article (a kept_id); six numbers a
# line. `matches`: the photo behind each line, null where nothing led there from a photo. `pay_by`: present while a payment by
# card is awaited (payment 5). `parent_id`: the order that this one is a seller's part of. The receipt's place takes an index.
_ORDERS = """
alter table orders."order"
  add column parent_id uuid,
  add column pay_by timestamptz,
  add column promise_id bigint,
  add column numbers bigint[],
  add column matches uuid[],
  drop constraint order_payment_check,
  add constraint order_payment_check check (payment between 1 and 5);

update orders."order" o set
  promise_id = (select kept_id from orders.kept k
    where k.seller_id = o.seller_id and k.digest = sha256(convert_to(o.promise::text, 'UTF8'))),
  numbers = (select array_agg(n.value order by l.at, n.at) from jsonb_array_elements(o.lines) with ordinality l(line, at)
    join orders.kept k on k.seller_id = o.seller_id
      and k.digest = sha256(convert_to(orders.article_of(l.line)::text, 'UTF8'))
    cross join unnest(array[(l.line->>'variant_id')::bigint, (l.line->>'quantity')::bigint,
      (l.line->>'unit_price_minor')::bigint, (l.line->>'tax_bp')::bigint, (l.line->>'location_id')::bigint, k.kept_id])
      with ordinality n(value, at)),
  matches = (select case when bool_or(line ? 'match_id') then array_agg((line->>'match_id')::uuid order by at) end
    from jsonb_array_elements(o.lines) with ordinality l(line, at));

alter table orders."order" drop column lines, drop column promise;
alter table orders."order" rename column numbers to lines;
alter table orders."order" alter column lines set not null, alter column promise_id set not null;
drop function orders.article_of;

drop table orders.receipt;
-- Of the owner alone: equal keys share an entry, so that an insert seldom is the first to touch a page after a checkpoint.
create index order_of_owner on orders."order" (owner_id);
create index order_of_parent on orders."order" (parent_id) where parent_id is not null;
create index order_unpaid on orders."order" (pay_by) where payment = 5;
create index order_unpaid_of on orders."order" (seller_id, owner_id) where payment = 5;
"""

# `legs`: the stored split, four numbers a leg: owner, kind (1 main, 2 payable, 3 tax, 4 fees, 5 clearing), amount, refunded.
_HOLDS = """
alter table wallet.hold add column numbers bigint[];
update wallet.hold h set numbers = coalesce(
  (select array_agg(n.value order by l.at, n.at) from jsonb_array_elements(h.legs) with ordinality l(leg, at)
    cross join unnest(array[(leg->>0)::bigint,
      array_position(array['main', 'payable', 'tax', 'fees', 'clearing'], leg->>1)::bigint,
      (leg->>2)::bigint, coalesce((leg->>3)::bigint, 0)]) with ordinality n(value, at)), '{}');
alter table wallet.hold drop column legs;
alter table wallet.hold rename column numbers to legs;
alter table wallet.hold alter column legs set not null;
-- The id first, since it grows with time: by owner first, every insert would touch another page.
alter table wallet.hold drop constraint hold_pkey, add primary key (hold_id, owner_id);
"""

# Movements are looked for by item alone: one index where there were two.
_MOVEMENTS = """
drop index inventory.movement_item;
alter table inventory.movement
  drop constraint movement_pkey, add primary key (seller_id, location_id, variant_id, at, movement_id);
"""

# One value a row of a set that the order path writes. pricing.version moves with every change of a seller's prices, so that the
# order path may keep prices in memory and still never sell at a price that was not in force.
_SETS = """
create type orders.placing as (seller_id bigint, order_id uuid, owner_id bigint, touchpoint_id bigint, place_id bigint,
  total_minor bigint, tax_minor bigint, currency text, payment smallint, promise_id bigint, fingerprint bytea, lines bigint[],
  matches uuid[], ship_to jsonb, email text, parent_id uuid);
create type wallet.holding as (owner_id bigint, hold_id uuid, account_id bigint, amount_minor bigint, legs bigint[]);
create type inventory.moving as (seller_id bigint, location_id bigint, variant_id bigint, reserved bigint, refs uuid[],
  quantities bigint[]);

create table pricing.version (seller_id bigint primary key, version bigint not null);
"""
