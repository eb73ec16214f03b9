"""Consent for shoppers, the report and its files for those who run a seller."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from halles.journeys.measurement import consent, exports
from halles.journeys.measurement.api import report as make_report
from halles.journeys.measurement.consent import Asked, Kept
from halles.journeys.measurement.rules.asking import four_weeks_to
from halles.journeys.measurement.types import Outcome, Question, Report
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Model, Seller, Services, ServicesDep, allow

router = APIRouter(prefix="/api", responses=PROBLEM_RESPONSES)
_READERS = (Role.HEAD_OFFICE, Role.MERCHANT)
Code = Annotated[
    str | None, Query(max_length=64, description="Whose shop: a touchpoint's code. Absent: the web's.")
]
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "A line a number"}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"model": Report, "description": "The report as a file"}}


class NewAnswer(Model):
    """An answer to what `GET /api/me/measuring` asks. `consent_id` is made by the client: answering twice counts once.
    `language`: of the text that was read."""

    consent_id: UUID
    agreed: bool
    text_version: int = Field(ge=1, le=10_000, examples=[1])
    language: Literal["en", "fr"]
    touchpoint: str | None = Field(None, max_length=64, examples=["marais-photo"])


@router.get("/me/measuring", tags=["visits"], operation_id="measuring_consent")
async def asked(
    services: ServicesDep, language: LanguageDep, touchpoint: Code = None, caller: Caller = allow()
) -> Asked:
    """What this shop asks before it ties visits to orders, and what you answered. Without an answer nothing is tied."""
    return await consent.asked(services.db, caller, touchpoint, language)


@router.put("/me/measuring", tags=["visits"], operation_id="answer_measuring")
async def answer(body: NewAnswer, services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> Asked:
    """Say yes or no, at any time. A no deletes every tie at once; what was counted stays, and names nobody."""
    await consent.answer(
        services.db,
        caller,
        consent_id=body.consent_id,
        agreed=body.agreed,
        text_version=body.text_version,
        language=body.language,
        touchpoint=body.touchpoint,
        now=services.clock(),
    )
    return await consent.asked(services.db, caller, body.touchpoint, body.language)


@router.delete("/me/measuring", status_code=204, tags=["visits"], operation_id="forget_measuring")
async def forget(services: ServicesDep, caller: Caller = allow(Role.SHOPPER)) -> None:
    """Forget your ties and your answers, at every shop."""
    await consent.forget(services.db, caller.party())


@router.get("/me/measuring/kept", tags=["visits"], operation_id="kept_for_measuring")
async def kept(services: ServicesDep, response: Response, caller: Caller = allow(Role.SHOPPER)) -> Kept:
    """All that is kept of you for measuring: your answers, when a browser was yours, and what was done with it then."""
    response.headers["cache-control"] = "no-store"
    return await consent.kept(services.db, caller.party())


class Asking:
    """What a report is asked with."""

    def __init__(
        self,
        place: Annotated[int, Query(ge=1, le=2**62, description="The place's id.")],
        since: Annotated[
            date | None,
            Query(alias="from", description="First day; its whole week counts. Absent: four weeks ago."),
        ] = None,
        until: Annotated[
            date | None,
            Query(alias="to", description="Last day; its week counts as far as it is over. Absent: today."),
        ] = None,
        window: Annotated[
            int, Query(description="Days in which an order can follow a visit: 7, 30 or 90.")
        ] = 30,
        radius: Annotated[int, Query(description="Kilometres around the place: 2, 5, 10, 25 or 50.")] = 10,
        outcome: Annotated[Outcome, Query(description="What the lift is of.")] = "pieces",
        opened: Annotated[
            date | None, Query(description="When the place opened. Absent: its first sample or visit.")
        ] = None,
    ) -> None:
        self.place, self.since, self.until = place, since, until
        self.window, self.radius, self.opened = window, radius, opened
        self.outcome: Outcome = outcome

    def question(self, today: date) -> Question:
        last = self.until or today
        return Question(
            place_id=self.place,
            since=self.since or four_weeks_to(last),
            until=last + timedelta(days=1) if last < date.max else last,
            window_days=self.window,
            radius_km=self.radius,
            outcome=self.outcome,
            opened=self.opened,
        )


AskingDep = Annotated[Asking, Depends(Asking)]


async def _made(
    services: Services, caller: Caller, seller_id: int | None, asking: Asking, language: str
) -> Report:
    now = services.clock()
    return await make_report(
        services.db,
        caller.need_seller(seller_id),
        asking.question(now.date()),
        now=now,
        least_shoppers=services.settings.assortment_min_shoppers,
        language=language,
    )


@router.get("/console/measurement", tags=["console"], operation_id="measurement")
async def measurement(
    services: ServicesDep,
    language: LanguageDep,
    asking: AskingDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_READERS),
) -> Report:
    """What a place led to: purchases after visits, new customers, lift against similar areas, each sample's effect. Counts of one
    to four people are null. Takes a second or two for a large seller."""
    return await _made(services, caller, seller_id, asking, language)


@router.get("/console/measurement/report.csv", tags=["console"], response_class=Response, responses=_CSV)
async def report_csv(
    services: ServicesDep,
    language: LanguageDep,
    asking: AskingDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_READERS),
) -> Response:
    """The report as a table, a line a number."""
    found = await _made(services, caller, seller_id, asking, language)
    return _file(exports.to_csv(found, language).encode(), "text/csv; charset=utf-8", "measurement.csv")


@router.get("/console/measurement/report.json", tags=["console"], responses=_FILE)
async def report_json(
    services: ServicesDep,
    language: LanguageDep,
    asking: AskingDep,
    seller_id: Seller = None,
    caller: Caller = allow(*_READERS),
) -> Response:
    """The report as a file for programs."""
    found = await _made(services, caller, seller_id, asking, language)
    return _file(msgspec.json.encode(found), "application/json", "measurement.json")


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=kind, headers=headers)
