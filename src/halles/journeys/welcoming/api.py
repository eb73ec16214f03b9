"""What time brings to the doors of all places; what other events bring to bookings and tickets."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from halles.identity.types import GuestBecame
from halles.journeys.welcoming.notices import ConfirmVisit
from halles.journeys.welcoming.view import here
from halles.kernel.errors import Refusal
from halles.kernel.relay import Delivery
from halles.kernel.web import Services
from halles.welcome import api as welcome

__all__ = ["ConfirmVisit", "forget_old", "look_again", "take_over"]

log = structlog.get_logger("halles.welcome")


async def look_again(services: Services) -> int:
    """The worker's pass: call who fits, let expire who did not come. A transaction a place; gives how many tickets moved."""
    moved = 0
    async with services.db.reading() as tx:
        keys = await welcome.to_look_at(tx, services.clock())
    for seller_id, place_id in keys:
        try:
            async with services.db.transaction() as tx:
                at = await here(tx, place_id, seller_id)
                moved += len(await welcome.queue.advance(tx, at, services.clock()))
        except Refusal as refusal:
            log.warning("welcome.not_advanced", place_id=place_id, code=refusal.code)
    return moved


async def forget_old(services: Services) -> int:
    """The worker's daily pass: who booked and queued long ago is nobody any more."""
    async with services.db.transaction() as tx:
        return await welcome.forget_old(tx, services.clock())


async def take_over(events: Sequence[GuestBecame], delivery: Delivery) -> None:
    """A guest turned out to be somebody: their bookings and tickets follow. A second run finds nothing left."""
    for event in events:
        await welcome.hand_over(delivery.inside(), event.old_party_id, event.party_id)
