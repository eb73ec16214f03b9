"""Where every order arrives: placed here when this process holds the seller's cell, handed to the process that does otherwise.

A cell has one writer at a time (see kernel.lease), so that all orders of a seller meet in one queue and share batches, however
many web processes take them in. Safety does not hang on it: row locks put any two batches in order, an order's id makes it once.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import structlog

from halles.journeys.checkout.batch import CELLS, POOL
from halles.journeys.checkout.handoff import Link, Prove, Server
from halles.journeys.checkout.intake import Intake, command_of
from halles.journeys.checkout.types import NotHere, Outcome, PlaceOrder
from halles.kernel.db import Database
from halles.kernel.errors import DatabaseUnavailable, Invalid, Unavailable
from halles.kernel.lease import Member, holders
from halles.kernel.tls import MutualTls, is_loopback

log = structlog.get_logger("halles.checkout")

PATIENCE_S = 5.0
"""How long an order waits for its cell to get a writer before it is refused."""
ANSWER_S = 30.0
"""How long a writer may take over an order before it is asked again, it or its successor."""
_LOOK_S = 0.05
BUSY = 2000
"""Orders under way in this process from which on waiting rooms let nobody in: some tenths of a second of work."""


class NoWriter(Unavailable):
    """Nobody places this seller's orders at the moment; nothing was changed that a repeat of the same order would not find."""

    code, title = "checkout.no_writer", "Orders are not placed for a moment"


class Unencrypted(Invalid):
    """Orders would travel between machines in clear: HALLES_WRITER_HOST is another machine's to reach, and has no certificate."""

    code, title = "checkout.unencrypted", "Orders would not be encrypted"


class Desk:
    """Takes orders in for this process. Without a member of the pool every order is placed here."""

    def __init__(self, db: Database, intake: Intake, prove: Prove, tls: MutualTls | None = None) -> None:
        """`tls`: for writers on other machines; None: orders stay on this one."""
        self._db, self._intake, self._prove, self._tls = db, intake, prove, tls
        self._member: Member | None = None
        self._alone, self._ending = True, False
        self._links: dict[str, Link] = {}
        self._addresses: dict[int, str] = {}
        self._looking: asyncio.Task[None] | None = None
        self._forwarding: set[asyncio.Task[Outcome]] = set()

    async def place(self, order: PlaceOrder, owner_id: int) -> Outcome:
        """See `Intake.place`. Raises NoWriter too."""
        return await self.submit(order, owner_id)

    def submit(self, order: PlaceOrder, owner_id: int) -> asyncio.Future[Outcome]:
        """The answer to come. Raises BadOrder, QueueFull, Unavailable at once."""
        if self._alone or self._holds(order.seller_id % CELLS):
            return self._intake.submit(command_of(order, owner_id))
        task = asyncio.create_task(self._forward(order, owner_id))
        self._forwarding.add(task)
        task.add_done_callback(self._forwarding.discard)
        return task

    def busy(self) -> bool:
        """Whether so many orders wait here that nobody more should be let in to a sale."""
        return self._intake.waiting + len(self._forwarding) > BUSY

    def _holds(self, cell: int) -> bool:
        return self._member is not None and cell in self._member.held and not self._ending

    async def _forward(self, order: PlaceOrder, owner_id: int) -> Outcome:
        """Hand the order to its cell's writer, whoever that is by then: a repeat is safe."""
        cell, until = order.seller_id % CELLS, time.monotonic() + PATIENCE_S
        while True:
            if self._holds(cell):
                return await self._intake.submit(command_of(order, owner_id))
            address = self._addresses.get(cell)
            if address is not None:
                try:
                    async with asyncio.timeout(ANSWER_S):
                        return await self._link(address).ask(order, owner_id)
                except (ConnectionError, NotHere, TimeoutError):
                    self._addresses.pop(cell, None)
            if time.monotonic() >= until:
                raise NoWriter(
                    "This order was not confirmed. Send the same order again in a moment.", retry_after_s=1
                )
            await self._look()

    def _link(self, address: str) -> Link:
        link = self._links.get(address)
        if link is None or link.lost:
            link = self._links[address] = Link(self._prove, address, self._tls)
        return link

    async def _look(self) -> None:
        """Read who holds what; those who wait at the same moment share one look."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._read())
        await asyncio.shield(self._looking)

    async def _read(self) -> None:
        await asyncio.sleep(_LOOK_S)
        try:
            async with self._db.reading() as tx:
                found = await holders(tx, POOL)
        except DatabaseUnavailable:
            return
        self._addresses = {one.share: one.address for one in found if one.address is not None}

    def _placed_here(self, order: PlaceOrder, owner_id: int) -> asyncio.Future[Outcome]:
        """For another process: placed when this one holds the cell. Raises NotHere."""
        if not self._holds(order.seller_id % CELLS):
            raise NotHere("Another process places this seller's orders.")
        return self._intake.submit(command_of(order, owner_id))

    @asynccontextmanager
    async def shared(self, *, writes: bool, host: str = "127.0.0.1") -> AsyncGenerator[Member | None]:
        """Share the work with the other processes of the installation while the block runs.

        `writes`: take a part of the cells and listen at `host` for orders of others; else hand every order over. Raises
        Unencrypted for a host that is not this machine's own, without certificates.
        """
        self._alone = False
        if not writes:
            try:
                yield None
            finally:
                await self._end()
            return
        server = await asyncio.get_running_loop().create_server(
            lambda: Server(self._prove, self._placed_here, host),
            host,
            0,
            backlog=128,
            ssl=self._secured(host),
        )
        stop = asyncio.Event()
        address = f"{host}:{server.sockets[0].getsockname()[1]}"
        member = self._member = Member(self._db, POOL, CELLS, address)
        self._intake.fence(member)
        task = asyncio.create_task(member.run(stop))
        try:
            yield member
        finally:
            self._ending = True
            await self._end()
            await self._intake.close()
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            server.close()

    def _secured(self, host: str) -> ssl.SSLContext | None:
        if is_loopback(host):
            return None
        if self._tls is None:
            raise Unencrypted(
                "HALLES_WRITER_HOST is not this machine's own: set HALLES_WRITER_CERTIFICATE, _KEY and _AUTHORITY.",
                host=host,
            )
        return self._tls.server

    async def _end(self) -> None:
        while self._forwarding:
            await asyncio.wait(self._forwarding)
        for link in self._links.values():
            link.close()


def prover(mark: Callable[[str, str], bytes]) -> Prove:
    """Proofs from the installation's secret; `mark` is a keyed hash of a purpose and a text."""
    return lambda role, challenge: mark(f"checkout.handoff.{role}", challenge.hex())[:32]
