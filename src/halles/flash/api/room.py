"""The waiting room: joining, standing, being let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from halles.flash import rules, store
from halles.flash.store import RoomRow
from halles.flash.types import NoTicket, Room, Sale, Standing, TicketRow
from halles.kernel.arrays import Bigints, Texts, Uuids
from halles.kernel.db import Tx

STEP_S = 0.9
"""Seconds after which a room may be stepped again, by whichever process comes first."""
_AUDIENCE_S = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Somebody who asks for a ticket. `people`: the names they go by, the first being the one a new ticket is made out to.
    `again`: a ticket whose time ran out is changed for a new one at the end."""

    people: tuple[str, ...]
    owner_id: int
    again: bool = False


async def join(tx: Tx, sale: Sale, joining: Sequence[Joining], now: datetime) -> list[TicketRow]:
    """A ticket each, in the order given; who holds one keeps it. Locks the room. Four statements, two when all held one."""
    key = {"seller_id": sale.seller_id, "sale_id": sale.sale_id}
    room = await tx.one(store.LOCK_ROOM, key)
    names = sorted({person for one in joining for person in one.people})
    held = {row.person: row for row in await tx.all(store.TICKETS, {**key, "people": Texts(names)})}
    given: list[TicketRow] = []
    fresh: dict[str, TicketRow] = {}
    number = room.next_number
    for one in joining:
        own = min((held[p] for p in one.people if p in held), key=lambda row: row.number, default=None)
        if own is None or (one.again and _lost(own, sale, now)):
            person = one.people[0] if own is None else own.person
            own = TicketRow(
                person=person, owner_id=one.owner_id, number=number, joined_at=now, claimed_at=None
            )
            held[person] = fresh[person] = own
            number += 1
        given.append(own)
    if fresh:
        await tx.run(
            store.SAVE_TICKETS,
            {
                **key,
                "people": Texts(fresh),
                "owners": Bigints(row.owner_id for row in fresh.values()),
                "numbers": Bigints(row.number for row in fresh.values()),
                "at": now,
            },
        )
        await tx.run(store.NUMBERED, {**key, "next_number": number})
    return given


async def ticket_of(tx: Tx, sale: Sale, people: Sequence[str]) -> TicketRow:
    """The ticket that one of these names holds, the lowest first. One statement. Raises NoTicket."""
    params = {"seller_id": sale.seller_id, "sale_id": sale.sale_id, "people": Texts(people)}
    found = await tx.all(store.TICKETS, params)
    if not found:
        raise NoTicket("You hold no ticket for this sale.", sale_id=str(sale.sale_id))
    return min(found, key=lambda row: row.number)


async def claim(
    tx: Tx, sale: Sale, person: str, number: int, *, owner_id: int, now: datetime
) -> TicketRow | None:
    """Take a turn up: from the first time on, `claimed_at` stands. None when the ticket was changed for another meanwhile."""
    params = {
        "seller_id": sale.seller_id,
        "sale_id": sale.sale_id,
        "person": person,
        "number": number,
        "owner_id": owner_id,
        "at": now,
    }
    return await tx.first(store.CLAIM, params)


async def standing(tx: Tx, sales: Sequence[Sale], now: datetime) -> dict[UUID, Standing]:
    """What changes of sales while they run. One statement."""
    params = {
        "sellers": Bigints(one.seller_id for one in sales),
        "sales": Uuids(one.sale_id for one in sales),
        "since": now - timedelta(seconds=_AUDIENCE_S),
    }
    return {row.sale_id: row for row in await tx.all(store.STANDING, params)}


async def lock_due(tx: Tx, sale: Sale, now: datetime) -> Room | None:
    """The room, locked, when it is due to be stepped and nobody else does it; None otherwise. One statement."""
    params = {
        "seller_id": sale.seller_id,
        "sale_id": sale.sale_id,
        "due": now - timedelta(seconds=STEP_S),
    }
    row = await tx.first(store.LOCK_ROOM_DUE, params)
    return None if row is None else _room(row)


async def open_claims(tx: Tx, sale: Sale, now: datetime) -> tuple[int, int]:
    """(admitted people in time who bought nothing, turns taken up within CLAIM_S). One statement over those admitted lately."""
    params = {
        "seller_id": sale.seller_id,
        "sale_id": sale.sale_id,
        "since": now - timedelta(seconds=max(sale.hold_s, rules.CLAIM_S)),
        "lately": now - timedelta(seconds=rules.CLAIM_S),
    }
    return await tx.one(store.CLAIMS, params)


async def save_step(tx: Tx, sale: Sale, room: Room) -> None:
    """Keep a step; the first one is the draw: it fixes how many tickets were drawn. One statement."""
    await tx.run(
        store.STEP_ROOM,
        {
            "seller_id": sale.seller_id,
            "sale_id": sale.sale_id,
            "admitted_to": room.admitted_to,
            "credit": room.credit,
            "measured_per_s": room.measured_per_s,
            "at": room.stepped_at,
            "paused": room.paused,
            "marks": Bigints(room.marks),
        },
    )


async def attend(tx: Tx, process: UUID, counts: Sequence[tuple[int, UUID, int, int]], now: datetime) -> None:
    """Say how many this process shows each sale to, and what it refused: (seller, sale, watchers, refused). One statement."""
    await tx.run(
        store.ATTEND,
        {
            "process": process,
            "sellers": Bigints(row[0] for row in counts),
            "sales": Uuids(row[1] for row in counts),
            "watchers": Bigints(row[2] for row in counts),
            "refused": Bigints(row[3] for row in counts),
            "at": now,
        },
    )


def _lost(row: TicketRow, sale: Sale, now: datetime) -> bool:
    return row.claimed_at is not None and now >= row.claimed_at + timedelta(seconds=sale.hold_s)


def _room(row: RoomRow) -> Room:
    return Room(
        next_number=row.next_number,
        drawn=row.drawn,
        admitted_to=row.admitted_to,
        credit=row.credit,
        measured_per_s=row.measured_per_s,
        stepped_at=row.stepped_at,
        paused=row.paused,
        marks=tuple(row.marks),
    )
