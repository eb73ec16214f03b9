"""The door of fulfilment."""

from halles.journeys.fulfilment.guests import StillOrdering, merge_guest
from halles.journeys.fulfilment.steps import items_of, take_step, taken_by

__all__ = ["StillOrdering", "items_of", "merge_guest", "take_step", "taken_by"]
