"""Putting a backup back: nothing is touched before it has proved whole, and the database changes in one transaction."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from halles.edge.ops import manifest as manifests
from halles.edge.ops import programs, revisions
from halles.edge.ops.backup import FOLDERS, need_room, opened_as_it_is
from halles.edge.ops.errors import (
    BackupFailed,
    BackupNewer,
    BackupProgramMissing,
    InstallationNotEmpty,
    InstallationRuns,
)
from halles.edge.ops.http import revision_of
from halles.edge.ops.manifest import Manifest
from halles.edge.ops.store import CONTENTS, SCHEMAS
from halles.journeys.doctor.api import Report, examine
from halles.kernel import migrate
from halles.kernel.db import Database
from halles.kernel.settings import Settings

_TOML = "halles.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`settings_aside`: where the backup's `halles.toml` was put when it was not put into force; None when it was, or none."""

    manifest: Manifest
    report: Report
    settings_aside: Path | None


def check(source: Path) -> Manifest:
    """Prove that a backup is whole and that this release understands it. Raises BackupDamaged, BackupNewer."""
    manifest = manifests.read(source)
    if manifest.format > manifests.FORMAT or manifest.revision not in revisions.line():
        raise BackupNewer(
            f"The backup was made by Halles {manifest.version} (schema {manifest.revision}); this release is older.",
            revision=manifest.revision,
        )
    manifests.verify(source, manifest)
    return manifest


async def restore(settings: Settings, source: Path, *, force: bool) -> Restored:
    """Make this installation what the backup holds, bring it to this release's schema, and examine it.

    Raises what `check` raises, InstallationNotEmpty without `force`, InstallationRuns, BackupNoRoom, BackupProgramMissing,
    BackupFailed; the database is then as it was.
    """
    manifest = await asyncio.to_thread(check, source)
    embedded = settings.database_url is None
    need_room(settings.data, manifest.bytes + (manifest.database_bytes if embedded else 0))
    settings.data.mkdir(parents=True, exist_ok=True)
    async with opened_as_it_is(settings) as db:
        wipe, server = await _need_free(db, settings, force=force)
        tools = programs.find_programs(max(server, manifest.program))
        if manifest.server > server:
            raise BackupProgramMissing(
                f"The backup is of PostgreSQL {manifest.server}; this server is {server}.", server=server
            )
        try:
            await asyncio.to_thread(_put_files, source, settings.data, manifest)
            dumped = source / manifests.DUMP
            await asyncio.to_thread(programs.restore, tools, db.dsn, dumped=dumped, first=wipe, server=server)
            aside = _put_settings(source, settings.data, manifest)
        except OSError as error:
            raise BackupFailed(f"{error.filename}: {error.strerror}.") from error
        await asyncio.to_thread(migrate.upgrade, db.dsn)
        report = await examine(db)
    return Restored(manifest=manifest, report=report, settings_aside=aside)


async def _need_free(db: Database, settings: Settings, *, force: bool) -> tuple[list[str], int]:
    """The statements that empty the database, and the server's major version."""
    async with db.reading() as tx:
        contents, revision = await tx.one(CONTENTS), await revision_of(tx)
        found = await tx.all(SCHEMAS, {"schemas": _schemas()})
    if not force and (revision is not None or found or (settings.data / "secret").exists()):
        raise InstallationNotEmpty(
            f"{settings.data} or its database holds an installation already; --force replaces it for good.",
            revision=revision,
        )
    if contents.others:
        raise InstallationRuns(
            f"{contents.others} others are connected to the database: stop Halles first.",
            connections=contents.others,
        )
    wipe = [f'drop schema "{schema}" cascade' for schema in found]
    return [*wipe, "drop table if exists public.alembic_version"], contents.server


def _schemas() -> list[str]:
    """A schema a capability, of the same name."""
    return sorted(folder.parent.name for folder in migrate.PACKAGE.glob("[a-z]*/migrations"))


def _put_files(source: Path, data: Path, manifest: Manifest) -> None:
    """The folders first: pictures that nobody names yet harm nobody."""
    for name in manifest.files:
        if name.split("/", 1)[0] in FOLDERS:
            _put(source / name, data / name)


def _put_settings(source: Path, data: Path, manifest: Manifest) -> Path | None:
    """The secret, and the settings, unless they could lead this copy to the original's database."""
    if "secret" in manifest.files:
        _put(source / "secret", data / "secret", most=0o600)  # whatever the way here did to its permissions
    if _TOML not in manifest.files:
        return None
    safe = not (data / _TOML).exists() and "database_url" not in (source / _TOML).read_text()
    place = data / (_TOML if safe else f"{_TOML}.from-backup")
    _put(source / _TOML, place)
    return None if safe else place


def _put(source: Path, target: Path, *, most: int = 0o777) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    manifests.copy(source, aside, most=most)
    aside.replace(target)
