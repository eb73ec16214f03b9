"""The door of inventory: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: LOCK gives (seller_id, location_id, variant_id,
sellable) of `sellers[i], variants[i]` at every location, locked in order; RESERVE reserves a set of items, each with the movement
that says for which orders, as `moving` encodes it. For orders of reserved baskets: LOCK_RESERVATIONS (before LOCK) gives
(seller_id, reservation_id, owner_id, items) of those that stand, RELEASE gives a set of items back as RESERVE takes it,
MARK_ORDERED ends reservations whose pieces were given back.
For sellers with a sourcing rule: PACKED gives (seller, location, orders) of a day, COUNT_PACKED counts more, KEEP_WHY keeps why.
For articles that have ring-fences: KEPT_BY_FENCES (after LOCK) gives (seller, variant, location, fence, kept), GROUPS_OF gives
(seller, owner, group), TAKE_OF_FENCES writes what orders took.
For pages that read several things at one moment: LEVELS gives StockLevels of `variants` of a seller, STANDING what is set aside
for these owners.
"""

from halles.inventory.api.by_hand import adjust, count, receive, set_safety
from halles.inventory.api.fencing import fence
from halles.inventory.api.for_orders import release, release_all, ship, take_back
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
from halles.inventory.api.reserving import (
    check_limits,
    end_reservations,
    expire_due,
    find_reservation,
    forget_reservations,
    hand_over,
    kept,
    lock_sellable,
    lock_standing,
    one_at_a_time,
    renew,
    reserve,
    standing,
)
from halles.inventory.api.ring_fences import (
    change_fence,
    due_fences,
    end_fence,
    fence_items,
    fence_tallies,
    fenced,
    fences_page,
    groups,
    groups_of,
    kept_of,
    make_fence,
    need_group,
    save_group,
    standing_fences,
    step_fence,
)
from halles.inventory.api.sourcing import drop_rule, packed_on, save_rule, save_spot, sourcing_rules, why
from halles.inventory.rules import RENEWALS, ReservationLimits
from halles.inventory.store import (
    COUNT_PACKED,
    KEEP_WHY,
    LEVELS,
    LOCK,
    LOCK_RESERVATIONS,
    MARK_ORDERED,
    PACKED,
    RELEASE,
    RESERVE,
    STANDING,
    Difference,
    Reserved,
)
from halles.inventory.store.fences import GROUPS_OF, KEPT_BY_FENCES, TAKE_OF_FENCES, FenceItem
from halles.inventory.wire import moving

__all__ = [
    "COUNT_PACKED",
    "GROUPS_OF",
    "KEEP_WHY",
    "KEPT_BY_FENCES",
    "LEVELS",
    "LOCK",
    "LOCK_RESERVATIONS",
    "MARK_ORDERED",
    "PACKED",
    "RELEASE",
    "RENEWALS",
    "RESERVE",
    "STANDING",
    "TAKE_OF_FENCES",
    "Difference",
    "FenceItem",
    "ReservationLimits",
    "Reserved",
    "adjust",
    "change_fence",
    "check_limits",
    "count",
    "count_items",
    "differences",
    "drop_rule",
    "due_fences",
    "end_fence",
    "end_reservations",
    "expire_due",
    "fence",
    "fence_items",
    "fence_tallies",
    "fenced",
    "fences_page",
    "find_reservation",
    "forget_reservations",
    "groups",
    "groups_of",
    "hand_over",
    "kept",
    "kept_of",
    "levels",
    "locations",
    "lock_sellable",
    "lock_standing",
    "make_fence",
    "movements",
    "movements_of_order",
    "moving",
    "need_group",
    "one_at_a_time",
    "packed_on",
    "receive",
    "release",
    "release_all",
    "renew",
    "reserve",
    "reserved",
    "save_group",
    "save_location",
    "save_rule",
    "save_spot",
    "set_safety",
    "ship",
    "sourcing_rules",
    "standing",
    "standing_fences",
    "step_fence",
    "stock_page",
    "take_back",
    "why",
]
