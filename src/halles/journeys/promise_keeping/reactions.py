"""What follows from an order that was placed, advanced, or changed hands."""

from __future__ import annotations

from collections.abc import Sequence

from halles.journeys.promise_keeping.looking import look_at
from halles.journeys.promise_keeping.parcels import lock_arrived, mark_delivered
from halles.kernel.clock import Clock
from halles.kernel.relay import Delivery
from halles.orders.types import OrderAdvanced, OrderPlaced, OrderState
from halles.promises import api as promises

AT_ONCE = 500


async def note_placed(events: Sequence[OrderPlaced], delivery: Delivery) -> None:
    """Orders whose promises are to be watched: one statement for a set, so that the rush hour is not burdened; the worker looks
    at them when it has time."""
    await promises.note_fresh(delivery.inside(), {(event.seller_id, event.order_id) for event in events})


class LookAtAdvanced:
    """The reaction that looks at the promises of orders that were packed, shipped, delivered, cancelled, taken back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, events: Sequence[OrderAdvanced], delivery: Delivery) -> None:
        tx, now = delivery.inside(), self._clock()
        keys = sorted({(event.seller_id, event.order_id) for event in events})
        shipped = {(e.seller_id, e.order_id) for e in events if e.state == OrderState.SHIPPED.word}
        arrived = await lock_arrived(tx, shipped)
        for start in range(0, len(keys), AT_ONCE):
            standing = await look_at(tx, keys[start : start + AT_ONCE], now)
            await mark_delivered(tx, arrived, standing, now)
