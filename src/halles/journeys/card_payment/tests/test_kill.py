"""A process that is really killed (-9) between two steps: another one, asking the provider, settles what it left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from uuid import UUID

import pytest

from halles.journeys.card_payment.api import CardPayments
from halles.journeys.card_payment.tests.waiting_orders import place_by_card
from halles.journeys.checkout.tests.small_shop import PRICE, open_shop
from halles.journeys.doctor.api import examine
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.orders import api as orders
from halles.orders.types import PaymentState
from halles.payments import api as payments
from halles.payments.adapters.demo import DemoPsp
from halles.wallet import api as wallet

# Pays an order and stops for ever at one point, having said so.
_PAYER = textwrap.dedent(
    """
    import asyncio, sys
    from datetime import datetime
    from uuid import UUID
    from halles.journeys.card_payment import booking
    from halles.journeys.card_payment.api import CardPayments
    from halles.kernel.db import Database
    from halles.payments.adapters.demo import DemoPsp

    dsn, owner, order_id, now, where = sys.argv[1:]

    async def stop(*_, **__):
        print("here", flush=True)
        await asyncio.sleep(3600)

    class Psp(DemoPsp):
        async def create_payment(self, request):
            if where == "before the call":
                await stop()
            made = await super().create_payment(request)
            if where == "after the call":
                await stop()
            return made

    async def main():
        db = await Database.open(dsn, min_size=1, max_size=3)
        if where == "before the commit":
            booking.payments.close_payment = stop
        at = datetime.fromisoformat(now)
        row = await CardPayments(db, Psp(db), lambda: at).pay(int(owner), UUID(order_id), "4242424242424242")
        assert row.state == "received"
        await stop()

    asyncio.run(main())
    """
)


def kill_a_payer(dsn: str, owner: int, order_id: UUID, now: str, where: str) -> None:
    command = [sys.executable, "-c", _PAYER, dsn, str(owner), str(order_id), now, where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as payer:
        assert payer.stdout is not None
        assert payer.stdout.readline() == "here\n"
        os.kill(payer.pid, signal.SIGKILL)
        assert payer.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("where", "settled"),
    [
        ("before the call", False),
        ("after the call", True),
        ("before the commit", True),
        ("after the commit", True),
    ],
)
async def test_a_killed_process_loses_and_doubles_nothing(
    db: Database, dsn: str, clock: FixedClock, where: str, settled: bool
) -> None:
    shop = await open_shop(db, funds_minor=0)
    owner = shop.shoppers[0]
    order_id = await place_by_card(db, shop, owner, at=clock())
    kill_a_payer(dsn, owner, order_id, clock().isoformat(), where)
    clock.at += timedelta(minutes=6)
    journey = CardPayments(db, DemoPsp(db), clock)
    await journey.reconcile_pending()
    if not settled:
        async with db.reading() as tx:
            (row,) = await payments.payments_of_order(tx, order_id)
        assert row.state == "pending", "the provider has it now, and nobody has paid"
        await journey.pay(owner, order_id, "4242424242424242")
    async with db.reading() as tx:
        assert (await orders.load_order(tx, order_id)).payment is PaymentState.HELD
        (main,) = [account for account in await wallet.accounts(tx, [owner]) if account.kind == "main"]
    assert (main.balance_minor, main.held_minor) == (PRICE, PRICE)
    assert (await examine(db)).findings == []
