"""All that crosses the border of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid
from halles.kernel.personal import Fate, Held

RETENTION = timedelta(days=90)
"""How long single events are kept: long enough to see which visit led to which order, then only counts remain."""
MOST_EVENTS = 50
"""Events that one request may tell."""
OLDEST = timedelta(days=7)
"""How late a phone that was offline may tell."""
VISIT = timedelta(hours=2)
"""A pause after which somebody else may have taken the browser: no tie reaches across it."""
CONSENT_TEXT = 1
"""The version of the text that asks for consent; it rises when what is asked changes, and an older yes is then asked again."""


class VisitKind(StrEnum):
    """What happened. `opened`: somebody came in through a touchpoint."""

    OPENED = "opened"
    PRODUCT_SEEN = "product_seen"
    PHOTO = "photo"
    SCAN = "scan"
    BASKET = "basket"
    CHECKOUT = "checkout"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEvent:
    """One thing a visitor did. `place_id` None: at no place (the web). `visitor` None: the browser keeps no cookie.
    `day`: the day of the place, which decides whether this is a new visit."""

    seller_id: int
    event_id: UUID
    kind: VisitKind
    place_id: int | None
    touchpoint_id: int | None
    visitor: str | None
    product_id: UUID | None
    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How often a kind happened in a UTC hour at a place (0: at none). `visit`: visitors who came for the first time that day."""

    hour: datetime
    place_id: int
    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCount:
    """How often a product was looked at, photographed or scanned at a place (0: on the web)."""

    place_id: int
    product_id: UUID
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEvent:
    """Something that happened just now."""

    at: datetime
    kind: str
    place_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsRecorded:
    """A place's numbers changed; whoever shows them reads them again."""

    kind: ClassVar[str] = "visits.recorded"
    seller_id: int
    place_id: int | None

    def key(self) -> str:
        return f"visits:{self.seller_id}"


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """An answer of a person to "may we tie your visits to your orders?". `text_version`, `language`: what they read."""

    seller_id: int
    party_id: int
    consent_id: UUID
    agreed: bool
    text_version: int
    language: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """The browser `visitor` was used by `party_id` from `since` to `until`, both included."""

    seller_id: int
    visitor: str
    party_id: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedEvent:
    """An event that a tie makes somebody's, as that person may read it."""

    seller_id: int
    at: datetime
    kind: str
    place_id: int | None
    product_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDay:
    """A tied person's day at a place; `first_at`: their first event of that day."""

    party_id: int
    day: date
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TiedTouch:
    """The first moment of a day at which a tied person looked at a product at a place."""

    party_id: int
    product_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How people answered in a period, each by the last answer they gave in it."""

    yes: int
    no: int


class ConsentIdReused(Conflict):
    """An answer was given under this id with another content."""

    code, title = "visits.consent_id_reused", "This id was used for another answer"


class OldConsentText(Invalid):
    """A yes to a text that is no longer the one that is asked; load it again and ask again."""

    code, title = "visits.old_consent_text", "The text has changed meanwhile"


HELD = (
    Held("visits.consent.party_id", Fate.ERASED, "its row is deleted"),
    Held("visits.agreed.party_id", Fate.ERASED, "its row is deleted"),
    Held("visits.tie.party_id", Fate.ERASED, "its row is deleted"),
    Held("visits.tie.visitor", Fate.ERASED, "its row is deleted"),
    Held("visits.event.visitor", Fate.EXPIRES, "of nobody without a tie; deleted after ninety days"),
    Held("visits.visitor_day.visitor", Fate.EXPIRES, "of nobody; deleted after ninety days", given=False),
)
