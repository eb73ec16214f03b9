"""What flash sales hold of a person: tickets of their waiting rooms, and how much they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from halles.flash import store
from halles.flash.store import OwnTaking, OwnTicket
from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held

HELD = (
    Held("flash.ticket.person", Fate.ERASED, "its row is deleted"),
    Held("flash.ticket.owner_id", Fate.ERASED, "its row is deleted"),
    Held("flash.taken.owner_id", Fate.KEPT, "what a sale sold is proved from it; the number names nobody"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSales:
    """All that flash sales hold of a person."""

    tickets: list[OwnTicket]
    taken: list[OwnTaking]


async def own(tx: Tx, owners: Sequence[int]) -> OwnSales:
    """All that flash sales hold of these people. Two statements."""
    mine = {"owners": list(owners)}
    return OwnSales(tickets=await tx.all(store.TICKETS_OF, mine), taken=await tx.all(store.TAKEN_OF, mine))


async def forget_person(tx: Tx, owners: Sequence[int]) -> None:
    """Delete their tickets. One statement, repeatable."""
    await tx.run(store.FORGET_TICKETS, {"owners": list(owners)})
