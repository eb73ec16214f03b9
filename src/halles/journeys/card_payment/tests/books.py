"""What the tests of card payments look at: an order, a purse, the clearing account, and whether all books agree."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from halles.journeys.card_payment.api import CardPayments
from halles.journeys.checkout.tests.small_shop import Shop, money_sums
from halles.journeys.doctor.api import examine
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import PLATFORM
from halles.orders import api as orders
from halles.orders.types import Order, Step
from halles.payments import api as payments
from halles.payments.types import (
    OrderPayment,
)
from halles.wallet import api as wallet


async def order_now(db: Database, order_id: UUID) -> Order:
    async with db.reading() as tx:
        return await orders.load_order(tx, order_id)


async def codes(db: Database, order_id: UUID) -> list[str]:
    async with db.reading() as tx:
        order = await orders.load_order(tx, order_id)
        return [entry.code.partition(".")[2] for entry in await orders.timeline(tx, order)]


async def purse(db: Database, owner: int) -> tuple[int, int]:
    """(balance, held) of somebody's money in euros."""
    async with db.reading() as tx:
        found = [a for a in await wallet.accounts(tx, [owner]) if a.kind == "main" and a.currency == "EUR"]
    return (found[0].balance_minor, found[0].held_minor) if found else (0, 0)


async def clearing(db: Database) -> int:
    async with db.reading() as tx:
        found = await wallet.accounts(tx, [PLATFORM])
    return sum(account.balance_minor for account in found if account.kind == "clearing")


async def walk(db: Database, shop: Shop, order_id: UUID, clock: FixedClock, *steps: Step) -> None:
    for step in steps:
        async with db.transaction() as tx:
            await take_step(tx, shop.seller_id, order_id, step, by="staff:7", at=clock())


async def healthy(db: Database) -> None:
    assert (await examine(db)).findings == []
    assert (await money_sums(db))[0] == 0


async def recover(journey: CardPayments, clock: FixedClock, minutes: float = 6) -> int:
    clock.at += timedelta(minutes=minutes)
    return await journey.reconcile_pending()


async def attempt(db: Database, order_id: UUID) -> OrderPayment:
    async with db.reading() as tx:
        return (await payments.payments_of_order(tx, order_id))[-1]
