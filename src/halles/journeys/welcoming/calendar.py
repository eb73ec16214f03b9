"""A booked visit for a calendar (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime

from halles.welcome.types import Booking, BookingState


def visit_ics(booking: Booking, *, summary: str, where: str, text: str, url: str, host: str) -> str:
    """One VEVENT in UTC. Its UID is the booking's for ever and SEQUENCE rises when it ends, so that a calendar replaces what it
    has: a cancelled or missed visit is shown as cancelled. Lines end in CRLF and hold 75 octets at most (RFC 5545, 3.1)."""
    standing = booking.state in {BookingState.BOOKED, BookingState.ARRIVED}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Halles//Welcome//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{booking.booking_id}@{host}",
        f"DTSTAMP:{_utc(booking.ended_at or booking.made_at)}",
        f"DTSTART:{_utc(booking.starts_at)}",
        f"DTEND:{_utc(booking.ends_at)}",
        f"SEQUENCE:{0 if booking.ended_at is None else 1}",
        f"STATUS:{'CONFIRMED' if standing else 'CANCELLED'}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(where)}",
        f"DESCRIPTION:{_text(text)}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """A TEXT value, escaped (3.3.11); no control character leaves it."""
    for found, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(found, written)
    return "".join(letter for letter in text if letter >= " ")


def _folded(line: str) -> str:
    """At most 75 octets a line, each further one begins with a space; no letter is cut in two."""
    parts: list[str] = []
    part, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > 75:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return "\r\n".join([*parts, part])
