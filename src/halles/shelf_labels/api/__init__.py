"""The door of shelf labels. Every function works inside the caller's transaction and takes sets.

Nothing here talks to a broker: `take_due` marks what is to be sent, and whoever called sends it once the transaction is over.
"""

from halles.shelf_labels.api.hanging import (
    add_gateway,
    all_confirmed,
    all_labels,
    confirmed_contents,
    contents_of,
    find_gateway,
    forget_old,
    gateways,
    heard,
    labels,
    new_key,
    proved_content,
    put_labels,
    refusals,
    remove_label,
)
from halles.shelf_labels.api.showing import (
    confirm,
    desire,
    look_at_products,
    look_at_variants,
    look_later,
    refuse,
    send_again,
    take_due,
    to_look_at,
)
from halles.shelf_labels.picture import drawn
from halles.shelf_labels.rules import messages, state_of

__all__ = [
    "add_gateway",
    "all_confirmed",
    "all_labels",
    "confirm",
    "confirmed_contents",
    "contents_of",
    "desire",
    "drawn",
    "find_gateway",
    "forget_old",
    "gateways",
    "heard",
    "labels",
    "look_at_products",
    "look_at_variants",
    "look_later",
    "messages",
    "new_key",
    "proved_content",
    "put_labels",
    "refusals",
    "refuse",
    "remove_label",
    "send_again",
    "state_of",
    "take_due",
    "to_look_at",
]
