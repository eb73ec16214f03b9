"""`halles measure`: a place's report for files and schedules, and forgetting a person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from halles.identity import api as identity
from halles.identity.types import NoSuchParty
from halles.journeys.measurement import consent, exports
from halles.journeys.measurement.api import report as make_report
from halles.journeys.measurement.rules.asking import four_weeks_to
from halles.journeys.measurement.types import Question, Report
from halles.kernel.clock import system_clock
from halles.kernel.commands import on_database
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Invalid, NotFound
from halles.kernel.settings import load
from halles.places import api as places
from halles.places.types import WEB, UnknownPlace

app = typer.Typer(help="What showrooms lead to.", no_args_is_help=True)


class NothingToMeasure(NotFound):
    """This system has no shop; `halles shop open` makes one."""

    code, title = "measurement.no_seller", "No shop yet"


class OneFormat(Invalid):
    """Both formats were asked for, or none."""

    code, title = "measurement.one_format", "Choose --json or --csv"


async def _seller(tx: Tx, seller_id: int | None) -> int:
    if seller_id is not None:
        return seller_id
    web = await places.find_touchpoint(tx, WEB)
    if web is None:
        raise NothingToMeasure("There is no shop yet: open one with `halles shop open NAME`.")
    return web.seller_id


@app.command("report")
def report(
    ctx: typer.Context,
    place: Annotated[str, typer.Option(help="The place's code.")],
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day; absent: four weeks ago."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; absent: today.")
    ] = None,
    window: Annotated[int, typer.Option(help="Days in which an order can follow: 7, 30 or 90.")] = 30,
    radius: Annotated[int, typer.Option(help="Kilometres around: 2, 5, 10, 25 or 50.")] = 10,
    outcome: Annotated[str, typer.Option(help="pieces, orders or revenue.")] = "pieces",
    opened: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it opened; absent: the data say.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The report as a table.")] = False,
    lang: Annotated[str, typer.Option(help="en or fr.")] = "en",
    seller: Annotated[int | None, typer.Option(help="Seller's id; absent: the shop's own.")] = None,
) -> None:
    """What a place led to: visits and orders, new customers, lift, samples. Without personal data."""
    if as_json == as_csv:
        raise OneFormat("Choose --json or --csv.")
    now = system_clock()
    last = until.date() if until else now.date()

    async def work(db: Database) -> Report:
        async with db.reading() as tx:
            seller_id = await _seller(tx, seller)
            codes = {one.code: one.place_id for one in await places.list_places(tx, seller_id)}
        if place not in codes:
            raise UnknownPlace(f"There is no place {place!r}.", known=sorted(codes))
        question = Question(
            place_id=codes[place],
            since=since.date() if since else four_weeks_to(last),
            until=last + timedelta(days=1) if last < date.max else last,
            window_days=window,
            radius_km=radius,
            outcome=outcome,  # pyright: ignore[reportArgumentType]  # checked with the question
            opened=opened.date() if opened else None,
        )
        least = load().assortment_min_shoppers
        return await make_report(db, seller_id, question, now=now, least_shoppers=least, language=lang)

    made = on_database(ctx.obj(), work)
    typer.echo(exports.to_json(made).decode() if as_json else exports.to_csv(made, lang), nl=as_json)


@app.command("forget")
def forget(ctx: typer.Context, email: Annotated[str, typer.Argument(help="The person's address.")]) -> None:
    """Forget a person's ties and answers, as they can do themselves on their account's page."""

    async def work(db: Database) -> None:
        async with db.reading() as tx:
            party = await identity.find_by_email(tx, email)
        if party is None:
            raise NoSuchParty("Nobody has this address.")
        await consent.forget(db, party)

    on_database(ctx.obj(), work)
    typer.echo("Forgotten.")
