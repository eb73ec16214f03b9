"""The door of checkout."""

from halles.journeys.checkout.facts import HOME_COUNTRY, Facts
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.promise_body import promise_body, read_promise
from halles.journeys.checkout.types import Outcome, Placed, PlaceOrder

__all__ = [
    "HOME_COUNTRY",
    "Facts",
    "Intake",
    "Outcome",
    "PlaceOrder",
    "Placed",
    "promise_body",
    "read_promise",
]
