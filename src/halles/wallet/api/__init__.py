"""The door of the wallet: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: LOCK_MAIN gives (owner_id, currency, account_id,
available_minor) of payers, locked in order; CHANGE adds `balance[i]` and `held[i]` to a set of
accounts; HOLD sets money aside, one row an order, as `holding` encodes it. For pages: ACCOUNTS gives every Account of `owners`.
"""

from halles.wallet.api.accounts import account_page, accounts, ensure_accounts, fees, set_terms
from halles.wallet.api.holds import capture, hold, refund, void
from halles.wallet.api.merge import merge
from halles.wallet.api.reading import (
    differences,
    open_digests,
    open_holds,
    postings,
    sums,
    transfers_of_order,
)
from halles.wallet.api.transfers import top_up, transfer
from halles.wallet.rules import split
from halles.wallet.store import ACCOUNTS, CHANGE, HOLD, LOCK_MAIN, CurrencySum, Difference, OpenHold
from halles.wallet.wire import holding, legs_of

__all__ = [
    "ACCOUNTS",
    "CHANGE",
    "HOLD",
    "LOCK_MAIN",
    "CurrencySum",
    "Difference",
    "OpenHold",
    "account_page",
    "accounts",
    "capture",
    "differences",
    "ensure_accounts",
    "fees",
    "hold",
    "holding",
    "legs_of",
    "merge",
    "open_digests",
    "open_holds",
    "postings",
    "refund",
    "set_terms",
    "split",
    "sums",
    "top_up",
    "transfer",
    "transfers_of_order",
    "void",
]
