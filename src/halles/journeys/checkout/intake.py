"""The intake: orders that wait at the same moment become one transaction. Told in docs/algorithms/intake.md."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import msgspec
import psycopg
import structlog
from psycopg import errors as pg

from halles.journeys.checkout import rules
from halles.journeys.checkout.batch import SESSION_SETTINGS, run_batch
from halles.journeys.checkout.facts import HOME_COUNTRY, Facts
from halles.journeys.checkout.types import Command, Outcome, PlaceOrder
from halles.kernel.batching import Batcher
from halles.kernel.clock import Clock
from halles.kernel.db import Connection, Database
from halles.kernel.errors import DatabaseUnavailable, Refusal, StorageFull, Unavailable
from halles.kernel.telemetry import INTAKE_BATCH, INTAKE_SECONDS, ORDERS

log = structlog.get_logger("halles.checkout")

BATCH = 300
"""Orders in one transaction at most: beyond 100 to 300 only the wait grows."""
TRIES = 3
"""Attempts at a batch that lost a deadlock or waited too long for a lock."""
_BATCH_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    order: PlaceOrder
    owner_id: int
    fingerprint: bytes


class Intake:
    """Places orders. One a process is enough, and several processes share a database: row locks put their batches in order.

    Holds one connection of its own, opened when first needed and again when lost.
    """

    def __init__(self, db: Database, clock: Clock, *, facts: Facts | None = None, batch: int = BATCH) -> None:
        self._db, self._clock = db, clock
        self._facts = facts or Facts(db)
        self._batcher: Batcher[_Question, Outcome] = Batcher(self._work, limit=batch)
        self._open = AsyncExitStack()
        self._connection: Connection | None = None

    async def place(self, order: PlaceOrder, owner_id: int) -> Outcome:
        """Place an order for `owner_id`, together with whatever else waits.

        Raises BadOrder, NoPrice, PriceChanged, InsufficientStock, NoLane, PromiseChangedMeanwhile, InsufficientFunds, IdReused;
        and DatabaseUnavailable or StorageFull, after which the same command may be sent again: it is never done twice.
        """
        rules.check(order)
        fingerprint = hashlib.blake2b(msgspec.msgpack.encode(order), digest_size=16).digest()
        return await self._batcher.ask(_Question(order=order, owner_id=owner_id, fingerprint=fingerprint))

    async def close(self) -> None:
        """Answer who waits, then let go of the connection."""
        await self._batcher.close()
        await self._disconnect()

    async def _work(self, questions: list[_Question]) -> list[Outcome | BaseException]:
        started = time.perf_counter()
        now = self._clock()
        await self._facts.refresh(
            {
                (question.order.seller_id, line.variant_id)
                for question in questions
                for line in question.order.lines
            },
            {question.order.touchpoint for question in questions if question.order.touchpoint},
            now,
        )
        answers = await self._settle([self._command(question) for question in questions])
        INTAKE_BATCH.observe(len(questions))
        INTAKE_SECONDS.observe(time.perf_counter() - started)
        refused = sum(isinstance(answer, BaseException) for answer in answers)
        ORDERS.labels(outcome="refused").inc(refused)
        ORDERS.labels(outcome="placed").inc(len(answers) - refused)
        return answers

    def _command(self, question: _Question) -> Command:
        order = question.order
        touchpoint = self._facts.touchpoint(order.touchpoint) if order.touchpoint else None
        if touchpoint is not None and touchpoint.seller_id != order.seller_id:
            touchpoint = (
                None  # another seller's place: it has no say in this order's tax, and no share in its story
            )
        country = touchpoint.country if touchpoint is not None else None
        if order.ship_to is not None:
            country = order.ship_to.country
        snapshots = {
            line.variant_id: self._facts.snapshot(order.seller_id, line.variant_id) for line in order.lines
        }
        return Command(
            order=order,
            owner_id=question.owner_id,
            fingerprint=question.fingerprint,
            touchpoint_id=0 if touchpoint is None else touchpoint.touchpoint_id,
            place_id=0 if touchpoint is None else touchpoint.place_id or 0,
            country=country or HOME_COUNTRY,
            snapshots={variant_id: found for variant_id, found in snapshots.items() if found is not None},
        )

    async def _settle(self, commands: Sequence[Command]) -> list[Outcome | BaseException]:
        """The batch together; when it fails for one order's sake, one by one, so that only that one fails."""
        try:
            return await self._persist(commands)
        except Refusal:
            raise
        except Exception as error:
            if len(commands) == 1:
                log.exception("checkout.order_failed", order_id=str(commands[0].order.order_id))
                return [error]
            log.warning("checkout.batch_divided", orders=len(commands), error=str(error))
        answers: list[Outcome | BaseException] = []
        for command in commands:
            answers += await self._settle([command])
        return answers

    async def _persist(self, commands: Sequence[Command]) -> list[Outcome | BaseException]:
        """One batch, again after a lost deadlock or a lost connection: repeating is safe, since orders that stand are found.

        Raises Unavailable, StorageFull, or what PostgreSQL holds against the data.
        """
        for attempt in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(_BATCH_TIMEOUT_S):
                    return await run_batch(await self._connected(), self._facts, commands, self._clock())
            except pg.DiskFull as error:
                await self._disconnect()
                raise StorageFull(
                    "The disk under the database is full; no order was placed.", retry_after_s=30
                ) from error
            except (
                psycopg.OperationalError,
                psycopg.InterfaceError,
                DatabaseUnavailable,
                TimeoutError,
            ) as error:
                await self._disconnect()
                log.warning(
                    "checkout.batch_interrupted", orders=len(commands), attempt=attempt, error=str(error)
                )
                if attempt == TRIES or isinstance(error, DatabaseUnavailable):
                    raise _unclear() from error
            except BaseException:
                await self._disconnect()
                raise
        raise _unclear()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            await self._disconnect()
            self._connection = await self._open.enter_async_context(self._db.dedicated())
            await self._connection.execute(SESSION_SETTINGS)
        return self._connection

    async def _disconnect(self) -> None:
        self._connection = None
        await self._open.aclose()


def _unclear() -> Unavailable:
    return DatabaseUnavailable(
        "The database went away while the order was written. Send the same order again: it is placed once, or it stands already.",
        retry_after_s=2,
    )
