"""One process's part in the waiting rooms: read each sale once a second for everybody, let people in, give tickets in batches.

The database keeps the truth: any number of processes serve one sale, and one of them at a time lets people in.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from halles.flash import api as flash
from halles.flash.api.room import Joining
from halles.flash.types import ItemRow, NoSuchSale, NoTicket, Sale, Standing, TicketRow
from halles.journeys.flash_sale.levels import levels_in_sale
from halles.journeys.flash_sale.types import Live
from halles.kernel.batching import Batcher
from halles.kernel.clock import Clock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId
from halles.kernel.live import LiveHub

log = structlog.get_logger("halles.flash")

TICK_S = 1.0
IDLE_S = 30.0
"""A sale that nobody asked about for so long is no longer read."""
_SMOOTHED = 0.2
_MOST_SALES = 200


@dataclass(slots=True)
class _Kept:
    """What a process keeps of a sale. `live` None: not read yet, or there is none."""

    asked: float
    live: Live | None = None
    watchers: int = 0
    refused: int = 0
    told: tuple[int, int] = (0, 0)


class FlashRooms:
    """The sales that this process is asked about. `close` before the database."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        hub: LiveHub,
        *,
        busy: Callable[[], bool] = lambda: False,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`busy`: whether the intake of orders is so full that nobody more should be let in."""
        self._db, self._clock, self._hub, self._busy, self._tick = db, clock, hub, busy, tick
        self._process = uuid4()
        self._kept: dict[UUID, _Kept] = {}
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._runner: asyncio.Task[None] | None = None
        self._closed = False
        _raise_open_files()
        self._joins: Batcher[tuple[UUID, Joining], TicketRow] = Batcher(self._join, limit=500)
        self._asked: Batcher[UUID, bool] = Batcher(self._there_is, limit=500)

    async def live(self, sale_id: UUID) -> Live:
        """The sale as it stood at most a second or so ago. Of an id that is no sale nothing is kept: whoever makes ids up takes
        no memory and no other's time. Raises NoSuchSale, QueueFull."""
        kept = self._kept.get(sale_id)
        if kept is None and not await self._asked.ask(sale_id):
            raise _no_such(sale_id)
        kept = self._kept.get(sale_id)
        if kept is None:
            if len(self._kept) >= _MOST_SALES:
                self._forget_idle()
            kept = self._kept[sale_id] = _Kept(asked=self._tick())
        for _ in range(
            2
        ):  # whoever comes while it is first read waits too; that reading may have begun without it
            if kept.live is None:
                await self._read()
        kept.asked = self._tick()
        self._go_on()
        if kept.live is None:
            raise _no_such(sale_id)
        return kept.live

    async def join(self, sale_id: UUID, joining: Joining) -> TicketRow:
        """A ticket, together with whoever else asks just now. Raises QueueFull."""
        return await self._joins.ask((sale_id, joining))

    async def held(self, live: Live, people: Sequence[str]) -> TicketRow | None:
        """The ticket that somebody holds, from the database. One statement."""
        async with self._db.reading() as tx:
            try:
                return await flash.ticket_of(tx, live.sale, people)
            except NoTicket:
                return None

    async def claim(self, live: Live, ticket: TicketRow, owner_id: int) -> TicketRow | None:
        """Take a turn up. One statement."""
        async with self._db.transaction() as tx:
            return await flash.claim(
                tx, live.sale, ticket.person, ticket.number, owner_id=owner_id, now=self._clock()
            )

    def refused(self, sale_id: UUID, many: int = 1) -> None:
        """Count what was refused for this sale's sake: tickets and orders."""
        kept = self._kept.get(sale_id)
        if kept is not None:
            kept.refused += many

    def watching(self, sale_id: UUID, more: int) -> None:
        """A page opened (1) or closed (-1)."""
        kept = self._kept.get(sale_id)
        if kept is not None:
            kept.watchers += more

    async def refresh(self) -> None:
        """Read every sale that is asked about, let people in where it is due, and wake who watches."""
        await self._read()

    async def close(self) -> None:
        """Stop reading; answer who waits for a ticket."""
        self._closed = True
        await self._joins.close()
        await self._asked.close()
        for task in (self._runner, self._reading):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _go_on(self) -> None:
        if self._runner is None and not self._closed:
            self._runner = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._forget_idle():
                await asyncio.sleep(TICK_S)
                try:
                    await self._read()
                except Refusal as refusal:
                    log.warning("flash.not_read", code=refusal.code)
                except Exception:
                    log.exception("flash.not_read")
        finally:
            self._runner = None

    def _forget_idle(self) -> int:
        since = self._tick() - IDLE_S
        self._kept = {k: kept for k, kept in self._kept.items() if kept.watchers > 0 or kept.asked > since}
        return len(self._kept)

    async def _read(self) -> None:
        """One reading at a time; who asks meanwhile gets its end."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_all())
        await asyncio.shield(self._reading)

    async def _read_all(self) -> None:
        now, wanted = self._clock(), dict(self._kept)
        async with self._db.reading() as tx:
            sales = await flash.sales_by_id(tx, wanted)
            if not sales:
                return
            items = await flash.items_of(tx, sales)
            standing = await flash.standing(tx, sales, now)
            left = {
                sale.sale_id: await self._left(tx, sale, items[sale.sale_id], standing[sale.sale_id], now)
                for sale in sales
            }
        for sale in sales:
            here = wanted[sale.sale_id]
            stands = await self._step(sale, standing[sale.sale_id], left[sale.sale_id], now)
            live = await self._live(here.live, sale, items[sale.sale_id], stands, left[sale.sale_id], now)
            told, here.live = here.live, live
            if told is None or _news(told, live):
                self._hub.publish(topic(sale.sale_id))
        await self._attend(sales, wanted, now)

    async def _there_is(self, asked: list[UUID]) -> list[bool]:
        """Which of these ids are sales. One statement for whoever asks at the same moment."""
        async with self._db.reading() as tx:
            found = {sale.sale_id for sale in await flash.sales_by_id(tx, set(asked))}
        return [sale_id in found for sale_id in asked]

    async def _left(
        self, tx: Tx, sale: Sale, items: Sequence[ItemRow], standing: Standing, now: datetime
    ) -> int:
        levels = await levels_in_sale(
            tx, SellerId(sale.seller_id), [item.variant_id for item in items], max(now, sale.starts_at)
        )
        return max(0, min(sale.quantity - standing.taken, sum(level.sellable for level in levels)))

    async def _step(self, sale: Sale, standing: Standing, left: int, now: datetime) -> Standing:
        """Let people in, if this process is the first to come to it this second. The first step is the draw."""
        if not sale.waiting_room or not sale.starts_at <= now < sale.over_at:
            return standing
        if standing.drawn is not None and standing.admitted_to >= standing.next_number - 1:
            return standing
        async with self._db.transaction() as tx:
            room = await flash.lock_due(tx, sale, now)
            if room is None:
                return standing
            slots, lately = await flash.open_claims(tx, sale, now)
            unclaimed = max(0, flash.passed_within(room, now, flash.CLAIM_S) - lately)
            after = flash.step(
                room,
                now=now,
                rate_per_s=sale.admit_per_s,
                left=left,
                open_slots=slots,
                unclaimed=unclaimed,
                busy=self._busy(),
            )
            await flash.save_step(tx, sale, after)
        return replace(
            standing,
            drawn=room.next_number - 1 if room.drawn is None else room.drawn,
            drawn_at=standing.drawn_at or now,
            next_number=room.next_number,
            admitted_to=after.admitted_to,
            credit=after.credit,
            measured_per_s=after.measured_per_s,
            stepped_at=now,
            paused=after.paused,
            marks=list(after.marks),
        )

    async def _live(
        self,
        before: Live | None,
        sale: Sale,
        items: Sequence[ItemRow],
        standing: Standing,
        left: int,
        now: datetime,
    ) -> Live:
        places = None if before is None else before.places
        if places is None and standing.drawn is not None:
            places = await asyncio.to_thread(flash.draw, sale.seed, sale.sale_id, standing.drawn)
        per_s = 0.0
        if before is not None and (elapsed := (now - before.read_at).total_seconds()) > 0:
            latest = max(0, standing.orders - before.standing.orders) / elapsed
            per_s = before.orders_per_s + _SMOOTHED * (latest - before.orders_per_s)
        return Live(
            sale=sale,
            items=tuple(items),
            standing=standing,
            phase=flash.phase_of(sale, left=left, now=now),
            left=left,
            orders_per_s=per_s,
            places=places,
            read_at=now,
        )

    async def _attend(self, sales: Sequence[Sale], kept: dict[UUID, _Kept], now: datetime) -> None:
        """Tell the others how many watch here; nothing to tell costs nothing."""
        counts: list[tuple[int, UUID, int, int]] = []
        for sale in sales:
            here = kept[sale.sale_id]
            if here.watchers or here.told != (here.watchers, here.refused):
                counts.append((sale.seller_id, sale.sale_id, here.watchers, here.refused))
                here.told = (here.watchers, here.refused)
        if counts:
            async with self._db.transaction() as tx:
                await flash.attend(tx, self._process, counts, now)

    async def _join(self, asked: list[tuple[UUID, Joining]]) -> list[TicketRow | BaseException]:
        """Tickets for whoever waits, a transaction a sale."""
        now = self._clock()
        answers: list[TicketRow | BaseException] = [NoSuchSale("There is no such sale.")] * len(asked)
        for sale_id in dict.fromkeys(sale_id for sale_id, _ in asked):
            mine = [number for number, (wanted, _) in enumerate(asked) if wanted == sale_id]
            live = await self.live(sale_id)
            async with self._db.transaction() as tx:
                rows = await flash.join(tx, live.sale, [asked[number][1] for number in mine], now)
            for number, row in zip(mine, rows, strict=True):
                answers[number] = row
        return answers


def _no_such(sale_id: UUID) -> NoSuchSale:
    return NoSuchSale("There is no such sale.", sale_id=str(sale_id))


def _news(told: Live, live: Live) -> bool:
    """Whether watchers see something new: anything but the hour, which they count themselves."""

    def shown(one: Live) -> tuple[object, ...]:
        now = one.standing
        rate = round(now.measured_per_s, 4)
        return (
            one.phase, one.left, one.sale.over_at, now.taken, now.watchers, now.next_number, now.admitted_to, now.drawn,
            now.paused, rate,
        )  # fmt: skip

    return shown(told) != shown(live)


def _raise_open_files() -> None:
    """As many open connections as the machine's owner allows: ten thousand watchers are ten thousand files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def topic(sale_id: UUID) -> str:
    """The live topic of a sale in this process."""
    return f"flash:{sale_id}"
