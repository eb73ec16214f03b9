"""`GET /api/recognition`: what a phone carries to recognise by itself."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from halles.journeys.phone_recognition.api import PhoneRecognition
from halles.journeys.phone_recognition.models import PhoneRecognitionView, view_of
from halles.kernel.web import PROBLEM_RESPONSES, ServicesDep, allow, answer

router = APIRouter(prefix="/api/recognition", tags=["photos"], responses=PROBLEM_RESPONSES)

Where = Annotated[str | None, Query(max_length=100, description="Whose shop. Absent: the first.")]
_BINARY = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
# Vectors and weights do not compress: a coding of their own keeps them from being tried at every fetch.
_FOREVER = {"cache-control": "public, max-age=31536000, immutable", "content-encoding": "identity"}


@router.get("", response_model=PhoneRecognitionView, dependencies=[allow()])
async def carried(request: Request, services: ServicesDep, touchpoint: Where = None) -> Response:
    """The model and the index of a showroom, by name, and what is known of its photos; with its ETag. Five statements.

    404 `vision.phone_part_gone` with a time to come back while the model is being built.
    """
    found = await services.port(PhoneRecognition).carried(touchpoint)
    return answer(request, view_of(found))


@router.get(
    "/models/{sha256}.onnx", dependencies=[allow()], response_class=FileResponse, responses={**_BINARY}
)
async def model(services: ServicesDep, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """The phone's model. Its name is its content's."""
    path = await asyncio.to_thread(services.port(PhoneRecognition).model_file, sha256)
    return FileResponse(path, headers=_FOREVER, media_type="application/octet-stream")


@router.get("/parts/{name}", dependencies=[allow()], response_class=Response, responses={**_BINARY})
async def part(
    services: ServicesDep,
    name: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    touchpoint: Where = None,
) -> Response:
    """A part of the index. Its name is its content's; 404 `vision.phone_part_gone` when it is not used any more."""
    found = await services.port(PhoneRecognition).part(touchpoint, name)
    return Response(found.data, headers=_FOREVER, media_type="application/octet-stream")
