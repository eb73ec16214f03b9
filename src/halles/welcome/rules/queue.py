"""Who is called next, and how long the others wait."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from halles.welcome.types import QueueState, Ticket, TicketState

MOST_PASSED = 3
"""Parties that may be called before one that came earlier and is too large for the room there is."""
LEAST_DEPARTURES = 6
"""Fewer people leaving say nothing of a rate: its relative error is 1/√n, two fifths at six."""


def room(capacity: int | None, people: int, called: int, expected: int) -> int | None:
    """People who can be called: the capacity less who is inside, who was called and has not come, and who booked for now.
    None: no limit is set."""
    return None if capacity is None else capacity - people - called - expected


def to_call(waiting: Sequence[Ticket], free: int | None) -> tuple[list[UUID], dict[UUID, int]]:
    """Which tickets are called now, and the new `passed` of those they went by; `waiting` in order.

    In order of arrival. A party that does not fit is passed by smaller ones behind it, three times at most in all; then nobody
    behind it is called until it was, so that whoever leaves makes room for it.
    """
    called: list[UUID] = []
    stuck: dict[UUID, int] = {}
    changed: dict[UUID, int] = {}
    for ticket in waiting:
        if any(times >= MOST_PASSED for times in stuck.values()):
            break
        if free is None or ticket.size <= free:
            called.append(ticket.ticket_id)
            free = None if free is None else free - ticket.size
            stuck = {one: times + 1 for one, times in stuck.items()}
            changed |= stuck
        else:
            stuck[ticket.ticket_id] = ticket.passed
    return called, changed


def ahead(tickets: Sequence[Ticket], mine: Ticket | None = None) -> list[Ticket]:
    """Parties that wait before a ticket; before who joins now, all that wait."""
    return [
        one
        for one in tickets
        if one.state == TicketState.WAITING
        and (mine is None or (one.day, one.number) < (mine.day, mine.number))
    ]


def eta_s(state: QueueState, size: int, mine: Ticket | None = None) -> float | None:
    """Seconds until a party is called; None: cannot be told yet. `mine` None: a party that joins now.

    People must leave before it: n = its size + the sizes ahead − the room there is. With D people gone in the last W seconds the
    wait is n · W / D. Fewer than LEAST_DEPARTURES say nothing.
    """
    before = ahead(state.tickets, mine)
    if state.room is None:
        return 0.0
    needed = size + sum(one.size for one in before) - state.room
    if needed <= 0:
        return 0.0
    if state.left_within < LEAST_DEPARTURES:
        return None
    return needed * state.window_s / state.left_within
