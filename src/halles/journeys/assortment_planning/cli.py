"""`halles assortment`: demand from files, and a plan for a place."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
import typer

from halles.assortments import api as assortments
from halles.assortments.types import BadWishes, Plan, Wishes
from halles.catalog import api as catalog
from halles.catalog.types import UnknownVariant
from halles.journeys.assortment_planning.api import import_history, make_plan
from halles.journeys.assortment_planning.files import read_history, read_postcodes
from halles.journeys.assortment_planning.words import named, summary, why
from halles.kernel.clock import system_clock
from halles.kernel.commands import on_database
from halles.kernel.db import Database, Tx
from halles.kernel.errors import NotFound
from halles.kernel.ids import SellerId
from halles.kernel.settings import load
from halles.places import api as places
from halles.places.types import WEB, UnknownPlace

T = TypeVar("T")
app = typer.Typer(help="What a showroom should show.", no_args_is_help=True)
Seller = Annotated[int | None, typer.Option(help="Seller's id; absent: the shop's own.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


class NoSellerYet(NotFound):
    """This system has no shop; `halles shop open` makes one."""

    code, title = "assortments.no_seller", "No shop yet"


async def _seller(tx: Tx, seller_id: int | None) -> SellerId:
    if seller_id is not None:
        return SellerId(seller_id)
    web = await places.find_touchpoint(tx, WEB)
    if web is None:
        raise NoSellerYet("There is no shop yet: open one with `halles shop open NAME`.")
    return SellerId(web.seller_id)


@app.command("import-demand")
def import_demand(ctx: typer.Context, path: File, seller: Seller = None) -> None:
    """Keep demand of an earlier system (CSV: country, postcode, sku, day, shoppers; sales, views, searches). All of it, or
    nothing."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        found = read_history(lines)

    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            return await import_history(tx, await _seller(tx, seller), found, system_clock())

    typer.echo(f"{len(found)} lines read, {on_database(ctx.obj(), work)} rows of demand kept.")


@app.command("import-postcodes")
def import_postcodes(ctx: typer.Context, path: File, seller: Seller = None) -> None:
    """Say where postcodes are (CSV: country, postcode, latitude, longitude), for demand within a radius."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        found = read_postcodes(lines)

    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            return await assortments.put_postcodes(tx, await _seller(tx, seller), found)

    typer.echo(f"{on_database(ctx.obj(), work)} postcodes kept.")


@app.command("plan")
def plan(
    ctx: typer.Context,
    place: Annotated[str, typer.Argument(help="The place's code.")],
    samples: Annotated[int, typer.Option(help="How many samples.")] = 40,
    radius: Annotated[int, typer.Option(help="Kilometres around the place: 5, 10, 25, 50 or 100.")] = 10,
    days: Annotated[int, typer.Option(help="Days to look back.")] = 90,
    space: Annotated[int | None, typer.Option(help="Centimetres of table and wall in all.")] = None,
    width: Annotated[int, typer.Option(help="Centimetres that a sample takes.")] = 30,
    must: Annotated[list[str] | None, typer.Option(help="SKU of a must-have; repeat it.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="SKU to leave out; repeat it.")] = None,
    wishes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="All wishes as JSON instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole plan as JSON.")] = False,
    lang: Annotated[str, typer.Option(help="en or fr.")] = "en",
    seller: Seller = None,
) -> None:
    """Choose the samples of a place from what people around it buy, and say why. Keeps nothing."""

    async def work(db: Database) -> Plan:
        async with db.reading() as tx:
            seller_id = await _seller(tx, seller)
            codes = {one.code: one.place_id for one in await places.list_places(tx, seller_id)}
            if place not in codes:
                raise UnknownPlace(f"There is no place {place!r}.", known=sorted(codes))
            asked = Wishes(
                samples=samples,
                radius_km=radius,
                days=days,
                space_cm=space,
                width_cm=width,
                must=await _products(tx, seller_id, must or []),
                without=await _products(tx, seller_id, without or []),
            )
        if wishes is not None:
            asked = read_wishes(wishes)
        least = load().assortment_min_shoppers
        return await make_plan(db, seller_id, codes[place], asked, now=system_clock(), least_shoppers=least)

    made = on_database(ctx.obj(), work)
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(asdict(made)), ensure_ascii=False))
        return
    for rank, one in enumerate(made.chosen, 1):
        reasons = "; ".join(why(reason, lang) for reason in one.reasons)
        typer.echo(f"{rank:4} {named(one.title, lang)[:40]:40} {one.adds:8.1f}  {reasons}")
    typer.echo(f"{summary(made, lang)} ({made.area.level} {made.area.label})".replace(" )", ")"))
    typer.echo(f"covered {made.covered:.1f} of {made.total:.1f}, no plan more than {made.bound:.1f}")


def read_wishes(path: Path) -> Wishes:
    """Wishes as the console sends them. Raises BadWishes."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Wishes)
    except msgspec.MsgspecError as error:
        raise BadWishes(f"{path.name}: {error}", field="wishes") from error


async def _products(tx: Tx, seller_id: SellerId, skus: list[str]) -> tuple[UUID, ...]:
    found = await catalog.sku_ids(tx, seller_id, skus)
    unknown = [sku for sku in skus if sku not in found]
    if unknown:
        raise UnknownVariant(f"There is no SKU {unknown[0]!r}.", unknown=unknown)
    infos = await catalog.load_variants(tx, seller_id, list(found.values()))
    return tuple(sorted({info.product_id for info in infos.values()}))
