"""The doctor finds nothing in a healthy shop, and names each thing that somebody broke."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from typer.testing import CliRunner

from halles.identity import api as identity
from halles.identity.api import closing
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.journeys.doctor.api import examine
from halles.journeys.doctor.cli import app
from halles.journeys.fulfilment.api import take_step
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7
from halles.orders.types import Step


@pytest.fixture
async def shop(db: Database, clock: FixedClock) -> Shop:
    """Three orders: one waits, one is shipped, one is cancelled."""
    opened = await open_shop(db)
    intake = Intake(db, clock)
    commands = [opened.order((0, 2), (1, 1)) for _ in range(3)]
    for command in commands:
        await intake.place(command, opened.shoppers[0])
    await intake.close()
    async with db.transaction() as tx:
        for step in (Step.PACK, Step.SHIP):
            await take_step(tx, opened.seller_id, commands[1].order_id, step, by="system", at=clock())
        await take_step(tx, opened.seller_id, commands[2].order_id, Step.CANCEL, by="shopper", at=clock())
    return opened


async def test_a_closed_account_that_somebody_opened_again(
    db: Database, shop: Shop, clock: FixedClock
) -> None:
    async with db.transaction() as tx:
        gone = shop.shoppers[1]
        await closing.close(
            tx, [gone], closure_id=uuid7(), fingerprint=b"", by="guest", money="", now=clock()
        )
    assert (await examine(db)).counted["closed accounts"] == 1
    assert (await examine(db)).findings == []
    async with db.transaction() as tx:
        await identity.start_session(tx, gone, agent="", now=clock(), days=1)
    assert [(one.check, one.subject) for one in (await examine(db)).findings] == [
        ("identity.closed", f"party {gone}")
    ]


async def test_a_healthy_shop(db: Database, shop: Shop) -> None:
    report = await examine(db)
    assert report.findings == []
    assert report.counted == {"orders": 3, "open orders": 1, "stock items": 4, "accounts": 6}


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        (
            "update inventory.stock set on_hand = on_hand + 1 where variant_id = %(variant)s",
            {"stock.on_hand"},
        ),
        (
            "update inventory.stock set reserved = reserved - 1 where reserved > 0 and variant_id = %(variant)s",
            {"stock.reserved", "stock.open_orders"},
        ),
        (
            "update wallet.account set balance_minor = balance_minor + 7 where kind = 'main'",
            {"wallet.balance", "wallet.sum"},
        ),
        ("update wallet.account set held_minor = held_minor - 1 where held_minor > 0", {"wallet.held"}),
        ("delete from wallet.hold where state = 1", {"wallet.held", "wallet.open_orders"}),
        (
            "update wallet.hold set amount_minor = amount_minor + 1 where state = 1",
            {"wallet.held", "wallet.open_orders"},
        ),
        ('delete from orders."order" where state = 1', {"stock.open_orders", "wallet.open_orders"}),
        ("delete from wallet.transfer where kind = 'capture'", {"wallet.balance"}),
    ],
)
async def test_each_damage_is_named(db: Database, shop: Shop, damage: str, checks: set[str]) -> None:
    async with await psycopg.AsyncConnection.connect(db.dsn, autocommit=True) as connection:
        await connection.execute(damage.encode(), {"variant": shop.variants[1]} if "%(" in damage else None)
    assert {finding.check for finding in (await examine(db)).findings} == checks


def test_the_command_says_it_and_ends_with_one(dsn: str) -> None:
    give: Callable[[], str] = lambda: dsn  # noqa: E731
    healthy = CliRunner().invoke(app, [], obj=give)
    assert (healthy.exit_code, "All books agree." in healthy.output) == (0, True)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into inventory.stock (seller_id, location_id, variant_id, on_hand) values (1, 1, 1, 4)"
        )
    broken = CliRunner().invoke(app, [], obj=give)
    assert broken.exit_code == 1
    assert "4 on hand, but its movements add up to 0" in broken.output
