"""Lanes, parcels and promises as the interface shows and takes them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, WithJsonSchema

from halles.kernel.web import Model
from halles.promises.types import LegKind, TrackingCode

Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["FR"])]
Name = Annotated[str, Field(min_length=1, max_length=120)]
LocalTime = Annotated[
    dt.time,
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$", "examples": ["14:00:00"]}),
]
Days = Annotated[int, Field(ge=0, le=90)]
Weekdays = Annotated[
    int, Field(ge=1, le=127, description="Days of the week as bits, Monday 1, Sunday 64.", examples=[31])
]
Share = Annotated[float, Field(ge=0.5, le=0.999, allow_inf_nan=False, examples=[0.9])]
Confidence = Literal["kept", "at_risk", "missed"]


class EventModel(Model):
    """One thing that happened to a parcel. `event_id` is its sender's, made once: told again, it changes nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
                    "code": "customs_held",
                    "at": "2026-11-21T10:00:00Z",
                    "place": "Roissy",
                }
            ]
        }
    )
    event_id: UUID
    code: TrackingCode
    at: AwareDatetime
    place: str = Field(default="", max_length=120)


class EventsModel(Model):
    """Up to a hundred events of one parcel, in any order: all are kept, or none."""

    events: Annotated[list[EventModel], Field(min_length=1, max_length=100)]


class HeardModel(Model):
    """`recorded`: events that were new; `repeated`: known before. How the order's promise stands now; `chance`: of its being
    kept."""

    shipment_id: UUID
    order_id: UUID
    recorded: int
    repeated: int
    state: str = Field(examples=["shipped"])
    confidence: Confidence | None
    chance: float | None = Field(examples=[0.93])
    deadline: dt.date | None
    expected: dt.date | None


class ParcelAsked(Model):
    """A parcel of an order, besides the one that bears the order's id."""

    carrier: str = Field(default="", max_length=120, examples=["Colis du Marché"])
    tracking: str = Field(default="", max_length=120, examples=["CM123456789FR"])


class ParcelModel(ParcelAsked):
    """A parcel and what was told of it, the earliest first."""

    shipment_id: UUID
    order_id: UUID
    events: list[EventModel]


class LegModel(Model):
    """A leg of a lane: at least, most likely and at most so many working days. `cutoff`: local time of `timezone` after which the
    next day counts; the first leg's is that of orders. `weekdays` absent: the carrier's."""

    kind: LegKind
    earliest_days: Days
    likely_days: Days
    latest_days: Days
    carrier: str = Field(default="", max_length=120)
    hub: str = Field(default="", max_length=120)
    timezone: str = Field(default="", max_length=64)
    cutoff: LocalTime | None = None
    weekdays: Weekdays | None = None


class LaneAsked(Model):
    """A lane to make or change: there is one from each origin of a kind to a country."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lane": "hub",
                    "origin": "Roissy hub",
                    "origin_country": "FR",
                    "country": "FR",
                    "location_id": 1,
                    "quantile": 0.9,
                    "active": True,
                    "legs": [
                        {
                            "kind": "pick_pack",
                            "earliest_days": 0,
                            "likely_days": 1,
                            "latest_days": 1,
                            "timezone": "Europe/Paris",
                            "cutoff": "14:00",
                        },
                        {
                            "kind": "last_mile",
                            "earliest_days": 1,
                            "likely_days": 2,
                            "latest_days": 3,
                            "carrier": "Colis du Marché",
                        },
                    ],
                }
            ]
        }
    )
    lane: Literal["hub", "abroad"]
    origin: Name
    origin_country: Country
    country: Country
    location_id: int | None = Field(default=None, ge=1, le=2**62)
    quantile: Share = 0.9
    active: bool = True
    legs: Annotated[list[LegModel], Field(min_length=2, max_length=5)]
    version: str | None = Field(
        default=None,
        max_length=32,
        description="The lane's `version` as it was read; empty: it must be new. Absent: whatever it is by now.",
    )


class LaneLeg(LegModel):
    """A leg as it stands: `learned_days` is the most likely number after what was seen, `owner` who answers for it."""

    learned_days: int
    owner: str


class LaneModel(Model):
    """A lane, with what it promises for an order placed now."""

    lane_id: int
    lane: Literal["hub", "abroad"]
    origin: str
    origin_country: str
    country: str
    location_id: int | None
    quantile: float
    active: bool
    legs: list[LaneLeg]
    earliest: dt.date | None
    latest: dt.date | None
    days: int
    version: str


class SwitchAsked(Model):
    """Open or close a lane, and how often its promises are to be kept."""

    active: bool
    quantile: Share


class CarrierModel(Model):
    carrier_id: int
    name: str
    weekdays: Weekdays


class CarrierAsked(Model):
    name: Name
    weekdays: Weekdays = 31


class HubAsked(Model):
    """A place that holds items, or passes them on. `location_id`: the stock location that it is."""

    name: Name
    country: Country
    timezone: str = Field(default="", max_length=64, description="Absent: that of the country's capital.")
    location_id: int | None = Field(default=None, ge=1, le=2**62)


class HubModel(HubAsked):
    hub_id: int


class RestAsked(Model):
    """Days on which a carrier does not move, both included."""

    first_day: dt.date
    last_day: dt.date
    reason: str = Field(default="", max_length=200)


class RestModel(RestAsked):
    carrier_id: int


class CustomsModel(Model):
    """Working days of the customs from one country to another, for every lane between them; `held_days` more for what they
    hold."""

    origin: Country
    destination: Country
    earliest_days: Days
    likely_days: Days
    latest_days: Days
    held_days: Annotated[int, Field(ge=1, le=90)] = 4


class HolidayModel(Model):
    """`name`: of one that somebody wrote down; None for one that is known by rule."""

    country: str
    day: dt.date
    name: str | None


class StockPlace(Model):
    """A stock location that a lane may start from."""

    location_id: int
    name: str


class NetworkModel(Model):
    """Everything that a seller's promises are made of. `holidays`: of the countries that its lanes touch, in the next year.
    `locations`: where its goods lie."""

    lanes: list[LaneModel]
    carriers: list[CarrierModel]
    hubs: list[HubModel]
    rests: list[RestModel]
    customs: list[CustomsModel]
    holidays: list[HolidayModel]
    locations: list[StockPlace]


class CauseModel(Model):
    """Why promises were missed: the kind of leg that was late, and who answers for it. Both None: no leg was; the plan was too
    bold."""

    cause: LegKind | None
    owner: str | None
    orders: int


class LaneKept(Model):
    """Promises of a lane whose orders arrived in the period. Days are calendar days from the order. `lane_id` 0: of no lane
    that is still known."""

    lane_id: int
    origin: str
    country: str
    kept: int
    missed: int
    share: float = Field(examples=[0.92])
    promised_days: float
    actual_days: float
    causes: list[CauseModel]


class KeptShareModel(Model):
    """`open`: promises on their way by how they stand. `share`: None while nothing has arrived."""

    days: int
    kept: int
    missed: int
    share: float | None
    open: dict[Confidence, int]
    lanes: list[LaneKept]
    causes: list[CauseModel]


class WorryModel(Model):
    """A promise at risk or missed. `cause`: the leg that is late, `owner` who answers for it."""

    order_id: UUID
    number: str
    confidence: Confidence
    chance: float
    deadline: dt.date
    expected: dt.date | None
    placed_at: dt.datetime
    lane_id: int
    origin: str | None
    cause: LegKind | None
    owner: str | None
