"""What is counted, booked and queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

LATE = timedelta(days=7)
"""How late a crossing may be told: a counter without a network for a long weekend catches up."""
EARLY = timedelta(minutes=5)
"""How far ahead of ours a counter's clock may be."""
REMEMBERED = timedelta(days=30)
"""How long it is known who booked or queued; the counts stay."""
COUNTS_KEPT = timedelta(days=400)
"""How long single crossings and headcounts are kept: a year and the same week of the year before."""


class Source(StrEnum):
    """Who counted: a person with two buttons, a sensor over a door, a camera."""

    MANUAL = "manual"
    SENSOR = "sensor"
    CAMERA = "camera"


class RuleKind(StrEnum):
    """A contact-free rule. `distance` has a value in metres, `short_stay` one in minutes, `small_parties` one in people."""

    MASK = "mask"
    DISTANCE = "distance"
    HANDS_CLEAN = "hands_clean"
    ONE_WAY = "one_way"
    CONTACTLESS_ONLY = "contactless_only"
    STAFF_HANDS_SAMPLES = "staff_hands_samples"
    LOOK_DONT_TOUCH = "look_dont_touch"
    SMALL_PARTIES = "small_parties"
    SHORT_STAY = "short_stay"
    OTHER = "other"


class BookingState(StrEnum):
    """`booked` is open; the others are ends. `missed`: nobody came within the grace."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"
    MISSED = "missed"


class TicketState(StrEnum):
    """waiting → called → entered, left or expired; who waits may leave too. The last three are ends."""

    WAITING = "waiting"
    CALLED = "called"
    ENTERED = "entered"
    LEFT = "left"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A contact-free rule of a place. `value`: in the unit of its kind, None where it has none. `text_fr`, `text_en`: the
    place's own words, None: the house's."""

    kind: RuleKind
    value: float | None = None
    text_fr: str | None = None
    text_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a place lets people in. Times in minutes. `bookable_pct`: the share of the capacity that may be booked; `stay_min`: how
    long a party stays at most, so that slots shorter than it overlap; `grace_min`: how late a booked party may come; `come_min`:
    how long a called party has to come; `open_bookings`: how many a person may have for a day; `auto_call`: call as room
    appears."""

    slot_min: int = 30
    stay_min: int = 60
    bookable_pct: int = 50
    largest_party: int = 6
    days_ahead: int = 14
    grace_min: int = 15
    open_bookings: int = 1
    queue: bool = True
    auto_call: bool = True
    come_min: int = 5
    rules: tuple[Rule, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of a place. `capacity` None: only the place's own counts. `rank`: its place in lists."""

    zone: str
    name_fr: str
    name_en: str
    capacity: int | None
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A door from `from_zone` (None: outside) into `to_zone`; who goes that way goes inward. Its code is the seller's own."""

    door: str
    place_id: int
    name_fr: str
    name_en: str
    from_zone: str | None
    to_zone: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """People who went through a door, counted at `at`. `event_id` is made by the counter: telling twice counts once."""

    event_id: UUID
    at: datetime
    inward: int
    outward: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """From where a zone is counted: so many `people` at `at`. `counted`: a person counted them; else the zone was empty then."""

    zone: str
    at: datetime
    people: int
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCount:
    """A zone's count. `people`: never negative; `drift`: so many more went out than could have been inside (0: nothing is amiss).
    `anchored_at`: since when it is counted; `counted`: from a headcount, else from an empty zone."""

    zone: str
    people: int
    drift: int
    anchored_at: datetime
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCount:
    """What a door counted since the day began. `last_at` None: nothing. `sources`: who counted."""

    door: str
    inward: int
    outward: int
    last_at: datetime | None
    sources: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When a sensor or a camera at a door was heard of for the last time: a crossing, or one of nobody that says it works."""

    door: str
    source: str
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booked visit. `party_id` None: forgotten. `code`: what its owner shows at the door, unique at its place and day."""

    seller_id: int
    booking_id: UUID
    place_id: int
    party_id: int | None
    starts_at: datetime
    ends_at: datetime
    day: date
    size: int
    code: str
    state: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """What is booked of a slot, and how much it could take when that was."""

    starts_at: datetime
    booked: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time at which a party may come. `left`: people who can still book it."""

    starts_at: datetime
    ends_at: datetime
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A party in the queue. `number`: of its place and day, as it is called. `passed`: parties behind it that were called before
    it. `come_by`: until when a called party may come."""

    seller_id: int
    ticket_id: UUID
    place_id: int
    party_id: int | None
    day: date
    number: int
    size: int
    state: str
    passed: int
    joined_at: datetime
    called_at: datetime | None
    come_by: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingTally:
    """For the doctor: a slot, and what its bookings that stand add up to."""

    seller_id: int
    place_id: int
    starts_at: datetime
    booked: int
    most: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTally:
    """For the doctor: tickets whose state and moments contradict each other."""

    seller_id: int
    ticket_id: UUID
    state: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFault:
    """For the doctor: a door into, or from, a zone that its place does not have."""

    seller_id: int
    door: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A place as welcome needs it. `hours`: by weekday, spans of local time; empty: nobody said. `capacity` None: no
    limit."""

    seller_id: int
    place_id: int
    timezone: str
    hours: Mapping[str, Sequence[Sequence[str]]]
    capacity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue of a place. `room`: people who can come in beside those who were called or booked, None: no limit is set.
    `left_within`: people who left in the last `window_s` seconds."""

    tickets: tuple[Ticket, ...]
    room: int | None
    left_within: int
    window_s: float
