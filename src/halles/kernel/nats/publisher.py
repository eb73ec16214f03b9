"""The publisher: hands each event to a JetStream stream, and forgets a parcel once every event of it is acknowledged.

It has its own place in the line (`kernel.outgoing`, filled by the relay in the transaction that delivers inside), so NATS may be
away for a week without holding anything back. One publisher works at a time, under an advisory lock; another takes over when it
ends. Order: of one key, one event is on its way at a time, the next goes out after the acknowledgement. Doubles: an event is sent
again when its acknowledgement did not come, under the same `Nats-Msg-Id`, and the stream drops what it saw within `WINDOW_S`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import DiscardPolicy, StorageType, StreamConfig

from halles.kernel import outbox
from halles.kernel.arrays import Bigints
from halles.kernel.db import Database, Tx, command, query
from halles.kernel.errors import Unavailable
from halles.kernel.nats.link import NatsUnavailable, connected
from halles.kernel.telemetry import NATS_CONNECTED, NATS_EVENTS

log = structlog.get_logger("halles.nats")

STREAM = "HALLES"
PREFIX = "halles"
WINDOW_S = 3600
"""How long the stream remembers ids: an outage longer than this may double what was on its way when it began."""
KEEP_DAYS = 7
ACK_S = 5.0
SETTLE_S = 3.0
"""A server acknowledges before its disk does (`sync_interval`, a second): so long a parcel is kept after its acknowledgement, and
sent again when the server was lost meanwhile."""
MOST = 2000
"""Events on their way at once."""

_LOCK_CLASS = 0x48414E
_LOCK = query("select pg_try_advisory_lock(%(cls)s, 0)", bool)
_TAKE = query(
    """select p.partition, p.seq, p.parcel_id, p.at, p.events
    from unnest(%(partitions)s::bigint[], %(above)s::bigint[]) as mine (partition, above)
    cross join lateral (select * from kernel.outgoing as one where one.partition = mine.partition::smallint
      and one.seq > mine.above order by one.seq limit %(limit)s) as p
    order by p.partition, p.seq""",
    outbox.Parcel,
)
_FORGET = command(
    """delete from kernel.outgoing as p using unnest(%(partitions)s::bigint[], %(seqs)s::bigint[]) as gone (partition, seq)
    where p.partition = gone.partition::smallint and p.seq = gone.seq"""
)

_ENVELOPES = msgspec.json.Decoder(list[outbox.Envelope])
_UNFIT = re.compile(r"[^A-Za-z0-9_:-]")


class _Sold(msgspec.Struct):
    seller_id: int | None = None


_SELLER = msgspec.json.Decoder(_Sold)


@dataclass(slots=True, eq=False)
class _Message:
    """An event on its way out; `parcel`: its place in the list of parcels."""

    number: int
    key: str
    subject: str
    kind: str
    body: bytes
    at: str
    parcel: int


def subject_of(kind: str, key: str, body: bytes | msgspec.Raw) -> str:
    """`halles.<kind>.<seller, or key where it names none>`, with nothing in it that NATS reads as a wildcard or a border."""
    seller_id = _SELLER.decode(body).seller_id
    last = _UNFIT.sub("_", key) if seller_id is None else str(seller_id)
    return f"{PREFIX}.{kind}.{last}"


class Publisher:
    """Publishes `kernel.outgoing`. `private`: kinds that stay inside."""

    def __init__(
        self,
        db: Database,
        urls: str,
        *,
        replicas: int = 1,
        private: Callable[[str], bool] = lambda kind: False,
    ) -> None:
        self._db, self._urls, self._replicas, self._private = db, urls, replicas, private
        self._above = dict.fromkeys(range(outbox.PARTITIONS), 0)
        self._acked: dict[int, set[int]] = {}
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._settling: deque[tuple[float, int, int]] = deque()
        self._lost = False
        self._inbox = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set; survives restarts of PostgreSQL and of NATS."""
        while not stop.is_set():
            try:
                async with self._db.dedicated() as owner:
                    while not stop.is_set():
                        if await Tx(owner).one(_LOCK, {"cls": _LOCK_CLASS}):
                            await self._publish(owner, stop)
                        else:
                            await _pause(stop, 2.0)
            except NatsUnavailable as error:
                log.warning("nats.unavailable", error=str(error))
            except Unavailable as error:
                log.warning("nats.database_unavailable", error=str(error))
            except (nats.errors.Error, nats.js.errors.APIError, TimeoutError, OSError) as error:
                log.warning("nats.refused", error=f"{type(error).__name__}: {error}")
            except Exception:
                log.exception("nats.publisher_failed")
            NATS_CONNECTED.set(0)
            await _pause(stop, 1.0)

    async def _publish(self, owner: Any, stop: asyncio.Event) -> None:
        """While the lock is ours: connect, make the stream, publish."""
        tx = Tx(owner)
        self._begin_again()
        async with connected(self._urls, "halles publisher", again=self._note_loss) as client:
            await self._ensure_stream(client)
            await self._listen(client)
            while not stop.is_set():
                NATS_CONNECTED.set(int(client.is_connected))
                if self._lost and client.is_connected:
                    self._begin_again()
                    await self._ensure_stream(client)
                moved = client.is_connected and await self.pass_once(tx, client)
                if not moved:
                    await _pause(stop, 0.05 if client.is_connected else 0.2)
                    # Also notices that the connection that holds the lock is gone.
                    await self._settle(tx, time.monotonic() - SETTLE_S if client.is_connected else 0.0)
                    await owner.execute("select 1")
            if client.is_connected and not self._lost:
                await self._settle(tx, time.monotonic())

    async def pass_once(self, tx: Tx, client: Client) -> bool:
        """Publish what waits, up to MOST events; whether anything was acknowledged."""
        params = {"partitions": Bigints(self._above), "above": Bigints(self._above.values()), "limit": 8}
        parcels = await tx.all(_TAKE, params)
        if not parcels:
            return False
        messages: list[_Message] = []
        taken = 0
        for taken, parcel in enumerate(parcels, 1):
            messages += self._messages(parcel, taken - 1)
            if len(messages) >= MOST:
                break
        late = await self._send_all(client, messages)
        self._remember(parcels, messages, late)
        await self._forget(tx, parcels[:taken], {one.parcel for one in late})
        if messages and len(late) == len(messages):
            self._lost = True  # perhaps there is no stream any more
            return False
        return True

    def _remember(
        self, parcels: Sequence[outbox.Parcel], messages: Sequence[_Message], late: Sequence[_Message]
    ) -> None:
        """Of a parcel that is not out yet, which events are: they are not sent again."""
        missing, unsent = {one.parcel for one in late}, {one.number for one in late}
        for one in messages:
            if one.parcel in missing and one.number not in unsent:
                self._acked.setdefault(parcels[one.parcel].parcel_id.int, set()).add(one.number)

    def _messages(self, parcel: outbox.Parcel, place: int) -> list[_Message]:
        at, first = parcel.at.isoformat(), parcel.parcel_id.int
        acked = self._acked.get(first, ())
        return [
            _Message(
                number, one.key, subject_of(one.kind, one.key, one.body), one.kind, bytes(one.body), at, place
            )
            for number, one in enumerate(_ENVELOPES.decode(parcel.events), first)
            if number not in acked and not self._private(one.kind)
        ]

    async def _send_all(self, client: Client, messages: Sequence[_Message]) -> list[_Message]:
        """Round after round, each with one event of a key; returns those that were not acknowledged, or waited behind one."""
        late: list[_Message] = []
        stuck: set[str] = set()
        for wave in _rounds(messages):
            ready = [one for one in wave if one.key not in stuck]
            late += [one for one in wave if one.key in stuck]
            for one, good in zip(ready, await self._send(client, ready), strict=True):
                if not good:
                    stuck.add(one.key)
                    late.append(one)
        return late

    async def _send(self, client: Client, messages: Sequence[_Message]) -> list[bool]:
        """Send a set and wait for its acknowledgements, ACK_S at most."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[bool]] = []
        limit = client.max_payload - 1024
        for one in messages:
            future: asyncio.Future[bool] = loop.create_future()
            futures.append(future)
            if len(one.body) > limit:
                log.error("nats.too_large", kind=one.kind, key=one.key, bytes=len(one.body))
                future.set_result(True)
                continue
            self._waiting[one.number] = future
            try:
                await client.publish(
                    one.subject, one.body, reply=f"{self._inbox}.{one.number}", headers=_headers(one)
                )
            except nats.errors.Error:
                future.set_result(False)
        if futures:
            await asyncio.wait(futures, timeout=ACK_S)
        for one in messages:
            self._waiting.pop(one.number, None)
        good = [future.done() and future.result() for future in futures]
        NATS_EVENTS.labels(outcome="acknowledged").inc(sum(good))
        NATS_EVENTS.labels(outcome="late").inc(len(good) - sum(good))
        return good

    async def _listen(self, client: Client) -> None:
        """Hear acknowledgements: one subscription for all of them."""
        self._inbox = client.new_inbox()

        async def heard(message: Msg) -> None:
            future = self._waiting.get(int(message.subject.rpartition(".")[2]))
            if future is not None and not future.done():
                # An error has a word for it; an answer without a body says that no stream listens.
                future.set_result(message.data.startswith(b"{") and b'"error"' not in message.data)

        await client.subscribe(  # pyright: ignore[reportUnknownMemberType]
            f"{self._inbox}.*", cb=heard, pending_msgs_limit=-1, pending_bytes_limit=-1
        )

    async def _forget(self, tx: Tx, parcels: Sequence[outbox.Parcel], late: set[int]) -> None:
        """Go on to the first parcel of each partition that is not out, and delete those that have been out for SETTLE_S."""
        now = time.monotonic()
        blocked: set[int] = set()
        for place, parcel in enumerate(parcels):
            if place in late:
                blocked.add(parcel.partition)
                continue
            if parcel.partition not in blocked:
                self._above[parcel.partition] = parcel.seq
            self._acked.pop(parcel.parcel_id.int, None)
            self._settling.append((now, parcel.partition, parcel.seq))
        await self._settle(tx, now - SETTLE_S)

    async def _settle(self, tx: Tx, until: float) -> None:
        settled: list[tuple[float, int, int]] = []
        while self._settling and self._settling[0][0] <= until:
            settled.append(self._settling.popleft())
        if settled:
            params = {
                "partitions": Bigints(one[1] for one in settled),
                "seqs": Bigints(one[2] for one in settled),
            }
            await tx.run(_FORGET, params)

    async def _note_loss(self) -> None:
        self._lost = True

    def _begin_again(self) -> None:
        """The server was lost: send again what it may have had in memory only; what it has it drops by its id."""
        self._above = dict.fromkeys(self._above, 0)
        self._acked.clear()
        self._settling.clear()
        self._lost = False

    async def _ensure_stream(self, client: Client) -> None:
        """Make the stream, or bring it up to what this release wants; what an operator raised stays."""
        manager = client.jetstream()  # pyright: ignore[reportUnknownMemberType]
        config = StreamConfig(
            name=STREAM,
            subjects=[f"{PREFIX}.>"],
            storage=StorageType.FILE,
            num_replicas=self._replicas,
            duplicate_window=WINDOW_S,
            max_age=KEEP_DAYS * 86_400,
            discard=DiscardPolicy.OLD,
        )
        try:
            await manager.stream_info(STREAM)
        except nats.js.errors.NotFoundError:
            await manager.add_stream(config)  # pyright: ignore[reportUnknownMemberType]


def _headers(one: _Message) -> dict[str, str]:
    return {
        "Nats-Msg-Id": str(UUID(int=one.number)),
        "Halles-Key": one.key.encode("ascii", "backslashreplace").decode(),
        "Halles-At": one.at,
    }


def _rounds(messages: Sequence[_Message]) -> list[list[_Message]]:
    """The first event of each key, then the second of each, and so on."""
    rounds: list[list[_Message]] = []
    seen: dict[str, int] = {}
    for one in messages:
        level = seen.get(one.key, 0)
        seen[one.key] = level + 1
        if level == len(rounds):
            rounds.append([])
        rounds[level].append(one)
    return rounds


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
