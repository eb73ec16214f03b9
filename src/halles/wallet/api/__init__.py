"""The door of the wallet: one file a verb.

Statements of the order path, sent by checkout through its own pipeline: LOCK_MAIN gives (owner_id, currency, account_id,
available_minor) of payers, locked in order; TERMS gives (seller_id, fee_bp); CHANGE adds `balance[i]` and `held[i]` to a set of
accounts; HOLD sets money aside, one row an order, with the legs as JSON.
"""

from halles.wallet.api.accounts import account_page, accounts, ensure_accounts, set_terms
from halles.wallet.api.holds import capture, hold, legs_json, refund, void
from halles.wallet.api.merge import merge
from halles.wallet.api.reading import differences, open_holds, postings, sums, transfers_of_order
from halles.wallet.api.transfers import top_up, transfer
from halles.wallet.rules import split
from halles.wallet.store import CHANGE, HOLD, LOCK_MAIN, TERMS, CurrencySum, Difference, OpenHold

__all__ = [
    "CHANGE",
    "HOLD",
    "LOCK_MAIN",
    "TERMS",
    "CurrencySum",
    "Difference",
    "OpenHold",
    "account_page",
    "accounts",
    "capture",
    "differences",
    "ensure_accounts",
    "hold",
    "legs_json",
    "merge",
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
