"""`halles nats`: run a NATS server for devices and other programs."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from halles.kernel.nats.server import Server, prepare, token_of
from halles.kernel.settings import load


def nats(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 4222,
    name: Annotated[
        str, typer.Option(help="Name of this server; different for each of a cluster.")
    ] = "halles",
    cluster: Annotated[
        str | None, typer.Option(help="host:port on which the servers of a cluster meet.")
    ] = None,
    route: Annotated[
        list[str] | None, typer.Option(help="host:port of every server of the cluster; once for each.")
    ] = None,
    mqtt: Annotated[
        str | None,
        typer.Option(
            help="host:port on which shelf labels' gateways speak MQTT, with the secret as their password."
        ),
    ] = None,
    max_store_gb: Annotated[int, typer.Option(min=1, help="Gigabytes of events it may keep.")] = 8,
    show_url: Annotated[
        bool,
        typer.Option("--show-url", help="Print the address with its secret for HALLES_NATS_URL, and end."),
    ] = False,
) -> None:
    """Run a NATS server with JetStream in the data folder, until it is told to stop."""
    data = load().data
    token = os.environ.get("HALLES_NATS_TOKEN") or token_of(data)
    if show_url:
        print(f"nats://{token}@{host}:{port}")
        return
    server = Server(
        name=name, folder=data / "nats" / name, host=host, port=port, token=token, cluster=cluster, routes=route or (),
        max_store_gb=max_store_gb, mqtt=mqtt,
    )  # fmt: skip
    words = prepare(server)
    os.execv(words[0], words)
