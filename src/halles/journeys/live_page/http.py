"""POST /api/visits/events for browsers, GET /api/console/live and its stream for head office."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field

from halles.journeys.live_page import api
from halles.journeys.live_page.rules import BadPeriod
from halles.journeys.live_page.types import LiveNumbers, Tally
from halles.kernel.caller import Caller, Role
from halles.kernel.ids import SellerId
from halles.kernel.live import LiveHub, frame, sse
from halles.kernel.web import PROBLEM_RESPONSES, Model, MoneyModel, ServicesDep, allow
from halles.visits.types import MOST_EVENTS, VisitKind

router = APIRouter(prefix="/api", responses=PROBLEM_RESPONSES)


class VisitTold(Model):
    """Something that happened in this browser. `event_id` is made by it: telling twice counts once."""

    event_id: UUID
    kind: Literal["opened", "product_seen", "photo", "scan", "basket", "checkout"]
    touchpoint: str | None = Field(None, max_length=64, examples=["marais-photo"])
    product_id: UUID | None = None
    at: AwareDatetime


class VisitsTold(Model):
    """What happened, at most fifty things."""

    events: list[VisitTold] = Field(min_length=1, max_length=MOST_EVENTS)


class Accepted(Model):
    """How many events were new."""

    recorded: int


class HourModel(Model):
    """A UTC hour. `revenue_minor` is in the first currency of the page's `revenue`."""

    hour: datetime
    visits: int
    photos: int
    recognised: int
    orders: int
    revenue_minor: int


class LivePlaceModel(Model):
    """A place's numbers."""

    place_id: int
    name: str
    visits: int
    photos: int
    recognised: int
    orders: int
    revenue: list[MoneyModel]


class RecentModel(Model):
    """Something that just happened."""

    at: datetime
    kind: str = Field(examples=["order.placed"])
    text: str


class LiveModel(Model):
    """The live numbers. `recognised_share`: 0 to 1, null without a photo. `revenue`: orders placed and not cancelled, the
    currency with the most orders' money first."""

    visits: int
    photos: int
    recognised_share: float | None
    orders: int
    revenue: list[MoneyModel]
    by_hour: list[HourModel]
    by_place: list[LivePlaceModel]
    recent: list[RecentModel]


@router.post("/visits/events", status_code=202, tags=["visits"], operation_id="record_visits")
async def record_visits(
    body: VisitsTold, request: Request, services: ServicesDep, caller: Caller = allow()
) -> Accepted:
    """Tell what happened during a visit. Nobody is named: the browser has an anonymous id that changes. Events are counted
    against a limit, not only requests."""
    request.scope["halles.visits"](len(body.events))
    told = [
        api.Told(
            event_id=event.event_id,
            kind=VisitKind(event.kind),
            touchpoint=event.touchpoint,
            product_id=event.product_id,
            at=event.at,
        )
        for event in body.events
    ]
    session = None
    if caller.party_id is not None and caller.session_id is not None:
        session = api.Signed(party_id=caller.party_id, session_id=caller.session_id)
    fresh = await api.record_visits(services.db, told, caller.visitor, services.clock(), session)
    return Accepted(recorded=fresh)


@router.get("/console/live", tags=["console"], operation_id="live")
async def live(
    request: Request,
    services: ServicesDep,
    place: int | None = None,
    since: Annotated[
        AwareDatetime | None, Query(alias="from", description="Absent: the UTC day's begin.")
    ] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Absent: now.")] = None,
    lang: Literal["en", "fr"] | None = None,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.STAFF),
) -> LiveModel:
    """Visits, photos, orders and revenue by hour and by place."""
    now = services.clock()
    begin = since or now.replace(hour=0, minute=0, second=0, microsecond=0)
    locale = lang or ("fr" if request.headers.get("accept-language", "").lower().startswith("fr") else "en")
    async with services.db.lagging() as tx:
        seller_id = caller.need_seller(await api.first_seller(tx, frozenset(caller.seller_ids), place))
        found = await api.numbers(
            tx,
            seller_id,
            place_id=place,
            since=_in_utc(begin),
            until=_in_utc(until or now),
            locale=locale,
        )
    return _page(found)


@router.get(
    "/console/live/events", tags=["console"], operation_id="watch_live", response_class=StreamingResponse
)
async def watch_live(
    services: ServicesDep, caller: Caller = allow(Role.HEAD_OFFICE, Role.STAFF)
) -> StreamingResponse:
    """A stream of `changed` events: read the numbers again."""
    hub = services.port(LiveHub)
    hub.admit(caller.watching())
    return sse(_changes(hub, sorted(caller.seller_ids), caller.watching()))


PACE_S = 1.0
"""Between two readings of the numbers by one page: orders come faster than eyes follow."""


async def _changes(hub: LiveHub, seller_ids: list[SellerId], who: str = "") -> AsyncIterator[str]:
    yield frame("", "")
    watch = hub.watch([f"live:{seller_id}" for seller_id in seller_ids], who=who, pace_s=PACE_S)
    async for topic in watch:
        yield frame("changed" if topic else "", f'{{"topic":"{topic}"}}')


def _in_utc(moment: datetime) -> datetime:
    """Raises BadPeriod for a moment that leaves the calendar on its way to UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise BadPeriod("The period lies beyond the calendar.") from error


def _page(found: LiveNumbers) -> LiveModel:
    whole, revenue = found.whole, _revenue(found.whole)
    main = revenue[0].currency if revenue else ""
    return LiveModel(
        visits=whole.visits,
        photos=whole.photos,
        recognised_share=round(whole.recognised / whole.photos, 4) if whole.photos else None,
        orders=whole.orders,
        revenue=revenue,
        by_hour=[
            HourModel(
                hour=hour,
                visits=tally.visits,
                photos=tally.photos,
                recognised=tally.recognised,
                orders=tally.orders,
                revenue_minor=tally.revenue.get(main, 0),
            )
            for hour, tally in found.by_hour.items()
        ],
        by_place=[
            LivePlaceModel(
                place_id=place_id,
                name=found.names[place_id],
                visits=tally.visits,
                photos=tally.photos,
                recognised=tally.recognised,
                orders=tally.orders,
                revenue=_revenue(tally),
            )
            for place_id, tally in found.by_place.items()
        ],
        recent=[RecentModel(at=one.at, kind=one.kind, text=one.text) for one in found.recent],
    )


def _revenue(tally: Tally) -> list[MoneyModel]:
    ordered = sorted(tally.revenue.items(), key=lambda item: (-item[1], item[0]))
    return [MoneyModel(minor=minor, currency=currency) for currency, minor in ordered]
