"""What orders hold of a person: given out with their whole story, kept for the books without the address, forgotten otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held
from halles.orders.store import people as store
from halles.orders.store.people import StandingOrder

HELD = (
    Held(
        "orders.order.owner_id",
        Fate.KEPT,
        "the books keep the order for ten years, of a number that names nobody",
    ),
    Held("orders.order.email", Fate.ERASED, "it says who somebody is"),
    Held(
        "orders.order.ship_to", Fate.ERASED, "country and postcode stay, since they decide where tax was due"
    ),
    Held("orders.basket_line.owner_id", Fate.ERASED, "its row is deleted"),
    Held(
        "orders.event.by", Fate.KEPT, "who moved an order: shopper, system, or the number of one of the staff"
    ),
)


async def standing_of(tx: Tx, owners: Sequence[int]) -> list[StandingOrder]:
    """Where every order of these people stands, the oldest first. One query."""
    return await tx.all(store.STANDING_OF, {"owners": list(owners)})


async def addresses_of(tx: Tx, owners: Sequence[int]) -> set[str]:
    """The e-mail addresses that these people gave with orders, in small letters. One query."""
    return {one.strip().lower() for one in await tx.all(store.ADDRESSES_OF, {"owners": list(owners)})}


async def forget_person(tx: Tx, owners: Sequence[int]) -> None:
    """Empty their baskets and take names, streets and e-mail addresses out of their orders. Two queries, repeatable."""
    await tx.run(store.FORGET_BASKETS, {"owners": list(owners)})
    await tx.run(store.FORGET_ADDRESSES, {"owners": list(owners)})
