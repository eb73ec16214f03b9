"""What payments hold of a person. Cards are the provider's: nothing of them is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from halles.kernel.db import Tx
from halles.kernel.personal import Fate, Held
from halles.payments.store import people as store
from halles.payments.store.people import OwnCardPayment
from halles.payments.types import Topup

HELD = (
    Held("payments.topup.owner_id", Fate.KEPT, "the books keep what was paid in for ten years"),
    Held(
        "payments.card_refund.by",
        Fate.KEPT,
        "who gave a refund: the system, or the number of one of the staff",
        given=False,
    ),
    Held(
        "payments.demo_payment.owner_id",
        Fate.APART,
        "the demo's own bank, which plays a provider",
        given=False,
    ),
)


async def pending_of(tx: Tx, owners: Sequence[int], orders: Sequence[UUID]) -> int:
    """Payments of these people, and of these orders, that a provider has not answered for. One statement."""
    return await tx.one(store.PENDING_OF, {"owners": list(owners), "orders": list(orders)})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPayments:
    """What a person paid in, and how they paid orders by card."""

    top_ups: list[Topup]
    cards: list[OwnCardPayment]


async def own(tx: Tx, owners: Sequence[int], orders: Sequence[UUID]) -> OwnPayments:
    """All that payments hold of these people and their orders. Two statements."""
    return OwnPayments(
        top_ups=await tx.all(store.TOPUPS_OF, {"owners": list(owners)}),
        cards=await tx.all(store.CARDS_OF, {"orders": list(orders)}),
    )


async def forget_person(tx: Tx, owners: Sequence[int]) -> None:
    """Delete the secrets of pages on which they paid. One statement, repeatable."""
    await tx.run(store.FORGET_LINKS, {"owners": list(owners)})
