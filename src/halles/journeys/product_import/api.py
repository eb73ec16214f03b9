"""The journey's door: import a file now, queue an upload, work on what is queued."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from halles.catalog import api as catalog
from halles.catalog.types import ImportRun
from halles.identity import api as identity
from halles.journeys.product_import.importer import Importer, Progress
from halles.journeys.product_import.reading import look
from halles.journeys.product_import.types import BadFile, NoSellerYet, Options, Report
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.kernel.errors import Refusal
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore
from halles.kernel.settings import Settings
from halles.kernel.web import Services
from halles.places import api as places
from halles.places.types import WEB, TouchpointKind

log = structlog.get_logger("halles.product_import")

_LEFT_S = 24 * 3600.0
"""An upload so old that no import waits for was left by a process that died; an import takes minutes."""
_KINDS = (".jsonl", ".tsv", ".txt", ".xml", ".csv")


async def import_file(
    db: Database,
    media: MediaStore,
    clock: Clock,
    seller_id: int,
    path: Path,
    options: Options,
    *,
    progress: Progress | None = None,
) -> Report:
    """Import a file now and remember the run. Picture paths are relative to the file. Raises BadFile."""
    source = await asyncio.to_thread(look, path, base=path.parent, encoding=options.encoding)
    async with db.transaction() as tx:
        run = await catalog.start_run(
            tx, seller_id, source=path.name, stored=None, options=asdict(options), queued=False
        )
    importer = Importer(
        db=db, media=media, clock=clock, seller_id=SellerId(seller_id), options=options, progress=progress
    )
    return await importer.run(source, run)


async def import_path(
    services: Services,
    seller_id: int,
    path: Path,
    *,
    stock: Mapping[str, int] | None = None,
    options: Options | None = None,
) -> Report:
    """Import a file into a running system, for the demo and for programs. `stock`: location ids by the lane they serve; each
    new variant then gets 3 to 42 first pieces there, the same ones at every import into an empty database."""
    source = await asyncio.to_thread(look, path, base=path.parent)
    chosen = options or Options()
    async with services.db.transaction() as tx:
        run = await catalog.start_run(
            tx, seller_id, source=path.name, stored=None, options=asdict(chosen), queued=False
        )
    importer = Importer(
        db=services.db,
        media=services.media,
        clock=services.clock,
        seller_id=SellerId(seller_id),
        options=chosen,
        stock_by_lane=dict(stock or {}),
        pieces=demo_pieces,
    )
    return await importer.run(source, run)


def demo_pieces(sku: str) -> int:
    """First pieces of a variant in a demo: 3 to 42, spread over SKUs, the same for the same SKU."""
    return 3 + zlib.crc32(sku.encode()) % 40


def files_of(path: Path) -> list[Path]:
    """The product files that a path names: itself, or in a folder `products.*`, else every feed, table and JSON Lines file."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadFile(f"There is no {path}.")
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in _KINDS and file.is_file())
    named = [file for file in found if file.stem == "products"]
    if not (named or found):
        raise BadFile(f"{path} holds no product file ({', '.join(_KINDS)}).")
    return named or found


async def queue_upload(
    services: Services, seller_id: int, import_file: Path, *, source: str, options: Options
) -> ImportRun:
    """Remember an uploaded file as an import to be worked on; the file lies in `imports_folder` already. Raises BadFile at once
    for a file that is none."""
    await asyncio.to_thread(look, import_file, base=None, name=source, encoding=options.encoding)
    async with services.db.transaction() as tx:
        return await catalog.start_run(
            tx, seller_id, source=source, stored=import_file.name, options=asdict(options), queued=True
        )


def imports_folder(settings: Settings) -> Path:
    """Where uploaded files wait; shared by the web's and the workers' processes."""
    return settings.data / "imports"


async def run_queued(services: Services) -> int:
    """Work on every import that waits, or that a process left when it died; returns how many. Safe beside itself."""
    done = 0
    while True:
        async with services.db.transaction() as tx:
            run = await catalog.claim_run(tx)
        if run is None:
            await asyncio.to_thread(_sweep, imports_folder(services.settings))
            return done
        await _run(services, run)
        done += 1


async def _run(services: Services, run: ImportRun) -> None:
    options = msgspec.convert(run.options, Options)
    path = imports_folder(services.settings) / Path(run.stored or "").name
    importer = Importer(
        db=services.db,
        media=services.media,
        clock=services.clock,
        seller_id=SellerId(run.seller_id),
        options=options,
    )
    try:
        source = await asyncio.to_thread(look, path, base=None, name=run.source, encoding=options.encoding)
        await importer.run(source, run)
    except FileNotFoundError:
        async with services.db.transaction() as tx:
            await catalog.finish_run(tx, run, "The uploaded file is gone; upload it again.")
    except Refusal as refusal:
        log.info(
            "product_import.failed", import_id=str(run.import_id), code=refusal.code, reason=refusal.message
        )
        # The reason stands in the run, where staff see it; they have the file themselves.
    await asyncio.to_thread(path.unlink, missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove files that a process left which died between writing an upload and remembering it: nothing waits for them."""
    if not folder.is_dir():
        return
    before = time.time() - _LEFT_S
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


async def ensure_seller(db: Database, clock: Clock, seller_id: int | None, name: str | None) -> SellerId:
    """The seller to import for: the one named by id, else the shop's own; a system without any gets one called `name`.

    Raises NoSellerYet when there is none and no name.
    """
    if seller_id is not None:
        return SellerId(seller_id)
    async with db.transaction() as tx:
        web = await places.find_touchpoint(tx, WEB)
        if web is not None:
            return SellerId(web.seller_id)
        if name is None:
            raise NoSellerYet(
                "There is no shop yet: give its name with --shop NAME, or a seller's id with --seller ID."
            )
        made = await identity.create_organisation(tx, name, now=clock())
        await places.add_touchpoint(tx, made, code=WEB, kind=TouchpointKind.WEB, place_id=None)
        return made


async def load_run(db: Database, seller_id: int, import_id: UUID) -> ImportRun:
    """One run. Raises UnknownImport."""
    async with db.reading() as tx:
        return await catalog.load_run(tx, seller_id, import_id)
