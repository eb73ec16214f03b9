"""What a thief tries at the lane for orders, the hand-over between processes, and backups.

Each test is named for what the thief wants. Hands and stages are in `halles/edge/tests/thief.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import socket
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import msgspec
import pytest

from halles.edge.ops import manifest as manifests
from halles.edge.ops import restoring
from halles.edge.ops.errors import BackupDamaged
from halles.edge.tests.test_hot_lane import Server as Served
from halles.edge.tests.test_hot_lane import browser_of
from halles.journeys.checkout.handoff import Ask, Link, Server
from halles.journeys.checkout.tests.small_shop import Shop, stock_sums
from halles.journeys.checkout.types import Outcome, PlaceOrder
from halles.kernel.db import Database
from halles.kernel.settings import load


@pytest.fixture
def served(db: Database, tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    home = f"http://127.0.0.1:{port}"
    made = Served(load(data=tmp_path, database_url=db.dsn, public_url=home, secret="s" * 40, demo=True), port)
    yield made
    made.stop()


async def spoken(port: int, *packets: bytes) -> bytes:
    """What a server says to these bytes until it closes, or a second long nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        for packet in packets:
            writer.write(packet)
            await asyncio.sleep(0.05)
        while data := await asyncio.wait_for(reader.read(65536), 1):
            found += data
    writer.close()
    return found


async def test_to_smuggle_an_order_past_the_lane(db: Database, shop: Shop, served: Served) -> None:
    """Several requests in one packet are answered in their order; a length said twice or in two ways ends the connection."""
    async with await browser_of(db, shop, served) as phone:
        await phone.get("/api/me")
        cookies = "; ".join(f"{name}={value}" for name, value in phone.cookies.items())
        home = f"http://127.0.0.1:{served.port}"

        def request(body: bytes, *lines: str, version: str = "1.1", length: bool = True) -> bytes:
            head = [f"POST /api/orders HTTP/{version}", f"host: 127.0.0.1:{served.port}", f"origin: {home}"]
            head += [f"cookie: {cookies}", "content-type: application/json", *lines]
            if length:
                head.append(f"content-length: {len(body)}")
            return "\r\n".join(head).encode() + b"\r\n\r\n" + body

        def order() -> bytes:
            return msgspec.json.encode(shop.order((1, 1)))

        many = [request(order()) for _ in range(3)]
        mixed = many[0] + b"GET /api/me HTTP/1.1\r\nhost: x\r\n\r\n" + many[1] + many[2][:-20]
        said = await spoken(served.port, mixed, many[2][-20:-1], many[2][-1:])
        statuses = re.findall(rb"HTTP/1.1 (\d+)", said)
        assert statuses == [b"201", b"200", b"201", b"201"]
        assert len(set(re.findall(rb'"order_id":"([^"]+)"', said))) == 3
        before = (await stock_sums(db))[1]
        body = order()
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        for bytes_ in (
            request(body, "content-length: 3"),
            request(chunked, "transfer-encoding: chunked"),
            request(body, "content-length: +5", length=False),
            request(body, f"content-length: {len(body)}, {len(body)}", length=False),
            request(body, "content-length : 5"),
            request(body, "origin: https://evil.example"),
            request(body, "sec-fetch-site: cross-site"),
            request(body, "content-type: text/plain"),
            request(body).replace(b"\r\ncontent-type: application/json", b""),
        ):
            assert not re.search(rb"HTTP/1.1 20\d", await spoken(served.port, bytes_)), bytes_
        assert (await stock_sums(db))[1] == before
        old = await spoken(served.port, request(body, version="1.0"))
        assert re.match(rb"HTTP/1.1 (201|200)", old)
        assert b"connection: close" in old.lower()


# ── the hand-over between processes ─────────────────────────────────────────────────────────────────────────────────────────


@contextlib.asynccontextmanager
async def a_writer(placed: list[int]) -> AsyncGenerator[int]:
    """A writer's port. Who is believed there is noted with the owner whose order they send."""

    def place(order: PlaceOrder, owner_id: int) -> asyncio.Future[Outcome]:
        placed.append(owner_id)
        return asyncio.get_running_loop().create_future()

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(_proof, place, "127.0.0.1"), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _proof(role: str, challenge: bytes) -> bytes:
    return hashlib.blake2b(challenge, key=b"secret", person=role.encode()[:16], digest_size=32).digest()


def _framed(*frames: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)


@pytest.mark.parametrize(
    "before", [(b"x" * 16, b"x" * 32), (b"",), (b"x" * 16,), (b"x" * 15, b"y"), ()], ids=len
)
async def test_to_order_for_another_without_the_secret(shop: Shop, before: tuple[bytes, ...]) -> None:
    """Everything in one packet: what comes after a wrong proof must not be heard any more."""
    placed: list[int] = []
    order = msgspec.msgpack.encode(Ask(1, shop.shoppers[0], shop.order()))
    async with a_writer(placed) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_framed(*before, order, order, order))
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(reader.read(4096), 5):
                pass
        writer.close()
    assert placed == []


async def test_to_reflect_the_writers_own_challenge(shop: Shop) -> None:
    placed: list[int] = []
    async with a_writer(placed) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        challenge = (await reader.readexactly(20))[4:]
        writer.write(_framed(challenge))
        proof = (await reader.readexactly(36))[4:]
        writer.write(_framed(proof, msgspec.msgpack.encode(Ask(1, shop.shoppers[0], shop.order()))))
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(4096), 5) == b""
        writer.close()
    assert placed == []


async def test_to_stand_between_two_processes(shop: Shop) -> None:
    """Whoever listens where a writer was until it died passes challenges and proofs on to a writer that lives."""
    placed: list[int] = []
    heard: list[bytes] = []
    async with a_writer(placed) as port:

        async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, to_there = await asyncio.open_connection("127.0.0.1", port)

            async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
                with contextlib.suppress(ConnectionError):
                    while data := await source.read(4096):
                        heard.append(data)
                        to.write(data)
                to.close()

            await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))

        trap = await asyncio.start_server(between, "127.0.0.1", 0)
        link = Link(_proof, f"127.0.0.1:{trap.sockets[0].getsockname()[1]}")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(link.ask(shop.order(), shop.shoppers[0]), 10)
        link.close()
        trap.close()
    assert placed == []
    assert b"Camille" not in b"".join(heard)


async def test_to_stop_orders_by_listening_in_silence(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halles.journeys.checkout.handoff._PROOF_S", 0.2)
    quiet = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await quiet.wait()
        writer.close()

    trap = await asyncio.start_server(silent, "127.0.0.1", 0)
    link = Link(_proof, f"127.0.0.1:{trap.sockets[0].getsockname()[1]}")
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(link.ask(shop.order(), shop.shoppers[0]), 30)
    quiet.set()
    link.close()
    trap.close()


# ── backups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_backup(folder: Path, *names: str, body: bytes = b"evil") -> Path:
    """A hostile folder whose sums are all right."""
    folder.mkdir(parents=True)
    kept = manifests.Kept(size=len(body), sha256=hashlib.sha256(body).hexdigest())
    (folder / manifests.DUMP).write_bytes(body)
    made = manifests.Manifest(
        format=1, version="1", revision=restoring.revisions.line()[-1], server=16, program=16, taken_at=0.0, database_bytes=1,
        files=dict.fromkeys((*names, manifests.DUMP), kept),
    )  # fmt: skip
    manifests.write(folder, made)
    return folder


@pytest.mark.parametrize(
    "name",
    ["media/../../{}/keys", "media/link/../../../keys", "media/link/keys", "media/../secret", "../{}/keys", "{}", "media/"],
)  # fmt: skip
def test_to_write_outside_the_data_folder(tmp_path: Path, name: str) -> None:
    """A name that leads back into the backup leads elsewhere from the data folder."""
    folder = tmp_path / "monday"
    name = name.format(folder.name)
    a_backup(folder, name)
    (folder / "a/b/c/d").mkdir(parents=True)
    (folder / "media").mkdir()
    (folder / "media/link").symlink_to(folder / "a/b/c/d")
    for place in (folder / "keys", folder / "a/keys", folder / "a/b/c/d/keys", folder / "secret"):
        place.write_bytes(b"evil")
    with pytest.raises(BackupDamaged):
        restoring.check(folder)


def test_to_read_the_machines_files_into_the_shop(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"evil")
    for number, name in enumerate(("media/link", str(outside))):
        folder = a_backup(tmp_path / f"backup-{number}", name)
        (folder / "media").mkdir()
        (folder / "media/link").symlink_to(outside)
        with pytest.raises(BackupDamaged):
            restoring.check(folder)


def test_to_keep_a_restore_reading_for_ever(tmp_path: Path) -> None:
    for number, kind in enumerate(("pipe", "device")):
        folder = a_backup(tmp_path / f"backup-{number}")
        (folder / "manifest.json").unlink()
        if kind == "pipe":
            os.mkfifo(folder / "manifest.json")
        else:
            (folder / "manifest.json").symlink_to("/dev/zero")
        with pytest.raises(BackupDamaged):
            restoring.check(folder)


def test_to_have_the_secret_read_by_everybody_after_a_restore(tmp_path: Path) -> None:
    source = tmp_path / "secret"
    source.write_text("s" * 64)
    source.chmod(0o666)
    manifests.copy(source, tmp_path / "copy", most=0o600)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
