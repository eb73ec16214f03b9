"""What an operator's machines ask: does it live, can it serve, what does it measure."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from halles.edge.ops import metrics, revisions
from halles.edge.ops.drain import Drain
from halles.edge.ops.store import REVISION, REVISION_IN_FORCE
from halles.kernel.caller import Use
from halles.kernel.db import Tx
from halles.kernel.errors import Unavailable
from halles.kernel.web import PROBLEM_RESPONSES, Role, ServicesDep, allow

router = APIRouter(tags=["operations"])


class SchemaTooOld(Unavailable):
    """The database is at an earlier revision than this release needs."""

    code, title = "edge.schema_too_old", "The database needs `halles migrate`"


@router.get("/healthz", dependencies=[allow()])
async def alive() -> dict[str, str]:
    """The process runs. It says nothing about the database: restarting this process would not mend that."""
    return {"status": "alive"}


@router.get("/readyz", dependencies=[allow()], responses={503: PROBLEM_RESPONSES[503]})
async def ready(request: Request, services: ServicesDep) -> dict[str, str]:
    """The process can serve: it is not ending, its database answers, and that is migrated far enough."""
    drain: Drain | None = getattr(request.app.state, "drain", None)
    if drain is not None:
        drain.refuse()
    async with services.db.reading() as tx:
        found = await revision_of(tx)
    if not revisions.serves(found, _known()):
        raise SchemaTooOld("Run `halles migrate`: the database is at an earlier revision.", retry_after_s=5)
    return {"status": "ready"}


@router.get(
    "/api/metrics",
    dependencies=[allow(Role.OPERATOR, use=Use.METRICS)],
    response_class=Response,
    responses={status: PROBLEM_RESPONSES[status] for status in (401, 403)},
)
async def measured(services: ServicesDep) -> Response:
    """Prometheus metrics of every process of this installation on this machine; a collector reads them with an
    operator's API key."""
    text = await asyncio.to_thread(metrics.exposition, services.settings.data)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


async def revision_of(tx: Tx) -> str | None:
    """The revision a database is at; None when it was never migrated. One or two queries."""
    return await tx.first(REVISION_IN_FORCE) if await tx.one(REVISION) else None


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    return revisions.line()
