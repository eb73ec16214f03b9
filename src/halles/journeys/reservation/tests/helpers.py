"""What the tests of reservations do over and over."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from halles.inventory import api as inventory
from halles.inventory.types import Reservation
from halles.journeys.checkout.tests.small_shop import PRICE, Shop
from halles.journeys.reservation import api
from halles.kernel.db import Database
from halles.orders import api as orders

LASTS = timedelta(minutes=10)
LIMITS = inventory.ReservationLimits(lasts=LASTS, pieces_per_person=50, pieces_per_network=500)


async def fill_basket(db: Database, shop: Shop, who: int, lines: dict[int, int], now: datetime) -> None:
    """Put (index of variant → pieces) into somebody's basket, and nothing else."""
    async with db.transaction() as tx:
        for index, variant_id in enumerate(shop.variants):
            await orders.put_line(
                tx,
                owner_id=shop.shoppers[who],
                seller_id=shop.seller_id,
                variant_id=variant_id,
                quantity=lines.get(index, 0),
                added_price_minor=PRICE,
                currency="EUR",
                at=now,
            )


async def reserve(
    db: Database,
    shop: Shop,
    who: int,
    reservation_id: UUID,
    now: datetime,
    *,
    partial: bool = False,
    network: str = "10.0.0.1",
    limits: inventory.ReservationLimits = LIMITS,
) -> tuple[list[Reservation], bool]:
    """Reserve the basket of one of the shoppers."""
    async with db.transaction() as tx:
        return await api.reserve(
            tx,
            limits,
            reservation_id,
            owner_id=shop.shoppers[who],
            network=network,
            partial=partial,
            now=now,
        )


async def level_sums(db: Database, shop: Shop) -> list[tuple[int, int]]:
    """(on hand, reserved) of each variant, over all locations."""
    async with db.reading() as tx:
        levels = await inventory.levels(tx, shop.seller_id, shop.variants)
    assert all(0 <= level.reserved <= level.on_hand for level in levels)
    return [
        (
            sum(level.on_hand for level in levels if level.variant_id == variant),
            sum(level.reserved for level in levels if level.variant_id == variant),
        )
        for variant in shop.variants
    ]
