"""Letters, what a seller wants said in them, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from halles.kernel.errors import Conflict, NotFound

NO_CAUSE = UUID(int=0)
"""The cause of a letter that an order sends once. Refunds, of which there may be several, name the event that told of them."""
WITHDRAWAL_DAYS = 14
"""Days in which a distance contract may be withdrawn from, at least: Directive 2011/83/EU, article 9(1)."""


class Kind(IntEnum):
    """What a letter tells; numbers are stored, words are shown. The confirmation cannot be turned off."""

    CONFIRMATION = 1
    SHIPPED = 2
    READY = 3
    DELIVERED = 4
    CANCELLED = 5
    REFUNDED = 6

    @property
    def word(self) -> str:
        return self.name.lower()


class LetterState(IntEnum):
    """`waiting`: for its moment; `parked`: it failed too often, or for good; `moot`: there was nothing to send."""

    WAITING = 1
    SENT = 2
    PARKED = 3
    MOOT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`claims`: how often a worker took it, by which a late one is told from the present one. `why`: of what was parked or moot,
    in a word. `sent_at`: when the mail server took it."""

    seller_id: int
    order_id: UUID
    kind: int
    cause: UUID
    state: int
    due_at: datetime
    queued_at: datetime
    claims: int
    failures: int
    why: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter to send."""

    seller_id: int
    order_id: UUID
    kind: Kind
    cause: UUID = NO_CAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a seller wants said. `off`: numbers of the kinds that it does not send. `legal`: who sells, as it must be named.
    `withdrawal_fr`, `withdrawal_en`: in the place of the usual words on the right of withdrawal; "": those."""

    seller_id: int
    off: list[int]
    legal: str
    withdrawal_days: int
    withdrawal_fr: str
    withdrawal_en: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is behind, of all sellers. `lag_s`: seconds since the oldest was due; `parked`: letters for a person."""

    lag_s: float
    parked: int


class TermsChangedMeanwhile(Conflict):
    """Somebody changed what the mails of a seller say after it was read."""

    code, title = "letters.changed_meanwhile", "Changed meanwhile"


class NoSuchLetter(NotFound):
    """No letter of this seller is parked under this name."""

    code, title = "letters.no_such_letter", "No such mail"
