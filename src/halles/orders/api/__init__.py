"""The door of orders: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: EXISTING gives the orders that stand under these ids;
PLACE, RECEIVE and EMPTY_BASKETS write orders, receipts, and take what was bought out of the baskets, a set each.
"""

from halles.orders.api.advance import advance, lock_order
from halles.orders.api.baskets import basket, put_line, remove_line
from halles.orders.api.merge import lock_owned, merge
from halles.orders.api.reading import (
    count_orders,
    list_orders,
    list_sold,
    load_order,
    open_orders,
    open_quantities,
    sales,
    timeline,
)
from halles.orders.rules import TERMINAL, can, number, read_number
from halles.orders.store import EMPTY_BASKETS, EXISTING, PLACE, RECEIVE, OpenOrder, OpenQuantity, Sales

__all__ = [
    "EMPTY_BASKETS",
    "EXISTING",
    "PLACE",
    "RECEIVE",
    "TERMINAL",
    "OpenOrder",
    "OpenQuantity",
    "Sales",
    "advance",
    "basket",
    "can",
    "count_orders",
    "list_orders",
    "list_sold",
    "load_order",
    "lock_order",
    "lock_owned",
    "merge",
    "number",
    "open_orders",
    "open_quantities",
    "put_line",
    "read_number",
    "remove_line",
    "sales",
    "timeline",
]
