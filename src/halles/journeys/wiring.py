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
from halles.journeys.order_letters.api import QueueLetters
from halles.journeys.photo_to_order.api import credit_photo
from halles.journeys.picture_index.api import follow_catalogue, learn_samples
from halles.journeys.promise_keeping.api import LookAtAdvanced, TellShopper, note_placed
from halles.journeys.shelf_labels.api import FollowPrices, FollowProducts
from halles.journeys.welcoming.api import ConfirmVisit, take_over
from halles.kernel.relay import Reaction
from halles.kernel.web import Services
from halles.orders.types import OrderAdvanced, OrderNoted, OrderPaymentReceived, OrderPlaced
from halles.pricing.types import PricesChanged
from halles.promises.types import PromiseShifted
from halles.vision.api.samples import SampleTaught
from halles.vision.types import Recogniser
from halles.welcome.types import VisitBooked

WIRED: Mapping[str, Sequence[str]] = {
    ProductChanged.kind: ("keep its pictures findable", "look at its shelf labels"),
    PricesChanged.kind: ("look at their shelf labels",),
    SampleTaught.kind: ("learn what staff taught",),
    CodeRequested.kind: ("mail the code",),
    GuestBecame.kind: (
        "hand over basket, orders and wallet",
        "hand over visits",
    ),
    OrderPlaced.kind: ("credit the photos it came from", "watch its promise", "queue its confirmation"),
    OrderPaymentReceived.kind: ("queue its confirmation",),
    OrderAdvanced.kind: ("look at its promise", "queue its mail"),
    OrderNoted.kind: ("queue its mail",),
    PromiseShifted.kind: ("tell its shopper",),
    VisitBooked.kind: ("confirm the visit",),
}
"""Event kind → names of its reactions; events that are not here only wake the pages that watch their topics."""


def reactions(services: Services) -> Sequence[Reaction[Any]]:
    """The reactions of this process, on its ports."""
    recogniser: Recogniser = services.extra[Recogniser.__name__]
    mailer: Mailer = services.extra[Mailer.__name__]
    sender = CodeSender(mailer, vault(services.settings), services.clock)
    letters = QueueLetters(services.settings, services.clock)
    made: tuple[Reaction[Any], ...] = (
        Reaction(
            event=ProductChanged,
            name="keep its pictures findable",
            run=follow_catalogue(recogniser, services.media),
            outside=True,
            most=50,
        ),
        Reaction(event=ProductChanged, name="look at its shelf labels", run=FollowProducts(services.clock)),
        Reaction(event=PricesChanged, name="look at their shelf labels", run=FollowPrices(services.clock)),
        Reaction(
            event=SampleTaught,
            name="learn what staff taught",
            run=learn_samples(recogniser, services.media, services.clock),
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
        Reaction(event=GuestBecame, name="hand over visits", run=take_over),
        Reaction(event=OrderPlaced, name="credit the photos it came from", run=credit_photo),
        Reaction(event=OrderPlaced, name="watch its promise", run=note_placed),
        Reaction(event=OrderAdvanced, name="look at its promise", run=LookAtAdvanced(services.clock)),
        Reaction(event=OrderPlaced, name="queue its confirmation", run=letters.placed),
        Reaction(event=OrderPaymentReceived, name="queue its confirmation", run=letters.placed),
        Reaction(event=OrderAdvanced, name="queue its mail", run=letters.advanced),
        Reaction(event=OrderNoted, name="queue its mail", run=letters.noted),
        Reaction(
            event=PromiseShifted,
            name="tell its shopper",
            run=TellShopper(mailer, services.settings.public_url),
            outside=True,
            most=1,
        ),
        Reaction(
            event=VisitBooked,
            name="confirm the visit",
            run=ConfirmVisit(mailer, services.settings.public_url),
            outside=True,
            most=1,
        ),
    )
    assert {r.name for r in made} == {name for names in WIRED.values() for name in names}
    return made


def topics(kind: str, key: str, body: Mapping[str, Any]) -> Sequence[str]:
    """The live topics that pages watch and this event changes."""
    found: list[str] = []
    if kind.startswith(("orders.", "promises.")):
        found.append(f"order:{body['order_id']}")
    if kind == "catalog.import_advanced":
        found.append(f"import:{body['import_id']}")
    if kind.startswith("payments.topup"):
        found.append(f"topup:{body['topup_id']}")
    if kind in {
        "orders.order_placed",
        "orders.order_advanced",
        "orders.payment_received",
        "visits.recorded",
        "promises.shifted",
    }:
        found.append(f"live:{body['seller_id']}")
    if kind.startswith("welcome."):
        found.append(f"welcome:{body['place_id']}")
    return found


def private(kind: str) -> bool:
    """Kinds that never leave through NATS: who signs in, with which address."""
    return kind.startswith("identity.")
