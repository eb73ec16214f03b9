"""The door of welcome; one file a subject."""

from __future__ import annotations

from halles.welcome.api import bookings, queue
from halles.welcome.api.books import (
    count_open,
    door_faults,
    forget_old,
    hand_over,
    slot_faults,
    ticket_faults,
    to_look_at,
)
from halles.welcome.api.counting import (
    departed,
    door,
    door_counts,
    heard,
    occupancy,
    record_crossings,
    record_headcount,
)
from halles.welcome.api.settings import doors, lock, put, set_up, terms, zones
from halles.welcome.rules.counting import emptied_at, local_day, open_now, spans
from halles.welcome.rules.queue import ahead, eta_s
from halles.welcome.rules.slots import bookable

__all__ = [
    "ahead",
    "bookable",
    "bookings",
    "count_open",
    "departed",
    "door",
    "door_counts",
    "door_faults",
    "doors",
    "emptied_at",
    "eta_s",
    "forget_old",
    "hand_over",
    "heard",
    "local_day",
    "lock",
    "occupancy",
    "open_now",
    "put",
    "queue",
    "record_crossings",
    "record_headcount",
    "set_up",
    "slot_faults",
    "spans",
    "terms",
    "ticket_faults",
    "to_look_at",
    "zones",
]
