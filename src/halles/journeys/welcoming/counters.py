"""What counters over doors tell: sensors, cameras, a person with two buttons."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, ConfigDict, Field

from halles.kernel.caller import Caller, Role, Use
from halles.kernel.web import PROBLEM_RESPONSES, Model, Seller, ServicesDep, allow
from halles.welcome import api as welcome
from halles.welcome.types import Crossing, Source

router = APIRouter(prefix="/api/welcome", tags=["welcome"], responses=PROBLEM_RESPONSES)

MOST_CROSSINGS = 200
MOST_PEOPLE = 1000
"""More cannot pass one door between two messages."""

Code = Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", examples=["marais-street"])]
Count = Annotated[int, Field(ge=0, le=MOST_PEOPLE, examples=[1])]


class CrossingTold(Model):
    """People who went through a door together or since the last message. `event_id` is made by the counter: telling twice counts
    once, in whatever order. `inward`: in the direction in which the door leads."""

    event_id: UUID
    at: AwareDatetime
    inward: Count
    outward: Count


class CrossingsTold(Model):
    """What a door counted, at most two hundred crossings, none older than a week. `source` absent: a camera, from a program; a
    person, from a page."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "door": "marais-street",
                    "crossings": [
                        {
                            "event_id": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
                            "at": "2026-11-21T10:00:00Z",
                            "inward": 2,
                            "outward": 0,
                        }
                    ],
                }
            ]
        }
    )
    door: Code
    source: Source | None = None
    crossings: list[CrossingTold] = Field(min_length=1, max_length=MOST_CROSSINGS)


class Recorded(Model):
    """How many crossings were new."""

    recorded: int


@router.post("/crossings", status_code=202, operation_id="record_crossings")
async def record_crossings(
    body: CrossingsTold,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(
        Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT, Role.SERVICE, use=Use.COUNTING, placed=True
    ),
) -> Recorded:
    """Tell who went through a door. Late and repeated crossings are welcome: occupancy does not depend on their order. A key that
    was narrowed to a place tells of its doors alone, else `kernel.key_narrowed`."""
    seller = caller.need_seller(seller_id)
    usual = Source.CAMERA if Role.SERVICE in caller.roles else Source.MANUAL
    told = [
        Crossing(event_id=one.event_id, at=one.at, inward=one.inward, outward=one.outward)
        for one in body.crossings
    ]
    async with services.db.transaction() as tx:
        caller.need_place((await welcome.door(tx, seller, body.door)).place_id)
        recorded = await welcome.record_crossings(
            tx, seller, body.door, told, source=body.source or usual, now=services.clock()
        )
    return Recorded(recorded=recorded)
