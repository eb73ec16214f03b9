"""`halles backup` and `halles restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from halles.edge.ops import backup as backups
from halles.edge.ops import restoring
from halles.journeys.doctor.cli import told
from halles.kernel.settings import load

Target = Annotated[Path, typer.Argument(help="Folder to make; it must not exist.")]
Source = Annotated[
    Path, typer.Argument(help="Folder that `halles backup` made.", exists=True, file_okay=False)
]


def backup(target: Target) -> None:
    """Back up the database, pictures, keys and settings into a new folder, while the shop goes on selling."""
    made = asyncio.run(backups.back_up(load(), target))
    typer.echo(f"{target}: {len(made.files):,} files, {made.bytes / 1e6:,.1f} MB, schema {made.revision}")


def restore(
    source: Source,
    force: Annotated[bool, typer.Option("--force", help="Replace the data that is there, for good.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only prove that the backup is whole.")] = False,
) -> None:
    """Put a backup back into the installation of the settings, migrate it, and let the doctor examine it."""
    if check:
        manifest = restoring.check(source)
        typer.echo(f"{source}: whole, {len(manifest.files):,} files, schema {manifest.revision}")
        return
    done = asyncio.run(restoring.restore(load(), source, force=force))
    if done.settings_aside is not None:
        typer.echo(f"The backup's settings are in {done.settings_aside}; read them before you use them.")
    for line in told(done.report):
        typer.echo(line)
    if not done.report.healthy:
        raise typer.Exit(1)
