"""`halles labels`: electronic shelf labels, and labels that would break the rule."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, TypeVar

import typer

from halles.journeys.labels.check import check_place
from halles.journeys.shelf_labels import service
from halles.kernel import connect, settings
from halles.kernel.clock import system_clock
from halles.kernel.db import Database, Tx
from halles.kernel.media import MediaStore
from halles.kernel.web import Services
from halles.shelf_labels import api as shelf_labels

T = TypeVar("T")
app = typer.Typer(help="Electronic shelf labels, and labels that would break the rule.", no_args_is_help=True)
Seller = Annotated[int, typer.Argument(help="The seller's number, as `halles shop` tells it.")]


@app.callback()
def labels() -> None:
    """Electronic shelf labels, and labels that would break the rule."""


@app.command("list")
def list_(
    seller: Seller, unconfirmed: Annotated[bool, typer.Option(help="Only what is not confirmed.")] = False
) -> None:
    """Every label: its state, what it should show, and what was proved that it shows."""

    async def work(tx: Tx, services: Services) -> None:
        page = await service.shelf(tx, services, seller)
        for one in page.labels:
            if unconfirmed and one.state == "confirmed":
                continue
            wanted, shows = (one.wanted or {}).get("price"), (one.shows or {}).get("price")
            known = shows or ("no price" if one.shows else "not known")
            typer.echo(
                f"{one.label_code:12} {one.place:20} {one.state:12} wanted {wanted or '—'}  shows {known}"
            )
        for told in page.refusals:
            when = f"{told.last_at:%Y-%m-%d %H:%M}"
            typer.echo(f"refused: gateway {told.gateway_id}: {told.reason} × {told.count}, last {when}")
        typer.echo(", ".join(f"{count} {state}" for state, count in sorted(page.counts.items())) or "No labels.")  # fmt: skip

    _run(work)


@app.command("gateway")
def gateway(
    seller: Seller,
    place: Annotated[int, typer.Argument(help="The place that it hangs in.")],
    name: Annotated[str, typer.Argument(help="Small letters, digits, hyphens: marais-1.")],
) -> None:
    """Add a gateway; prints its key, this once."""

    async def work(tx: Tx, services: Services) -> None:
        made = await service.make_gateway(tx, services, seller, gateway_id=name, place_id=place, name=name)
        typer.echo(f"key {made.key}\ntopics {made.topics}")

    _run(work)


@app.command("hang")
def hang(
    seller: Seller,
    gateway: Annotated[str, typer.Argument(help="The gateway that it hangs on.")],
    label: Annotated[str, typer.Argument(help="What is printed on the label.")],
    variant: Annotated[int, typer.Argument(help="The article.")],
    position: Annotated[str, typer.Option(help="Where it hangs.")] = "",
) -> None:
    """Hang a label for an article, or say anew where it hangs."""

    async def work(tx: Tx, services: Services) -> None:
        await service.hang(tx, services, seller, label, gateway_id=gateway, variant_id=variant, position=position)  # fmt: skip
        typer.echo(f"{label} shows article {variant} as soon as its gateway proves it.")

    _run(work)


@app.command("again")
def again(seller: Seller) -> None:
    """Send what is not confirmed now, instead of at its next try."""

    async def work(tx: Tx, services: Services) -> None:
        count = await shelf_labels.send_again(tx, seller, services.clock())
        typer.echo(f"{count} labels are sent again.")

    _run(work)


@app.command("check")
def check(
    seller: Seller,
    place: Annotated[int, typer.Argument(help="The place whose labels are checked.")],
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Labels that would break the rule: no price, no price by unit, no VAT, too high a price crossed out. Ends with 1 on any."""

    async def work(tx: Tx, services: Services) -> int:
        hung = {one.variant_id for one in await shelf_labels.labels(tx, seller, place)}
        where, faults = await check_place(tx, seller, place, language=language, now=services.clock(), variants=hung)  # fmt: skip
        for fault in faults:
            typer.echo(f"{fault.rule}: {fault.sku} {fault.title} {fault.hint}".rstrip())
        typer.echo(f"{where.name}: {len(faults)} faults.")
        return len(faults)

    if _run(work):
        raise typer.Exit(1)


def _run(work: Callable[[Tx, Services], Awaitable[T]]) -> T:
    return asyncio.run(_opened(work))


async def _opened(work: Callable[[Tx, Services], Awaitable[T]]) -> T:
    chosen = settings.load()
    opened: AbstractAsyncContextManager[Database] = connect.opened(chosen)
    async with opened as db, db.transaction() as tx:
        media = MediaStore(chosen.data / "media")
        return await work(tx, Services(settings=chosen, db=db, clock=system_clock, media=media, extra={}))
