"""How far the showroom has learned its catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from halles.journeys.picture_index.learning import Learned, Learning
from halles.kernel.caller import Caller, Role
from halles.kernel.web import PROBLEM_RESPONSES, Model, Seller, ServicesDep, allow
from halles.places import api as places
from halles.places.types import UnknownTouchpoint

router = APIRouter(prefix="/api/recognition", tags=["photos"], responses=PROBLEM_RESPONSES)
console = APIRouter(prefix="/api/console/recognition", tags=["console"], responses=PROBLEM_RESPONSES)


class LearnedModel(Model):
    """`learned` of `pictures` of the catalogue can be found by photo. `going_on`: more are being learned; false with some
    lacking: those cannot be read, or nobody learns."""

    learned: int = Field(examples=[240])
    pictures: int = Field(examples=[1200])
    going_on: bool


@router.get("/learning", dependencies=[allow()], operation_id="learned_pictures")
async def learned_pictures(
    services: ServicesDep,
    touchpoint: Annotated[
        str | None, Query(max_length=100, description="Whose shop. Absent: the first.")
    ] = None,
) -> LearnedModel:
    """How far a shop's pictures are learned: photos are answered with what is known meanwhile. At most three queries; the counts
    are some seconds old."""
    async with services.db.reading() as tx:
        point = await places.find_touchpoint(tx, touchpoint)
    if point is None:
        raise UnknownTouchpoint("There is no shop here yet.")
    return _model(await services.port(Learning).of(point.seller_id))


@console.get("/learning", operation_id="learned_of_seller")
async def learned_of_seller(
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> LearnedModel:
    """As shoppers are told, of one's own catalogue."""
    return _model(await services.port(Learning).of(caller.need_seller(seller_id)))


def _model(found: Learned) -> LearnedModel:
    return LearnedModel(learned=found.learned, pictures=found.pictures, going_on=found.going_on)
