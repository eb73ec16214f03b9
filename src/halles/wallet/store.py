"""All the SQL of the wallet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from halles.kernel.cluster import on_cluster
from halles.kernel.db import Statement, command, query
from halles.wallet.types import Account, OrderTransfer, OwnHold, Posting

# The order path: payers' main accounts, locked in the one order every writer keeps.
LOCK_MAIN: Statement[tuple[Any, ...]] = query(
    """select owner_id, currency, account_id, balance_minor - held_minor from wallet.account
    where (owner_id, currency) in (select * from unnest(%(owners)s::bigint[], %(currencies)s::text[])) and kind = 'main'
    order by owner_id, account_id for update""",
    tuple,
)
TERMS: Statement[tuple[Any, ...]] = query(
    "select seller_id, fee_bp from wallet.terms where seller_id = any(%(sellers)s::bigint[])", tuple
)
CHANGE = command(
    """update wallet.account a set balance_minor = a.balance_minor + d.balance, held_minor = a.held_minor + d.held
    from unnest(%(owners)s::bigint[], %(accounts)s::bigint[], %(balance)s::bigint[], %(held)s::bigint[])
      d(owner_id, account_id, balance, held)
    where a.owner_id = d.owner_id and a.account_id = d.account_id"""
)
HOLD = command(
    """insert into wallet.hold (owner_id, hold_id, account_id, amount_minor, order_id, legs, at)
    select owner_id, hold_id, account_id, amount_minor, hold_id, legs, %(at)s::timestamptz
    from unnest(%(rows)s::wallet.holding[])"""
)
HOLD_ONE = command(
    """insert into wallet.hold (owner_id, hold_id, account_id, amount_minor, order_id, legs, at)
    values (%(owner_id)s, %(hold_id)s, %(account_id)s, %(amount_minor)s, %(hold_id)s, %(legs)s::bigint[], %(at)s)"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    owner_id: int
    hold_id: UUID
    account_id: int
    currency: str
    amount_minor: int
    state: int
    order_id: UUID | None
    legs: list[int]


LOCK_HOLD = query(
    """select h.owner_id, h.hold_id, h.account_id, a.currency, h.amount_minor, h.state, h.order_id, h.legs
    from wallet.hold h join wallet.account a using (owner_id, account_id)
    where h.owner_id = %(owner_id)s and h.hold_id = %(hold_id)s for update of h""",
    HoldRow,
)
MARK_HOLD = command(
    """update wallet.hold set state = %(state)s, legs = %(legs)s::bigint[]
    where owner_id = %(owner_id)s and hold_id = %(hold_id)s"""
)
FIND_ACCOUNTS = query(
    """select owner_id, account_id, kind, currency, balance_minor, held_minor from wallet.account
    where (owner_id, kind, currency) in
      (select * from unnest(%(owners)s::bigint[], %(kinds)s::text[], %(currencies)s::text[]))""",
    Account,
)
OPEN_ACCOUNTS = command(
    """insert into wallet.account (owner_id, kind, currency)
    select * from unnest(%(owners)s::bigint[], %(kinds)s::text[], %(currencies)s::text[]) order by 1, 2, 3
    on conflict do nothing"""
)
LOCK_ACCOUNTS = query(
    """select owner_id, account_id, kind, currency, balance_minor, held_minor from wallet.account
    where (owner_id, account_id) in (select * from unnest(%(owners)s::bigint[], %(accounts)s::bigint[]))
    order by owner_id, account_id for update""",
    Account,
)
LOCK_OWNERS = query(
    """select owner_id, account_id, kind, currency, balance_minor, held_minor from wallet.account
    where owner_id = any(%(owners)s::bigint[]) order by owner_id, account_id for update""",
    Account,
)
ACCOUNTS = query(
    """select owner_id, account_id, kind, currency, balance_minor, held_minor from wallet.account
    where owner_id = any(%(owners)s::bigint[]) order by owner_id, kind, currency""",
    Account,
)
ACCOUNT_PAGE = query(
    """select owner_id, account_id, kind, currency, balance_minor, held_minor from wallet.account
    where (%(owners)s::bigint[] is null or owner_id = any(%(owners)s::bigint[]))
      and (owner_id, account_id) > (%(after_owner)s, %(after_account)s)
    order by owner_id, account_id limit %(limit)s""",
    Account,
)
TRANSFER = command(
    """insert into wallet.transfer (owner_id, transfer_id, debit_account, credit_owner, credit_account, amount_minor, currency,
      kind, order_id, topup_id, at)
    select *, %(currency)s, %(kind)s, %(order_id)s::uuid, %(topup_id)s::uuid, %(at)s
    from unnest(%(owners)s::bigint[], %(transfers)s::uuid[], %(debits)s::bigint[], %(credit_owners)s::bigint[],
      %(credits)s::bigint[], %(amounts)s::bigint[])"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    debit_account: int
    credit_owner: int
    credit_account: int
    amount_minor: int
    at: datetime


FIND_TRANSFERS = query(
    """select debit_account, credit_owner, credit_account, amount_minor, at from wallet.transfer
    where (owner_id, transfer_id) in (select * from unnest(%(owners)s::bigint[], %(transfers)s::uuid[]))""",
    TransferRow,
)
POSTINGS = query(
    """select posting_id, at, kind, amount_minor, currency, order_id, topup_id from (
      (select transfer_id posting_id, at, kind, -amount_minor amount_minor, currency, order_id, topup_id from wallet.transfer
       where owner_id = %(owner_id)s and debit_account = %(account_id)s
         and (%(parties)s::bigint[] is null or credit_owner = any(%(parties)s::bigint[]))
         and (%(before_at)s::timestamptz is null or (at, transfer_id) < (%(before_at)s, %(before_id)s::uuid))
       order by at desc, transfer_id desc limit %(limit)s)
      union all
      (select transfer_id, at, kind, amount_minor, currency, order_id, topup_id from wallet.transfer
       where credit_owner = %(owner_id)s and credit_account = %(account_id)s
         and (%(parties)s::bigint[] is null or owner_id = any(%(parties)s::bigint[]))
         and (%(before_at)s::timestamptz is null or (at, transfer_id) < (%(before_at)s, %(before_id)s::uuid))
       order by at desc, transfer_id desc limit %(limit)s)) p
    order by at desc, posting_id desc limit %(limit)s""",
    Posting,
)
TRANSFERS_OF_ORDER = query(
    """select transfer_id, at, t.kind, amount_minor, t.currency, d.kind debit_kind, c.kind credit_kind, t.owner_id debit_owner,
      credit_owner
    from wallet.transfer t
    join wallet.account d on d.owner_id = t.owner_id and d.account_id = t.debit_account
    join wallet.account c on c.owner_id = t.credit_owner and c.account_id = t.credit_account
    where order_id = %(order_id)s order by at, transfer_id""",
    OrderTransfer,
)
SET_TERMS = command(
    """insert into wallet.terms (seller_id, fee_bp) values (%(seller_id)s, %(fee_bp)s)
    on conflict (seller_id) do update set fee_bp = excluded.fee_bp"""
)
MOVE_HOLDS = command(
    """with gone as (delete from wallet.hold where owner_id = %(old)s and account_id = %(old_account)s returning *)
    insert into wallet.hold (owner_id, hold_id, account_id, amount_minor, state, order_id, legs, at)
    select %(new)s, hold_id, %(new_account)s, amount_minor, state, order_id, legs, at from gone"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An account whose row disagrees with the transfers and holds behind it."""

    owner_id: int
    account_id: int
    kind: str
    currency: str
    balance_minor: int
    posted_minor: int
    held_minor: int
    open_holds_minor: int


DIFFERENCES = query(
    """with posted as (
      select account_id, sum(amount)::bigint amount from (
        select debit_account account_id, -amount_minor amount from wallet.transfer
        union all select credit_account, amount_minor from wallet.transfer) t group by 1),
    open as (select account_id, sum(amount_minor)::bigint amount from wallet.hold where state = 1 group by 1)
    select a.owner_id, a.account_id, a.kind, a.currency, a.balance_minor, coalesce(p.amount, 0) posted_minor, a.held_minor,
      coalesce(o.amount, 0) open_holds_minor
    from wallet.account a left join posted p using (account_id) left join open o using (account_id)
    where a.balance_minor <> coalesce(p.amount, 0) or a.held_minor <> coalesce(o.amount, 0)
    order by 1, 2 limit %(limit)s""",
    Difference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencySum:
    """All balances of a currency together; zero, or money was made or lost."""

    currency: str
    accounts: int
    sum_minor: int


SUMS = query(
    """select currency, count(*) accounts, sum(balance_minor)::bigint sum_minor from wallet.account
    group by currency order by currency""",
    CurrencySum,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """A hold that waits for its order."""

    owner_id: int
    hold_id: UUID
    order_id: UUID | None
    amount_minor: int


OPEN_HOLDS = query(
    """select owner_id, hold_id, order_id, amount_minor from wallet.hold
    where state = 1 and uuid_hash(coalesce(order_id, hold_id)) & 4095 = any(%(buckets)s::bigint[])""",
    OpenHold,
)
# (bucket, how many, digest): the same of open orders are told by orders.OPEN_DIGESTS.
OPEN_DIGESTS: Statement[tuple[Any, ...]] = query(
    """select (uuid_hash(coalesce(order_id, hold_id)) & 4095)::bigint bucket, count(*),
      bit_xor(hash_record_extended((coalesce(order_id, hold_id), owner_id, amount_minor), 0))
    from wallet.hold where state = 1 group by 1""",
    tuple,
)

HOLDS_OF = query(
    """select hold_id, account_id, amount_minor, state, order_id, at from wallet.hold
    where owner_id = any(%(owners)s::bigint[]) order by at, hold_id""",
    OwnHold,
)

# A cluster locks over several shards by an update that changes nothing (docs/howto/cluster.md).
on_cluster(
    LOCK_MAIN,
    """with locked as (
      update wallet.account a set balance_minor = a.balance_minor
      from unnest(%(owners)s::bigint[], %(currencies)s::text[]) d(owner_id, currency)
      where a.owner_id = d.owner_id and a.currency = d.currency and a.kind = 'main'
      returning a.owner_id, a.currency, a.account_id, a.balance_minor - a.held_minor free_minor)
    select owner_id, currency, account_id, free_minor from locked order by owner_id, account_id""",
)
on_cluster(
    LOCK_ACCOUNTS,
    """with locked as (
      update wallet.account a set balance_minor = a.balance_minor
      from unnest(%(owners)s::bigint[], %(accounts)s::bigint[]) d(owner_id, account_id)
      where a.owner_id = d.owner_id and a.account_id = d.account_id
      returning a.owner_id, a.account_id, a.kind, a.currency, a.balance_minor, a.held_minor)
    select owner_id, account_id, kind, currency, balance_minor, held_minor from locked order by owner_id, account_id""",
)
on_cluster(
    LOCK_OWNERS,
    """with locked as (
      update wallet.account a set balance_minor = a.balance_minor where a.owner_id = any(%(owners)s::bigint[])
      returning a.owner_id, a.account_id, a.kind, a.currency, a.balance_minor, a.held_minor)
    select owner_id, account_id, kind, currency, balance_minor, held_minor from locked order by owner_id, account_id""",
)
