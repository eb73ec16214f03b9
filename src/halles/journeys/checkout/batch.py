"""One batch on one connection: lock and read in one round trip, decide, write and commit in another.

psycopg's pipeline mode lets PostgreSQL work on one statement while the next is being encoded. Locks are taken in the one order
that every writer of the product keeps: stock by (seller, location, variant), then accounts by (owner, account). What stands
under the batch's ids is read after the locks, so that a batch of another process with the same orders is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from halles.inventory import api as inventory
from halles.journeys.checkout import rules, writes
from halles.journeys.checkout.facts import Facts
from halles.journeys.checkout.types import (
    Accepted,
    Answer,
    Command,
    Existing,
    Outcome,
    Placed,
    Repeated,
    Total,
    World,
)
from halles.kernel.arrays import Bigints, Texts, Uuids
from halles.kernel.db import Connection, Statement
from halles.orders import api as orders
from halles.orders.types import OrderState
from halles.pricing import api as pricing
from halles.wallet import api as wallet

SESSION_SETTINGS = """set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set lock_timeout = '5s';
set idle_in_transaction_session_timeout = '30s'"""
"""Every statement joins a short set to a primary key: plan it once, and never to read a table through."""


async def run_batch(
    connection: Connection, facts: Facts, commands: Sequence[Command], now: datetime
) -> list[Outcome | BaseException]:
    """Decide a batch and commit what is accepted; an answer a command. Leaves no transaction open unless it raises."""
    world, fees = await _read(connection, facts, commands, now)
    answers = rules.decide(commands, world)
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    if accepted:
        async with connection.pipeline():
            for statement, params in writes.steps(accepted, fees, now):
                await _send(connection, statement, params)
            await connection.execute("commit")
    else:
        await connection.execute("rollback")
    return [_outcome(answer, now) for answer in answers]


async def _read(
    connection: Connection, facts: Facts, commands: Sequence[Command], now: datetime
) -> tuple[World, Mapping[int, int]]:
    """Begin, lock stock, then accounts, then read. Also gives each seller's fee in basis points."""
    articles = sorted({(c.order.seller_id, line.variant_id) for c in commands for line in c.order.lines})
    payers = sorted({(c.owner_id, c.order.currency) for c in commands})
    order_ids = Uuids(command.order.order_id for command in commands)
    async with connection.pipeline() as pipeline:
        await connection.execute("begin")
        sellers, variants = Bigints(key[0] for key in articles), Bigints(key[1] for key in articles)
        stock = await _send(connection, inventory.LOCK, {"sellers": sellers, "variants": variants})
        owners, currencies = Bigints(key[0] for key in payers), Texts(key[1] for key in payers)
        funds = await _send(connection, wallet.LOCK_MAIN, {"owners": owners, "currencies": currencies})
        existing = await _send(connection, orders.EXISTING, {"order_ids": order_ids})
        prices = await _send(connection, pricing.PRICE_SQL, _wanted(commands, now))
        terms = await _send(connection, wallet.TERMS, {"sellers": Bigints(set(sellers))})
        await pipeline.sync()
        levels = await stock.fetchall()
        world = World(
            now=now,
            existing=_existing(await existing.fetchall()),
            stock=_stock(levels, facts),
            funds={(row[0], row[1]): (row[2], row[3]) for row in await funds.fetchall()},
            prices={
                (row.seller_id, row.variant_id, row.currency, row.country): (row.minor, row.tax_bp)
                for row in await prices.fetchall()
            },
            offers=_offers(levels, {command.country for command in commands}, facts, now),
        )
        return world, dict(await terms.fetchall())


async def _send(
    connection: Connection, statement: Statement[Any], params: Mapping[str, Any]
) -> psycopg.AsyncCursor[Any]:
    cursor = connection.cursor(binary=True, row_factory=statement.row_factory())
    return await cursor.execute(statement.sql.encode(), params, prepare=True)


def _wanted(commands: Sequence[Command], now: datetime) -> dict[str, Any]:
    wanted = sorted(
        {
            (c.order.seller_id, line.variant_id, c.order.currency, c.country)
            for c in commands
            for line in c.order.lines
        }
    )
    return {
        "seller_ids": Bigints(want[0] for want in wanted),
        "variant_ids": Bigints(want[1] for want in wanted),
        "currencies": Texts(want[2] for want in wanted),
        "countries": Texts(want[3] for want in wanted),
        "at": now,
    }


def _existing(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, Existing]:
    return {
        order_id: Existing(
            seller_id=seller_id,
            owner_id=owner_id,
            fingerprint=bytes(fingerprint),
            state=state,
            total_minor=total_minor,
            currency=currency,
            placed_at=placed_at,
        )
        for order_id, seller_id, owner_id, fingerprint, state, total_minor, currency, placed_at in rows
    }


def _stock(
    rows: Iterable[tuple[Any, ...]], facts: Facts
) -> dict[tuple[int, int], list[tuple[int, str, int]]]:
    stock: dict[tuple[int, int], list[tuple[int, str, int]]] = {}
    for seller_id, location_id, variant_id, sellable in rows:
        level = (location_id, facts.lane(seller_id, location_id), sellable)
        stock.setdefault((seller_id, variant_id), []).append(level)
    return stock


def _offers(
    rows: Iterable[tuple[Any, ...]], countries: set[str], facts: Facts, now: datetime
) -> dict[Any, Any]:
    keys = {(row[0], row[1], country) for row in rows for country in countries}
    found = {key: facts.offer(*key, now) for key in keys}
    return {key: offer for key, offer in found.items() if offer is not None}


def _outcome(answer: Answer, now: datetime) -> Outcome | BaseException:
    if isinstance(answer, Accepted):
        order = answer.command.order
        total = Total(minor=answer.total_minor, currency=order.currency)
        return Outcome(placed=_placed(order.order_id, OrderState.PLACED, total, now), first=True)
    if isinstance(answer, Repeated):
        before = answer.existing
        total = Total(minor=before.total_minor, currency=before.currency)
        return Outcome(
            placed=_placed(answer.order_id, OrderState(before.state), total, before.placed_at), first=False
        )
    return answer


def _placed(order_id: UUID, state: OrderState, total: Total, placed_at: datetime) -> Placed:
    return Placed(
        order_id=order_id, number=orders.number(order_id), state=state.word, total=total, placed_at=placed_at
    )
