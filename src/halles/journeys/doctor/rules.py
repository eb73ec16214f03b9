"""Comparing the books. Pure: rows in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def reserved_against_orders(
    reserved: Mapping[Item, int], ordered: Mapping[Item, int], aside: Mapping[Item, int] | None = None
) -> list[Finding]:
    """What is reserved is what open orders wait for and what reservations that stand set `aside`, item by item."""
    found: list[Finding] = []
    aside = aside or {}
    for item in sorted(reserved.keys() | ordered.keys() | aside.keys()):
        here, wanted, kept = reserved.get(item, 0), ordered.get(item, 0), aside.get(item, 0)
        if here != wanted + kept:
            text = f"{here} reserved, but open orders wait for {wanted}"
            if kept:
                text += f" and baskets set {kept} aside"
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


def flash_sales(rows: Iterable[tuple[str, int, int, int, int]], bought: Sequence[int]) -> list[Finding]:
    """Rows of (subject, quantity, taken, taken by its customers, how many articles), and what orders bought of each article in
    the time of its sale, one after the other: all three counts are one, and no more than the quantity."""
    found: list[Finding] = []
    start = 0
    for subject, quantity, taken, by_customers, articles in rows:
        ordered = sum(bought[start : start + articles])
        start += articles
        if taken != ordered:
            text = f"{taken} counted as sold, but its orders bought {ordered}"
            found.append(Finding(check="flash.orders", subject=subject, text=text))
        if taken != by_customers:
            text = f"{taken} counted as sold, but its customers' counts add up to {by_customers}"
            found.append(Finding(check="flash.customers", subject=subject, text=text))
        if ordered > quantity:
            text = f"orders bought {ordered} of {quantity}"
            found.append(Finding(check="flash.oversold", subject=subject, text=text))
    return found


def fenced_against_fences(
    items: Mapping[Item, tuple[int, int]], of_sales: Mapping[Item, int]
) -> list[Finding]:
    """(ring-fenced, what fences of channels keep) by item, and what flash sales keep: the first is the sum of the others."""
    found: list[Finding] = []
    for item in sorted(items.keys() | of_sales.keys()):
        (ring_fenced, kept), sales = items.get(item, (0, 0)), of_sales.get(item, 0)
        if ring_fenced != kept + sales:
            text = f"{ring_fenced} ring-fenced, but channels keep {kept} and flash sales {sales}"
            found.append(Finding(check="stock.ring_fenced", subject=_item(item), text=text))
    return found


def ring_fences(rows: Iterable[tuple[str, int, int, int, int, bool]]) -> list[Finding]:
    """Rows of (subject, quantity, kept, sold, what its orders took one by one, settled): no more than the quantity is kept and
    sold, what is counted as sold was sold, and a fence that is over keeps nothing."""
    found: list[Finding] = []
    for subject, quantity, kept, sold, recorded, settled in rows:
        if kept + sold > quantity:
            text = f"{kept} kept and {sold} sold of {quantity}"
            found.append(Finding(check="fence.quantity", subject=subject, text=text))
        if sold != recorded:
            text = f"{sold} counted as sold, but its orders took {recorded}"
            found.append(Finding(check="fence.orders", subject=subject, text=text))
        if settled and kept:
            text = f"it is over and still keeps {kept}"
            found.append(Finding(check="fence.over", subject=subject, text=text))
    return found


def _item(item: Item) -> str:
    return f"article {item[2]} at location {item[1]} of seller {item[0]}"
