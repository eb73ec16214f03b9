"""`halles import`: products from files."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from halles.journeys.product_import import api
from halles.journeys.product_import.types import BadFile, Options, Report
from halles.kernel import connect, settings
from halles.kernel.clock import system_clock
from halles.kernel.media import MediaStore

app = typer.Typer(help="Import products.", no_args_is_help=True)
_ERRORS_SHOWN = 20

Seller = Annotated[int | None, typer.Option(help="Seller's id; absent: the shop's own.")]
Shop = Annotated[str | None, typer.Option(help="Name of the shop, made when there is none yet.")]
Price = Annotated[
    int | None,
    typer.Option(min=1, help="Price in minor units of rows that have none; absent: they are refused."),
]
Pieces = Annotated[
    int | None, typer.Option(min=0, help="First pieces of new variants for which the file says nothing.")
]
Where = Annotated[
    str | None, typer.Option(help="Stock location of those pieces, and of quantities without one.")
]


@app.command()
def products(
    path: Annotated[
        Path,
        typer.Argument(
            help="Google product feed (TSV, RSS, Atom), CSV or JSON Lines; or a folder with some."
        ),
    ],
    seller: Seller = None,
    shop: Shop = None,
    language: Annotated[
        str, typer.Option(help="Language of texts that do not say one (en, fr); und: the same in all.")
    ] = "und",
    currency: Annotated[str, typer.Option(help="Currency of prices that do not say one.")] = "EUR",
    price_minor: Price = None,
    tax_category: Annotated[str, typer.Option(help="VAT category of rows that do not say one.")] = "standard",
    lane: Annotated[str, typer.Option(help="Where goods usually leave from: hub or abroad.")] = "hub",
    stock: Pieces = None,
    location: Where = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a file that is not UTF-8.")] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch pictures from private network addresses too.")
    ] = False,
) -> None:
    """Import products with their pictures, prices and first stock. A second run changes only what changed."""
    options = Options(
        language=language, currency=currency, price_minor=price_minor, tax_category=tax_category, lane=lane,
        stock=stock, location=location, encoding=encoding, allow_private=allow_private,
    )  # fmt: skip
    asyncio.run(_import(api.files_of(path), options, seller=seller, shop=shop))


@app.command()
def grocery(
    folder: Annotated[
        Path, typer.Argument(help="Folder of the Grocery Store Dataset: catalog.csv and its pictures.")
    ],
    seller: Seller = None,
    shop: Shop = "Grocery",
    price_minor: Annotated[
        int, typer.Option(min=1, help="Price of every product in minor units: the data set has none.")
    ] = 249,
    currency: Annotated[str, typer.Option(help="Currency of that price.")] = "EUR",
    stock: Pieces = None,
    location: Where = None,
) -> None:
    """Import the 81 groceries of the Grocery Store Dataset, each at the same price, at the reduced VAT rate of food."""
    file = folder / "catalog.csv"
    if not file.is_file():
        raise BadFile(f"There is no {file}.")
    options = Options(
        language="en",
        currency=currency,
        price_minor=price_minor,
        tax_category="reduced",
        family="groceries",
        stock=stock,
        location=location,
    )
    asyncio.run(_import([file], options, seller=seller, shop=shop))


async def _import(files: Sequence[Path], options: Options, *, seller: int | None, shop: str | None) -> None:
    chosen = settings.load()
    async with connect.opened(chosen) as db:
        seller_id = await api.ensure_seller(db, system_clock, seller, shop)
        media = MediaStore(chosen.data / "media")
        for file in files:
            with _bar() as bar:
                task = bar.add_task(file.name, total=None)

                def tell(report: Report, bar: Progress = bar, task: object = task) -> None:
                    bar.update(task, total=report.total, completed=report.read)  # type: ignore[arg-type]

                report = await api.import_file(
                    db, media, system_clock, seller_id, file, options, progress=tell
                )
            _say(file, report)


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not sys.stderr.isatty())


def _say(file: Path, report: Report) -> None:
    for note in report.notes:
        typer.echo(note)
    for error in report.errors[:_ERRORS_SHOWN]:
        typer.echo(
            f"{file.name}:{error.line}: {error.field} {error.reason}"
            + ("" if error.rejected else " (kept without it)")
        )
    if len(report.errors) > _ERRORS_SHOWN:
        typer.echo(f"… and {len(report.errors) - _ERRORS_SHOWN} more.")
    typer.echo(
        f"{file.name}: rows {report.total}; products created {report.created}, changed {report.changed}, "
        f"unchanged {report.unchanged}; rows rejected {report.rejected}; new pictures {report.pictures}."
    )
