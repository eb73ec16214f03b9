"""What people and programs do to stock: receive, adjust, count, keep back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from halles.inventory import rules, store
from halles.inventory.api.change import change
from halles.inventory.types import (
    BadQuantity,
    Cause,
    NoSuchLocation,
    StockCommand,
    StockIsReserved,
    StockLevel,
)
from halles.kernel import idempotency
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId


async def receive(tx: Tx, order: StockCommand, at: datetime) -> list[StockLevel]:
    """Goods came in: `quantity` pieces more on hand. Returns the levels after. Raises BadQuantity, NoSuchLocation, KeyReused."""
    return await _by_hand(tx, order, Cause.RECEIVED, at)


async def adjust(tx: Tx, order: StockCommand, at: datetime) -> list[StockLevel]:
    """Correct by `quantity` pieces, negative for a loss. Raises as `receive`, and StockIsReserved."""
    return await _by_hand(tx, order, Cause.ADJUSTED, at)


async def count(tx: Tx, order: StockCommand, at: datetime) -> list[StockLevel]:
    """A person counted `quantity` pieces on hand: the difference is moved. Raises as `adjust`."""
    return await _by_hand(tx, order, Cause.COUNTED, at)


async def _by_hand(tx: Tx, order: StockCommand, cause: Cause, at: datetime) -> list[StockLevel]:
    """Five queries for a set of any size, two for a repeat."""
    scope, body = f"inventory.{cause}:{order.seller_id}", msgspec.json.encode(order)
    earlier = await idempotency.recall(tx, scope, str(order.command_id), body)
    if earlier is not None:
        return msgspec.json.decode(earlier.body, type=list[StockLevel])
    known = {place.location_id for place in await tx.all(store.LOCATIONS, {"sellers": [order.seller_id]})}
    for item in order.items:
        if item.location_id not in known:
            raise NoSuchLocation("This seller has no such location.", location_id=item.location_id)
        _check_quantity(cause, item.quantity)
    wanted = rules.merged([(item.location_id, item.variant_id, item.quantity) for item in order.items])
    keys = {
        "seller_id": order.seller_id,
        "locations": [k[0] for k in wanted],
        "variants": [k[1] for k in wanted],
    }
    await tx.run(store.OPEN_ITEMS, keys)
    before = {(level.location_id, level.variant_id): level for level in await tx.all(store.LOCK_ITEMS, keys)}
    deltas = {k: q - before[k].on_hand if cause is Cause.COUNTED else q for k, q in wanted.items()}
    for key, delta in deltas.items():
        if before[key].on_hand + delta < before[key].reserved:
            raise StockIsReserved(
                f"{before[key].reserved} pieces are reserved by orders.",
                variant_id=key[1],
                reserved=before[key].reserved,
            )
    changes = {key: (delta, 0) for key, delta in deltas.items()}
    await change(
        tx, order.seller_id, cause, changes, ref=order.command_id, by=order.by, reason=order.reason, at=at
    )
    after = [replace(level, on_hand=level.on_hand + deltas[key]) for key, level in before.items()]
    await idempotency.remember(
        tx, scope, str(order.command_id), idempotency.Answer(status=200, body=msgspec.json.encode(after))
    )
    return after


def _check_quantity(cause: Cause, quantity: int) -> None:
    least = {Cause.RECEIVED: 1, Cause.COUNTED: 0, Cause.ADJUSTED: -rules.MAX_QUANTITY}[cause]
    if not least <= quantity <= rules.MAX_QUANTITY or (cause is Cause.ADJUSTED and quantity == 0):
        raise BadQuantity(f"{quantity} pieces cannot be {cause}.", quantity=quantity)


async def set_safety(
    tx: Tx, seller_id: SellerId, *, location_id: int, variant_id: int, safety: int
) -> StockLevel:
    """Keep so many pieces from sale against miscounts; the level after. More than there is stops the sale, nothing else. One
    query. Raises BadQuantity, NoSuchLocation."""
    if not 0 <= safety <= rules.MAX_QUANTITY:
        raise BadQuantity("Pieces kept back are counted from zero.", quantity=safety)
    key = {"seller_id": seller_id, "location_id": location_id, "variant_id": variant_id}
    after = await tx.first(store.SET_SAFETY, {**key, "safety": safety})
    if after is None:
        raise NoSuchLocation(
            "Nothing of this article is kept there.", location_id=location_id, variant_id=variant_id
        )
    return after
