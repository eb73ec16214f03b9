"""Taught samples, and what recognition confuses, in the console."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from halles.journeys.sample_teaching import api, rules, view
from halles.journeys.sample_teaching.models import (
    RecognitionReport,
    SampleToTeach,
    TaughtSampleModel,
    Teach,
)
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import SellerId, parse_uuid
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Page, Seller, ServicesDep, allow, cursor, once, read_cursor
from halles.vision.api import samples as vision
from halles.vision.api.samples import SampleState, Side, TaughtSample

router = APIRouter(prefix="/api/console", tags=["console"], responses=PROBLEM_RESPONSES)

PlaceId = Annotated[int | None, Query(ge=1, le=2**62, description="Absent: all places.")]
Days = Annotated[int, Query(ge=1, le=400, description="How many days back photos and purchases count.")]
WHO = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_PHOTO_BODY = {
    "requestBody": {
        "required": True,
        "description": "The photo itself, at most 12 MiB and 40 megapixels.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


@router.get("/taught-samples", operation_id="taught_samples")
async def taught_samples(
    services: ServicesDep,
    language: LanguageDep,
    place_id: PlaceId = None,
    retired: Annotated[bool, Query(description="Also those that no longer count.")] = False,
    seller_id: Seller = None,
    cursor_: Annotated[str | None, Query(alias="cursor", description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    caller: Caller = allow(*WHO),
) -> Page[TaughtSampleModel]:
    """Samples that staff taught with photos, the latest first. Five queries, one more for each that is still open."""
    seller = caller.need_seller(seller_id)
    after = None if cursor_ is None else parse_uuid(read_cursor(cursor_, (str,))[0])
    async with services.db.snapshot() as tx:
        found = await vision.samples_page(
            tx, seller, place_id=place_id, retired=retired, after=after, limit=limit + 1
        )
        items = await view.samples(tx, seller, found[:limit], language)
    return Page(items=items, next=cursor(str(found[limit - 1].sample_id)) if len(found) > limit else None)


@router.post(
    "/taught-samples", status_code=201, response_model=TaughtSampleModel, operation_id="open_taught_sample"
)
async def open_sample(
    body: SampleToTeach,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> Response:
    """Say what is about to be photographed. The same `sample_id` and body again change nothing."""
    seller = caller.need_seller(seller_id)
    sample = TaughtSample(
        seller_id=seller,
        sample_id=body.sample_id,
        place_id=body.place_id,
        product_id=body.product_id,
        variant_id=body.variant_id,
        state=SampleState.OPEN,
        opened_by=caller.party(),
        opened_at=services.clock(),
    )

    async def work(tx: Tx) -> TaughtSampleModel:
        return await _shown(tx, seller, await api.open_sample(tx, sample), language)

    sent = body.model_dump_json().encode()
    return await once(services, f"vision.sample:{seller}", str(body.sample_id), sent, work, 201)


@router.post("/taught-samples/photos", operation_id="photograph_taught_sample", openapi_extra=_PHOTO_BODY)
async def photograph(
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    sample_id: Annotated[UUID, Query(description="The open sample.")],
    side: Annotated[Side, Query(description="From where it is seen.")],
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> TaughtSampleModel:
    """One of the five photos, kept without its metadata; one of that side that was there is replaced.

    `doubt` tells at once when the photos look like something else. A blurred or dark photo is refused.
    """
    seller = caller.need_seller(seller_id)
    sample = await api.take_photo(services, seller, sample_id, side, await request.body())
    async with services.db.reading() as tx:
        return await _shown(tx, seller, sample, language)


@router.get("/taught-samples/{sample_id}", operation_id="taught_sample")
async def taught_sample(
    sample_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> TaughtSampleModel:
    """A sample with its photos. `learnt` when the showroom answers with it."""
    seller = caller.need_seller(seller_id)
    async with services.db.snapshot() as tx:
        return await _shown(tx, seller, await vision.find_sample(tx, seller, sample_id), language)


@router.post("/taught-samples/{sample_id}/teach", operation_id="teach_taught_sample")
async def teach(
    sample_id: UUID,
    body: Teach,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> TaughtSampleModel:
    """Its five photos count from now on. A repeat changes nothing; photos in doubt need a person who is `sure`."""
    seller = caller.need_seller(seller_id)
    async with services.db.transaction() as tx:
        sample = await vision.teach_sample(
            tx, seller, sample_id, sure=body.sure, by=caller.party(), now=services.clock()
        )
        return await _shown(tx, seller, sample, language)


@router.delete("/taught-samples/{sample_id}", operation_id="retire_taught_sample")
async def retire(
    sample_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> TaughtSampleModel:
    """It no longer counts and its photos are deleted; who taught it and when stays. A repeat changes nothing."""
    seller = caller.need_seller(seller_id)
    sample = await api.retire(services, seller, sample_id, caller.party())
    async with services.db.reading() as tx:
        return await _shown(tx, seller, sample, language)


@router.get("/recognition", operation_id="recognition_report")
async def recognition(
    services: ServicesDep,
    language: LanguageDep,
    place_id: PlaceId = None,
    days: Days = 30,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> RecognitionReport:
    """How often answers were right, by place and model, judged by purchases; and which products are taken for which, and
    why. Eight queries."""
    return await _report(services, caller.need_seller(seller_id), place_id, days, language)


@router.get(
    "/recognition/confusions.csv",
    operation_id="export_confusions",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export(
    services: ServicesDep,
    language: LanguageDep,
    place_id: PlaceId = None,
    days: Days = 30,
    seller_id: Seller = None,
    caller: Caller = allow(*WHO),
) -> Response:
    """The pairs of the report as a CSV file, UTF-8, a line a pair."""
    found = await _report(services, caller.need_seller(seller_id), place_id, days, language)
    file = io.StringIO()
    lines = csv.writer(file)
    lines.writerow(
        [
            "product_id",
            "product",
            "other_id",
            "other",
            "times",
            "photos",
            "bought",
            "similarity",
            "reasons",
            "advice",
        ]
    )
    for one in found.pairs:
        lines.writerow(
            [
                one.product.product_id, rules.cell(one.product.title), one.other.product_id,
                rules.cell(one.other.title), one.times, one.photos, one.bought,
                "" if one.similarity is None else one.similarity, " ".join(one.reasons), one.advice,
            ]
        )  # fmt: skip
    return Response(
        file.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="confusions.csv"'},
    )


async def _report(
    services: ServicesDep, seller: SellerId, place_id: int | None, days: int, language: Language
) -> RecognitionReport:
    until = services.clock()
    async with services.db.lagging() as tx:
        return await view.report(tx, seller, place_id, until - timedelta(days=days), until, language)


async def _shown(tx: Tx, seller: SellerId, sample: TaughtSample, language: Language) -> TaughtSampleModel:
    return (await view.samples(tx, seller, [sample], language))[0]
