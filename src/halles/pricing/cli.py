"""`halles pricing`: exchange rates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from halles.kernel import connect, settings
from halles.kernel.db import Database
from halles.pricing import api
from halles.pricing.types import Rate

SEED = "bundled with Halles for demonstrations"

app = typer.Typer(help="Prices and exchange rates.", no_args_is_help=True)


@app.callback()
def pricing() -> None:
    """Prices and exchange rates."""


@app.command()
def rates(
    file: Annotated[
        Path,
        typer.Argument(
            help="eurofxref.csv, eurofxref-hist.csv, or date,currency,rate.", exists=True, dir_okay=False
        ),
    ],
) -> None:
    """Import exchange rates of one euro, each with its date."""
    found = api.read_rates(file.read_text(encoding="utf-8-sig"))
    changed = asyncio.run(_keep(found, file.name))
    typer.echo(f"{len(found)} rates read, {changed} new or different.")


async def _keep(found: Sequence[Rate], source: str) -> int:
    async with connect.opened(settings.load()) as db:
        return await save(db, found, source)


async def save(db: Database, found: Sequence[Rate], source: str) -> int:
    """Keep rates in a transaction of their own; returns how many were new or different."""
    async with db.transaction() as tx:
        return await api.save_rates(tx, found, source)


async def seed_rates(db: Database) -> int:
    """Give a database the bundled rates, for the demo; returns how many were new."""
    return await save(
        db, api.read_rates(files("halles.pricing").joinpath("seed_rates.csv").read_text()), SEED
    )
