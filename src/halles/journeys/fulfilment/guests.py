"""A guest who turns out to be somebody: basket, orders and money follow."""

from __future__ import annotations

from halles.identity.types import GuestBecame
from halles.kernel.clock import system_clock
from halles.kernel.errors import Unavailable
from halles.kernel.relay import Delivery
from halles.orders import api as orders
from halles.wallet import api as wallet


class StillOrdering(Unavailable):
    """An order of the guest was committed while their things were being handed over; the next attempt finds it."""

    code, title = "fulfilment.still_ordering", "An order is just being placed"


async def merge_guest(event: GuestBecame, delivery: Delivery) -> None:
    """Hand over what `old_party_id` has: orders first, then accounts, then baskets, as everybody locks them.

    Idempotent: a second run finds nothing left. Raises StillOrdering, and the relay tries again.
    """
    tx = delivery.inside()
    before = await orders.lock_owned(tx, event.old_party_id)
    await wallet.merge(tx, event.old_party_id, event.party_id, merge_id=delivery.event_id, at=system_clock())
    if await orders.lock_owned(tx, event.old_party_id) != before:
        raise StillOrdering("An order of this guest was placed meanwhile.")
    await orders.merge(tx, event.old_party_id, event.party_id)
