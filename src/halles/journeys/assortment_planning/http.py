"""Assortments in the console: scenarios, what differs between them, the approved plan, and its files."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from halles.assortments import api as assortments
from halles.assortments.types import BadWishes, NoSuchScenario
from halles.journeys.assortment_planning import exports
from halles.journeys.assortment_planning.api import make_scenario
from halles.journeys.assortment_planning.models import (
    Comparison,
    NewScenario,
    ScenarioBrief,
    ScenarioModel,
    brief,
    compare,
    full,
    wishes_of,
)
from halles.journeys.labels.fonts import fonts_in
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Page, Seller, ServicesDep, allow
from halles.places import api as places

router = APIRouter(prefix="/api/console/assortments", tags=["console"], responses=PROBLEM_RESPONSES)
PlaceId = Annotated[int | None, Query(ge=1, le=2**62, description="Only of this place.")]
Ids = Annotated[list[UUID], Query(min_length=2, max_length=4, description="Two to four scenarios.")]
_PLANNERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_APPROVERS = (Role.HEAD_OFFICE, Role.MERCHANT)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "A line a sample"}}
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "A4, fourteen samples a page"}
}


@router.get("", operation_id="assortment_scenarios")
async def list_scenarios(
    services: ServicesDep,
    place_id: PlaceId = None,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> Page[ScenarioBrief]:
    """The latest 100 scenarios of a seller, the latest first. One statement."""
    seller = caller.need_seller(seller_id)
    async with services.db.reading() as tx:
        found = await assortments.scenarios(tx, seller, place_id=place_id)
    return Page(items=[brief(one) for one in found])


@router.post("", status_code=201, operation_id="make_assortment_scenario")
async def make(
    body: NewScenario,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> ScenarioModel:
    """Choose samples from what people around the place buy, and keep the scenario. Takes seconds for a large catalogue."""
    made = await make_scenario(
        services.db,
        caller.need_seller(seller_id),
        body.scenario_id,
        place_id=body.place_id,
        name=body.name.strip() or body.name,
        wishes=wishes_of(body.wishes),
        by=caller.party(),
        now=services.clock(),
        least_shoppers=services.settings.assortment_min_shoppers,
    )
    return full(made, language)


@router.get("/compare", operation_id="compare_assortment_scenarios")
async def compare_scenarios(
    ids: Ids,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> Comparison:
    """Scenarios side by side, in the order asked for: what they cover, what they take, and which samples differ. One
    statement."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) < 2:
        raise BadWishes("Compare at least two different scenarios.", field="ids")
    async with services.db.reading() as tx:
        rows = await assortments.scenarios(tx, caller.need_seller(seller_id), ids=wanted)
    found = {one.scenario_id: one for one in rows}
    missing = [one for one in wanted if one not in found]
    if missing:
        raise NoSuchScenario("There is no scenario with this id.", missing=[str(one) for one in missing])
    return compare([found[one] for one in wanted], language)


@router.get("/{scenario_id}", operation_id="assortment_scenario")
async def show(
    scenario_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> ScenarioModel:
    """A scenario with its samples and why each is shown. One statement."""
    async with services.db.reading() as tx:
        return full(await assortments.scenario(tx, caller.need_seller(seller_id), scenario_id), language)


@router.post("/{scenario_id}/approve", operation_id="approve_assortment")
async def approve(
    scenario_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_APPROVERS),
) -> ScenarioModel:
    """Make this the plan of its place; the one before is replaced. A repeat changes nothing."""
    async with services.db.transaction() as tx:
        found = await assortments.approve(
            tx, caller.need_seller(seller_id), scenario_id, by=caller.party(), now=services.clock()
        )
    return full(found, language)


@router.delete("/{scenario_id}", status_code=204, operation_id="drop_assortment_scenario")
async def drop(
    scenario_id: UUID, services: ServicesDep, seller_id: Seller = None, caller: Caller = allow(*_PLANNERS)
) -> None:
    """Forget a scenario that was never approved."""
    async with services.db.transaction() as tx:
        await assortments.drop(tx, caller.need_seller(seller_id), scenario_id)


@router.get("/{scenario_id}/plan.csv", response_class=Response, responses=_CSV)
async def plan_csv(
    scenario_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> Response:
    """The samples of a scenario as a table."""
    async with services.db.reading() as tx:
        found = await assortments.scenario(tx, caller.need_seller(seller_id), scenario_id)
    headers = {"content-disposition": 'attachment; filename="plan.csv"', "cache-control": "no-store"}
    return Response(
        exports.to_csv(found, language).encode(), media_type="text/csv; charset=utf-8", headers=headers
    )


@router.get("/{scenario_id}/plan.pdf", response_class=Response, responses=_PDF)
async def plan_pdf(
    scenario_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_PLANNERS),
) -> Response:
    """The samples of a scenario on paper, to tick off."""
    seller = caller.need_seller(seller_id)
    async with services.db.reading() as tx:
        found = await assortments.scenario(tx, seller, scenario_id)
        place = await places.place(tx, found.place_id, seller)
    fonts = fonts_in(services.settings.data / "fonts")
    data = await asyncio.to_thread(exports.to_pdf, found, place=place.name, fonts=fonts, language=language)
    headers = {"content-disposition": 'inline; filename="plan.pdf"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)
