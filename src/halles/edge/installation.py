"""Starting Halles on one machine: the database, the pages, the demo, the processes, and where to click."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import segno
import structlog
import uvicorn
from rich.console import Console

from halles.edge import certificate, webbuild
from halles.edge.app import STATIC, create_app
from halles.edge.demo import accounts
from halles.edge.demo.seed import seed
from halles.edge.supervisor import Child, Supervisor, end_with_supervisor
from halles.kernel import migrate, postgres
from halles.kernel.connect import need_migrated
from halles.kernel.errors import Conflict, Refusal
from halles.kernel.log import configure as configure_log
from halles.kernel.settings import Settings, load
from halles.vision.api import standard_model

log = structlog.get_logger("halles.installation")
READY_S = 60.0
DATABASE_CHECK_S = 1.0


class PortTaken(Conflict):
    """Another program listens on this port."""

    code, title = "edge.port_taken", "Port taken"


def start(*, port: int | None, host: str | None, https: bool, demo: bool, say: Console) -> None:
    """Bring everything up and keep it running until SIGINT or SIGTERM."""
    settings = _settings(port=port, host=host, https=https, demo=demo)
    if settings.demo:
        told = _environment(settings)
        configure_log(told["HALLES_LOG_LEVEL"], "json" if told["HALLES_LOG_FORMAT"] == "json" else "text")
    _need_port(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    tls = certificate.ensure(settings.data / "tls", certificate.names(settings.public_url)) if https else None
    ours = False
    if settings.database_url is not None:
        need_migrated(settings.database_url)
    else:
        with _step(say, "database"):
            server = postgres.ensure_running(settings.data)
            migrate.upgrade(server.dsn)
            ours = server.started_here
    with _step(say, "web pages"):
        _pages()
    with _step(say, "recognition model"):
        if settings.vision_model is None:
            standard_model(settings)
    if demo:
        with _step(say, "demo shop"):
            asyncio.run(seed(settings))

    async def after_start() -> None:
        if await _answers(settings, tls):
            where_to_click(settings, tls, say)
        else:
            say.print(
                f"[red]The web server did not answer within {READY_S:.0f} s; its log lines above say why.[/red]"
            )
        if settings.database_url is None:
            await _keep_database(settings)

    asyncio.run(Supervisor(_children(settings, tls), after_start=after_start).run())
    if ours:
        postgres.stop(settings.data)


def web(
    settings: Settings, *, port: int | None, host: str | None, certificate: Path | None, key: Path | None
) -> None:
    """One web process, until SIGTERM; requests under way are finished."""
    end_with_supervisor()
    app = create_app(settings=settings)
    gc.collect()
    gc.freeze()  # what the process starts with stays; looking through it again and again is what long pauses are made of
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(
        app,
        host=host or settings.host,
        port=settings.port if port is None else port,
        loop="uvloop",
        http="httptools",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        backlog=2048,
    )


def _children(settings: Settings, tls: certificate.Certificate | None) -> list[Child]:
    """The processes to supervise: inference, a worker, the web server."""
    web = ["web", "--host", settings.host, "--port", str(settings.port)]
    if tls is not None:
        web += ["--certificate", str(tls.chain), "--key", str(tls.key)]
    env = _environment(settings)
    return [
        Child(name=name, command=words, env=env)
        for name, words in (("inference", ["inference"]), ("worker", ["worker"]), ("web", web))
    ]


async def _keep_database(settings: Settings) -> None:
    """Start the embedded database again whenever it died; what it had committed is still there."""
    while True:
        await asyncio.sleep(DATABASE_CHECK_S)
        try:
            found = await asyncio.to_thread(postgres.ensure_running, settings.data)
        except Refusal as refusal:
            log.error("installation.database_does_not_start", code=refusal.code, reason=str(refusal))  # noqa: TRY400
        else:
            if found.started_here:
                log.warning("installation.database_restarted")


def _settings(*, port: int | None, host: str | None, https: bool, demo: bool) -> Settings:
    base = load()
    chosen = base.port if port is None else port
    name = certificate.lan_address() if https else "localhost"
    scheme = "https" if https else "http"
    given = "public_url" in base.model_fields_set
    changes = {
        "port": chosen,
        "host": host or ("0.0.0.0" if https else base.host),  # noqa: S104  a phone on the same network must reach it: it was asked for
        "demo": demo or base.demo,
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
        **({"HALLES_LOG_LEVEL": "warning", "HALLES_LOG_FORMAT": "text"} if settings.demo else {}),
        **{name: value for name, value in os.environ.items() if name.startswith("HALLES_LOG_")},
    }


def _need_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(
                f"Port {settings.port} is in use; choose another with --port.", port=settings.port
            ) from error


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
