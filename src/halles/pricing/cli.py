"""`halles pricing`: exchange rates, and what goods cost when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Annotated

import typer

from halles.kernel import connect, settings
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.money import Money
from halles.pricing import api
from halles.pricing.adapters.rates_source import ECB_DAILY, read_source
from halles.pricing.types import KeptRate, PriceStep, Rate

SEED = "bundled with Halles for demonstrations"

app = typer.Typer(help="Prices and exchange rates.", no_args_is_help=True)


@app.callback()
def pricing() -> None:
    """Prices and exchange rates."""


@app.command()
def rates(
    source: Annotated[
        str,
        typer.Argument(
            help="A file or an https:// address: eurofxref.csv, eurofxref-hist.csv, eurofxref-daily.xml, or date,currency,rate. "
            "Absent: the European Central Bank's rates of the day."
        ),
    ] = ECB_DAILY,
) -> None:
    """Import exchange rates of one euro, each with its date. What a later file corrects stays in the history."""
    text, name = read_source(source)
    found = api.read_rates(text)
    changed = asyncio.run(_keep(found, name))
    typer.echo(f"{len(found)} rates read, {changed} new or different.")


@app.command("rate-history")
def rate_history(currency: str, limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30) -> None:
    """Every rate of a currency that was ever written down, with its source and when it came."""
    for kept in asyncio.run(_rate_history(currency.upper(), limit)):
        typer.echo(f"{kept.day}  {kept.rate:>14} {kept.currency}  {kept.recorded_at:%Y-%m-%d %H:%M}  {kept.source}")  # fmt: skip


@app.command("history")
def history(seller: int, variant: int, limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50) -> None:
    """The ledger of a variant's prices, the latest first."""
    for step in asyncio.run(_history(seller, variant, limit)):
        reduced = (
            ""
            if step.regular_minor is None
            else f"  announced from {Money(step.regular_minor, step.currency)}"
        )
        typer.echo(f"{step.valid_from:%Y-%m-%d %H:%M}  {Money(step.minor, step.currency)}{reduced}")  # fmt: skip


async def _keep(found: Sequence[Rate], source: str) -> int:
    async with connect.opened(settings.load()) as db:
        return await save(db, found, source, system_clock())


async def _rate_history(currency: str, limit: int) -> list[KeptRate]:
    async with connect.opened(settings.load()) as db, db.reading() as tx:
        return await api.rate_history(tx, currency, limit=limit)


async def _history(seller_id: int, variant_id: int, limit: int) -> list[PriceStep]:
    async with connect.opened(settings.load()) as db, db.reading() as tx:
        return await api.history(tx, seller_id, variant_id, system_clock(), limit=limit)


async def save(db: Database, found: Sequence[Rate], source: str, at: datetime) -> int:
    """Keep rates in a transaction of their own; returns how many were new or different."""
    async with db.transaction() as tx:
        return await api.save_rates(tx, found, source, at)


async def seed_rates(db: Database, today: date | None = None) -> int:
    """Give a database the bundled rates, for the demo; returns how many were new. `today`: the day they are said to be of, so
    that a demonstration of next year still shows some; absent: their own."""
    found = api.read_rates(files("halles.pricing").joinpath("seed_rates.csv").read_text())
    if today is not None:
        found = [Rate(currency=rate.currency, day=today, rate=rate.rate) for rate in found]
    return await save(db, found, SEED, system_clock())
