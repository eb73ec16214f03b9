"""What leaves the house: the calendar and the mail that carries it; and what the doctor says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any, cast

import aiosmtplib
import pytest

from halles.identity.adapters.mail import SmtpMailer
from halles.identity.types import Mail
from halles.journeys.doctor.welcomed import compare
from halles.journeys.welcoming.calendar import visit_ics
from halles.kernel.ids import uuid7
from halles.welcome.types import Booking, BookingTally, DoorFault, TicketTally

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_a_calendar_s_lines_are_short_and_escaped() -> None:
    booking = Booking(
        seller_id=1,
        booking_id=uuid7(),
        place_id=1,
        party_id=1,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        day=NOW.date(),
        size=2,
        code="7KQ2",
        state="cancelled",
        made_at=NOW,
        ended_at=NOW,
    )
    text = visit_ics(
        booking, summary="Visite ; été, là", where="x", text="é" * 90 + "\n\\", url="https://a.example/p", host="a.example"
    )  # fmt: skip
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    plain = text.replace("\r\n ", "")
    assert "SUMMARY:Visite \\; été\\, là\r\n" in plain
    assert f"DESCRIPTION:{'é' * 90}\\n\\\\\r\n" in plain
    assert "STATUS:CANCELLED\r\nSUMMARY" in plain
    assert "SEQUENCE:1\r\n" in plain


async def test_the_mail_carries_the_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []

    async def send(message: EmailMessage, **_: Any) -> None:
        sent.append(message)

    monkeypatch.setattr(aiosmtplib, "send", send)
    mail = Mail(
        message_id="1",
        recipient="a@test.example",
        subject="Visit",
        text="Text",
        html="<p>Text</p>",
        calendar="BEGIN:VCALENDAR\r\nSUMMARY:été\r\nEND:VCALENDAR\r\n",
    )
    await SmtpMailer("smtp://localhost", "Halles <no-reply@test.example>").send(mail)
    parts = list(message_from_bytes(sent[0].as_bytes()).walk())
    (calendar,) = [part for part in parts if part.get_content_type() == "text/calendar"]
    assert calendar.get_param("method") == "PUBLISH"
    body = cast("bytes", calendar.get_payload(decode=True)).decode()
    assert "SUMMARY:été" in body


def test_the_doctor_names_what_is_wrong() -> None:
    slot = BookingTally(seller_id=1, place_id=1, starts_at=NOW, booked=11, most=10, people=9)
    ticket = TicketTally(seller_id=1, ticket_id=uuid7(), state="called", text="…")
    found = compare([slot], [ticket], [DoorFault(seller_id=1, door="street", zone="attic")])
    assert [one.check for one in found] == [
        "welcome.overbooked",
        "welcome.slot",
        "welcome.ticket",
        "welcome.door",
    ]
