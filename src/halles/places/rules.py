"""Pure decisions of places."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from halles.places.types import WEEKDAYS, BadPlace, PlaceDraft, PlaceKind

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that reads as something else


def check(draft: PlaceDraft) -> None:
    """Raise BadPlace, naming the field, when a draft cannot be a place."""
    if not _CODE.fullmatch(draft.code):
        raise BadPlace("A code is lower-case letters, digits and hyphens, at most 40.", field="code")
    if draft.kind not in list(PlaceKind):
        raise BadPlace("A place is a showroom or a store.", field="kind")
    if draft.timezone not in available_timezones():
        raise BadPlace(f"{draft.timezone!r} is not a timezone like Europe/Paris.", field="timezone")
    for day, spans in draft.opening_hours.items():
        if day not in WEEKDAYS:
            raise BadPlace(f"{day!r} is not a weekday (mon … sun).", field="opening_hours")
        for span in spans:
            if len(span) != 2 or not all(_CLOCK.fullmatch(clock) for clock in span) or span[0] >= span[1]:
                raise BadPlace(
                    f"{day}: a span is two times, the first before the second.", field="opening_hours"
                )


def is_open(opening_hours: dict[str, list[list[str]]], timezone: str, now: datetime) -> bool:
    """Whether a place is open at a moment, by its own clock."""
    local = now.astimezone(ZoneInfo(timezone))
    clock = local.strftime("%H:%M")
    return any(begin <= clock < end for begin, end in opening_hours.get(WEEKDAYS[local.weekday()], []))


def sample_code(number: int) -> str:
    """Six characters for a number below 2^30, to print under a QR code; each number has its own."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))


def read_sample_code(text: str) -> str | None:
    """A typed or scanned sample code in its printed form (O read as 0, I and L as 1), or None when it cannot be one."""
    code = text.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return code if len(code) == 6 and all(letter in _ALPHABET for letter in code) else None
