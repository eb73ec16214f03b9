"""`halles …`: one command line for operators and engineers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import halles
from halles.edge import installation
from halles.identity.cli import app as identity
from halles.journeys.doctor.cli import app as doctor
from halles.journeys.product_import.cli import app as imports
from halles.journeys.shop_opening.cli import app as shop
from halles.kernel import log, migrate, postgres, telemetry
from halles.kernel.connect import need_migrated
from halles.kernel.errors import Refusal
from halles.kernel.settings import Settings, load
from halles.pricing.cli import app as pricing
from halles.vision.cli import app as vision

app = typer.Typer(
    help="Halles: one catalogue, one stock, one wallet, one customer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(shop, name="shop")
app.add_typer(imports, name="import")
app.add_typer(vision, name="vision")
app.add_typer(identity, name="identity")
app.add_typer(pricing, name="pricing")
app.add_typer(doctor, name="doctor")
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
    installation.start(port=port, host=host, https=https, demo=True, say=say)


@app.command()
def serve(port: Port = None, host: Host = None, https: Https = False) -> None:
    """Start Halles: web server, worker and inference, supervised, on the database of the settings."""
    installation.start(port=port, host=host, https=https, demo=False, say=say)


@app.command()
def web(
    port: Port = None, host: Host = None, certificate: Path | None = None, key: Path | None = None
) -> None:
    """Run one web process alone."""
    installation.web(load(), port=port, host=host, certificate=certificate, key=key)


@app.command()
def worker() -> None:
    """Run one worker alone: events and schedules."""
    from halles.edge.worker import run

    asyncio.run(run(load()))


@app.command()
def inference() -> None:
    """Run the inference process alone: photos and pictures."""
    from halles.edge.inference.process import main as run

    run(load())


@app.command("migrate")
def migrate_() -> None:
    """Bring the database of the settings to this release's revision."""
    settings = load()
    dsn = settings.database_url or postgres.ensure_running(settings.data).dsn
    before = migrate.current(dsn)
    migrate.upgrade(dsn)
    typer.echo(f"{before or 'empty'} -> {migrate.current(dsn)}")


@app.command()
def stop() -> None:
    """Stop the embedded database of the data folder."""
    postgres.stop(load().data)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(halles.__version__)


def main() -> None:
    """Run a command; a refusal prints its code and sentence and exits 1."""
    try:
        app()
    except Refusal as refusal:
        say.print(f"halles: {refusal.message} [dim]({refusal.code})[/dim]")
        sys.exit(1)
