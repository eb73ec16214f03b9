"""Every event and who reacts to it, on one page.

A reaction that runs `outside` calls a model or a mail server, or needs transactions of its own; all others write in the relay's,
with all events of a set at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halles.catalog.types import ProductChanged
from halles.identity.api import CodeSender, vault
from halles.identity.types import CodeRequested, GuestBecame, Mailer
from halles.journeys.fulfilment.api import merge_guest
from halles.journeys.photo_to_order.api import credit_photo
from halles.journeys.picture_index.api import follow_catalogue
from halles.kernel.relay import Reaction
from halles.kernel.web import Services
from halles.orders.types import OrderPlaced
from halles.vision.types import Recogniser

WIRED: Mapping[str, Sequence[str]] = {
    ProductChanged.kind: ("keep its pictures findable",),
    CodeRequested.kind: ("mail the code",),
    GuestBecame.kind: ("hand over basket, orders and wallet",),
    OrderPlaced.kind: ("credit the photos it came from",),
}
"""Event kind → names of its reactions; events that are not here only wake the pages that watch their topics."""


def reactions(services: Services) -> Sequence[Reaction[Any]]:
    """The reactions of this process, on its ports."""
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    mailer: Mailer = services.extra[Mailer.__name__]
    sender = CodeSender(mailer, vault(services.settings), services.clock)
    made: tuple[Reaction[Any], ...] = (
        Reaction(
            event=ProductChanged,
            name="keep its pictures findable",
            run=follow_catalogue(recogniser, services.media),
            outside=True,
            most=50,
        ),
        Reaction(event=CodeRequested, name="mail the code", run=sender, outside=True, most=1),
        Reaction(
            event=GuestBecame,
            name="hand over basket, orders and wallet",
            run=merge_guest,
            outside=True,
            most=1,
        ),
        Reaction(event=OrderPlaced, name="credit the photos it came from", run=credit_photo),
    )
    assert {r.name for r in made} == {name for names in WIRED.values() for name in names}
    return made


def topics(kind: str, key: str, body: Mapping[str, Any]) -> Sequence[str]:
    """The live topics that pages watch and this event changes."""
    found: list[str] = []
    if kind.startswith("orders."):
        found.append(f"order:{body['order_id']}")
    if kind.startswith("payments.topup"):
        found.append(f"topup:{body['topup_id']}")
    if kind in {"orders.order_placed", "orders.order_advanced", "orders.payment_received", "visits.recorded"}:
        found.append(f"live:{body['seller_id']}")
    return found


def private(kind: str) -> bool:
    """Kinds that never leave through NATS: who signs in, with which address."""
    return kind.startswith("identity.")
