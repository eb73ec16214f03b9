"""The line: how fast people are let in, where a ticket stands, how hard joining is. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from halles.flash.types import Phase, Room, Sale, Stand

CLAIM_S = 20
"""Seconds for which a turn that came is believed to be taken up. Who comes later is not shut out, only no longer waited for."""
BURST_S = 2.0
"""Seconds of the rate that may be let in at once, after a pause."""
SMOOTHED_S = 20.0
"""Time over which the measured rate forgets."""
_SLOW_PER_S = 0.002
"""A line that moves slower than one person in eight minutes stands still as far as an estimate goes."""
LEAST_BITS, GUEST_BITS, MOST_BITS = 13, 3, 21
"""Hash work of a ticket: 2^13 tries, a few hundredths of a second; eight times that for a guest; never more than 2^21."""
FREE_JOINS = 20
"""Joins a minute from one network that cost nothing more: a family, an office, a shop's Wi-Fi."""


def phase_of(sale: Sale, *, left: int, now: datetime) -> Phase:
    """`left`: pieces that the sale can still give."""
    if now >= sale.over_at:
        return Phase.ENDED
    if now >= sale.starts_at:
        return Phase.RUNNING if left > 0 else Phase.SOLD_OUT
    opens = sale.starts_at - timedelta(seconds=sale.prequeue_s)
    return Phase.WAITING if sale.waiting_room and now >= opens else Phase.BEFORE


def step(
    room: Room, *, now: datetime, rate_per_s: float, left: int, open_slots: int, unclaimed: int, busy: bool
) -> Room:
    """Let the next people in: at the rate, never more than there are pieces that nobody inside is about to take, nobody while the
    intake is full (`busy`) or nothing is left. `open_slots`: admitted, in time, bought nothing yet. `unclaimed`: turns that came
    within CLAIM_S and were not taken up.
    """
    elapsed_s = min(max((now - room.stepped_at).total_seconds(), 0.0), 10.0)
    credit = min(room.credit + rate_per_s * elapsed_s, max(1.0, rate_per_s * BURST_S))
    waiting = room.next_number - 1 - room.admitted_to
    free = max(0, left - open_slots - unclaimed)
    paused = "sold_out" if left <= 0 else "busy" if busy else "full" if free == 0 else None
    admitted = 0 if paused else min(int(credit), waiting, free)
    measured = room.measured_per_s or rate_per_s
    if waiting and elapsed_s > 0:
        weight = 1.0 - math.exp(-elapsed_s / SMOOTHED_S)
        measured += weight * (admitted / elapsed_s - measured)
    admitted_to = room.admitted_to + admitted
    return replace(
        room,
        admitted_to=admitted_to,
        credit=credit - admitted,
        measured_per_s=max(measured, 1e-9),
        stepped_at=now,
        paused=paused,
        marks=_marked(room.marks, now, admitted_to),
    )


def passed_within(room: Room, now: datetime, seconds: float) -> int:
    """How many places were let in during the last `seconds` (at most CLAIM_S)."""
    since_ms = (now.timestamp() - seconds) * 1000
    earlier = [to for ms, to in zip(room.marks[::2], room.marks[1::2], strict=True) if ms <= since_ms]
    return room.admitted_to - (earlier[-1] if earlier else _first(room))


def _first(room: Room) -> int:
    return room.marks[1] if len(room.marks) > 2 else 0


def _marked(marks: Sequence[int], now: datetime, admitted_to: int) -> tuple[int, ...]:
    """The marks of the last CLAIM_S, and one before them."""
    pairs = [*zip(marks[::2], marks[1::2], strict=True), (int(now.timestamp() * 1000), admitted_to)]
    since_ms = (now.timestamp() - CLAIM_S) * 1000
    old = [pair for pair in pairs if pair[0] <= since_ms]
    kept = old[-1:] + [pair for pair in pairs if pair[0] > since_ms]
    return tuple(number for pair in kept for number in pair)


def stand(
    *, place: int | None, claimed_s: int | None, sale: Sale, phase: Phase, room: Room, now: datetime
) -> Stand:
    """Where a ticket stands: a few comparisons, whatever the length of the line."""
    until_s = None if claimed_s is None else claimed_s + sale.hold_s
    if phase is Phase.ENDED:
        return Stand(state="over", place=place, ahead=None, eta_s=None, until_s=until_s)
    if until_s is not None:
        state = "admitted" if now.timestamp() < until_s else "lost"
        return Stand(state=state, place=place, ahead=0, eta_s=0.0, until_s=until_s)
    if place is not None and place <= room.admitted_to and phase is not Phase.SOLD_OUT:
        return Stand(state="your_turn", place=place, ahead=0, eta_s=0.0, until_s=None)
    ahead = None if place is None else max(0, place - room.admitted_to - 1)
    if phase is Phase.SOLD_OUT:
        return Stand(state="sold_out", place=place, ahead=ahead, eta_s=None, until_s=None)
    return Stand(state="waiting", place=place, ahead=ahead, eta_s=eta_s(room, ahead), until_s=None)


def eta_s(room: Room, ahead: int | None) -> float | None:
    """Seconds until somebody with `ahead` people before them is let in, at the measured rate; None while that stands still."""
    if ahead is None or room.measured_per_s < _SLOW_PER_S:
        return None
    return (ahead + 1) / room.measured_per_s


def bits_wanted(joins_per_minute: float, *, guest: bool) -> int:
    """Work asked of the next ticket: one bit more for each doubling of a network's joins beyond FREE_JOINS a minute."""
    extra = math.ceil(math.log2(joins_per_minute / FREE_JOINS)) if joins_per_minute > FREE_JOINS else 0
    return min(LEAST_BITS + extra + (GUEST_BITS if guest else 0), MOST_BITS)


def joins_after(joins: float, elapsed_s: float) -> float:
    """A count per minute that forgets: what is left of it after `elapsed_s`."""
    return joins * math.exp(-elapsed_s / 60.0)
