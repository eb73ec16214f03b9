"""`halles shop`: open a shop and invite who works in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from halles.journeys.shop_opening import api
from halles.journeys.shop_opening.types import Opened, Warehouse
from halles.kernel.caller import Role
from halles.kernel.clock import system_clock
from halles.kernel.commands import on_database
from halles.kernel.db import Database, Tx
from halles.kernel.errors import NotFound
from halles.places import api as places
from halles.places.types import WEB

T = TypeVar("T")
app = typer.Typer(help="Open a shop and invite who works in it.", no_args_is_help=True)


class NoShopYet(NotFound):
    """This system has no shop; `halles shop open` makes one."""

    code, title = "shop_opening.no_shop_yet", "No shop yet"


def _run(ctx: typer.Context, work: Callable[[Tx], Awaitable[T]]) -> T:
    async def inside(db: Database) -> T:
        async with db.transaction() as tx:
            return await work(tx)

    return on_database(ctx.obj(), inside)


@app.command("open")
def open_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The shop's name.")],
    warehouse: Annotated[str, typer.Option(help="Name of the first warehouse.")] = "Main warehouse",
    country: Annotated[str, typer.Option(help="Where it is, ISO 3166-1 alpha-2.")] = "FR",
    to: Annotated[
        list[str] | None, typer.Option(help="Country it sends to; repeat for several. Absent: its own.")
    ] = None,
    days: Annotated[int, typer.Option(min=0, help="Working days from the warehouse to the door.")] = 3,
    currency: Annotated[str, typer.Option(help="The shop's currency, ISO 4217.")] = "EUR",
    timezone: Annotated[str, typer.Option(help="Time zone of its cut-off.")] = "Europe/Paris",
) -> None:
    """Open a shop: its seller, the web as its touchpoint, a warehouse and how long its goods travel. Repeating changes it."""
    first = Warehouse(name=warehouse, country=country, countries=tuple(to or [country]), days=days)

    async def work(tx: Tx) -> Opened:
        return await api.open_shop(
            tx, name=name, warehouses=[first], now=system_clock(), currency=currency, timezone=timezone
        )

    opened = _run(ctx, work)
    typer.echo(f"{name}: seller {opened.seller_id}, stock location {opened.locations['hub']}")


@app.command()
def invite(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="Address that the person signs in with.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.STAFF,
    name: Annotated[str | None, typer.Option(help="How they are called.")] = None,
) -> None:
    """Give a person a role in the shop; they sign in with an e-mailed code."""

    async def work(tx: Tx) -> int:
        web = await places.find_touchpoint(tx, WEB)
        if web is None:
            raise NoShopYet("There is no shop yet: open one with `halles shop open NAME`.")
        return await api.invite(tx, web.seller_id, email, role, now=system_clock(), name=name)

    typer.echo(f"{email}: party {_run(ctx, work)}, {role}")
