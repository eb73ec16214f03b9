"""Comparing the books. Pure: rows in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from halles.journeys.doctor.types import Finding

Item = tuple[int, int, int]
"""(seller, location, variant)"""


def stock_against_movements(rows: Iterable[tuple[Item, int, int, int, int]]) -> list[Finding]:
    """Rows of (item, on hand, moved on hand, reserved, moved reserved) that disagree."""
    found: list[Finding] = []
    for item, on_hand, moved_on_hand, reserved, moved_reserved in rows:
        if on_hand != moved_on_hand:
            text = f"{on_hand} on hand, but its movements add up to {moved_on_hand}"
            found.append(Finding(check="stock.on_hand", subject=_item(item), text=text))
        if reserved != moved_reserved:
            text = f"{reserved} reserved, but its movements add up to {moved_reserved}"
            found.append(Finding(check="stock.reserved", subject=_item(item), text=text))
    return found


def reserved_against_orders(reserved: Mapping[Item, int], ordered: Mapping[Item, int]) -> list[Finding]:
    """What is reserved is what open orders wait for, item by item."""
    found: list[Finding] = []
    for item in sorted(reserved.keys() | ordered.keys()):
        here, wanted = reserved.get(item, 0), ordered.get(item, 0)
        if here != wanted:
            text = f"{here} reserved, but open orders wait for {wanted}"
            found.append(Finding(check="stock.open_orders", subject=_item(item), text=text))
    return found


def balances(rows: Iterable[tuple[int, int, str, int, int, int, int]]) -> list[Finding]:
    """Rows of (owner, account, currency, balance, posted, held, open holds) that disagree."""
    found: list[Finding] = []
    for owner, account, currency, balance, posted, held, open_holds in rows:
        subject = f"account {account} of {owner} ({currency})"
        if balance != posted:
            text = f"its balance is {balance}, but its transfers add up to {posted}"
            found.append(Finding(check="wallet.balance", subject=subject, text=text))
        if held != open_holds:
            text = f"{held} held, but its open holds add up to {open_holds}"
            found.append(Finding(check="wallet.held", subject=subject, text=text))
    return found


def sums(rows: Mapping[str, int]) -> list[Finding]:
    """All balances of a currency sum to zero."""
    return [
        Finding(check="wallet.sum", subject=currency, text=f"all balances sum to {total}, not to zero")
        for currency, total in sorted(rows.items())
        if total
    ]


def holds_against_orders(
    holds: Mapping[UUID, tuple[int, int]], orders: Mapping[UUID, tuple[int, int]]
) -> list[Finding]:
    """Every order whose money is held has one open hold of its owner and total (owner, minor); no hold is without an order."""
    found: list[Finding] = []
    for order_id in sorted(holds.keys() | orders.keys()):
        hold, order = holds.get(order_id), orders.get(order_id)
        if hold == order:
            continue
        if hold is None:
            text = "its money should be held, and nothing is"
        elif order is None:
            text = f"{hold[1]} of {hold[0]} is held, and no order waits for it"
        else:
            text = f"{hold[1]} of {hold[0]} is held, but the order is {order[1]} by {order[0]}"
        found.append(Finding(check="wallet.open_orders", subject=f"order {order_id}", text=text))
    return found


def _item(item: Item) -> str:
    return f"article {item[2]} at location {item[1]} of seller {item[0]}"
