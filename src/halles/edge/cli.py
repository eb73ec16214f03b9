"""`halles …`: one command line for operators and engineers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

import halles
from halles.edge import dev
from halles.edge.ops.cli import backup, restore
from halles.identity.cli import app as identity
from halles.journeys.assortment_planning.cli import app as assortment
from halles.journeys.doctor.cli import app as doctor
from halles.journeys.door_camera.cli import app as door
from halles.journeys.leaving import cli as leaving
from halles.journeys.measurement.cli import app as measure
from halles.journeys.product_import.cli import app as imports
from halles.journeys.promise_keeping.cli import app as promises
from halles.journeys.shelf_labels.cli import app as labels
from halles.journeys.shop_opening.cli import app as shop
from halles.kernel import distribute, log, migrate, postgres, telemetry
from halles.kernel.connect import need_migrated
from halles.kernel.errors import Refusal
from halles.kernel.nats.cli import nats
from halles.kernel.settings import Settings, load
from halles.pricing.cli import app as pricing
from halles.shelf_labels.cli import simulate
from halles.vision.cli import app as vision

_FOR_ENGINEERS = "In a checkout, for those who change Halles: " + ", ".join(
    f"./halles {name} ({what})" for name, what in dev.COMMANDS.items()
)

app = typer.Typer(
    help="Halles: one catalogue, one stock, one wallet, one customer.",
    epilog=_FOR_ENGINEERS if dev.is_checkout() else None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(shop, name="shop")
app.add_typer(imports, name="import")
app.add_typer(vision, name="vision")
for leave in (leaving.export, leaving.close, leaving.closings):
    identity.command()(leave)
app.add_typer(identity, name="identity")
app.add_typer(pricing, name="pricing")
app.add_typer(promises, name="promises")
labels.command("simulate")(simulate)
app.add_typer(labels, name="labels")
app.add_typer(assortment, name="assortment")
app.add_typer(measure, name="measure")
app.add_typer(doctor, name="doctor")
app.add_typer(door, name="door")
app.command("backup")(backup)
app.command("restore")(restore)
app.command("nats")(nats)
say = Console(stderr=True, highlight=False, soft_wrap=True)

Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on (default 8000).")]
Host = Annotated[
    str | None, typer.Option(help="Address to listen on (default 127.0.0.1; all of them with --https).")
]
Https = Annotated[
    bool,
    typer.Option(
        "--https", help="Serve HTTPS with a certificate of our own, for phones on the same network."
    ),
]


def dsn_of(settings: Settings) -> Callable[[], str]:
    """What `ctx.obj` holds for commands: gives the database's address, starting and migrating the embedded one if need be."""

    def give() -> str:
        if settings.database_url is not None:
            need_migrated(settings.database_url)
            return settings.database_url
        dsn = postgres.ensure_running(settings.data).dsn
        migrate.upgrade(dsn)
        return dsn

    return give


@app.callback()
def prepare(ctx: typer.Context) -> None:
    if ctx.obj is None and ctx.invoked_subcommand != "version":
        settings = load()
        log.configure(settings.log_level, settings.log_format if not sys.stderr.isatty() else "text")
        telemetry.configure("halles", settings.otlp_endpoint)
        ctx.obj = dsn_of(settings)


@app.command()
def demo(port: Port = None, host: Host = None, https: Https = False) -> None:
    """Start the demo shop: database, demo data, web server. Ends with the addresses to click."""
    from halles.edge import installation

    installation.start(port=port, host=host, https=https, demo=True, say=say)


@app.command()
def serve(
    port: Port = None,
    host: Host = None,
    https: Https = False,
    web: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Web processes on the one port (default: HALLES_WEB_PROCESSES)."),
    ] = None,
) -> None:
    """Start Halles: web servers, worker and inference, supervised, on the database of the settings."""
    from halles.edge import installation

    installation.start(port=port, host=host, https=https, demo=False, web=web, say=say)


@app.command("web")
def web_(
    port: Port = None,
    host: Host = None,
    certificate: Path | None = None,
    key: Path | None = None,
    listener: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one web process alone."""
    from halles.edge.ops.server import web

    web(load(), port=port, host=host, listener=listener, certificate=certificate, key=key)


@app.command()
def worker() -> None:
    """Run one worker alone: events and schedules."""
    from halles.edge.worker import run

    asyncio.run(run(load()))


@app.command()
def writer() -> None:
    """Run one writer alone: it places the orders that web processes take in."""
    from halles.edge.writer import run

    uvloop.run(run(load()))


@app.command()
def inference(
    number: Annotated[
        int, typer.Option(min=1, help="Which of the settings' inference processes this is.")
    ] = 1,
) -> None:
    """Run one inference process alone: photos and pictures."""
    from halles.edge.inference.process import main as run

    run(load(), number - 1)


@app.command("migrate")
def migrate_(
    spread: Annotated[
        bool, typer.Option("--distribute", help="Then turn the tables into those of a Citus cluster.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --distribute: print its SQL and change nothing.")
    ] = False,
    shards: Annotated[
        int, typer.Option(min=1, max=4096, help="With --distribute: shards of each group, for good.")
    ] = distribute.SHARDS,
) -> None:
    """Bring the database of the settings to this release's revision; on a cluster, its new tables too."""
    settings = load()
    dsn = settings.database_url or postgres.ensure_running(settings.data).dsn
    before = migrate.current(dsn)
    if not dry_run:
        migrate.upgrade(dsn)
        typer.echo(f"{before or 'empty'} -> {migrate.current(dsn)}")
    elif before not in migrate.heads():
        need_migrated(dsn)
    if spread or dry_run or distribute.is_distributed(dsn):
        typer.echo(f"-- {distribute.run(dsn, typer.echo, dry_run=dry_run, shards=shards)} steps")


@app.command()
def stop() -> None:
    """Stop the embedded database of the data folder."""
    postgres.stop(load().data)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(halles.__version__)


def main() -> None:
    """Run a command; a refusal prints its code and sentence and exits 1. A database that it started for itself is stopped."""
    before = postgres.started_here()
    try:
        app()
    except Refusal as refusal:
        say.print(f"halles: {refusal.message} [dim]({refusal.code})[/dim]")
        sys.exit(1)
    finally:
        postgres.leave(before)
