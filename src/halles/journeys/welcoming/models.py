"""A place's door as shoppers, walls and staff are shown it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from halles.kernel.web import Model
from halles.welcome.types import BookingState, RuleKind, Source, TicketState

Level = Literal["unknown", "quiet", "busy", "crowded", "full"]
"""Below half of the capacity, below four fifths, below it, at it; unknown: nobody counts, or no capacity is set."""
Size = Annotated[int, Field(ge=1, le=500, description="People, the asker included.", examples=[2])]
CodeField = Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", examples=["ground-floor"])]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Text(Model):
    fr: str
    en: str


class NameEdit(Model):
    fr: Name
    en: Name


class WordsEdit(Model):
    fr: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class PlaceBriefly(Model):
    """`set_up`: somebody said how people are let in there."""

    place_id: int
    code: str
    name: str
    city: str
    set_up: bool


class ZoneView(Model):
    """`people` null: nobody counts here. `sure` false: the count contradicts itself somewhere, and is shown as about."""

    zone: str
    name: Text
    people: int | None
    capacity: int | None
    level: Level
    sure: bool


class RuleView(Model):
    """`kept_by`: how Halles itself keeps it; null: it is asked of people."""

    kind: RuleKind
    value: float | None
    text: Text
    kept_by: Text | None


class QueueView(Model):
    """`parties`, `people`: who waits. `called`: numbers that may come in now, in order. `eta_s`: how long one person who joins
    now would wait, null: it cannot be told yet."""

    open: bool
    parties: int
    people: int
    called: list[int]
    eta_s: float | None


class TermsView(Model):
    """What a shopper should know before coming. `booking`: whether visits can be booked at all."""

    booking: bool
    queue: bool
    largest_party: int
    days_ahead: int
    slot_min: int
    stay_min: int
    grace_min: int
    come_min: int


class DoorState(Model):
    """A place's door now, the same for everybody. `terms` null: the place neither takes bookings nor has a queue."""

    place_id: int
    seller_id: int
    code: str
    name: str
    line1: str | None
    postcode: str | None
    city: str
    timezone: str
    now: datetime
    open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    capacity: int | None
    people: int | None
    level: Level
    sure: bool
    zones: list[ZoneView]
    queue: QueueView
    terms: TermsView | None
    rules: list[RuleView]


class SlotView(Model):
    starts_at: datetime
    ends_at: datetime
    left: int


class DaySlots(Model):
    """Slots of a local day that are still to come. `last_day`: the last that can be booked."""

    day: date
    first_day: date
    last_day: date
    slots: list[SlotView]


class BookingAsked(Model):
    """`booking_id` is made by the client: sent again, it books once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "booking_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
                    "place_id": 1,
                    "starts_at": "2026-11-23T13:00:00Z",
                    "size": 2,
                }
            ]
        }
    )
    booking_id: UUID
    place_id: int = Field(ge=1, le=2**62)
    starts_at: AwareDatetime
    size: Size


class BookingView(Model):
    """`code`: what is shown at the door."""

    booking_id: UUID
    place_id: int
    place: str
    place_code: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    come_by: datetime
    size: int
    code: str = Field(examples=["7KQ2"])
    state: BookingState


class QueueJoin(Model):
    """`ticket_id` is made by the client: sent again, it queues once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ticket_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10", "place_id": 1, "size": 2}]
        }
    )
    ticket_id: UUID
    place_id: int = Field(ge=1, le=2**62)
    size: Size


class MyTicket(Model):
    """`ahead`: parties that wait before this one; null when it does not wait. `eta_s` null: it cannot be told yet.
    `before_close` false: at this rate the place closes first."""

    ticket_id: UUID
    place_id: int
    place: str
    place_code: str
    number: int
    size: int
    state: TicketState
    ahead: int | None
    eta_s: float | None
    before_close: bool
    joined_at: datetime
    come_by: datetime | None


class Mine(Model):
    """The caller's visits: bookings still to end, and tickets of the last day, the latest first."""

    bookings: list[BookingView]
    tickets: list[MyTicket]


# ── staff ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class ZoneDesk(Model):
    """`drift`: so many more went out than can have been inside. `counted`: since a person counted, else since it was empty."""

    zone: str
    people: int
    drift: int
    since: datetime
    counted: bool


class CounterDesk(Model):
    """A sensor or a camera at a door, heard of within a week. `silent`: not for half an hour of opening; a sensor, which tells of
    people alone, only while somebody is inside."""

    source: Source
    last_at: datetime
    silent: bool


class DoorDesk(Model):
    """`from_zone` null: outside. `silent`: nobody passed for half an hour while the place is open and others counted. `counters`:
    what counts here by itself, and whether it works."""

    door: str
    name: Text
    from_zone: str | None
    to_zone: str
    inward: int
    outward: int
    last_at: datetime | None
    sources: list[Source]
    silent: bool
    counters: list[CounterDesk]


class TicketDesk(Model):
    ticket_id: UUID
    number: int
    size: int
    state: TicketState
    passed: int
    joined_at: datetime
    come_by: datetime | None


class BookingDesk(Model):
    booking_id: UUID
    starts_at: datetime
    size: int
    code: str
    state: BookingState


class DeskState(Model):
    """A place's door for its staff. `room`: people who can be let in beside who was called or booked; null: no limit is set."""

    door: DoorState
    zones: list[ZoneDesk]
    doors: list[DoorDesk]
    room: int | None
    tickets: list[TicketDesk]
    bookings: list[BookingDesk]


class HeadcountTold(Model):
    """A person counted the people of a zone. `at` absent: now."""

    event_id: UUID
    zone: CodeField
    people: int = Field(ge=0, le=100_000)
    at: AwareDatetime | None = None


class DeskTicket(Model):
    """A ticket for somebody without a phone."""

    ticket_id: UUID
    size: Size


class Passing(Model):
    """`door`: where they come in, when nobody else counts there; absent: a counter does."""

    door: CodeField | None = None


class Arrival(Passing):
    code: str = Field(min_length=4, max_length=12, examples=["7KQ2"])


class ZoneEdit(Model):
    zone: CodeField
    name: NameEdit
    capacity: int | None = Field(None, ge=1, le=100_000)


class DoorEdit(Model):
    door: CodeField
    name: NameEdit
    from_zone: CodeField | None = None
    to_zone: CodeField


class RuleEdit(Model):
    """`text` null: the house's words."""

    kind: RuleKind
    value: float | None = Field(None, ge=0, le=1000)
    text: WordsEdit | None = None


class DoorTermsEdit(Model):
    """How people are let in; times in minutes."""

    slot_min: int = Field(30, ge=5, le=480)
    stay_min: int = Field(60, ge=5, le=1440)
    bookable_pct: int = Field(50, ge=0, le=100)
    largest_party: int = Field(6, ge=1, le=500)
    days_ahead: int = Field(14, ge=0, le=90)
    grace_min: int = Field(15, ge=0, le=240)
    open_bookings: int = Field(1, ge=1, le=20)
    queue: bool = True
    auto_call: bool = True
    come_min: int = Field(5, ge=1, le=60)


class WelcomeEdit(Model):
    """All settings of a place's door. `version`: the one that was read, 0: there were none."""

    version: int = Field(ge=0)
    zones: list[ZoneEdit] = Field(max_length=40)
    doors: list[DoorEdit] = Field(max_length=80)
    terms: DoorTermsEdit
    rules: list[RuleEdit] = Field(max_length=30)


class WelcomeSettings(WelcomeEdit):
    """`kinds`: the rules there are, with the house's words."""

    capacity: int | None
    kinds: list[RuleView]
