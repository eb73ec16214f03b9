"""The door of the journey: labels are looked at again when their time has come, and when prices or products change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from halles.catalog.types import ProductChanged
from halles.journeys.shelf_labels.content import LOOK_AGAIN, contents
from halles.kernel.clock import Clock
from halles.kernel.db import Tx
from halles.kernel.reactions import Delivery
from halles.kernel.web import Services
from halles.places.types import UnknownPlace
from halles.pricing.types import PricesChanged
from halles.shelf_labels import api as shelf_labels
from halles.shelf_labels.types import Content, ShelfLabel

AT_ONCE = 200
"""Labels that one pass computes."""
KEEP_SENT = timedelta(days=90)


class FollowPrices:
    """Reaction: the labels of goods whose prices changed are computed again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, events: Sequence[PricesChanged], delivery: Delivery) -> None:
        variants = [(event.seller_id, variant) for event in events for variant in event.variant_ids]
        await shelf_labels.look_at_variants(delivery.inside(), variants, self._clock())


class FollowProducts:
    """Reaction: the labels of products that changed are computed again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, events: Sequence[ProductChanged], delivery: Delivery) -> None:
        products = [(event.seller_id, event.product_id) for event in events]
        await shelf_labels.look_at_products(delivery.inside(), products, self._clock())


async def look_again(services: Services) -> int:
    """Compute the labels whose time has come; returns how many must be sent something new. One pass of the worker."""
    changed, taken = 0, AT_ONCE
    while taken == AT_ONCE:
        async with services.db.transaction() as tx:
            taken, news = await _pass(tx, services.clock(), services.settings.public_url)
            changed += news
    return changed


async def _pass(tx: Tx, now: datetime, public_url: str) -> tuple[int, int]:
    found = await shelf_labels.to_look_at(tx, now, AT_ONCE)
    wanted: list[tuple[ShelfLabel, Content]] = []
    later: dict[tuple[int, str], datetime] = {}
    for place_id in sorted({label.place_id for label in found}):
        here = [label for label in found if label.place_id == place_id]
        until = now + LOOK_AGAIN
        try:
            showing, until = await contents(tx, place_id, here, now, public_url)
        except UnknownPlace:
            showing = {}
        wanted += [(label, showing[label.label_code]) for label in here if label.label_code in showing]
        later |= {(label.seller_id, label.label_code): until for label in here}
    changed = await shelf_labels.desire(tx, wanted, now)
    await shelf_labels.look_later(tx, later)
    return len(found), changed


async def forget_old(services: Services) -> None:
    """Forget what labels showed long ago."""
    async with services.db.transaction() as tx:
        await shelf_labels.forget_old(tx, services.clock() - KEEP_SENT)
