"""Starting Halles on one machine: the database, the pages, the demo, the processes, and where to click."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import segno
import structlog
from rich.console import Console

from halles.edge import certificate, webbuild
from halles.edge.app import STATIC
from halles.edge.demo import accounts
from halles.edge.demo.seed import seed
from halles.edge.ops import metrics, systemd
from halles.edge.ops.children import children
from halles.edge.ops.listening import listen
from halles.edge.supervisor import Supervisor
from halles.kernel import migrate, postgres, running
from halles.kernel.connect import need_migrated
from halles.kernel.errors import Refusal
from halles.kernel.log import configure as configure_log
from halles.kernel.settings import Settings, load
from halles.vision.api import standard_model

log = structlog.get_logger("halles.installation")
READY_S = 60.0
DATABASE_CHECK_S = 1.0


def start(
    *,
    port: int | None,
    host: str | None,
    https: bool,
    demo: bool,
    say: Console,
    web: int | None = None,
) -> None:
    """Bring everything up and keep it running until SIGINT or SIGTERM; SIGHUP replaces the processes one by one.

    `web`: how many web processes; None: as the settings say.
    """
    settings = _settings(port=port, host=host, https=https, demo=demo, web=web)
    if settings.demo:
        told = _environment(settings)
        configure_log(told["HALLES_LOG_LEVEL"], "json" if told["HALLES_LOG_FORMAT"] == "json" else "text")
    with listen(settings.host, settings.port) as listener:
        if settings.port == 0:
            settings = _settings(port=listener.getsockname()[1], host=host, https=https, demo=demo, web=web)
        settings.data.mkdir(parents=True, exist_ok=True)
        tls = (
            certificate.ensure(settings.data / "tls", certificate.names(settings.public_url))
            if https
            else None
        )
        embedded = _prepare(settings, say)
        with _measured() as folder, running.serving(settings):
            asyncio.run(_supervise(settings, tls, listener, folder, embedded, say))
    if embedded.ours:
        postgres.stop(settings.data)


@dataclass(slots=True)
class Embedded:
    """The embedded database. `ours`: this process started it, and ends it."""

    ours: bool = False


def _prepare(settings: Settings, say: Console) -> Embedded:
    embedded = Embedded()
    if settings.database_url is not None:
        need_migrated(settings.database_url)
    else:
        with _step(say, "database"):
            server = postgres.ensure_running(settings.data)
            migrate.upgrade(server.dsn)
            embedded.ours = server.started_here
    with _step(say, "web pages"):
        _pages()
    with _step(say, "recognition model"):
        if settings.vision_model is None:
            standard_model(settings)
    if settings.demo:
        with _step(say, "demo shop"):
            asyncio.run(seed(settings))
    return embedded


async def _supervise(
    settings: Settings,
    tls: certificate.Certificate | None,
    listener: socket.socket,
    measured: Path,
    embedded: Embedded,
    say: Console,
) -> None:
    async def after_start() -> None:
        if await _answers(settings, tls):
            systemd.notify("READY=1", f"STATUS=Open at {settings.public_url}")
            where_to_click(settings, tls, say)
        else:
            say.print(
                f"[red]The web server did not answer within {READY_S:.0f} s; its log lines above say why.[/red]"
            )
        keepers = [systemd.keep_alive()]
        if settings.database_url is None:
            keepers.append(_keep_database(settings, embedded))
        await asyncio.gather(*keepers)

    def on_stop() -> None:
        systemd.notify("STOPPING=1")
        listener.close()  # the children hold theirs until they have drained

    env = {**_environment(settings), metrics.FOLDER: str(measured)}
    await Supervisor(
        children(settings, tls, listener=listener.fileno(), env=env),
        after_start=after_start,
        on_stop=on_stop,
        on_change=partial(metrics.note_children, measured),
    ).run()


@contextmanager
def _measured() -> Generator[Path]:
    """The folder in which the processes of this installation keep their metrics, empty at first."""
    named = os.environ.get(metrics.FOLDER)
    if named is None:
        with tempfile.TemporaryDirectory(prefix="halles-metrics-") as made:
            yield Path(made)
        return
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)
    yield folder


async def _keep_database(settings: Settings, embedded: Embedded) -> None:
    """Start the embedded database again whenever it died; what it had committed is still there."""
    while True:
        await asyncio.sleep(DATABASE_CHECK_S)
        try:
            found = await asyncio.to_thread(postgres.ensure_running, settings.data)
        except Refusal as refusal:
            log.error("installation.database_does_not_start", code=refusal.code, reason=str(refusal))  # noqa: TRY400
        else:
            if found.started_here:
                embedded.ours = True
                log.warning("installation.database_restarted")


def _settings(
    *, port: int | None, host: str | None, https: bool, demo: bool, web: int | None = None
) -> Settings:
    base = load()
    chosen = base.port if port is None else port
    name = certificate.lan_address() if https else "localhost"
    scheme = "https" if https else "http"
    given = "public_url" in base.model_fields_set
    changes = {
        "port": chosen,
        "host": host or ("0.0.0.0" if https else base.host),  # noqa: S104  a phone on the same network must reach it: it was asked for
        "demo": demo or base.demo,
        "web_processes": base.web_processes if web is None else web,
        "public_url": base.public_url if given else f"{scheme}://{name}:{chosen}",
    }
    return base.model_copy(update=changes)


def _environment(settings: Settings) -> dict[str, str]:
    """What the children read their settings from, besides ours."""
    return {
        "HALLES_DATA": str(settings.data),
        "HALLES_DEMO": str(settings.demo).lower(),
        "HALLES_PUBLIC_URL": settings.public_url,
        "HALLES_PORT": str(settings.port),
        "HALLES_HOST": settings.host,
        "HALLES_WEB_PROCESSES": str(settings.web_processes),
        **({"HALLES_LOG_LEVEL": "warning", "HALLES_LOG_FORMAT": "text"} if settings.demo else {}),
        **{name: value for name, value in os.environ.items() if name.startswith("HALLES_LOG_")},
    }


def _pages() -> None:
    """Build the pages where there is a checkout; an installed wheel brings them."""
    source = STATIC.parents[3] / "web"
    if (source / "package.json").is_file():
        webbuild.build(source, STATIC)


@contextmanager
def _step(say: Console, name: str) -> Generator[None]:
    """Say what is being prepared, and how long it took when that was noticeable."""
    began = time.monotonic()
    say.print(f"  {name} …", end="\r" if sys.stderr.isatty() else "\n")
    yield
    say.print(f"  [green]✓[/green] {name} [dim]{time.monotonic() - began:.1f} s[/dim]")


async def _answers(settings: Settings, tls: certificate.Certificate | None) -> bool:
    scheme = "http" if tls is None else "https"
    address = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104
    verify = True if tls is None else certificate.trusting(tls)
    async with httpx.AsyncClient(verify=verify, trust_env=False) as client:
        until = time.monotonic() + READY_S
        while time.monotonic() < until:
            try:
                if (await client.get(f"{scheme}://{address}:{settings.port}/readyz")).status_code == 200:
                    return True
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    return False


def where_to_click(settings: Settings, tls: certificate.Certificate | None, say: Console) -> None:
    """The addresses and the demo accounts."""
    url = settings.public_url
    say.print(f"\n[bold]Halles is open.[/bold]   Stop with Ctrl-C. Data: {settings.data}\n")
    if settings.demo:
        say.print(f"  The showroom, as on a shopper's phone   {url}/?t=marais-photo")
        say.print(f"  The console, for staff                  {url}/console/")
        say.print(f"  Head office, live                       {url}/console/live")
        say.print(f"  The mailbox of the demo accounts        {url}/demo/mailbox\n")
        for account in accounts.ACCOUNTS:
            say.print(f"  {account.label:<12} {account.email}")
        say.print(
            "\n  Sign in with one tap, or with a code from the mailbox. Test card: 4242 4242 4242 4242."
        )
    else:
        say.print(f"  The shop      {url}/\n  The console   {url}/console/")
        _still_missing(settings, say)
    if tls is not None:
        say.print(
            f"\n  Open it on a phone in the same network; the certificate to trust is {tls.authority}\n"
        )
        segno.make(f"{url}/?t=marais-photo" if settings.demo else url).terminal(out=sys.stderr, compact=True)


def _still_missing(settings: Settings, say: Console) -> None:
    """What a shop of one's own cannot do yet, and what to do about it."""
    if settings.smtp_url is None:
        say.print(
            "\n  No mail leaves yet (HALLES_SMTP_URL): `halles identity code EMAIL` prints a code to sign in with."
        )
    if settings.stripe_secret_key is None:
        say.print(
            "\n  No card can be charged yet (HALLES_STRIPE_SECRET_KEY): shoppers look around, but cannot pay."
        )
