"""The intake: orders that wait at the same moment become one transaction. Told in docs/algorithms/intake.md."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import psycopg
import structlog
from psycopg import errors as pg

from halles.flash.types import Admission
from halles.journeys.checkout import rules
from halles.journeys.checkout.batch import KINDS, SESSION_SETTINGS, run_batch
from halles.journeys.checkout.facts import HOME_COUNTRY, Facts
from halles.journeys.checkout.quotes import Quotes
from halles.journeys.checkout.types import Command, Outcome, PlaceOrder
from halles.kernel import pipe
from halles.kernel.batching import QueueFull
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.kernel.errors import DatabaseUnavailable, Refusal, StorageFull, Unavailable
from halles.kernel.ids import derived_uuid
from halles.kernel.lease import Member
from halles.kernel.telemetry import INTAKE_BATCH, INTAKE_SECONDS, ORDERS

log = structlog.get_logger("halles.checkout")

BATCH = 300
"""Orders in one transaction at most: beyond 100 to 300 only the wait grows."""
LANES = 2
"""Batches in flight at most: while PostgreSQL writes one, the next is read and decided."""
CROWD = 100
"""Orders that must wait before a second batch is sent beside one in flight; fewer go together in the next."""
CAPACITY = 10_000
"""Orders that may wait; beyond it they are refused at once."""
TRIES = 3
"""Attempts at a batch that lost a deadlock or waited too long for a lock."""
_BATCH_TIMEOUT_S = 30.0
_FACTS_TIMEOUT_S = 10.0

_placed, _refused = ORDERS.labels(outcome="placed"), ORDERS.labels(outcome="refused")

Waiting = tuple[Command, "asyncio.Future[Outcome]"]


def command_of(order: PlaceOrder, owner_id: int) -> Command:
    """A checked order by somebody. Raises BadOrder."""
    rules.check(order)
    fingerprint = rules.fingerprint(order)
    if not order.also:
        return Command(order, owner_id, fingerprint, (order,), (order.order_id.bytes,))
    others = [derived_uuid("orders.part", order.order_id, part.seller_id).bytes for part in order.also]
    return Command(order, owner_id, fingerprint, (order, *order.also), (order.order_id.bytes, *others))


class Intake:
    """Places orders. One a process is enough, and several processes share a database: row locks put their batches in order.

    Holds LANES connections of its own, opened when first needed and again when lost.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        facts: Facts | None = None,
        batch: int = BATCH,
        lanes: int = LANES,
        crowd: int = CROWD,
        capacity: int = CAPACITY,
        admissions: Callable[[str], Admission | None] = lambda token: None,
        quotes: Quotes | None = None,
    ) -> None:
        """`admissions` reads the token of a flash sale's waiting room; `quotes` what an order says it was shown."""
        self._admissions, self._quotes = admissions, quotes
        self._clock, self._limit, self._crowd, self._capacity = clock, batch, crowd, capacity
        self._facts = facts or Facts(db)
        self._waiting: deque[Waiting] = deque()
        self._idle = [_Lane(db, self._facts, clock) for _ in range(lanes)]
        self._lanes = tuple(self._idle)
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def place(self, order: PlaceOrder, owner_id: int) -> Outcome:
        """Place an order for `owner_id`, together with whatever else waits.

        Raises BadOrder, NoPrice, PriceChanged, InsufficientStock, NoLane, PromiseChangedMeanwhile, InsufficientFunds, IdReused;
        QueueFull at once when too many wait; and DatabaseUnavailable or StorageFull, after which the same command may be sent
        again: it is never done twice.
        """
        return await self.submit(command_of(order, owner_id))

    @property
    def waiting(self) -> int:
        """How many orders wait to be decided."""
        return len(self._waiting)

    def fence(self, member: Member) -> None:
        """From now on place only what belongs to shares that `member` holds, epoch by epoch. Others' orders raise NotHere."""
        for lane in self._lanes:
            lane.member = member

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        """The answer to come. Raises QueueFull, Unavailable."""
        if self._closed:
            raise Unavailable("This process is shutting down; send the same order again.")
        if len(self._waiting) >= self._capacity:
            raise QueueFull(
                "Too many orders wait; this one was not taken. Try again in a moment.", retry_after_s=1
            )
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._idle and (len(self._idle) == len(self._lanes) or len(self._waiting) >= self._crowd):
            self._start()
        return answer

    def _start(self) -> None:
        task = asyncio.create_task(self._run(self._idle.pop()))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Answer who waits, then let go of the connections."""
        self._closed = True
        while self._running:
            await asyncio.wait(self._running)
        for lane in self._lanes:
            await lane.disconnect()

    async def _run(self, lane: _Lane) -> None:
        """Batch after batch on one lane until nobody waits."""
        try:
            while self._waiting:
                await self._answer(lane, self._next())
        finally:
            self._idle.append(lane)

    def _next(self) -> list[Waiting]:
        waiting = self._waiting
        if len(waiting) <= self._limit:
            batch = list(waiting)
            waiting.clear()
            return batch
        return [waiting.popleft() for _ in range(self._limit)]

    async def _answer(self, lane: _Lane, batch: Sequence[Waiting]) -> None:
        started = time.perf_counter()
        answers: Sequence[Outcome | BaseException]
        try:
            answers = await self._work(lane, [command for command, _ in batch])
        except Exception as error:  # noqa: BLE001  every caller of the batch gets it, none is left waiting
            answers = [error] * len(batch)
        refused = 0
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, BaseException):
                refused += 1
                if not future.done():
                    future.set_exception(answer)
            elif not future.done():
                future.set_result(answer)
        INTAKE_BATCH.observe(len(batch))
        INTAKE_SECONDS.observe(time.perf_counter() - started)
        _refused.inc(refused)
        _placed.inc(len(batch) - refused)

    async def _work(self, lane: _Lane, commands: Sequence[Command]) -> list[Outcome | BaseException]:
        variants = {
            (part.seller_id, line.variant_id)
            for command in commands
            for part in command.parts
            for line in part.lines
        }
        codes = {command.order.touchpoint for command in commands if command.order.touchpoint}
        try:
            async with asyncio.timeout(_FACTS_TIMEOUT_S):
                await self._facts.refresh(variants, codes, self._clock())
                for command in commands:
                    self._locate(command)
                if self._quotes is not None:
                    await self._quotes.weigh(commands, self._clock())
        except TimeoutError as error:
            raise _unclear() from error
        return await lane.settle(commands)

    def _locate(self, command: Command) -> None:
        """Where the order was made, and the country that decides tax and promise."""
        order, country = command.order, None
        if order.admission is not None:
            command.admission = self._admissions(order.admission)
        if order.touchpoint:
            touchpoint = self._facts.touchpoint(order.touchpoint)
            # Another seller's place has no say in this order's tax, and no share in its story.
            if touchpoint is not None and touchpoint.seller_id == order.seller_id:
                command.touchpoint_id, command.place_id = touchpoint.touchpoint_id, touchpoint.place_id or 0
                country = touchpoint.country
        if order.ship_to is not None:
            country = order.ship_to.country
        command.country = country or HOME_COUNTRY


class _Lane:
    """A connection, and how a batch is settled on it whatever happens."""

    def __init__(self, db: Database, facts: Facts, clock: Clock) -> None:
        self._db, self._facts, self._clock = db, facts, clock
        self._open = AsyncExitStack()
        self._pipe: pipe.Pipe | None = None
        self.member: Member | None = None

    async def settle(self, commands: Sequence[Command]) -> list[Outcome | BaseException]:
        """The batch together; when it fails for one order's sake, in halves, so that only that one fails."""
        try:
            return await self._persist(commands)
        except Refusal:
            raise
        except Exception as error:
            if len(commands) == 1:
                log.exception("checkout.order_failed", order_id=str(commands[0].order.order_id))
                return [error]
            log.warning("checkout.batch_divided", orders=len(commands), error=str(error))
        half = len(commands) // 2
        return await self.settle(commands[:half]) + await self.settle(commands[half:])

    async def _persist(self, commands: Sequence[Command]) -> list[Outcome | BaseException]:
        """One batch, again after a lost deadlock or a lost connection: repeating is safe, since orders that stand are found.

        Raises Unavailable, StorageFull, or what PostgreSQL holds against the data.
        """
        for attempt in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(_BATCH_TIMEOUT_S):
                    connected = await self._connected()
                    now = self._clock()
                    # What was read before this try may be older than a sale's notice by now.
                    await self._facts.hear_of_sales({c.order.seller_id for c in commands}, now)
                    return await run_batch(connected, self._facts, commands, now, self.member)
            except pg.DiskFull as error:
                await self.disconnect()
                raise StorageFull(
                    "The disk under the database is full; no order was placed.", retry_after_s=30
                ) from error
            except (
                psycopg.OperationalError,
                psycopg.InterfaceError,
                DatabaseUnavailable,
                TimeoutError,
            ) as error:
                await self.disconnect()
                log.warning(
                    "checkout.batch_interrupted", orders=len(commands), attempt=attempt, error=str(error)
                )
                if attempt == TRIES or isinstance(error, DatabaseUnavailable):
                    raise _unclear() from error
            except BaseException:
                await self.disconnect()
                raise
        raise _unclear()

    async def _connected(self) -> pipe.Pipe:
        if self._pipe is None:
            self._pipe = await self._open.enter_async_context(pipe.opened(self._db, SESSION_SETTINGS, KINDS))
        return self._pipe

    async def disconnect(self) -> None:
        """Let go of the connection, and of whatever transaction is open on it."""
        self._pipe = None
        await self._open.aclose()


def _unclear() -> Unavailable:
    return DatabaseUnavailable(
        "The database went away while the order was written. Send the same order again: it is placed once, or it stands already.",
        retry_after_s=2,
    )
