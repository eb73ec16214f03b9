"""The door of the doctor."""

from __future__ import annotations

from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.journeys.doctor import rules
from halles.journeys.doctor.closed import closings_of
from halles.journeys.doctor.promised import promises_of
from halles.journeys.doctor.shown import shown_on_labels
from halles.journeys.doctor.tied import ties_of
from halles.journeys.doctor.types import Finding, Report
from halles.journeys.doctor.welcomed import at_the_door
from halles.kernel.db import Database, Tx
from halles.orders import api as orders
from halles.wallet import api as wallet

__all__ = ["Finding", "Report", "examine"]


async def examine(db: Database) -> Report:
    """Every proof on one snapshot, while the shop goes on selling. Fifteen queries, each over everything it is about."""
    async with db.snapshot() as tx:
        stock = await inventory.differences(tx)
        reserved = await inventory.reserved(tx)
        ordered = await orders.open_quantities(tx)
        aside = await inventory.kept(tx)
        accounts = await wallet.differences(tx)
        sums = await wallet.sums(tx)
        waiting, held = await _waiting(tx)
        sales, of_sales = await _flash_sales(tx)
        fences, of_fences = await _ring_fences(tx)
        counted = {
            "orders": await orders.count_orders(tx),
            "open orders": waiting,
            "stock items": await inventory.count_items(tx),
            "accounts": sum(row.accounts for row in sums),
            **({"flash sales that began": sales} if sales else {}),
            **({"ring-fences": fences} if fences else {}),
        }
    findings = [
        *rules.stock_against_movements(
            (
                (s.seller_id, s.location_id, s.variant_id),
                s.on_hand,
                s.moved_on_hand,
                s.reserved,
                s.moved_reserved,
            )
            for s in stock
        ),
        *rules.reserved_against_orders(
            {(r.seller_id, r.location_id, r.variant_id): r.reserved for r in reserved},
            {(o.seller_id, o.location_id, o.variant_id): o.quantity for o in ordered},
            {(r.seller_id, r.location_id, r.variant_id): r.reserved for r in aside},
        ),
        *rules.balances(
            (
                a.owner_id,
                a.account_id,
                a.currency,
                a.balance_minor,
                a.posted_minor,
                a.held_minor,
                a.open_holds_minor,
            )
            for a in accounts
        ),
        *rules.sums({row.currency: row.sum_minor for row in sums}),
        *held,
        *of_sales,
        *of_fences,
    ]
    for look in (promises_of, shown_on_labels, ties_of, at_the_door, closings_of):
        more, found = await look(db)
        counted |= more
        findings += found
    return Report(counted=counted, findings=findings)


async def _waiting(tx: Tx) -> tuple[int, list[Finding]]:
    """How many orders wait with their money held, and where holds and orders disagree. Two queries over everything; what differs
    by its digests is read in two more."""
    orders_of, holds_of = await orders.open_digests(tx), await wallet.open_digests(tx)
    many = sum(count for count, _ in orders_of.values())
    differ = [b for b in orders_of.keys() | holds_of.keys() if orders_of.get(b) != holds_of.get(b)]
    if not differ:
        return many, []
    waiting, holds = await orders.open_orders(tx, differ), await wallet.open_holds(tx, differ)
    return many, rules.holds_against_orders(
        {hold.order_id or hold.hold_id: (hold.owner_id, hold.amount_minor) for hold in holds},
        {order.order_id: (order.owner_id, order.total_minor) for order in waiting},
    )


async def _flash_sales(tx: Tx) -> tuple[int, list[Finding]]:
    """How many sales began, and where their counts and what was ordered disagree. Two queries over everything."""
    sales = await flash.tallies(tx)
    windows = [(s.seller_id, v, s.starts_at, s.over_at) for s in sales for v in s.variants]
    bought = await orders.bought_within(tx, windows)
    return len(sales), rules.flash_sales(
        [(f"flash sale {s.sale_id}", s.quantity, s.taken, s.by_customers, len(s.variants)) for s in sales],
        [bought.get(number, 0) for number in range(len(windows))],
    )


async def _ring_fences(tx: Tx) -> tuple[int, list[Finding]]:
    """How many fences there are, and what their books disagree about. Three queries, each over everything it is about."""
    fenced, of_sales, fences = (
        await inventory.fenced(tx),
        await flash.fenced(tx),
        await inventory.fence_tallies(tx),
    )
    items = {(f.seller_id, f.location_id, f.variant_id): (f.ring_fenced, f.kept) for f in fenced}
    rows = [
        (
            f"ring-fence {f.fence_id} of seller {f.seller_id}",
            f.quantity,
            f.kept,
            f.sold,
            f.recorded,
            f.settled,
        )
        for f in fences
    ]
    return len(fences), [*rules.fenced_against_fences(items, of_sales), *rules.ring_fences(rows)]
