"""Pricing's door. Every function works inside the caller's transaction and takes sets.

For the order path, which keeps prices in memory: VERSIONS gives (seller_id, version) where a price of the seller was ever set,
and moves in the transaction that sets one; `charged` gives what holds at a moment and until when nothing known changes it.
"""

from halles.pricing.api.exchange import latest_rates, rate_history, rates, rates_known, save_rates
from halles.pricing.api.plan import set_perishable, set_prices, set_tax_categories
from halles.pricing.api.read import charged, currencies, history, prices, prices_for, shown, shown_then
from halles.pricing.rules import convert, known_unit, need_conversion, price_of, prices_of, unit_price
from halles.pricing.rules.rates_file import read_rates
from halles.pricing.rules.unit_prices import needs_unit_price
from halles.pricing.store import VERSIONS
from halles.pricing.types import HOME

__all__ = [
    "HOME",
    "VERSIONS",
    "charged",
    "convert",
    "currencies",
    "history",
    "known_unit",
    "latest_rates",
    "need_conversion",
    "needs_unit_price",
    "price_of",
    "prices",
    "prices_for",
    "prices_of",
    "rate_history",
    "rates",
    "rates_known",
    "read_rates",
    "save_rates",
    "set_perishable",
    "set_prices",
    "set_tax_categories",
    "shown",
    "shown_then",
    "unit_price",
]
