"""A backup is one moment of a shop that goes on selling; a restore gives exactly that moment, or changes nothing."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from halles.edge.ops import backup as backups
from halles.edge.ops import manifest as manifests
from halles.edge.ops import programs, restoring
from halles.edge.ops.errors import (
    BackupDamaged,
    BackupExists,
    BackupFailed,
    BackupNewer,
    BackupNoRoom,
    BackupProgramMissing,
    InstallationNotEmpty,
    InstallationRuns,
)
from halles.edge.ops.tests.serving import Journal, Serving, orders_in, people_before_shelves
from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import open_shop
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.media import MediaStore
from halles.kernel.postgres import ensure_running
from halles.kernel.settings import Settings


@pytest.fixture
async def original(tmp_path: Path, dsn: str, db: Database, clock: FixedClock) -> Settings:
    """An installation on a database of one's own: a shop with orders, a picture, a secret, settings."""
    settings = Settings(data=tmp_path / "original", database_url=dsn)
    shop = await open_shop(db)
    intake = Intake(db, clock)
    for _ in range(5):
        await intake.place(shop.order((0, 1), (1, 1)), shop.shoppers[0])
    await intake.close()
    MediaStore(settings.data / "media").put(b"a picture", "webp")
    (settings.data / "secret").write_text("0123456789abcdef" * 4)
    (settings.data / "halles.toml").write_text('mail_from = "Shop <shop@example.com>"\n')
    return settings


@pytest.fixture
def copy(tmp_path: Path, postgres_dsn: str) -> Iterator[Settings]:
    """An empty installation on an empty database."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_dsn, autocommit=True) as admin:
        admin.execute(SQL("create database {}").format(Identifier(name)))
        yield Settings(data=tmp_path / "copy", database_url=make_conninfo(postgres_dsn, dbname=name))
        admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


async def test_a_copy_is_the_original(original: Settings, copy: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "monday"
    made = await backups.back_up(original, target)
    assert {"database.dump", "secret", "halles.toml"} < made.files.keys()
    assert (target.stat().st_mode & 0o777, restoring.check(target)) == (0o700, made)
    assert json.loads((original.data / "last-backup.json").read_text())["at"] == made.taken_at
    done = await restoring.restore(copy, target, force=False)
    assert (done.report.findings, done.report.counted["orders"]) == ([], 5)
    assert await orders_in(copy.database_url or "") == await orders_in(original.database_url or "")
    assert _files(copy.data) == {
        name: body for name, body in _files(original.data).items() if name != "last-backup.json"
    }
    assert (copy.data / "secret").stat().st_mode & 0o077 == 0


async def test_force_replaces_all_of_it(
    original: Settings, copy: Settings, tmp_path: Path, db: Database, clock: FixedClock
) -> None:
    await backups.back_up(original, tmp_path / "monday")
    shop = await open_shop(db, name="Tuesday")
    intake = Intake(db, clock)
    await intake.place(shop.order(), shop.shoppers[0])
    await intake.close()
    with pytest.raises(InstallationNotEmpty):
        await restoring.restore(original, tmp_path / "monday", force=False)
    with pytest.raises(InstallationRuns):
        await restoring.restore(original, tmp_path / "monday", force=True)
    await db.close()
    done = await restoring.restore(original, tmp_path / "monday", force=True)
    assert (done.report.findings, done.report.counted["orders"]) == ([], 5)
    assert done.settings_aside == original.data / "halles.toml.from-backup"


async def test_settings_that_name_a_database_are_not_put_into_force(
    original: Settings, copy: Settings, tmp_path: Path
) -> None:
    (original.data / "halles.toml").write_text('database_url = "postgresql://the-original"\n')
    await backups.back_up(original, tmp_path / "monday")
    done = await restoring.restore(copy, tmp_path / "monday", force=False)
    assert done.settings_aside == copy.data / "halles.toml.from-backup"
    assert not (copy.data / "halles.toml").exists()


async def test_nothing_is_overwritten_and_nothing_is_left_behind(original: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "monday").mkdir(parents=True)
    with pytest.raises(BackupExists):
        await backups.back_up(original, folder / "monday")
    assert [path.name for path in folder.iterdir()] == ["monday"]


async def test_a_full_disk_is_seen_before(
    original: Settings, copy: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backups.back_up(original, tmp_path / "monday")
    usage = shutil.disk_usage(tmp_path)

    def nearly_full(_: Path) -> object:
        return usage._replace(free=1 << 20)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    with pytest.raises(BackupNoRoom):
        await backups.back_up(original, tmp_path / "tuesday")
    with pytest.raises(BackupNoRoom):
        await restoring.restore(copy, tmp_path / "monday", force=False)
    assert not (tmp_path / "tuesday").exists()
    assert not copy.data.exists()


@pytest.mark.parametrize("harm", ["cut", "changed", "missing", "manifest", "no manifest"])
async def test_damage_is_found_before_anything_is_touched(
    original: Settings, copy: Settings, tmp_path: Path, harm: str
) -> None:
    source = tmp_path / "monday"
    await backups.back_up(original, source)
    dumped = source / manifests.DUMP
    body = bytearray(dumped.read_bytes())
    match harm:
        case "cut":
            dumped.write_bytes(body[:-1])
        case "changed":
            body[len(body) // 2] ^= 1
            dumped.write_bytes(body)
        case "missing":
            (source / "secret").unlink()
        case "manifest":
            told = (source / "manifest.json").read_text()
            (source / "manifest.json").write_text(told.replace('"server": 1', '"server": 2'))
        case _:
            (source / "manifest.json").unlink()
    with pytest.raises(BackupDamaged):
        await restoring.restore(copy, source, force=False)
    assert not copy.data.exists()


async def test_a_later_release_is_not_guessed_at(original: Settings, copy: Settings, tmp_path: Path) -> None:
    source = tmp_path / "monday"
    await backups.back_up(original, source)
    manifests.write(source, replace(manifests.read(source), revision="9999_later"))
    with pytest.raises(BackupNewer):
        await restoring.restore(copy, source, force=False)


async def test_a_dump_that_cannot_be_read_to_its_end_changes_nothing(
    original: Settings, tmp_path: Path, db: Database
) -> None:
    """The script runs in one transaction, and is not committed when it breaks off."""
    await backups.back_up(original, tmp_path / "monday")
    dumped = tmp_path / "broken.dump"
    body = (tmp_path / "monday" / manifests.DUMP).read_bytes()
    dumped.write_bytes(body[: len(body) * 4 // 5])
    tools = programs.find_programs(15)
    await db.close()
    with pytest.raises(BackupFailed):
        programs.restore(
            tools,
            original.database_url or "",
            dumped=dumped,
            first=["drop schema orders cascade", "drop schema kernel cascade"],
            server=18,
        )
    assert len(await orders_in(original.database_url or "")) == 5


def test_programs_that_are_too_old_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HALLES_PG_BIN", str(tmp_path))
    with pytest.raises(BackupProgramMissing):
        programs.find_programs(18)


def test_no_password_is_on_a_command_line() -> None:
    env = programs.environment("postgresql://halles:secret@db.example:5433/shop?sslmode=verify-full")
    wanted = {"PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "halles", "PGPASSWORD": "secret"}
    assert wanted.items() | {("PGDATABASE", "shop"), ("PGSSLMODE", "verify-full")} <= env.items()


@pytest.mark.slow
async def test_a_backup_while_orders_are_placed(serving: Serving, tmp_path: Path) -> None:
    """Everything acknowledged before it began is in it; the copy's books agree; the shop never stopped."""
    shoppers = await people_before_shelves(serving)
    serving.start("--web", "2")
    journal, stop = Journal(), asyncio.Event()
    buying = asyncio.create_task(shoppers.buy(journal, stop, connections=8))
    await journal.until(100)
    before = set(journal.acknowledged)
    made = await asyncio.to_thread(serving.command, "backup", str(tmp_path / "monday"))
    assert made.returncode == 0, made.stderr
    during = len(journal.acknowledged) - len(before)
    await journal.until(len(journal.acknowledged) + 50)
    stop.set()
    await buying
    assert not journal.odd
    assert during > 0, "orders went on during the backup"
    runs = serving.command("restore", "--force", str(tmp_path / "monday"))
    assert (runs.returncode, "edge.installation_runs" in runs.stderr) == (1, True)
    copied = Serving(tmp_path / "elsewhere", empty=True)
    try:
        restored = copied.command("restore", str(tmp_path / "monday"))
        assert (restored.returncode, "All books agree." in restored.stdout) == (0, True), restored.stderr
        again = copied.command("restore", str(tmp_path / "monday"))
        assert (again.returncode, "edge.installation_not_empty" in again.stderr) == (1, True)
        assert copied.command("doctor").returncode == 0
        found = await orders_in(ensure_running(copied.data, durable=False).dsn)
        assert before <= found < set(journal.acknowledged)
    finally:
        copied.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
