"""The publisher against real NATS servers: one that comes late, and three of which one is killed while events flow."""

import asyncio
import gc
import shutil
import socket
import subprocess
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from halles.kernel import outbox
from halles.kernel.db import Database, query
from halles.kernel.live import LiveHub
from halles.kernel.nats.link import connected
from halles.kernel.nats.publisher import SETTLE_S, STREAM, Publisher, subject_of
from halles.kernel.nats.server import Server, configuration, prepare, token_of
from halles.kernel.nats.topics import TopicLink
from halles.kernel.relay import Delivery, Reaction, Relay

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
"""The client leaves a socket, with its transport and writer, to the collector when a server that it found does not let it in."""

_LEFT = query("select (select count(*) from kernel.parcel) + (select count(*) from kernel.outgoing)", int)
_OUTGOING = query("select count(*) from kernel.outgoing", int)


@pytest.fixture(autouse=True)
def collected() -> Generator[None]:
    """What the client left is collected here, not in another test."""
    yield
    gc.collect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A seller sold."""

    kind: ClassVar[str] = "test.sold"
    seller_id: int
    n: int

    def key(self) -> str:
        return f"till:{self.seller_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered:
    """Nobody outside hears this."""

    kind: ClassVar[str] = "secret.whispered"
    n: int

    def key(self) -> str:
        return "wall"


def _ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Node:
    """A nats-server process of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{self.server.token}@127.0.0.1:{self.server.port}"

    def start(self) -> None:
        words = prepare(self.server)
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@asynccontextmanager
async def _nodes(folder: Path, count: int) -> AsyncGenerator[list[Node]]:
    ports = _ports(2 * count)
    routes = [f"127.0.0.1:{port}" for port in ports[count:]] if count > 1 else []
    nodes = [
        Node(
            Server(
                name=f"n{nr}",
                folder=folder / f"n{nr}",
                port=ports[nr],
                token=token_of(folder),
                cluster=routes[nr] if routes else None,
                routes=routes,
            )
        )
        for nr in range(count)
    ]
    try:
        yield nodes
    finally:
        for node in nodes:
            node.kill()


@asynccontextmanager
async def _working(db: Database, urls: str, replicas: int = 1) -> AsyncGenerator[list[int]]:
    """A relay with one reaction, and a publisher; gives what the reaction heard."""
    heard: list[int] = []

    async def hear(events: Sequence[Sold], delivery: Delivery) -> None:
        heard.extend(event.n for event in events)

    stop = asyncio.Event()
    relay = Relay(db, [Reaction(event=Sold, name="hear", run=hear)], hand_on=True)
    publisher = Publisher(db, urls, replicas=replicas, private=lambda kind: kind.startswith("secret."))
    tasks = [asyncio.create_task(relay.run(stop)), asyncio.create_task(publisher.run(stop))]
    try:
        yield heard
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _append(db: Database, *events: outbox.Event) -> None:
    async with db.transaction() as tx:
        await outbox.append(tx, events)


async def _until_out(db: Database, limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while True:
            async with db.reading() as tx:
                if await tx.one(_LEFT) == 0:
                    return
            await asyncio.sleep(0.05)


async def _stream(urls: str, count: int) -> list[tuple[str, str, bytes]]:
    """(id, key, body) of every message of the stream, in its order."""
    async with connected(urls, "test") as client:
        js = client.jetstream(timeout=10)  # pyright: ignore[reportUnknownMemberType]
        total = (await js.stream_info(STREAM)).state.messages
        assert total == count, f"{total} messages for {count} events"
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE)
        pull = await js.pull_subscribe("halles.>", stream=STREAM, config=config)
        found: list[tuple[str, str, bytes]] = []
        while len(found) < total:
            for message in await pull.fetch(min(500, total - len(found)), timeout=10):
                assert message.headers is not None
                found.append((message.headers["Nats-Msg-Id"], message.headers["Halles-Key"], message.data))
        return found


def _in_order(found: Sequence[tuple[str, str, bytes]]) -> None:
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for _, key, body in found:
        by_key[key].append(int(body.rpartition(b":")[2].strip(b"}")))
    for key, numbers in by_key.items():
        assert numbers == sorted(numbers), key


async def test_nats_may_come_late_and_holds_nothing_back(db: Database, tmp_path: Path) -> None:
    async with _nodes(tmp_path, 1) as (node,), _working(db, node.url) as heard:
        await _append(db, *(Sold(seller_id=n % 5, n=n) for n in range(100)), Whispered(n=1))
        async with asyncio.timeout(20):
            while len(heard) < 100:  # noqa: ASYNC110  a reaction tells, not an event of this test
                await asyncio.sleep(0.02)
        async with db.reading() as tx:
            while await tx.one(_OUTGOING) == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            backlog = await outbox.backlog(tx)
        assert backlog.outgoing > 0, "what NATS lacks can be seen"
        assert backlog.outgoing_lag_s > 0
        node.start()
        await _until_out(db)
        found = await _stream(node.url, 100)
        _in_order(found)
        await _append(db, *(Sold(seller_id=n % 5, n=n) for n in range(100, 200)))
        async with connected(node.url, "test") as client, asyncio.timeout(20):
            js = client.jetstream(timeout=10)  # pyright: ignore[reportUnknownMemberType]
            while (await js.stream_info(STREAM)).state.messages < 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        node.kill()
        shutil.rmtree(node.server.folder / "store")  # the disk never saw any of it
        node.start()
        await _until_out(db)
        found = await _stream(node.url, 100)
        assert [int(body.rpartition(b":")[2].strip(b"}")) >= 100 for _, _, body in found] == [True] * 100


async def test_a_cluster_loses_a_server_and_no_event(db: Database, tmp_path: Path) -> None:
    count, sellers = 6000, 40
    async with AsyncExitStack() as stack:
        nodes = await stack.enter_async_context(_nodes(tmp_path, 3))
        for node in nodes:
            node.start()
        urls = ",".join(node.url for node in nodes)
        heard = await stack.enter_async_context(_working(db, urls, replicas=3))
        victim: Node | None = None
        for start in range(0, count, 100):
            await _append(db, *(Sold(seller_id=n % sellers, n=n) for n in range(start, start + 100)))
            if start == 2000:
                async with connected(urls, "test") as client:
                    leader = await _leader(client)
                victim = next(node for node in nodes if node.server.name == leader)
                victim.kill()
            if start == 4000 and victim is not None:
                victim.start()
            await asyncio.sleep(0.02)
        await _until_out(db, 120)
        assert sorted(heard) == list(range(count)), "inside, nothing waited for it"
        found = await _stream(urls, count)
    assert len({one for one, _, _ in found}) == count, "none doubled"
    assert {int(body.rpartition(b":")[2].strip(b"}")) for _, _, body in found} == set(range(count)), (
        "none lost"
    )
    _in_order(found)


async def _leader(client: object) -> str:
    """The server that leads the stream, once there is one."""
    from nats.aio.client import Client
    from nats.js.errors import APIError, NotFoundError

    assert isinstance(client, Client)
    for _ in range(100):
        try:
            js = client.jetstream(timeout=10)  # pyright: ignore[reportUnknownMemberType]
            cluster = (await js.stream_info(STREAM)).cluster
            if cluster is not None and cluster.leader:
                return cluster.leader
        except (NotFoundError, APIError, TimeoutError):
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("the stream has no leader")


async def test_live_topics_over_nats(db: Database, tmp_path: Path) -> None:
    hub = LiveHub(db)
    async with _nodes(tmp_path, 1) as (node,):
        node.start()
        link, ears = TopicLink(node.url), TopicLink(node.url)
        tasks = [
            asyncio.create_task(link.run()),
            asyncio.create_task(ears.run(hub.publish_packed, hub.wake_all)),
        ]
        assert not await link.announce(["order:1"]), "away: pg_notify does it"
        watch = hub.watch(["order:1"], keep_alive_s=10)
        woken = asyncio.ensure_future(anext(watch))
        async with asyncio.timeout(20):
            while not await link.announce([f"order:{n}" for n in range(1000)]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert await woken == "order:1"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(
    ("key", "body", "subject"),
    [
        ("order:1", b'{"seller_id":7,"n":1}', "halles.orders.order_placed.7"),
        ("visits:a b.*>", b'{"place_id":7}', "halles.orders.order_placed.visits:a_b___"),
    ],
)
def test_subjects_hold_no_wildcard(key: str, body: bytes, subject: str) -> None:
    assert subject_of("orders.order_placed", key, body) == subject


def test_a_server_writes_within_the_time_that_a_parcel_is_kept(tmp_path: Path) -> None:
    alone = Server(name="halles", folder=tmp_path, token='a"b')
    assert 'sync_interval: "1s"' in configuration(alone)
    assert SETTLE_S > 2
    assert 'token: "a\\"b"' in configuration(alone)
