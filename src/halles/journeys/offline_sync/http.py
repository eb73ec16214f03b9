"""The shop for phones, and what its seller promises of prices that they showed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from halles.catalog import api as catalog
from halles.catalog.api import ShownTerms
from halles.journeys.checkout.api import Quote, Quotes
from halles.journeys.offline_sync.api import Offline
from halles.journeys.offline_sync.carried import Carried
from halles.journeys.offline_sync.models import (
    OfflineTermsEdit,
    ShopAbout,
    ShopDelta,
    ShopSnapshot,
    TermsModel,
)
from halles.kernel.caller import Caller, Role
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Seller, ServicesDep, allow, not_modified, written

router = APIRouter(prefix="/api/offline", tags=["offline"], responses=PROBLEM_RESPONSES)
console = APIRouter(prefix="/api/console/offline", tags=["console"], responses=PROBLEM_RESPONSES)


async def _carried(
    services: ServicesDep,
    language: LanguageDep,
    touchpoint: Annotated[str | None, Query(max_length=100)] = None,
    place: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Absent: the place's.")] = None,
) -> Carried:
    return await services.port(Offline).carried(touchpoint, place, currency, language)


CarriedDep = Annotated[Carried, Depends(_carried)]


@router.get("", response_model=ShopAbout, dependencies=[allow()])
async def about(services: ServicesDep, carried: CarriedDep) -> Response:
    """What carrying this shop would mean, before a byte of it is fetched."""
    whole = await services.port(Offline).whole(carried.bundle)
    found = ShopAbout(
        bundle=carried.bundle.bundle_id,
        version=carried.bundle.version,
        products=whole.products,
        left_out=carried.bundle.left_out,
        bytes_zipped=len(whole.zipped),
        bytes=len(whole.body),
        honour_hours=carried.terms.honour_hours,
    )
    return written(found)


@router.get("/snapshot", response_model=ShopSnapshot, dependencies=[allow()])
async def snapshot(request: Request, services: ServicesDep, carried: CarriedDep) -> Response:
    """The whole shop at its newest version, with its ETag. Ask for the delta right after: it brings the quote."""
    whole = await services.port(Offline).whole(carried.bundle)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    body = whole.zipped if zipped else whole.body
    headers = {"cache-control": "private, no-cache", "vary": "accept-language, accept-encoding"}
    response = Response(body, media_type="application/json", headers=headers)
    if zipped:
        response.headers["content-encoding"] = "gzip"
    tag = f'W/"{carried.bundle.bundle_id.hex}.{carried.bundle.version}"'
    if not_modified(request, response, tag):
        return Response(status_code=304, headers={**headers, "etag": tag})
    return response


@router.get("/delta", response_model=ShopDelta, dependencies=[allow()])
async def delta(
    services: ServicesDep,
    carried: CarriedDep,
    bundle: Annotated[UUID, Query(description="The line of versions that the phone has.")],
    since: Annotated[int, Query(ge=0, le=2**62, description="The version that the phone has.")],
) -> Response:
    """What changed since a version, and a fresh quote. 409 `offline.snapshot_needed` when that cannot be told any more."""
    found = await services.port(Offline).changes(carried, bundle, since)
    now = found.carried.bundle
    quote = Quote(seller_id=now.seller_id, currency=now.currency, country=carried.country, at=now.read_at)
    answer = ShopDelta(
        bundle=now.bundle_id,
        version=now.version,
        digest=now.digest.hex(),
        left_out=now.left_out,
        read_at=now.read_at,
        now=services.clock(),
        honour_hours=carried.terms.honour_hours,
        quote=services.port(Quotes).sign(quote),
        entries=dict(found.entries),
    )
    response = written(answer)
    response.headers["cache-control"] = "no-store"
    return response


@console.get("")
async def terms(
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT),
) -> TermsModel:
    """How long prices that phones showed are honoured. One query."""
    seller = caller.need_seller(seller_id)
    async with services.db.reading() as tx:
        found = (await catalog.shown_terms(tx, [seller]))[seller]
    return TermsModel(honour_hours=found.honour_hours, not_before=found.not_before)


@console.put("")
async def put_terms(
    body: OfflineTermsEdit,
    services: ServicesDep,
    seller_id: Seller = None,
    caller: Caller = allow(Role.HEAD_OFFICE, Role.MERCHANT),
) -> TermsModel:
    """Say how long they are honoured, or call back what phones have. The next order follows it."""
    seller, now = caller.need_seller(seller_id), services.clock()
    wanted = ShownTerms(
        seller_id=seller, honour_hours=body.honour_hours, not_before=now if body.call_back else None
    )
    async with services.db.transaction() as tx:
        found = await catalog.save_shown_terms(tx, wanted, now)
    return TermsModel(honour_hours=found.honour_hours, not_before=found.not_before)
