"""Where mails go: both ways must do the same; then what only SMTP can get wrong."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default
from typing import Protocol, cast

import pytest

from halles.identity import api, rules
from halles.identity.adapters.mail import DemoMailbox, NoMailer, SmtpMailer, mailer
from halles.identity.types import Mailer, MailNotConfigured, MailRefused, MailUnavailable
from halles.kernel.db import Database
from halles.kernel.settings import BadSettings, Settings

MAIL = rules.code_mail("camille@example.com", "fr", "123456", "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10")


@dataclass(slots=True)
class Peer:
    """A mail server on the loopback, as much of RFC 5321 as a sender needs. `answers`: replies to commands, by verb."""

    answers: dict[str, str] = field(default_factory=dict[str, str])
    heard: list[str] = field(default_factory=list[str])
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    port: int = 0
    talks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.append(asyncio.create_task(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.heard.append("hung up")
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, self.answers.get("greeting", "220 peer"))
        while line := (await reader.readline()).decode().strip():
            self.heard.append(line)
            verb = line.split()[0].upper()
            await self._say(writer, self.answers.get(verb, "354 go on" if verb == "DATA" else "250 fine"))
            if verb == "DATA" and "DATA" not in self.answers:
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(email.message_from_bytes(raw[:-5], policy=default))
                await self._say(writer, "250 kept")
            if verb == "QUIT":
                return

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(f"{text}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def serving(peer: Peer) -> AsyncGenerator[Peer]:
    server = await asyncio.start_server(peer.meet, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer
    await asyncio.gather(*peer.talks)


class Box(Protocol):
    """A way out, and what arrived at its end."""

    mailer: Mailer

    async def arrived(self) -> list[tuple[str, str, str]]: ...


class DemoBox:
    def __init__(self, db: Database) -> None:
        self._db, self.mailer = db, cast("Mailer", DemoMailbox(db))

    async def arrived(self) -> list[tuple[str, str, str]]:
        async with self._db.reading() as tx:
            return [(mail.recipient, mail.subject, mail.body) for mail in await api.mailbox(tx)]


class SmtpBox:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.mailer = cast(
            "Mailer", SmtpMailer(f"smtp://127.0.0.1:{peer.port}", "Halles <no-reply@halles.example>")
        )

    async def arrived(self) -> list[tuple[str, str, str]]:
        return [(mail["to"], mail["subject"], _text(mail)) for mail in self._peer.mails]


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.fixture(params=["demo", "smtp"])
async def box(request: pytest.FixtureRequest, db: Database) -> AsyncIterator[Box]:
    if request.param == "demo":
        yield DemoBox(db)
        return
    async with serving(Peer()) as peer:
        yield SmtpBox(peer)


async def test_a_mail_arrives_as_it_was_written(box: Box) -> None:
    await box.mailer.send(MAIL)
    assert await box.arrived() == [(MAIL.recipient, MAIL.subject, MAIL.text)]
    assert "123 456" in MAIL.text


async def test_a_retry_is_recognisable(db: Database) -> None:
    """The demo's mailbox keeps one of two; by SMTP both carry the same Message-ID, which readers fold into one."""
    demo = DemoBox(db)
    await demo.mailer.send(MAIL)
    await demo.mailer.send(MAIL)
    assert len(await demo.arrived()) == 1
    async with serving(Peer()) as peer:
        smtp = SmtpBox(peer)
        await smtp.mailer.send(MAIL)
        await smtp.mailer.send(MAIL)
        assert {mail["message-id"] for mail in peer.mails} == {f"<{MAIL.message_id}@halles.example>"}


async def test_a_mail_has_a_plain_and_a_simple_page_part() -> None:
    async with serving(Peer()) as peer:
        await SmtpBox(peer).mailer.send(MAIL)
        page = peer.mails[0].get_body(("html",))
        assert page is not None
        assert "123 456" in str(page.get_content())
        assert peer.mails[0]["auto-submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "answers",
    [{"greeting": "421 later"}, {"MAIL": "451 later"}, {"RCPT": "450 greylisted"}, {"DATA": "554 no"}],
)
async def test_a_server_that_does_not_take_it_now_is_tried_again(answers: dict[str, str]) -> None:
    async with serving(Peer(answers=answers)) as peer:
        with pytest.raises(MailUnavailable):
            await SmtpBox(peer).mailer.send(MAIL)


async def test_a_recipient_that_does_not_exist_is_let_go() -> None:
    async with serving(Peer(answers={"RCPT": "550 nobody here"})) as peer:
        await SmtpBox(peer).mailer.send(MAIL)
        with pytest.raises(MailRefused):
            await SmtpBox(peer).mailer.send(replace(MAIL, registered=True))
        assert peer.mails == []


async def test_no_server_at_all_is_tried_again() -> None:
    async with serving(Peer()) as peer:
        port = peer.port
    with pytest.raises(MailUnavailable):
        await SmtpMailer(f"smtp://127.0.0.1:{port}", "a@b.fr").send(MAIL)


async def test_a_password_never_travels_in_clear() -> None:
    """With a password and a server that offers no TLS, nothing is sent."""
    async with serving(Peer(answers={"EHLO": "250 peer"})) as peer:
        with pytest.raises(MailUnavailable):
            await SmtpMailer(f"smtp://shop:hunter2@127.0.0.1:{peer.port}", "a@b.fr").send(MAIL)
        assert not any("AUTH" in line or "hunter2" in line for line in peer.heard)


async def test_which_way_follows_from_the_settings(db: Database, settings: Settings) -> None:
    assert isinstance(mailer(settings, db), DemoMailbox)
    real = settings.model_copy(update={"demo": False})
    assert isinstance(mailer(real, db), NoMailer)
    with pytest.raises(MailNotConfigured):
        await mailer(real, db).send(MAIL)
    with pytest.raises(BadSettings):
        SmtpMailer("https://mail.example", "a@b.fr")


def test_a_mail_shows_nothing_of_itself_in_logs() -> None:
    assert "123456" not in repr(replace(MAIL, subject="x"))
    assert "123 456" not in repr(MAIL)
