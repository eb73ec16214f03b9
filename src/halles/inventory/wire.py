"""What orders take of a stock item as the bytes of inventory.moving, of which RESERVE takes a set (`record_send`)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from halles.kernel.arrays import BIGINT, BIGINTS, UUIDS, bigints, field, uuids

_HEAD = Struct(">i iiq iiq iiq iiq").pack


def moving(
    seller_id: int, location_id: int, variant_id: int, orders: Sequence[bytes], quantities: Sequence[int]
) -> bytes:
    """Pieces of one item reserved for `orders`, each as many as `quantities` says."""
    head = _HEAD(
        6, BIGINT, 8, seller_id, BIGINT, 8, location_id, BIGINT, 8, variant_id, BIGINT, 8, sum(quantities)
    )
    return head + field(UUIDS, uuids(orders)) + field(BIGINTS, bigints(quantities))
