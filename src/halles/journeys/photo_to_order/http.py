"""`POST /api/photos`: a photo in, products out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from halles.journeys.photo_to_order import api, rules
from halles.journeys.storefront.models import ProductCard
from halles.journeys.storefront.view import load_product_cards, view_of
from halles.kernel.caller import Caller
from halles.kernel.db import Tx
from halles.kernel.language import Language, LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Model, Services, ServicesDep, allow
from halles.places import api as places
from halles.places.types import Touchpoint, UnknownTouchpoint
from halles.vision.api import refining
from halles.vision.types import Candidate

router = APIRouter(prefix="/api/photos", tags=["photos"], responses=PROBLEM_RESPONSES)


class BoxModel(Model):
    """A part of the upright photo, as shares of its sides."""

    left: float = Field(ge=0, le=1)
    top: float = Field(ge=0, le=1)
    width: float = Field(ge=0, le=1)
    height: float = Field(ge=0, le=1)


class CandidateModel(Model):
    """A product that the photo may show, the likeliest first. `score`: 0 to 1, comparable within one photo only. `box`: where it
    lies in a photo of several, or its code does; null: not known, or the photo as a whole."""

    product: ProductCard
    variant_id: int | None
    score: float = Field(ge=0, le=1)
    box: BoxModel | None = None


class PhotoAnswer(Model):
    """`product`: one, clearly. `candidates`: two to five, to choose from. `unknown`: honestly not recognised.

    `ask` is `which` when the photo shows several products, each of them sure: the candidates are these, and only these.

    `refines`: the package is being read; ask `GET /api/photos/{match_id}` half a second later, until it says false.

    Send `match_id` with what the shopper puts in the basket, so that recognition is judged by what was bought.
    """

    match_id: UUID
    outcome: Literal["product", "candidates", "unknown"]
    by: Literal["barcode", "picture"]
    gtin: str | None
    candidates: list[CandidateModel] = Field(max_length=5)
    ask: Literal["which"] | None = None
    took_ms: int
    refines: bool = False


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


@router.post("", openapi_extra=_PHOTO_BODY)
async def recognise(
    request: Request,
    services: ServicesDep,
    language: LanguageDep,
    touchpoint: Annotated[str | None, Query(max_length=100, description="Where the photo was taken.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    caller: Caller = allow(),
) -> PhotoAnswer:
    """Recognise the product in a photo. The photo is looked at and forgotten; only the answer is kept."""
    photo = await request.body()
    async with services.db.reading() as tx:
        point = await places.find_touchpoint(tx, touchpoint)
    if point is None:
        raise UnknownTouchpoint("There is no shop here yet.")
    answered = await api.recognise(services, point, photo, caller.visitor)
    match = answered.match
    async with services.db.reading() as tx:
        shown = await _shown(tx, services, point, match.candidates, currency, language)
    return PhotoAnswer(
        match_id=match.match_id,
        outcome=match.outcome.value,
        by=match.found_by.value,
        gtin=match.gtin,
        candidates=shown,
        ask=_asked(match.candidates) if len(shown) > 1 else None,
        took_ms=answered.took_ms,
        refines=answered.refines,
    )


@router.get("/{match_id}", dependencies=[allow()])
async def present_answer(
    match_id: UUID,
    services: ServicesDep,
    language: LanguageDep,
    touchpoint: Annotated[str | None, Query(max_length=100, description="Where the photo was taken.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
) -> PhotoAnswer:
    """What a photo is answered with now: better than at first where the package could be read. `took_ms` is 0 here."""
    async with services.db.reading() as tx:
        answer = await refining.present_answer(tx, match_id)
        point = await places.find_touchpoint(tx, touchpoint)
        if point is None or point.seller_id != answer.seller_id:
            raise UnknownTouchpoint("This photo was taken elsewhere.")
        shown = await _shown(tx, services, point, answer.candidates, currency, language)
    return PhotoAnswer(
        match_id=answer.match_id,
        outcome=answer.outcome.value,
        by=answer.found_by.value,
        gtin=answer.gtin,
        candidates=shown,
        ask=_asked(answer.candidates) if len(shown) > 1 else None,
        took_ms=0,
        refines=answer.refines,
    )


def _asked(candidates: Sequence[Candidate]) -> Literal["which"] | None:
    return "which" if rules.asks_which(candidates) else None


def _box(candidate: Candidate) -> BoxModel | None:
    if candidate.part is None or candidate.part.box is None:
        return None
    left, top, width, height = candidate.part.box
    return BoxModel(left=left, top=top, width=width, height=height)


async def _shown(
    tx: Tx,
    services: Services,
    point: Touchpoint,
    candidates: Sequence[Candidate],
    currency: str | None,
    language: Language,
) -> list[CandidateModel]:
    view = await view_of(
        tx, touchpoint=point.code, currency=currency, language=language, now=services.clock()
    )
    cards = await load_product_cards(tx, view, [one.product_id for one in candidates])
    return [
        CandidateModel(
            product=cards[one.product_id],
            variant_id=one.variant_id,
            score=min(max(one.score, 0.0), 1.0),
            box=_box(one),
        )
        for one in candidates
        if one.product_id in cards
    ]
