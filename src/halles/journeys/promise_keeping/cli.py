"""`halles promises`: lanes from a file, a history to learn from, and what another policy would have promised."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from halles.inventory import api as inventory
from halles.journeys.promise_keeping.lane_files import FileLane, read_lanes
from halles.journeys.promise_keeping.looking import AT_ONCE, look_at
from halles.kernel.clock import system_clock
from halles.kernel.commands import on_database
from halles.kernel.db import Database, Tx
from halles.kernel.errors import NotFound
from halles.orders import api as orders
from halles.places import api as places
from halles.places.types import WEB
from halles.promises import api as promises
from halles.promises.types import BadLane, Calendar, Lane

T = TypeVar("T")
app = typer.Typer(help="Delivery promises: lanes, and how they are kept.", no_args_is_help=True)
Seller = Annotated[int | None, typer.Option(help="Seller's id; absent: the shop's own.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


class NoSellerYet(NotFound):
    """This system has no shop; `halles shop open` makes one."""

    code, title = "promises.no_seller", "No shop yet"


async def _seller(tx: Tx, seller_id: int | None) -> int:
    if seller_id is not None:
        return seller_id
    web = await places.find_touchpoint(tx, WEB)
    if web is None:
        raise NoSellerYet("There is no shop yet: open one with `halles shop open NAME`.")
    return web.seller_id


@app.command("import-lanes")
def import_lanes(ctx: typer.Context, path: File, seller: Seller = None) -> None:
    """Make or change lanes from a CSV file, a line a leg. All of the file, or nothing."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        found = read_lanes(lines)

    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            return await put_lanes(tx, await _seller(tx, seller), found)

    typer.echo(f"{on_database(ctx.obj(), work)} lanes.")


async def put_lanes(tx: Tx, seller_id: int, found: list[FileLane]) -> int:
    """Keep the lanes of a file; hubs that nobody knows yet are made in the country of their lane. Raises BadLane."""
    await promises.lock_network(tx, seller_id)
    locations = {one.name: one.location_id for one in await inventory.locations(tx, [seller_id])}
    hubs = {hub.name for hub in await promises.list_hubs(tx, seller_id)}
    for one in found:
        if one.location and one.location not in locations:
            raise BadLane(f"There is no stock location {one.location!r}.", field="location")
        for leg in one.draft.legs:
            if leg.hub and leg.hub not in hubs:
                await promises.save_hub(tx, seller_id, leg.hub, one.draft.country, timezone=leg.timezone)
                hubs.add(leg.hub)
        draft = one.draft if not one.location else replace(one.draft, location_id=locations[one.location])
        await promises.put_lane(tx, seller_id, draft)
    return len(found)


@app.command("learn")
def learn(ctx: typer.Context, path: File, seller: Seller = None) -> None:
    """Let lanes learn from the delivery history of an earlier system (CSV). Repeating it adds nothing."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        history = list(promises.read_history(lines))

    async def work(db: Database) -> int:
        async with db.transaction() as tx:
            seller_id = await _seller(tx, seller)
            years = {past.placed_at.year for past in history}
            ways = await _ways(tx, seller_id, years)
            return await promises.import_history(tx, seller_id, history, ways)

    typer.echo(f"{len(history)} deliveries read, {on_database(ctx.obj(), work)} kept.")


@app.command("recheck")
def recheck(ctx: typer.Context) -> None:
    """Look at the promise of every order on its way anew: after a change of lanes that given promises should feel at once, or
    when the doctor says that one is not watched."""

    async def work(db: Database) -> int:
        async with db.reading() as tx:
            keys = [
                (x.seller_id, x.order_id) for x in await orders.promised(tx) if x.state not in orders.TERMINAL
            ]
        for start in range(0, len(keys), AT_ONCE):
            async with db.transaction() as tx:
                await look_at(tx, keys[start : start + AT_ONCE], system_clock())
        return len(keys)

    typer.echo(f"{on_database(ctx.obj(), work)} promises looked at.")


@app.command("backtest")
def backtest(
    ctx: typer.Context,
    history: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="CSV of orders that were delivered.")
    ],
    lanes: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Lanes as a file; absent: the shop's, as they were written."
        ),
    ] = None,
    seller: Seller = None,
    json_: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Replay a history: what each policy would have promised with what was known then, and how often it would have been kept."""
    with history.open(encoding="utf-8-sig", newline="") as lines:
        found = list(promises.read_history(lines))
    years = {past.placed_at.year for past in found}
    if lanes is None:

        async def work(db: Database) -> tuple[tuple[Lane, ...], Calendar]:
            async with db.reading() as tx:
                ways = await _ways(tx, await _seller(tx, seller), years)
            return ways.lanes, ways.calendar

        known, calendar = on_database(ctx.obj(), work)
    else:
        with lanes.open(encoding="utf-8-sig", newline="") as text:
            known = tuple(promises.lane_of(one.draft) for one in read_lanes(text))
        calendar = promises.calendar_of((), known, _around(years))
    replayed = promises.replay(found, {(lane.origin, lane.country): lane for lane in known}, calendar)
    _show(replayed, as_json=json_)


async def _ways(tx: Tx, seller_id: int, years: set[int]) -> promises.Ways:
    """Lanes as they were written, and a calendar that reaches over these years."""
    now = system_clock()
    ways = await promises.load_ways(tx, [seller_id], now, as_written=True)
    params = {
        "seller_ids": [seller_id],
        "first": date(min(years, default=now.year) - 1, 1, 1),
        "last": date(now.year + 2, 1, 1),
    }
    rows = await tx.all(promises.HOLIDAYS_SQL, params)
    return promises.Ways(
        lanes=ways.lanes, calendar=promises.calendar_of(rows, ways.lanes, _around(years | {now.year}))
    )


def _around(years: set[int]) -> range:
    here = system_clock().year
    return range(min(years, default=here) - 1, max(years, default=here) + 5)


def _show(replayed: promises.Replay, *, as_json: bool) -> None:
    if as_json:
        by_lane = [
            {
                "origin": origin,
                "country": country,
                "policies": {name: one.report() for name, one in found.items()},
            }
            for (origin, country), found in sorted(replayed.by_lane.items())
        ]
        policies = {name: one.report() for name, one in replayed.by_policy.items()}
        typer.echo(
            json.dumps({"policies": policies, "lanes": by_lane, "unknown": replayed.unknown}, indent=2)
        )
        return
    table = Table("policy", "orders", "kept", "promised days", "took days", "pinball loss, days")
    for name, tally in replayed.by_policy.items():
        row = tally.report()
        table.add_row(
            name,
            str(row["orders"]),
            f"{row['kept_share']:.1%}",
            f"{row['promised_days']:.2f}",
            f"{row['actual_days']:.2f}",
            f"{row['pinball_days']:.3f}",
        )
    console = Console(width=110)
    console.print(table)
    if replayed.unknown:
        console.print(f"{replayed.unknown} orders of no lane that is known were left out.")
