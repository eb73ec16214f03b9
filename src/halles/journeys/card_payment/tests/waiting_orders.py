"""Orders that wait for a card, as checkout places them with `payment: "card"`: stock reserved, no money held, a time to pay.

Written with one statement a table, apart from checkout, so that these tests are about what happens afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from halles.inventory.api.change import change
from halles.inventory.types import Cause
from halles.journeys.checkout.tests.small_shop import PRICE, Shop
from halles.kernel.db import Database, Tx, command, query
from halles.kernel.ids import uuid7
from halles.orders import api as orders

PAY_WITHIN = timedelta(minutes=30)
TAX_BP = 2000
_PLACE = command(
    """insert into orders."order" (seller_id, order_id, owner_id, total_minor, tax_minor, currency, state, payment, pay_by,
      placed_at, promise_id, fingerprint, lines, parent_id)
    values (%(seller_id)s, %(order_id)s, %(owner_id)s, %(total)s, %(tax)s, 'EUR', 1, 5, %(pay_by)s, %(at)s, %(promise_id)s,
      '\\x00'::bytea, %(lines)s::bigint[], %(parent_id)s)"""
)
_PRODUCT = query(
    "select product_id from catalog.variant where seller_id = %(seller_id)s and variant_id = %(variant_id)s",
    UUID,
)


async def place_by_card(
    db: Database,
    shop: Shop,
    owner_id: int,
    *lines: tuple[int, int],
    at: datetime,
    parent_id: UUID | None = None,
    order_id: UUID | None = None,
) -> UUID:
    """Place (index of variant, quantity) lines; one piece of the first without any. The order's id."""
    order_id = order_id or uuid7()
    wanted = lines or ((0, 1),)
    total = PRICE * sum(quantity for _, quantity in wanted)
    async with db.transaction() as tx:
        numbers: list[int] = []
        for index, quantity in wanted:
            variant_id = shop.variants[index]
            key = {"seller_id": shop.seller_id, "variant_id": variant_id}
            article = {
                "variant_id": variant_id,
                "product_id": await tx.one(_PRODUCT, key),
                "title": {"en": f"Linen shirt {index}", "fr": f"Chemise en lin {index}"},
            }
            (kept_id,) = await orders.keep(tx, [(shop.seller_id, msgspec.json.encode(article))])
            numbers += [variant_id, quantity, PRICE, TAX_BP, shop.hub, kept_id]
        (promise_id,) = await orders.keep(tx, [(shop.seller_id, msgspec.json.encode(_promise(at)))])
        await _reserve(tx, shop, order_id, wanted, at)
        params = {
            "seller_id": shop.seller_id,
            "order_id": order_id,
            "owner_id": owner_id,
            "total": total,
            "tax": total // 6,
            "pay_by": at + PAY_WITHIN,
            "at": at,
            "promise_id": promise_id,
            "lines": numbers,
            "parent_id": parent_id,
        }
        await tx.run(_PLACE, params)
    return order_id


async def _reserve(
    tx: Tx, shop: Shop, order_id: UUID, wanted: Sequence[tuple[int, int]], at: datetime
) -> None:
    changes = {(shop.hub, shop.variants[index]): (0, quantity) for index, quantity in wanted}
    await change(tx, shop.seller_id, Cause.RESERVED, changes, ref=order_id, by="shopper", reason=None, at=at)


def _promise(at: datetime) -> dict[str, object]:
    day = (at + timedelta(days=5)).date().isoformat()
    return {
        "kind": "delivery",
        "date": day,
        "latest": day,
        "lane": "hub",
        "from": "Roissy hub",
        "days": 3,
        "confidence": "kept",
        "text_key": "promise.hub",
    }
