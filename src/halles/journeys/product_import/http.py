"""The console's imports: upload a file, watch how it goes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field

from halles.catalog import api as catalog
from halles.catalog.types import ImportRun
from halles.journeys.product_import import api
from halles.journeys.product_import.types import Options
from halles.kernel.errors import PayloadTooLarge
from halles.kernel.ids import SellerId, parse_uuid, uuid7
from halles.kernel.live import LiveHub, frame, sse
from halles.kernel.web import (
    PROBLEM_RESPONSES,
    Caller,
    Model,
    Page,
    Role,
    Services,
    ServicesDep,
    allow,
    cursor,
    read_cursor,
)

router = APIRouter(prefix="/api/console/imports", tags=["console: products"], responses=PROBLEM_RESPONSES)
_MAX_BYTES = 500 << 20
_CHUNK = 1 << 20
_MANAGERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)


class RowProblem(Model):
    """What is wrong in a line of the file."""

    line: int
    field: str
    reason: str


class Import(Model):
    """An import: rows in the file, products created, changed and unchanged, rows rejected; the first 200 errors."""

    import_id: UUID
    source: str
    state: str = Field(examples=["running"], description="running, done or failed")
    total: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    errors: list[RowProblem]
    failure: str | None
    started_at: datetime
    finished_at: datetime | None


@router.post("", status_code=202)
async def upload(
    services: ServicesDep,
    file: UploadFile,
    currency: Annotated[str, Form(pattern="^[A-Z]{3}$")] = "EUR",
    language: Annotated[str, Form(pattern="^[a-z]{2,3}$")] = "und",
    seller_id: Annotated[int | None, Query()] = None,
    caller: Caller = allow(*_MANAGERS),
) -> Import:
    """Upload a Google product feed, CSV or JSON Lines file; it is worked on in the background, also across a restart.

    Pictures must be addresses: an uploaded file cannot name files of the server.
    """
    seller = caller.need_seller(seller_id)
    name = Path(file.filename or "products").name[:200]
    stored = (
        api.imports_folder(services.settings)
        / f"{uuid7()}{re.sub(r'[^a-z.]', '', Path(name).suffix.lower())}"
    )
    try:
        await asyncio.to_thread(_store, file, stored)
        run = await api.queue_upload(
            services, seller, stored, source=name, options=Options(currency=currency, language=language)
        )
    except BaseException:
        stored.unlink(missing_ok=True)
        raise
    return _import(run)


@router.get("")
async def list_imports(
    services: ServicesDep,
    cursor_: Annotated[str | None, Query(alias="cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    seller_id: Annotated[int | None, Query()] = None,
    caller: Caller = allow(*_MANAGERS),
) -> Page[Import]:
    """Imports, the latest first."""
    before = parse_uuid(read_cursor(cursor_, (str,))[0]) if cursor_ else None
    async with services.db.reading() as tx:
        runs = await catalog.list_runs(tx, caller.need_seller(seller_id), before=before, limit=limit + 1)
    more = cursor(str(runs[limit - 1].import_id)) if len(runs) > limit else None
    return Page[Import](items=[_import(run) for run in runs[:limit]], next=more)


@router.get("/{import_id}")
async def show_import(
    import_id: UUID,
    services: ServicesDep,
    seller_id: Annotated[int | None, Query()] = None,
    caller: Caller = allow(*_MANAGERS),
) -> Import:
    """How one import goes."""
    return _import(await api.load_run(services.db, caller.need_seller(seller_id), import_id))


@router.get("/{import_id}/events", response_class=StreamingResponse)
async def watch_import(
    import_id: UUID,
    services: ServicesDep,
    seller_id: Annotated[int | None, Query()] = None,
    caller: Caller = allow(*_MANAGERS),
) -> StreamingResponse:
    """Server-sent events: the whole import at once and after each batch, until it has ended."""
    services.port(LiveHub).admit(caller.watching())
    seller = caller.need_seller(seller_id)
    await api.load_run(services.db, seller, import_id)
    return sse(live_frames(services, seller, import_id, caller.watching()))


async def live_frames(services: Services, seller: SellerId, import_id: UUID, who: str) -> AsyncIterator[str]:
    """What the page of an import is told. Ends with the import."""

    async def rendered() -> str:
        run = await api.load_run(services.db, seller, import_id)
        return frame("changed", _import(run).model_dump_json())

    name = f"import:{import_id}"
    told = services.port(LiveHub).follow(f"{name}:{seller}", [name], rendered, who=who)
    async with aclosing(cast("AsyncGenerator[str]", told)) as frames:
        async for text in frames:
            yield text or frame("", "")
            if text and _RUNNING not in text:
                return


_RUNNING = '"state":"running"'


def _store(file: UploadFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with path.open("wb") as out:
        while chunk := file.file.read(_CHUNK):
            size += len(chunk)
            if size > _MAX_BYTES:
                raise PayloadTooLarge(f"A product file has at most {_MAX_BYTES >> 20} MB; divide it.")
            out.write(chunk)


def _import(run: ImportRun) -> Import:
    shown: dict[str, Any] = {
        name: getattr(run, name) for name in Import.model_fields if name not in {"state", "errors"}
    }
    errors = [RowProblem(**error) for error in run.errors]
    return Import(**shown, state="running" if run.state == "queued" else run.state, errors=errors)
