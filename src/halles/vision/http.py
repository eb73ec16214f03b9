"""Recognition over HTTP: which candidate the shopper took. The photo itself is a journey's matter, since it needs the
catalogue and prices too."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from halles.kernel.web import PROBLEM_RESPONSES, Model, ServicesDep, allow
from halles.vision import api
from halles.vision.types import MatchId

router = APIRouter(prefix="/api/photos", tags=["photos"], responses=PROBLEM_RESPONSES)


class Chosen(Model):
    """The variant that the shopper tapped among the candidates."""

    variant_id: int = Field(ge=1, le=2**62)


@router.post("/{match_id}/chosen", status_code=204, dependencies=[allow()])
async def choose(match_id: UUID, body: Chosen, services: ServicesDep) -> Response:
    """Tell which candidate was the right one, so that recognition can be judged. The last answer counts."""
    async with services.db.transaction() as tx:
        await api.record_choice(tx, MatchId(match_id), body.variant_id)
    return Response(status_code=204)
