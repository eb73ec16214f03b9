"""One person, two parties: what a guest put in a basket or bought becomes the party's."""

from __future__ import annotations

from uuid import UUID

from halles.kernel.db import Tx
from halles.orders import store


async def lock_owned(tx: Tx, owner_id: int) -> list[UUID]:
    """Lock every order of this owner, in order, before stock and accounts are. One query."""
    return await tx.all(store.LOCK_OF_OWNER, {"owner_id": owner_id})


async def merge(tx: Tx, old_owner: int, new_owner: int) -> None:
    """Hand over orders and baskets; quantities of the same article add up to at most 99. Two queries, repeatable."""
    both = {"old": old_owner, "new": new_owner}
    await tx.run(store.MERGE_ORDERS, both)
    await tx.run(store.MERGE_BASKETS, both)
