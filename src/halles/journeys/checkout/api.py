"""The door of checkout."""

from halles.journeys.checkout.desk import Desk, prover
from halles.journeys.checkout.facts import HOME_COUNTRY, Facts
from halles.journeys.checkout.fences import with_fences
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.promise_body import promise_body, read_promise
from halles.journeys.checkout.quotes import Quote, Quotes, quote_key
from halles.journeys.checkout.sourcing import Source, source
from halles.journeys.checkout.types import Outcome, Placed, PlaceOrder

__all__ = [
    "HOME_COUNTRY",
    "Desk",
    "Facts",
    "Intake",
    "Outcome",
    "PlaceOrder",
    "Placed",
    "Quote",
    "Quotes",
    "Source",
    "promise_body",
    "prover",
    "quote_key",
    "read_promise",
    "source",
    "with_fences",
]
