"""What is known of an order when a mail about it is written, and what the link of a mail is refused with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from halles.kernel.errors import NotFound
from halles.letters.types import Kind, Terms
from halles.orders.types import Order, TimelineEntry
from halles.promises.types import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`family`: every seller's part of what was ordered together, `order` among them, the first one first. `recipient` None:
    nobody knows where to write to. `names`, `terms`: by seller."""

    kind: Kind
    order: Order
    family: Sequence[Order]
    recipient: str | None
    language: Literal["en", "fr"]
    names: Mapping[int, str]
    terms: Mapping[int, Terms]
    timeline: Sequence[TimelineEntry] = ()
    shipments: Sequence[Shipment] = ()


class LinkRefused(NotFound):
    """This link opens no order: it is cut off, made up, of another order, or its order is written to at another address now."""

    code, title = "order_letters.link_refused", "This link opens no order"


class LinkExpired(NotFound):
    """The link of a mail worked once, and is too old now."""

    code, title = "order_letters.link_expired", "This link is too old"
