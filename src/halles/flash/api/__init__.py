"""The door of flash sales: one file a subject.

For the order path, which sends statements through its own pipeline. `running` gives the articles in sales around a moment; it
may be kept for some seconds, since `rules.check` looks at the clock itself. LOCK_SALES takes `sellers[i], sales[i]` and gives
(seller, sale, quantity, taken, stopped_at), locked; LOCK_TAKEN takes `sellers[i], sales[i], owners[i]` and gives (seller, sale,
owner, taken), locked, no row for who took nothing. `takings` makes of them what decides and counts a batch; `take_steps` are the
writes, to be sent in that order after stock and before accounts. `at` must be the moment that the orders are placed at: a
cancelled order finds its sale by it.
"""

from halles.flash.api.room import (
    Joining,
    attend,
    claim,
    join,
    lock_due,
    open_claims,
    save_step,
    standing,
    ticket_of,
)
from halles.flash.api.sales import (
    create,
    due,
    edit,
    fences,
    items_of,
    open_sales,
    sale,
    sales_by_id,
    sales_of,
    settle,
    stop,
)
from halles.flash.api.taking import Cancelled, give_back, hand_over, running, take_steps, takings, tallies
from halles.flash.rules import (
    CLAIM_S,
    bits_wanted,
    commitment,
    draw,
    joins_after,
    make_challenge,
    passed_within,
    phase_of,
    place_of,
    read_admission,
    read_ticket,
    sign_admission,
    sign_ticket,
    solved,
    stand,
    step,
)
from halles.flash.rules.taking import Takings
from halles.flash.store import LOCK_SALES, LOCK_TAKEN, Tally

__all__ = [
    "CLAIM_S",
    "LOCK_SALES",
    "LOCK_TAKEN",
    "Cancelled",
    "Joining",
    "Takings",
    "Tally",
    "attend",
    "bits_wanted",
    "claim",
    "commitment",
    "create",
    "draw",
    "due",
    "edit",
    "fences",
    "give_back",
    "hand_over",
    "items_of",
    "join",
    "joins_after",
    "lock_due",
    "make_challenge",
    "open_claims",
    "open_sales",
    "passed_within",
    "phase_of",
    "place_of",
    "read_admission",
    "read_ticket",
    "running",
    "sale",
    "sales_by_id",
    "sales_of",
    "save_step",
    "settle",
    "sign_admission",
    "sign_ticket",
    "solved",
    "stand",
    "standing",
    "step",
    "stop",
    "take_steps",
    "takings",
    "tallies",
    "ticket_of",
]
