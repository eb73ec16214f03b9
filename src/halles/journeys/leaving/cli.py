"""`halles identity export|close|closings`: for an operator who answers a letter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from halles.identity import api as identity
from halles.identity.api import closing
from halles.identity.types import NoSuchParty
from halles.journeys.leaving import api
from halles.journeys.leaving.archive import archive, encode
from halles.journeys.leaving.types import Amount
from halles.kernel.clock import system_clock
from halles.kernel.commands import on_database
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Invalid
from halles.kernel.ids import uuid7

Who = Annotated[str, typer.Argument(help="The account's e-mail address, or its party's number.")]


class BadReference(Invalid):
    """A payment's reference names nobody: letters, digits and dashes, at most forty."""

    code, title = "leaving.bad_reference", "Not a reference"


class OneWay(Invalid):
    """Money is paid out or given up, not both."""

    code, title = "leaving.one_way", "Choose --paid-out or --give-up"


async def _found(tx: Tx, who: str) -> int:
    party_id = int(who) if who.isdigit() else await identity.find_by_email(tx, who)
    if party_id is None:
        raise NoSuchParty("No account has this address.", email=who)
    return (await identity.party(tx, party_id)).party_id


def export(
    ctx: typer.Context,
    who: Who,
    out: Annotated[Path | None, typer.Option(help="File to write; absent: to standard output.")] = None,
) -> None:
    """Write all that is held of a person as one JSON document, readable by its owner alone."""

    async def work(db: Database) -> bytes:
        async with db.reading() as tx:
            party_id = await _found(tx, who)
        return encode(await archive(db, party_id, system_clock()))

    made = on_database(ctx.obj(), work)
    if out is None:
        print(made.decode())
        return
    out.touch(mode=0o600)
    out.chmod(0o600)  # it may have been there, for others to read
    out.write_bytes(made)
    print(f"{len(made)} bytes in {out}")


def close(
    ctx: typer.Context,
    who: Who,
    paid_out: Annotated[
        str | None,
        typer.Option(help="Reference of the transfer by which you paid out what is in the wallet."),
    ] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="The letter gives up what is in the wallet.")
    ] = False,
) -> None:
    """Close an account for who asked in writing, after you made sure who it is. Refused as it is for shoppers; a closed account's
    later refunds are booked as paid out with --paid-out."""
    if paid_out is not None and give_up:
        raise OneWay("Say --paid-out or --give-up.")
    if paid_out is not None and not re.fullmatch(r"[A-Za-z0-9-]{1,40}", paid_out):
        raise BadReference("A reference has letters, digits and dashes, at most forty.")

    async def work(db: Database) -> str:
        now = system_clock()
        async with db.transaction() as tx:
            party_id = await _found(tx, who)
            if paid_out is not None and await closing.find_closure(tx, party_id=party_id) is not None:
                later = await api.pay_out(tx, party_id, uuid7(), now)
                return "\n".join(f"{one.minor} {one.currency} paid out" for one in later if one.minor)
            stands = await api.standing(tx, party_id, now)
            given_up: list[Amount] = list(stands.money) if give_up else []
            made = await api.close(
                tx,
                party_id,
                closure_id=uuid7(),
                given_up=given_up,
                by="post",
                now=now,
                paid_out=paid_out,
            )
        await api.forget_closure(db, made.closure_id, now)
        return f"party {made.party_id} closed: {made.closure_id} {made.money}".rstrip()

    print(on_database(ctx.obj(), work) or "nothing was left")


def closings(ctx: typer.Context) -> None:
    """List the latest closings: which party, when, through which door, and what became of its money. It names nobody."""

    async def work(db: Database) -> list[str]:
        async with db.reading() as tx:
            return [
                f"{one.closed_at:%Y-%m-%d %H:%M}  party {one.party_id}  by {one.by:<7}  {one.closure_id}  "
                f"{'forgotten' if one.passes else 'forgetting'}  {one.money}".rstrip()
                for one in await closing.closures(tx)
            ]

    for line in on_database(ctx.obj(), work):
        print(line)
