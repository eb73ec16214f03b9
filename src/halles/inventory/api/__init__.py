"""The door of inventory: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: LOCK gives (seller_id, location_id, variant_id,
sellable) of `sellers[i], variants[i]` at every location, locked in order; CHANGE adds `on_hand[i]` and `reserved[i]` to a set
of items; RECORD writes one movement an item, whose `refs` and `quantities` are array literals (see `array_literal`).
"""

from halles.inventory.api.by_hand import adjust, count, keep_back, receive
from halles.inventory.api.change import array_literal
from halles.inventory.api.for_orders import release, ship, take_back
from halles.inventory.api.reading import (
    count_items,
    differences,
    levels,
    locations,
    movements,
    movements_of_order,
    reserved,
    save_location,
    stock_page,
)
from halles.inventory.store import CHANGE, LOCK, RECORD, Difference, Reserved

__all__ = [
    "CHANGE",
    "LOCK",
    "RECORD",
    "Difference",
    "Reserved",
    "adjust",
    "array_literal",
    "count",
    "count_items",
    "differences",
    "keep_back",
    "levels",
    "locations",
    "movements",
    "movements_of_order",
    "receive",
    "release",
    "reserved",
    "save_location",
    "ship",
    "stock_page",
    "take_back",
]
