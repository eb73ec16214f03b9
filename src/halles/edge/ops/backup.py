"""A backup while the shop goes on selling: the database in one snapshot, then every file that this snapshot can name.

Pictures are stored before the rows that name them and never change, so copying them after the snapshot was taken misses none.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import halles
from halles.edge.ops import manifest as manifests
from halles.edge.ops import programs
from halles.edge.ops.errors import BackupExists, BackupFailed, BackupNoRoom
from halles.edge.ops.http import revision_of
from halles.edge.ops.manifest import Kept, Manifest
from halles.edge.ops.metrics import LAST_BACKUP
from halles.edge.ops.store import CONTENTS, SNAPSHOT, Contents
from halles.kernel import postgres
from halles.kernel.db import Database
from halles.kernel.postgres.binaries import major_of
from halles.kernel.settings import Settings

FOLDERS = ("media", "imports", "fonts", "tls")
FILES = ("secret", "halles.toml")
"""What of the data folder belongs to an installation; models and logs are made again."""
_SPARE_BYTES = 64 << 20


async def back_up(settings: Settings, target: Path) -> Manifest:
    """Make the folder `target`, whole or not at all. It holds personal data and keys: its owner alone may enter it.

    Raises BackupExists, BackupNoRoom, BackupFailed, BackupProgramMissing, and what keeps the database from answering.
    """
    target = _free_place(target)
    async with opened_as_it_is(settings) as db:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            made = await _fill(settings, db, target)
        except OSError as error:
            raise _told(error, target) from error
    with suppress(OSError):  # the backup is complete, whether or not it can be noted
        (settings.data / LAST_BACKUP).write_text(json.dumps({"at": made.taken_at, "path": str(target)}))
    return made


def _free_place(target: Path) -> Path:
    place = target.expanduser().absolute()
    if place.exists() or place.is_symlink():
        raise BackupExists(f"{place} exists; choose another name.", path=str(place))
    return place


@asynccontextmanager
async def opened_as_it_is(settings: Settings) -> AsyncGenerator[Database]:
    """The database of these settings without migrating it. An embedded one that had to be started is stopped again."""
    server = None
    if settings.database_url is None:
        server = await asyncio.to_thread(postgres.ensure_running, settings.data)
    try:
        db = await Database.open(
            server.dsn if server else settings.database_url or "", min_size=1, max_size=1
        )
        try:
            yield db
        finally:
            await db.close()
    finally:
        if server is not None and server.started_here:
            await asyncio.to_thread(postgres.stop, settings.data)


def need_room(where: Path, wanted: int) -> None:
    """Raises BackupNoRoom when the disk under `where` (or the nearest parent that exists) has less than `wanted` bytes."""
    while not where.exists():
        where = where.parent
    free = shutil.disk_usage(where).free
    if free < wanted + _SPARE_BYTES:
        raise BackupNoRoom(
            f"{where} has {free >> 20:,} MiB free; {(wanted + _SPARE_BYTES) >> 20:,} MiB are needed.",
            free_bytes=free,
            needed_bytes=wanted + _SPARE_BYTES,
        )


async def _fill(settings: Settings, db: Database, target: Path) -> Manifest:
    async with db.snapshot() as tx:
        contents, snapshot = await tx.one(CONTENTS), await tx.one(SNAPSHOT)
        revision, taken_at = await revision_of(tx), time.time()
        if revision is None:
            raise BackupFailed("The database was never migrated: there is nothing to back up.")
        tools = programs.find_programs(contents.server)
        need_room(target.parent, contents.bytes + sum(path.stat().st_size for path in _files(settings.data)))
        with _aside(target) as folder:
            dumped = folder / manifests.DUMP
            await asyncio.to_thread(programs.dump, tools, db.dsn, snapshot=snapshot, to=dumped)
            files = await asyncio.to_thread(_copy_files, settings.data, folder)
            made = _manifest(contents, revision, taken_at, tools, {manifests.DUMP: _kept(dumped), **files})
            manifests.write(folder, made)
            folder.rename(target)
    return made


def _manifest(
    contents: Contents, revision: str, taken_at: float, tools: Path, files: dict[str, Kept]
) -> Manifest:
    return Manifest(
        format=manifests.FORMAT,
        version=halles.__version__,
        revision=revision,
        server=contents.server,
        program=major_of(tools) or contents.server,
        taken_at=taken_at,
        database_bytes=contents.bytes,
        files=files,
    )


@contextmanager
def _aside(target: Path) -> Generator[Path]:
    """A folder beside `target` that is gone again unless it was renamed."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kept(path: Path) -> Kept:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return Kept(size=path.stat().st_size, sha256=manifests.checksum(path))


def _copy_files(data: Path, folder: Path) -> dict[str, Kept]:
    copied: dict[str, Kept] = {}
    for path in _files(data):
        name = path.relative_to(data).as_posix()
        with suppress(FileNotFoundError):  # an upload that was taken in meanwhile
            copied[name] = manifests.copy(path, folder / name)
    return copied


def _files(data: Path) -> Iterator[Path]:
    for name in FILES:
        if (data / name).is_file():
            yield data / name
    for name in FOLDERS:
        for path in sorted((data / name).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("tmp"):
                yield path


def _told(error: OSError, target: Path) -> BackupNoRoom | BackupFailed:
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return BackupNoRoom(f"The disk under {target.parent} is full; the backup was taken away again.")
    return BackupFailed(f"{error.filename or target}: {error.strerror}.")
