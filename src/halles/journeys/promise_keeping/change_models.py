"""What a change of the network would do, as the interface asks and tells it."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from halles.journeys.promise_keeping import models
from halles.kernel.web import Model


class HolidaysAsked(Model):
    """Days on which nothing moves in a country, both included."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "country": "FR",
                    "first_day": "2026-12-26",
                    "last_day": "2026-12-26",
                    "name": "Saint-Étienne (Alsace, Moselle)",
                }
            ]
        }
    )
    country: models.Country
    first_day: dt.date
    last_day: dt.date
    name: models.Name


class RestOf(models.RestModel):
    """Days of rest of one carrier."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "carrier_id": 3,
                    "first_day": "2026-12-24",
                    "last_day": "2026-12-26",
                    "reason": "stocktaking",
                }
            ]
        }
    )


class ChangeAsked(Model):
    """One change of a network, and the moment at which an order is imagined (absent: now)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rest": {
                        "carrier_id": 3,
                        "first_day": "2026-12-24",
                        "last_day": "2026-12-26",
                        "reason": "stocktaking",
                    },
                    "ordered_at": "2026-12-23T10:00:00Z",
                }
            ]
        }
    )
    lane: models.LaneAsked | None = None
    carrier: models.CarrierAsked | None = None
    hub: models.HubAsked | None = None
    rest: RestOf | None = None
    customs: models.CustomsModel | None = None
    holidays: HolidaysAsked | None = None
    ordered_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        said = (self.lane, self.carrier, self.hub, self.rest, self.customs, self.holidays)
        if sum(one is not None for one in said) != 1:
            raise ValueError("name one change")
        return self


class DatesModel(Model):
    """From the earliest to the latest day; before `likely` half of all orders arrive."""

    earliest: dt.date
    likely: dt.date
    latest: dt.date


class LanePreview(Model):
    """What a lane promises before and after. None: nothing; it is closed, new, or cannot be travelled on."""

    lane: Literal["hub", "abroad"]
    origin: str
    country: str
    before: DatesModel | None
    after: DatesModel | None


class OpenPreview(Model):
    """Promises on their way on these lanes: their dates stand. `looked_at`: of so many, the nearest first, how they would
    stand is counted."""

    promises: int
    looked_at: int
    before: dict[models.Confidence, int]
    after: dict[models.Confidence, int]


class PreviewModel(Model):
    """What a change would do. `lanes`: those that it touches; none: no date moves. Nothing was changed."""

    ordered_at: dt.datetime
    lanes: list[LanePreview]
    open: OpenPreview


class HolidayWritten(Model):
    country: str
    day: dt.date
    name: str


class HolidaysModel(Model):
    """The holidays that people wrote down, from today on. `changed`: promises on their way that are looked at again."""

    holidays: list[HolidayWritten]
    changed: int = Field(default=0, examples=[12])
