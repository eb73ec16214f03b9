"""`halles doctor`: prove that stock and money add up, on the live system."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer

from halles.journeys.doctor.api import Report, examine
from halles.kernel.db import Database

app = typer.Typer(help="Prove that stock and money add up.")


@app.callback(invoke_without_command=True)
def doctor(
    ctx: typer.Context, quiet: Annotated[bool, typer.Option(help="Print findings only.")] = False
) -> None:
    """Check stock and wallets against what moved them, in one snapshot of the live system. Ends with 1 when they disagree."""
    dsn: Callable[[], str] = ctx.obj
    report = asyncio.run(_examined(dsn()))
    for line in told(report, quiet=quiet):
        typer.echo(line)
    if not report.healthy:
        raise typer.Exit(1)


async def _examined(dsn: str) -> Report:
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        return await examine(db)
    finally:
        await db.close()


def told(report: Report, *, quiet: bool = False) -> list[str]:
    """A report in lines for a terminal."""
    lines = [f"{finding.check}: {finding.subject}: {finding.text}" for finding in report.findings]
    if quiet:
        return lines
    counted = ", ".join(f"{count:,} {what}" for what, count in report.counted.items())
    verdict = "All books agree." if report.healthy else f"{len(report.findings)} disagreements."
    return [f"Examined {counted}.", *lines, verdict]
