"""What inventory holds of a person: what is set aside for them, and the groups that sellers put them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.inventory import store as reservations
from halles.inventory.api.reserving import end_reservations
from halles.inventory.store import people as store
from halles.inventory.store.people import OwnGroup, OwnReservation
from halles.inventory.types import ReservationState
from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held

HELD = (
    Held("inventory.reservation.owner_id", Fate.ERASED, "what stands is released, its row is deleted"),
    Held("inventory.reservation.network", Fate.ERASED, "its row is deleted", given=False),
    Held("inventory.customer_group_member.owner_id", Fate.ERASED, "its row is deleted"),
    Held("inventory.fence.made_by", Fate.KEPT, "which of the staff kept stock aside, by number", given=False),
    Held(
        "inventory.movement.by",
        Fate.KEPT,
        "who moved stock: shopper, system, or the number of one of the staff",
        given=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSetAside:
    """All that inventory holds of a person."""

    reservations: list[OwnReservation]
    groups: list[OwnGroup]


async def own(tx: Tx, owners: Sequence[int]) -> OwnSetAside:
    """All that inventory holds of these people. Two queries."""
    mine = {"owners": list(owners)}
    return OwnSetAside(
        reservations=await tx.all(store.RESERVATIONS_OF, mine),
        groups=await tx.all(store.GROUPS_OF_PERSON, mine),
    )


async def forget_person(tx: Tx, owners: Sequence[int], at: datetime) -> None:
    """Release what is set aside for them, and delete that it was. At most seven queries a person, repeatable."""
    for owner_id in sorted(owners):
        found = await tx.all(reservations.LOCK_STANDING, {"owner_id": owner_id, "reservation_id": None})
        await end_reservations(tx, found, ReservationState.RELEASED, by="system", at=at)
    await tx.run(store.FORGET_ENDED, {"owners": list(owners)})
    await tx.run(store.FORGET_MEMBERSHIPS, {"owners": list(owners)})
