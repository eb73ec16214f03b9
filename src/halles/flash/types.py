"""Flash sales, tickets, admissions, and what a sale refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from halles.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany


class Phase(StrEnum):
    """Where a sale stands. `waiting`: the waiting room is open and nothing is sold yet."""

    BEFORE = "before"
    WAITING = "waiting"
    RUNNING = "running"
    SOLD_OUT = "sold_out"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleItem:
    """An article of a sale. `price_minor` None: the sale changes no price. `fenced` pieces wait at `location_id` for the sale."""

    variant_id: int
    price_minor: int | None = None
    location_id: int | None = None
    fenced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDraft:
    """What staff say of a sale. `prequeue_s`: seconds before the start at which the waiting room opens. `admit_per_s`: people let
    in a second at most. `hold_s`: seconds that an admitted person has to buy."""

    title: dict[str, str]
    currency: str
    starts_at: datetime
    ends_at: datetime
    quantity: int
    per_customer: int
    waiting_room: bool
    prequeue_s: int
    admit_per_s: float
    hold_s: int
    items: tuple[SaleItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sale as it stands. `over_at`: when it ends or was stopped. `seed` is secret until the draw."""

    seller_id: int
    sale_id: UUID
    title: dict[str, str]
    currency: str
    starts_at: datetime
    ends_at: datetime
    quantity: int
    per_customer: int
    waiting_room: bool
    prequeue_s: int
    admit_per_s: float
    hold_s: int
    seed: bytes
    stopped_at: datetime | None
    settled_at: datetime | None
    version: int
    created_at: datetime

    @property
    def over_at(self) -> datetime:
        return self.ends_at if self.stopped_at is None else min(self.ends_at, self.stopped_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An article of a sale, with the sale it is of."""

    seller_id: int
    sale_id: UUID
    variant_id: int
    price_minor: int | None
    location_id: int | None
    fenced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSale:
    """An article in a sale that runs or is about to: what an order has to know. `admission`: it needs a token.

    `location_id`, `fenced`: pieces there that this sale may take although they are fenced off; None and 0 without a fence.
    """

    seller_id: int
    sale_id: UUID
    variant_id: int
    starts_at: datetime
    ends_at: datetime
    quantity: int
    per_customer: int
    admission: bool
    location_id: int | None
    fenced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The locked counter of a sale."""

    quantity: int
    taken: int
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a token says: this owner may buy in this sale until then (Unix seconds)."""

    sale_id: UUID
    owner_id: int
    until_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A place in the waiting room, as its holder's cookie keeps it. `claimed_s`: when the turn was taken up (Unix s).

    `owner_id`: who took it up, and alone may buy with it.
    """

    sale_id: UUID
    person: str
    number: int
    joined_s: int
    claimed_s: int | None = None
    owner_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket as it is stored."""

    person: str
    owner_id: int
    number: int
    joined_at: datetime
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A waiting room. Tickets 1 … next_number-1 were given; of them 1 … drawn were shuffled at the start (None: not yet).

    `admitted_to`: every place up to it is in. `credit`: people that the rate allows now. `measured_per_s`: people let in a
    second, lately. `marks`: (Unix ms, admitted_to) pairs, flat, oldest first.
    """

    next_number: int
    drawn: int | None
    admitted_to: int
    credit: float
    measured_per_s: float
    stepped_at: datetime
    paused: str | None = None
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything of a sale that changes while it runs, read in one statement. `watchers`, `refused`: over all processes."""

    seller_id: int
    sale_id: UUID
    taken: int
    orders: int
    next_number: int
    drawn: int | None
    drawn_at: datetime | None
    admitted_to: int
    credit: float
    measured_per_s: float
    stepped_at: datetime
    paused: str | None
    marks: list[int]
    watchers: int
    refused: int


TicketState = Literal["waiting", "your_turn", "admitted", "lost", "sold_out", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a ticket stands. `place`: in the line, from 1; None before the draw. `ahead`: people before it still to be let in.

    `eta_s`: None while nobody can tell. `until_s`: end of the time to buy (Unix s), once admitted.
    """

    state: TicketState
    place: int | None
    ahead: int | None
    eta_s: float | None
    until_s: int | None


class NoSuchSale(NotFound):
    """There is no flash sale with this id, or it is not this seller's."""

    code, title = "flash.no_such_sale", "No such sale"


class NoTicket(NotFound):
    """This person holds no ticket for the waiting room."""

    code, title = "flash.no_ticket", "No ticket yet"


class NotStarted(Conflict):
    """The sale, or its waiting room, is not open yet; `starts_at` says when."""

    code, title = "flash.not_started", "Not started yet"


class Over(Conflict):
    """The sale has ended or was stopped."""

    code, title = "flash.over", "The sale is over"


class SoldOut(Conflict):
    """The sale has sold its quantity; `left` says how many it can still give."""

    code, title = "flash.sold_out", "Sold out"


class LimitReached(Conflict):
    """More than one customer may take; `left` says how many this one still may."""

    code, title = "flash.limit_reached", "That is more than one customer may take"


class NotAdmitted(Forbidden):
    """The order carries no valid admission to this sale: none, another person's, or one that ran out."""

    code, title = "flash.not_admitted", "Wait for your turn"


class ProofNeeded(Forbidden):
    """A small computation is asked for before a ticket is given: find a nonce for `challenge` with `bits` leading zero bits."""

    code, title = "flash.proof_needed", "A small computation first"


class TooManyJoin(TooMany):
    """Too many ask for tickets from this network at once; nobody is shut out, it only goes on a little later."""

    code, title = "flash.too_many_join", "Many are joining from here"


class BadSale(Invalid):
    """A sale that cannot be as it is described."""

    code, title = "flash.bad_sale", "Not a possible sale"


class SaleStarted(Conflict):
    """A sale is changed before its start; afterwards it can only be stopped."""

    code, title = "flash.started", "The sale has started"


class SaleChanged(Conflict):
    """Somebody else changed the sale since it was read."""

    code, title = "flash.changed_meanwhile", "Changed meanwhile"


class SaleIdTaken(Conflict):
    """Another sale has this id: a sale's page is found by it alone, so no two sellers may share one."""

    code, title = "flash.sale_id_taken", "Another sale has this id"


class AlreadyInSale(Conflict):
    """One article is in one sale at a time."""

    code, title = "flash.already_in_sale", "Already in a sale at that time"


class SaleBook(Protocol):
    """The sales of a batch of orders, and what its orders take of them one by one (see `api.takings`). Falsy without any."""

    def __bool__(self) -> bool: ...

    def untouched(self) -> SaleBook:
        """The same sales with nothing taken of them yet."""
        ...

    def check(
        self,
        seller_id: int,
        owner_id: int,
        lines: Iterable[tuple[int, int]],
        admission: Admission | None,
        now: datetime,
    ) -> None:
        """Raise what stands in the way of (variant, quantity) lines: NotStarted, Over, NotAdmitted, LimitReached, SoldOut."""
        ...

    def take(self, seller_id: int, owner_id: int, lines: Iterable[tuple[int, int]], now: datetime) -> None:
        """Take what an accepted order takes."""
        ...

    def fenced(self, seller_id: int, variant_id: int, location_id: int, now: datetime) -> int:
        """Pieces there that are fenced off for the sale of this article."""
        ...

    def by_sale(self) -> Sequence[tuple[int, UUID, int, int]]:
        """(seller, sale, pieces, orders) to add, in lock order."""
        ...

    def by_owner(self) -> Sequence[tuple[int, UUID, int, int]]:
        """(seller, sale, owner, pieces) to add, in lock order."""
        ...
