"""`halles labels simulate`: a third party's gateway, played by a program."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from halles.kernel.clock import system_clock
from halles.shelf_labels.adapters.simulator import Manner, Screen, Simulator
from halles.shelf_labels.picture import drawn


def simulate(
    url: Annotated[str, typer.Argument(help="The broker: mqtt://halles:secret@127.0.0.1:1883.")],
    seller: Annotated[int, typer.Argument(help="The seller's number.")],
    gateway: Annotated[str, typer.Argument(help="The gateway's name.")],
    key: Annotated[
        str, typer.Option(envvar="HALLES_LABEL_KEY", help="The key that `halles labels gateway` printed.")
    ],
    manner: Annotated[Manner, typer.Option(help="How it behaves.")] = Manner.HONEST,
    lose: Annotated[
        float, typer.Option(min=0, max=1, help="The share of contents that its radio loses.")
    ] = 0.0,
    pictures: Annotated[Path | None, typer.Option(help="Folder for what each label shows, as PNG.")] = None,
) -> None:
    """Play a gateway with its labels, for demonstrations: a third party's device, no part of the shop. Ends with Ctrl+C."""

    def show(label: str, screen: Screen) -> None:
        typer.echo(f"{label} v{screen.version}: {screen.content.get('name')} {screen.content.get('price') or '—'}")  # fmt: skip
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / f"{label}.png").write_bytes(drawn(screen.content))

    played = Simulator(
        url=url, seller_id=seller, gateway_id=gateway, key=bytes.fromhex(key), manner=manner, lose=lose, show=show
    )  # fmt: skip
    typer.echo(f"Simulated gateway {gateway}: {manner.value}. Waiting for contents.")
    try:
        asyncio.run(played.run(lambda: int(system_clock().timestamp() * 1000)))
    except KeyboardInterrupt:
        typer.echo(f"{len(played.screens)} labels, told {len(played.told)} times that an answer was refused.")
