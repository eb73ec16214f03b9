"""Labels and QR sheets to print."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from halles.journeys.labels import sheets
from halles.journeys.labels.content import labels_of
from halles.journeys.labels.fonts import fonts_in
from halles.journeys.labels.words import word
from halles.kernel.caller import Caller, Role
from halles.kernel.errors import Invalid
from halles.kernel.language import LanguageDep
from halles.kernel.web import PROBLEM_RESPONSES, Services, ServicesDep, allow

router = APIRouter(
    prefix="/api/console/places/{place_id}", tags=["console: places"], responses=PROBLEM_RESPONSES
)
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "A4 at real size: print it at 100 %"}
}
PlaceId = Annotated[int, Path(ge=1, le=2**62)]
Samples = Annotated[
    str | None,
    Query(max_length=4000, description="Sample ids, separated by commas; absent: all.", examples=["12,15"]),
]
SellerQuery = Annotated[int | None, Query(description="Needed only by who acts for several sellers.")]
_MANAGERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)


class BadSamples(Invalid):
    """A list of samples that cannot be read."""

    code, title = "labels.bad_samples", "Not a list of samples"


@router.get("/labels.pdf", response_class=Response, responses=_PDF)
async def labels(
    place_id: PlaceId,
    services: ServicesDep,
    language: LanguageDep,
    samples: Samples = None,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*_MANAGERS),
) -> Response:
    """Price labels of the samples on display, with today's prices."""
    return await _pdf(
        services, caller.need_seller(seller_id), place_id, samples, language, sheets.price_labels, "labels"
    )


@router.get("/qr.pdf", response_class=Response, responses=_PDF)
async def qr(
    place_id: PlaceId,
    services: ServicesDep,
    language: LanguageDep,
    samples: Samples = None,
    seller_id: SellerQuery = None,
    caller: Caller = allow(*_MANAGERS),
) -> Response:
    """QR codes of the samples on display, without prices."""
    return await _pdf(
        services, caller.need_seller(seller_id), place_id, samples, language, sheets.qr_sheet, "qr"
    )


async def _pdf(
    services: Services,
    seller_id: int,
    place_id: int,
    samples: str | None,
    language: str,
    draw: Callable[..., bytes],
    name: str,
) -> Response:
    chosen = _ids(samples)
    async with services.db.reading() as tx:
        place, found = await labels_of(
            tx,
            seller_id,
            place_id,
            samples=chosen,
            language=language,
            now=services.clock(),
            public_url=services.settings.public_url,
        )
    fonts = fonts_in(services.settings.data / "fonts")
    data = await asyncio.to_thread(
        draw, found, fonts=fonts, language=language, title=f"{word('sheet', language)}, {place.name}"
    )
    headers = {
        "content-disposition": f'inline; filename="{place.code}-{name}.pdf"',
        "cache-control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


def _ids(text: str | None) -> frozenset[int] | None:
    if not text:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadSamples("Samples are numbers separated by commas.")
    return frozenset(int(part) for part in parts)
