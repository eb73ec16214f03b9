"""A shop to sell from, made through the product's own doors: one seller, many articles, shoppers with wallets and sessions."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from halles.identity import api as identity
from halles.journeys.checkout.api import PlaceOrder
from halles.journeys.checkout.tests import small_shop
from halles.journeys.checkout.types import SeenPromise, WantedLine
from halles.journeys.doctor.api import examine
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7

STOCK = 1_000_000_000
FUNDS_MINOR = 10**13
_OVERSOLD = "select count(*) from inventory.stock where reserved > on_hand - safety - ring_fenced"
LATE = dt.date(2099, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """`tokens`: a session of each shopper, in their order."""

    seller_id: int
    variants: Sequence[int]
    shoppers: Sequence[int]
    tokens: Sequence[str]
    touchpoint: str

    def variant(self, mode: str, dice: random.Random) -> int:
        """The one hot article, or any."""
        return self.variants[0] if mode == "hot" else self.variants[dice.randrange(len(self.variants))]

    def shopper(self, dice: random.Random) -> int:
        return self.shoppers[dice.randrange(len(self.shoppers))]

    def order(self, mode: str, dice: random.Random, lines: int) -> PlaceOrder:
        """An order of `lines` different articles, one piece each."""
        chosen = {self.variant(mode, dice)}
        while len(chosen) < lines:
            chosen.add(self.variants[dice.randrange(len(self.variants))])
        wanted = tuple(
            WantedLine(variant_id=v, quantity=1, unit_price_minor=small_shop.PRICE) for v in chosen
        )
        return PlaceOrder(
            order_id=uuid7(),
            seller_id=self.seller_id,
            currency="EUR",
            lines=wanted,
            promise=SeenPromise(lane="hub", date=LATE),
        )


async def open_shop(db: Database, *, variants: int, shoppers: int) -> Shop:
    """Make the shop and analyse its tables, as autovacuum would after a while."""
    made = await small_shop.open_shop(
        db, variants=variants, stock=STOCK, shoppers=shoppers, funds_minor=FUNDS_MINOR
    )
    now = system_clock()
    async with db.transaction() as tx:
        sessions = [
            await identity.start_session(tx, who, agent="bench", now=now, days=30) for who in made.shoppers
        ]
    async with await psycopg.AsyncConnection.connect(db.dsn, autocommit=True) as connection:
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    return Shop(
        seller_id=made.seller_id,
        variants=made.variants,
        shoppers=made.shoppers,
        tokens=[session.token for session in sessions],
        touchpoint=made.touchpoint,
    )


async def audit(db: Database, placed: int) -> dict[str, int]:
    """What must be zero after any run: oversold, the ledger's sum, disagreements in the books, placed orders lost or doubled."""
    report = await examine(db)
    async with await psycopg.AsyncConnection.connect(db.dsn) as connection:
        oversold = await _number(connection, _OVERSOLD)
        ledger = await _number(
            connection, "select coalesce(sum(balance_minor), 0)::bigint from wallet.account"
        )
    orders = report.counted["orders"]
    return {
        "oversold": oversold,
        "ledger_sum": ledger,
        "disagreements": len(report.findings),
        "lost": max(0, placed - orders),
        "doubled": max(0, orders - placed),
    }


async def _number(connection: psycopg.AsyncConnection[tuple[int, ...]], sql: str) -> int:
    row = await (await connection.execute(sql.encode())).fetchone()
    assert row is not None
    return row[0]
