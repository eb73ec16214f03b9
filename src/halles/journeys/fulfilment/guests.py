"""A guest who turns out to be somebody: basket, orders and money follow."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from halles.flash import api as flash
from halles.identity.types import GuestBecame
from halles.inventory import api as inventory
from halles.kernel.clock import system_clock
from halles.kernel.db import Tx
from halles.kernel.errors import Unavailable
from halles.kernel.relay import Delivery
from halles.orders import api as orders
from halles.visits import api as visits
from halles.wallet import api as wallet


class StillOrdering(Unavailable):
    """An order of the guest was committed while their things were being handed over; the next attempt finds it."""

    code, title = "fulfilment.still_ordering", "An order is just being placed"


async def merge_guest(events: Sequence[GuestBecame], delivery: Delivery) -> None:
    """Hand over what each `old_party_id` has: orders first, then reservations, accounts and baskets, as everybody
    locks them.

    A transaction each, since two hand-overs in one would not take their locks in that order. Idempotent: a second run finds
    nothing left. Raises StillOrdering, and the relay tries again.
    """
    for event, event_id in zip(events, delivery.event_ids, strict=True):
        async with delivery.db.transaction() as tx:
            await _merge(tx, event, event_id)


async def _merge(tx: Tx, event: GuestBecame, event_id: UUID) -> None:
    before = await orders.lock_owned(tx, event.old_party_id)
    await inventory.hand_over(tx, event.old_party_id, event.party_id)
    await flash.hand_over(tx, event.old_party_id, event.party_id)
    await wallet.merge(tx, event.old_party_id, event.party_id, merge_id=event_id, at=system_clock())
    if await orders.lock_owned(tx, event.old_party_id) != before:
        raise StillOrdering("An order of this guest was placed meanwhile.")
    await orders.merge(tx, event.old_party_id, event.party_id)
    await visits.hand_over(tx, event.old_party_id, event.party_id)
