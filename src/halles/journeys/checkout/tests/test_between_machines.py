"""Orders on their way to a writer on another machine: encrypted, both sides proven by certificate, or not sent at all."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from halles.journeys.checkout import desk as desk_module
from halles.journeys.checkout import handoff
from halles.journeys.checkout.desk import Desk, NoWriter, Unencrypted
from halles.journeys.checkout.intake import Intake
from halles.journeys.checkout.tests.small_shop import open_shop, stock_sums
from halles.journeys.checkout.tests.test_desk import mark
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.settings import load
from halles.kernel.tls import BadCertificate, MutualTls, between_writers, is_loopback, mutual

HOST = "127.0.0.1"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's own address counts as another machine's."""

    def no_loopback(host: str) -> bool:
        return False

    for module in (desk_module, handoff):
        monkeypatch.setattr(module, "is_loopback", no_loopback)


class Authority:
    """An authority and the files of the machines that it certified."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._ca, self._folder = trustme.CA(), folder
        self._ca.cert_pem.write_to_path(str(folder / "authority.pem"))

    def files(self, host: str) -> tuple[Path, Path, Path]:
        made = self._ca.issue_cert(host)
        chain, key = self._folder / f"{host}.pem", self._folder / f"{host}-key.pem"
        chain.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(str(key))
        return chain, key, self._folder / "authority.pem"

    def of(self, host: str) -> MutualTls:
        return mutual(*self.files(host))


def desk_of(db: Database, tls: MutualTls | None) -> Desk:
    return Desk(db, Intake(db, system_clock), lambda role, challenge: mark(role, challenge.hex())[:32], tls)


@asynccontextmanager
async def two(db: Database, writer: MutualTls, asker: MutualTls | None) -> AsyncGenerator[Desk]:
    """A writer that holds every cell, and the desk of a process elsewhere."""
    async with desk_of(db, writer).shared(writes=True, host=HOST) as member:
        assert member is not None
        async with asyncio.timeout(20):
            while len(member.held) < desk_module.CELLS:  # noqa: ASYNC110  a lease is taken in its own time
                await asyncio.sleep(0.02)
        away = desk_of(db, asker)
        async with away.shared(writes=False):
            yield away


async def test_an_order_goes_over_encrypted(db: Database, tmp_path: Path, elsewhere: None) -> None:
    shop, authority = await open_shop(db), Authority(tmp_path / "ours")
    async with two(db, authority.of(HOST), authority.of("web-1.internal")) as away:
        assert (await away.place(shop.order((0, 1)), shop.shoppers[0])).first
        link = next(iter(away._links.values()))  # pyright: ignore[reportPrivateUsage]
        secured = link.transport.get_extra_info("ssl_object")
        assert secured.version() == "TLSv1.3"
        assert secured.getpeercert()["subjectAltName"] == (("IP Address", HOST),)


@pytest.mark.parametrize(
    ("writer", "asker"),
    [
        (HOST, None),
        (HOST, "another authority"),
        ("10.0.0.7", "ours"),
    ],
    ids=["without certificates", "of another authority", "the writer is named otherwise"],
)
async def test_nothing_goes_to_whom_it_cannot_be_proven(
    db: Database, tmp_path: Path, elsewhere: None, monkeypatch: pytest.MonkeyPatch, writer: str, asker: str | None
) -> None:  # fmt: skip
    monkeypatch.setattr(desk_module, "PATIENCE_S", 0.3)
    shop, ours, others = await open_shop(db), Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    shown = {None: None, "ours": ours.of(HOST), "another authority": others.of(HOST)}[asker]
    async with two(db, ours.of(writer), shown) as away:
        with pytest.raises(NoWriter):
            await away.place(shop.order((0, 1)), shop.shoppers[0])
    assert (await stock_sums(db))[1] == 0


async def test_a_caller_without_our_certificate_is_not_heard(
    db: Database, tmp_path: Path, elsewhere: None
) -> None:
    """Not even its challenge: the connection ends within the handshake."""
    ours = Authority(tmp_path / "ours")
    async with two(db, ours.of(HOST), None) as away:
        await away._read()  # pyright: ignore[reportPrivateUsage]
        port = int(next(iter(away._addresses.values())).rpartition(":")[2])  # pyright: ignore[reportPrivateUsage]
        context = ssl.create_default_context(cafile=str(tmp_path / "ours" / "authority.pem"))

        def talk() -> bytes:
            with socket.create_connection((HOST, port), timeout=10) as plain:
                try:
                    with context.wrap_socket(plain, server_hostname=HOST) as secured:
                        return secured.recv(100)
                except (ssl.SSLError, ConnectionError):
                    return b""

        assert await asyncio.to_thread(talk) == b""


async def test_a_writer_that_others_reach_needs_certificates(db: Database) -> None:
    for host in ("192.0.2.7", "0.0.0.0", "writer.internal"):
        with pytest.raises(Unencrypted):
            async with desk_of(db, None).shared(writes=True, host=host):
                pass
    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "LOCALHOST")] == [True] * 4


def test_the_three_files_belong_together(tmp_path: Path) -> None:
    chain, key, authority = Authority(tmp_path / "ours").files(HOST)
    _, wrong, _ = Authority(tmp_path / "others").files(HOST)
    named = {"data": tmp_path, "writer_certificate": chain, "writer_authority": authority}
    assert between_writers(load(data=tmp_path)) is None
    assert between_writers(load(**named, writer_key=key)) is not None
    for bad in (wrong, tmp_path / "nowhere.pem", None):
        with pytest.raises(BadCertificate):
            between_writers(load(**named, writer_key=bad))
