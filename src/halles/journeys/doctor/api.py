"""The door of the doctor."""

from __future__ import annotations

from halles.flash import api as flash
from halles.inventory import api as inventory
from halles.journeys.doctor import rules
from halles.journeys.doctor.types import Finding, Report
from halles.kernel.db import Database
from halles.orders import api as orders
from halles.wallet import api as wallet

__all__ = ["Finding", "Report", "examine"]


async def examine(db: Database) -> Report:
    """Every proof on one snapshot, while the shop goes on selling. Twelve queries, each over everything it is about."""
    async with db.snapshot() as tx:
        stock = await inventory.differences(tx)
        reserved = await inventory.reserved(tx)
        ordered = await orders.open_quantities(tx)
        aside = await inventory.kept(tx)
        accounts = await wallet.differences(tx)
        sums = await wallet.sums(tx)
        holds = await wallet.open_holds(tx)
        waiting = await orders.open_orders(tx)
        sales = await flash.tallies(tx)
        windows = [(s.seller_id, v, s.starts_at, s.over_at) for s in sales for v in s.variants]
        bought = await orders.bought_within(tx, windows)
        counted = {
            "orders": await orders.count_orders(tx),
            "open orders": len(waiting),
            "stock items": await inventory.count_items(tx),
            "accounts": sum(row.accounts for row in sums),
            **({"flash sales": len(sales)} if sales else {}),
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
        *rules.holds_against_orders(
            {hold.order_id or hold.hold_id: (hold.owner_id, hold.amount_minor) for hold in holds},
            {order.order_id: (order.owner_id, order.total_minor) for order in waiting},
        ),
    ]
    findings += rules.flash_sales(
        [(f"flash sale {s.sale_id}", s.quantity, s.taken, s.by_customers, len(s.variants)) for s in sales],
        [bought.get(number, 0) for number in range(len(windows))],
    )
    return Report(counted=counted, findings=findings)
