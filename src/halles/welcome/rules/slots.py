"""Which slots a place has, and how many people can still book one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import accumulate

from halles.welcome.rules.counting import Hours, local_day, spans
from halles.welcome.types import Booking, Slot, Terms

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that reads as something else
CODES = len(_ALPHABET) ** 4


def bookable(capacity: int | None, terms: Terms) -> int:
    """How many people may be inside with a booking at once. Without a capacity nobody can book."""
    return 0 if capacity is None else capacity * terms.bookable_pct // 100


def grid(hours: Hours, timezone: str, day: date, terms: Terms) -> list[tuple[datetime, datetime]]:
    """The slots of a local day: when a party may come, and until when it may stay. A slot begins every `slot_min` minutes of real
    time after opening, as long as it ends before closing; a day of 23 or 25 hours has fewer or more of them."""
    step, stay = timedelta(minutes=terms.slot_min), timedelta(minutes=terms.stay_min)
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in spans(hours, timezone, day - timedelta(days=1), day + timedelta(days=1)):
        starts = opens
        while starts + step <= closes:
            if local_day(starts, timezone) == day:
                found.append((starts, min(starts + stay, closes)))
            starts += step
    return found


def left(booked: Mapping[datetime, int], starts: datetime, stay: timedelta, most: int) -> int:
    """How many more people can book to come at `starts` so that never more than `most` are inside with a booking.

    Whoever comes at u is inside during [u, u + stay). That number only grows when somebody comes, so that its greatest value
    during the new visit is found at its begin or at a later begin within it.
    """
    return max(0, most - _Inside(booked, stay).greatest(starts))


class _Inside:
    """How many are inside with a booking, summed once for all slots of a day: each then costs its own stay, not all bookings
    times all moments (a day of 288 slots took nine seconds)."""

    def __init__(self, booked: Mapping[datetime, int], stay: timedelta) -> None:
        self._stay, self._begins = stay, sorted(booked)
        self._sums = [0, *accumulate(booked[begin] for begin in self._begins)]
        self._at_begins = [self._at(begin) for begin in self._begins]

    def _at(self, moment: datetime) -> int:
        came = bisect_right(self._begins, moment)
        return self._sums[came] - self._sums[bisect_right(self._begins, moment - self._stay)]

    def greatest(self, starts: datetime) -> int:
        """During a visit that begins then."""
        first, last = bisect_left(self._begins, starts), bisect_left(self._begins, starts + self._stay)
        return max(self._at(starts), *self._at_begins[first:last], 0)


def day_slots(
    hours: Hours,
    timezone: str,
    day: date,
    terms: Terms,
    most: int,
    booked: Mapping[datetime, int],
    now: datetime,
) -> list[Slot]:
    """The slots of a day that are still to come, with what is left of each."""
    inside = _Inside(booked, timedelta(minutes=terms.stay_min))
    return [
        Slot(starts_at=starts, ends_at=ends, left=max(0, most - inside.greatest(starts)))
        for starts, ends in grid(hours, timezone, day, terms)
        if starts > now
    ]


def missed(booking: Booking, terms: Terms, now: datetime) -> bool:
    """Whether a booked party is later than the grace."""
    return now > booking.starts_at + timedelta(minutes=terms.grace_min)


def code(number: int) -> str:
    """Four characters for a number below CODES."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in (15, 10, 5, 0))


def read_code(text: str) -> str | None:
    """A typed or scanned code in its printed form (O read as 0, I and L as 1); None when it cannot be one."""
    found = "".join(text.upper().split()).replace("O", "0").replace("I", "1").replace("L", "1")
    return found if len(found) == 4 and all(letter in _ALPHABET for letter in found) else None
