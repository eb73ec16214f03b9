"""Tickets as people get them: who asks, what work is asked of them, what they are told and given."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from halles.flash import api as flash
from halles.flash.api.room import Joining
from halles.flash.types import (
    Admission,
    NoTicket,
    NotStarted,
    Over,
    Phase,
    ProofNeeded,
    SoldOut,
    Stand,
    Ticket,
    TicketRow,
    TooManyJoin,
)
from halles.identity.api import Vault
from halles.journeys.flash_sale.models import TicketAsked, TicketView
from halles.journeys.flash_sale.rooms import FlashRooms
from halles.journeys.flash_sale.types import Live
from halles.kernel.caller import Caller

CHALLENGE_S = 300
MOST_JOINS_A_MINUTE = 6000.0
"""From one network; beyond it joining goes on more slowly. A stadium behind one address is let in at a hundred a second."""
_NETWORKS = 50_000
_RISEN_BITS = 2
"""By so much the work may have risen since a challenge was given; one from a calmer time, saved up, is none."""


def key_of(vault: Vault) -> bytes:
    """The key of tickets, challenges and admissions: the same in every process of a deployment, and for nothing else."""
    return vault.mark("flash.tickets", "v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks for a ticket. `people`: the names this browser goes by, the one a new ticket is made out to first."""

    owner_id: int
    people: tuple[str, ...]
    guest: bool
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a request answers, and the cookie to keep."""

    view: TicketView
    cookie: str


def asking(caller: Caller, network: str) -> Asking:
    """A guest is known by their browser, somebody with an account by it; both names find a ticket after signing in."""
    party = f"p:{caller.party()}"
    browser = () if caller.visitor is None else (f"v:{caller.visitor}",)
    people = (*browser, party) if caller.guest else (party, *browser)
    return Asking(owner_id=caller.party(), people=people, guest=caller.guest, network=network)


class JoinMeter:
    """How many tickets each network took in the last minute, in this process."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float]] = {}

    def of(self, network: str, now: float) -> float:
        joins, at = self._seen.get(network, (0.0, now))
        return flash.joins_after(joins, now - at)

    def add(self, network: str, now: float) -> None:
        if len(self._seen) > _NETWORKS:
            self._seen = {k: v for k, v in self._seen.items() if flash.joins_after(v[0], now - v[1]) > 1}
        self._seen[network] = (self.of(network, now) + 1.0, now)


class TicketDesk:
    """Gives tickets and admissions for one process's rooms."""

    def __init__(self, rooms: FlashRooms, key: bytes) -> None:
        self._rooms, self._key, self._meter = rooms, key, JoinMeter()

    def read(self, live: Live, who: Asking, cookie: str | None) -> Ticket | None:
        """The ticket in a cookie, if it is this person's, and its turn was not taken up by another party of this browser: the
        database knows whether that one has become this one. No query."""
        ticket = flash.read_ticket(self._key, cookie, live.sale.sale_id, who.people)
        if ticket is not None and ticket.claimed_s is not None and ticket.owner_id != who.owner_id:
            return None
        return ticket

    async def show(self, live: Live, who: Asking, cookie: str | None, now: datetime) -> Given:
        """Where somebody's ticket stands. No query with its cookie, one without. Raises NoTicket."""
        ticket = self.read(live, who, cookie)
        if ticket is None:
            row = await self._rooms.held(live, who.people)
            if row is None:
                raise NoTicket("You hold no ticket for this sale.", sale_id=str(live.sale.sale_id))
            ticket = _ticket(live.sale.sale_id, row)
        return self._given(live, ticket, who, now)

    async def ask(
        self, live: Live, who: Asking, cookie: str | None, body: TicketAsked, now: datetime
    ) -> Given:
        """Somebody's ticket: a new one, the one they hold, or their turn taken up.

        Raises NotStarted, Over, SoldOut, ProofNeeded, TooManyJoin.
        """
        _open(live)
        ticket = self.read(live, who, cookie)
        if ticket is None:
            row = await self._rooms.held(live, who.people)
            ticket = None if row is None else _ticket(live.sale.sale_id, row)
        if ticket is None or (body.again and self._stand(live, ticket, now).state == "lost"):
            ticket = await self._new(live, who, body, now)
        if self._stand(live, ticket, now).state == "your_turn":
            ticket = await self._claimed(live, ticket, who)
        return self._given(live, ticket, who, now)

    async def _new(self, live: Live, who: Asking, body: TicketAsked, now: datetime) -> Ticket:
        sale_id = live.sale.sale_id
        if live.phase is Phase.SOLD_OUT:
            raise SoldOut("Everything is sold; nobody new can wait.", sale_id=str(sale_id), left=0)
        self._check_proof(sale_id, who, body, now)
        tick = time.monotonic()
        if self._meter.of(who.network, tick) > MOST_JOINS_A_MINUTE:
            self._rooms.refused(sale_id)
            raise TooManyJoin("Many are joining from your network; again in a moment.", retry_after_s=3.0)
        self._meter.add(who.network, tick)
        joining = Joining(people=who.people, owner_id=who.owner_id, again=body.again)
        return _ticket(sale_id, await self._rooms.join(sale_id, joining))

    def _check_proof(self, sale_id: UUID, who: Asking, body: TicketAsked, now: datetime) -> None:
        """Raises ProofNeeded with a challenge unless this is the answer to one of ours."""
        person, at = who.people[0], now.timestamp()
        bits = flash.bits_wanted(self._meter.of(who.network, time.monotonic()), guest=who.guest)
        if body.challenge and body.nonce is not None:
            done = flash.solved(self._key, sale_id, person, body.challenge, body.nonce, at)
            if done is not None and done + _RISEN_BITS >= bits:
                return
            self._rooms.refused(sale_id)
        raise ProofNeeded(
            "Your device works for a moment to show that it is no machine gun.",
            challenge=flash.make_challenge(self._key, sale_id, person, bits, int(at) + CHALLENGE_S),
            bits=bits,
        )

    async def _claimed(self, live: Live, ticket: Ticket, who: Asking) -> Ticket:
        row = TicketRow(
            person=ticket.person,
            owner_id=who.owner_id,
            number=ticket.number,
            joined_at=datetime.fromtimestamp(ticket.joined_s, UTC),
            claimed_at=None,
        )
        claimed = await self._rooms.claim(live, row, who.owner_id)
        if claimed is None:  # changed for a new ticket in another window: that one counts
            claimed = await self._rooms.held(live, who.people)
        if claimed is None:
            raise NoTicket("You hold no ticket for this sale.", sale_id=str(live.sale.sale_id))
        return _ticket(live.sale.sale_id, claimed)

    def _stand(self, live: Live, ticket: Ticket, now: datetime) -> Stand:
        return flash.stand(
            place=flash.place_of(ticket.number, live.places),
            claimed_s=ticket.claimed_s,
            sale=live.sale,
            phase=live.phase,
            room=live.room,
            now=now,
        )

    def _given(self, live: Live, ticket: Ticket, who: Asking, now: datetime) -> Given:
        stand, sale = self._stand(live, ticket, now), live.sale
        token = None
        mine = ticket.owner_id == who.owner_id
        if mine and stand.state == "admitted" and stand.until_s is not None:
            admission = Admission(sale_id=sale.sale_id, owner_id=who.owner_id, until_s=stand.until_s)
            token = flash.sign_admission(self._key, admission)
        view = TicketView(
            sale_id=sale.sale_id,
            state="lost" if stand.state == "admitted" and token is None else stand.state,
            number=ticket.number,
            place=stand.place,
            ahead=stand.ahead,
            eta_s=None if stand.eta_s is None else round(stand.eta_s, 1),
            enough=stand.ahead is None or stand.ahead < live.left,
            admission=token,
            until=None if stand.until_s is None else datetime.fromtimestamp(stand.until_s, UTC),
            now=now,
        )
        return Given(view=view, cookie=flash.sign_ticket(self._key, ticket))


def _ticket(sale_id: UUID, row: TicketRow) -> Ticket:
    return Ticket(
        sale_id=sale_id,
        person=row.person,
        number=row.number,
        joined_s=int(row.joined_at.timestamp()),
        claimed_s=None if row.claimed_at is None else int(row.claimed_at.timestamp()),
        owner_id=row.owner_id,
    )


def _open(live: Live) -> None:
    """Raises NotStarted before the waiting room opens, and where there is none; Over after the end."""
    if live.phase is Phase.ENDED:
        raise Over("The sale is over.", sale_id=str(live.sale.sale_id))
    if live.phase is Phase.BEFORE or not live.sale.waiting_room:
        raise NotStarted(
            "The waiting room is not open.",
            starts_at=live.sale.starts_at.isoformat(),
            waiting_room=live.sale.waiting_room,
        )
