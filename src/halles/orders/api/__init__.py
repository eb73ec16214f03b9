"""The door of orders: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: EXISTING gives the orders that stand under these ids;
PLACE writes orders as `placing` encodes them, EMPTY_BASKETS takes what was bought out of the baskets, a set each. `keep` gives
the ids under which articles and promises stand, written once.
Statements of the baskets: BASKETS gives the lines of a set of owners, PUT_LINES puts a line each, as `put_params` writes them.
"""

from halles.orders.api.advance import (
    advance,
    expire,
    lock_family,
    lock_order,
    lock_unpaid,
    note,
    others_wait,
    receive_payment,
)
from halles.orders.api.baskets import LineToPut, basket, baskets, full, put_line, put_params, remove_params
from halles.orders.api.demand import area_sales, area_shoppers
from halles.orders.api.keeping import keep
from halles.orders.api.measuring import (
    Area,
    AreaWeek,
    Around,
    PersonsOrder,
    area_people,
    area_weeks,
    orders_of_people,
    unit_pieces,
)
from halles.orders.api.merge import lock_owned, merge
from halles.orders.api.pages import pages
from halles.orders.api.progress import Progress, Promised, progress, promised
from halles.orders.api.reading import (
    bought_within,
    count_orders,
    customers,
    list_orders,
    list_sold,
    load_order,
    open_digests,
    open_orders,
    open_quantities,
    parts,
    sales,
    timeline,
)
from halles.orders.rules import TERMINAL, can, number, read_number
from halles.orders.store import (
    BASKETS,
    EMPTY_BASKETS,
    EXISTING,
    PLACE,
    PUT_LINES,
    UNPAID,
    OpenOrder,
    OpenQuantity,
    Sales,
)
from halles.orders.wire import PLAIN, details, placed_event, placing

__all__ = [
    "BASKETS",
    "EMPTY_BASKETS",
    "EXISTING",
    "PLACE",
    "PLAIN",
    "PUT_LINES",
    "TERMINAL",
    "UNPAID",
    "Area",
    "AreaWeek",
    "Around",
    "LineToPut",
    "OpenOrder",
    "OpenQuantity",
    "PersonsOrder",
    "Progress",
    "Promised",
    "Sales",
    "advance",
    "area_people",
    "area_sales",
    "area_shoppers",
    "area_weeks",
    "basket",
    "baskets",
    "bought_within",
    "can",
    "count_orders",
    "customers",
    "details",
    "expire",
    "full",
    "keep",
    "list_orders",
    "list_sold",
    "load_order",
    "lock_family",
    "lock_order",
    "lock_owned",
    "lock_unpaid",
    "merge",
    "note",
    "number",
    "open_digests",
    "open_orders",
    "open_quantities",
    "orders_of_people",
    "others_wait",
    "pages",
    "parts",
    "placed_event",
    "placing",
    "progress",
    "promised",
    "put_line",
    "put_params",
    "read_number",
    "receive_payment",
    "remove_params",
    "sales",
    "timeline",
    "unit_pieces",
]
