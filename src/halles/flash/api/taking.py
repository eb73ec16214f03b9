"""What orders take of sales, and give back."""

from __future__ import annotations

import collections
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from halles.flash import store
from halles.flash.rules import Takings
from halles.flash.store import Tally
from halles.flash.types import Counter, RunningSale, SaleBook
from halles.kernel.arrays import Bigints, Uuids
from halles.kernel.db import Statement, Tx

_BEFORE = timedelta(seconds=30)
_AFTER = timedelta(minutes=5)


async def running(tx: Tx, sellers: Collection[int], now: datetime) -> list[RunningSale]:
    """Articles in sales that run, begin within half a minute, or ended in the last five. One statement."""
    params = {"sellers": Bigints(sorted(sellers)), "until": now + _BEFORE, "since": now - _AFTER}
    return await tx.all(store.RUNNING, params)


def knows(read_at: datetime, now: datetime) -> bool:
    """Whether what `running` gave at one moment holds every sale that runs at another: clocks are put right at times."""
    return read_at - _AFTER <= now <= read_at + _BEFORE


def takings(
    sales: Iterable[RunningSale],
    counters: Iterable[tuple[Any, ...]],
    owners: Iterable[tuple[Any, ...]],
    now: datetime,
) -> Takings:
    """Rows of `running`, LOCK_SALES and LOCK_TAKEN as what decides a batch at `now`. Where an article is in two sales of these
    minutes, the one that runs counts."""
    found: dict[tuple[int, int], RunningSale] = {}
    for sale in sales:
        key = (sale.seller_id, sale.variant_id)
        if key not in found or sale.starts_at <= now < sale.ends_at:
            found[key] = sale
    return Takings(
        sales=found,
        counters={
            (seller_id, sale_id): Counter(quantity=quantity, taken=taken, stopped_at=stopped_at)
            for seller_id, sale_id, quantity, taken, stopped_at in counters
        },
        owners={(seller_id, sale_id, owner_id): taken for seller_id, sale_id, owner_id, taken in owners},
    )


def take_steps(takings: SaleBook, at: datetime) -> list[tuple[Statement[None], Mapping[str, Any]]]:
    """The writes of a batch, none when it took nothing of any sale. `at`: the moment its orders are placed at."""
    by_sale, by_owner = takings.by_sale(), takings.by_owner()
    if not by_sale:
        return []
    sales = {
        "sellers": Bigints(row[0] for row in by_sale),
        "sales": Uuids(row[1] for row in by_sale),
        "pieces": Bigints(row[2] for row in by_sale),
        "orders": Bigints(row[3] for row in by_sale),
        "at": at,
    }
    owners = {
        "sellers": Bigints(row[0] for row in by_owner),
        "sales": Uuids(row[1] for row in by_owner),
        "owners": Bigints(row[2] for row in by_owner),
        "pieces": Bigints(row[3] for row in by_owner),
        "at": at,
    }
    return [(store.TAKE_SALES, sales), (store.TAKE_OWNERS, owners)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An order that is cancelled. `lines`: (variant, quantity)."""

    seller_id: int
    owner_id: int
    lines: Sequence[tuple[int, int]]
    placed_at: datetime


async def give_back(tx: Tx, orders: Sequence[Cancelled]) -> None:
    """Cancelled orders give the sales they were in back what they took. One statement, four more where any was in a sale.

    Call it once an order, in the transaction that cancels it, after stock and before accounts.
    """
    lines = [(order, variant_id, quantity) for order in orders for variant_id, quantity in order.lines]
    params = {
        "lines": Bigints(range(len(lines))),
        "sellers": Bigints(order.seller_id for order, _, _ in lines),
        "variants": Bigints(variant_id for _, variant_id, _ in lines),
        "moments": [order.placed_at for order, _, _ in lines],
    }
    found = await tx.all(store.SALES_AT, params) if lines else []
    if not found:
        return
    pieces: collections.Counter[tuple[int, UUID]] = collections.Counter()
    mine: collections.Counter[tuple[int, UUID, int]] = collections.Counter()
    counted: dict[tuple[int, UUID], set[int]] = {}
    for number, sale_id in found:
        order, _, quantity = lines[int(number)]
        pieces[order.seller_id, sale_id] += quantity
        mine[order.seller_id, sale_id, order.owner_id] += quantity
        counted.setdefault((order.seller_id, sale_id), set()).add(id(order))
    by_sale, by_owner = sorted(pieces), sorted(mine)
    sales = {"sellers": Bigints(key[0] for key in by_sale), "sales": Uuids(key[1] for key in by_sale)}
    owners = {
        "sellers": Bigints(key[0] for key in by_owner),
        "sales": Uuids(key[1] for key in by_owner),
        "owners": Bigints(key[2] for key in by_owner),
    }
    await tx.all(store.LOCK_SALES, sales)
    await tx.all(store.LOCK_TAKEN, owners)
    freed = Bigints(pieces[key] for key in by_sale)
    orders_of = Bigints(len(counted[key]) for key in by_sale)
    await tx.run(store.GIVE_BACK_SALES, {**sales, "pieces": freed, "orders": orders_of})
    await tx.run(store.GIVE_BACK_OWNERS, {**owners, "pieces": Bigints(mine[key] for key in by_owner)})


async def hand_over(tx: Tx, old_owner: int, owner: int) -> None:
    """A guest turned out to be `owner`: what they took, and a turn they took up, is this owner's. Idempotent. Two statements."""
    await tx.run(store.HAND_OVER, {"old_owner": old_owner, "owner": owner})
    await tx.run(store.HAND_OVER_TICKETS, {"old_owner": old_owner, "owner": owner})


async def tallies(tx: Tx) -> list[Tally]:
    """Every sale that has begun, its counter and its customers' sum, for the doctor. One statement over everything."""
    return await tx.all(store.TALLIES)
