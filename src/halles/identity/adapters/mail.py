"""Where mails go: an SMTP server, or the demo's mailbox. Both pass the same tests."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from halles.identity.store import proofs
from halles.identity.types import Mail, Mailer, MailNotConfigured, MailRefused, MailUnavailable
from halles.kernel.db import Database
from halles.kernel.settings import BadSettings, Settings

log = structlog.get_logger("halles.mail")
_TIMEOUT_S = 20.0


class SmtpMailer:
    """Sends through a server: `smtp://` upgrades to TLS when the server offers it and must before a password is sent,
    `smtps://` is TLS from the first byte."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadSettings("HALLES_SMTP_URL must read smtp://user:password@host:587 or smtps://…")
        self._host, self._tls = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """One connection a mail: few are sent at once. A recipient the server refuses for good is logged, and told of a
        registered mail."""
        message = EmailMessage()
        subject = " ".join(mail.subject.split())  # it tells of names that others chose
        message["From"], message["To"], message["Subject"] = self._sender, mail.recipient, subject
        message["Message-ID"] = (
            f"<{mail.message_id}@{parseaddr(self._sender)[1].rpartition('@')[2] or 'halles.invalid'}>"
        )
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        if mail.calendar is not None:
            message.add_attachment(
                mail.calendar, subtype="calendar", filename="visit.ics", params={"method": "PUBLISH"}
            )
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=True if self._user and not self._tls else None,
                tls_context=ssl.create_default_context(),
                timeout=_TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refusal.code >= 500 for refusal in error.recipients):
                log.warning("mail.recipient_refused", domain=mail.recipient.rpartition("@")[2])
                if mail.registered:
                    raise MailRefused("The mail server does not take mail for this address.") from error
                return
            raise MailUnavailable("The mail server asks to try later.", retry_after_s=30) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable("The mail server does not take mail now.", retry_after_s=30) from error


class DemoMailbox:
    """Keeps mails in a table that the demo's page shows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def send(self, mail: Mail) -> None:
        async with self._db.transaction() as tx:
            await proofs.deliver(tx, mail)


class NoMailer:
    """Nothing is configured: says so, and the event waits where staff see it."""

    async def send(self, mail: Mail) -> None:
        raise MailNotConfigured(
            "HALLES_SMTP_URL is not set, so that no code can be mailed.", retry_after_s=600
        )


def mailer(settings: Settings, db: Database) -> Mailer:
    """SMTP when it is configured, else the demo's mailbox in the demo, else one that refuses."""
    if settings.smtp_url is not None:
        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    return DemoMailbox(db) if settings.demo else NoMailer()
