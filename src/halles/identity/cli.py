"""`halles identity …`: accounts, roles, API keys and sessions from the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import quote

import typer

from halles.identity import api
from halles.identity.api import codes
from halles.identity.rules import normal_email
from halles.identity.types import NoSuchParty, Scope
from halles.kernel import connect, running, settings
from halles.kernel.caller import Role, Use
from halles.kernel.clock import system_clock
from halles.kernel.db import Tx
from halles.kernel.ids import PartyId

T = TypeVar("T")
app = typer.Typer(help="Accounts, roles, API keys and sessions.", no_args_is_help=True)
keys = typer.Typer(help="API keys for programs.", no_args_is_help=True)
app.add_typer(keys, name="api-key")

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]
SellerIds = Annotated[
    list[int] | None, typer.Option("--seller", help="Seller the role or key is for; repeat for several.")
]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="Role to give; repeat for several.")]


def _run(work: Callable[[Tx], Awaitable[T]]) -> T:
    """Run `work` in one transaction on the database that the settings name."""

    async def inside() -> T:
        async with connect.opened(settings.load()) as db, db.transaction() as tx:
            return await work(tx)

    return asyncio.run(inside())


async def _found(tx: Tx, email: str) -> PartyId:
    party_id = await api.find_by_email(tx, email)
    if party_id is None:
        raise NoSuchParty("No account has this address.", email=email)
    return party_id


@app.command("create-user")
def create_user(
    email: Email,
    name: str | None = None,
    role: Roles = None,
    seller: SellerIds = None,
    locale: str = "en",
) -> None:
    """Create an account whose address you vouch for; its owner signs in by mail."""
    now = system_clock()
    made = _run(
        lambda tx: api.create_person(
            tx, email, now=now, name=name, roles=role or [], seller_ids=seller or [], locale=locale
        ),
    )
    print(f"party {made}")


@app.command("code")
def code_(email: Email) -> None:
    """Print a code that signs an account in: for the first people, and while no mail server is set up."""
    address = normal_email(email)
    party_id = _run(lambda tx: _found(tx, address))
    code = codes.new_code()
    hashed = asyncio.run(codes.hash_code(api.vault(settings.load()), address, code))
    _run(lambda tx: codes.keep_code(tx, address, hashed, system_clock()))
    page = f"{running.address(settings.load())}/sign-in?email={quote(address)}&code={code}"
    print(f"{code}  signs party {party_id} in once, within ten minutes: {page}")


@app.command()
def grant(email: Email, role: Role, seller: SellerIds = None) -> None:
    """Give an account a role, for one or several sellers (operator: for none); it counts from the next request on."""

    async def work(tx: Tx) -> None:
        sellers: list[int | None] = [*(seller or [])] or [None]
        await api.give_roles(tx, await _found(tx, email), [(role, seller_id) for seller_id in sellers])

    _run(work)
    print("granted")


@app.command()
def revoke(email: Email, role: Role, seller: SellerIds = None) -> None:
    """Take a role back; it counts from the next request on."""

    async def work(tx: Tx) -> int:
        party_id, sellers = await _found(tx, email), [*(seller or [])] or [None]
        return sum([await api.take_role(tx, party_id, role, seller_id) for seller_id in sellers])

    print(f"{_run(work)} taken")


@app.command()
def sessions(email: Email, end: Annotated[bool, typer.Option(help="End them all.")] = False) -> None:
    """List where an account is signed in, and end it."""
    now = system_clock()

    async def work(tx: Tx) -> list[str]:
        party_id = await _found(tx, email)
        found = await api.list_sessions(tx, party_id, now)
        if end:
            await api.end_all_sessions(tx, party_id)
        return [f"{s.session_id}  {s.agent:<24}  seen {s.seen_at:%Y-%m-%d %H:%M}" for s in found]

    for line in _run(work):
        print(line)
    if end:
        print("all ended")


@keys.command("create")
def create_key(
    email: Email,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    seller: SellerIds = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do: read, write. Both when absent.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Days it lives; absent: until revoked.")] = None,
    use: Annotated[
        list[Use] | None, typer.Option(help="Narrow it to a use; repeat for several. Absent: not narrowed.")
    ] = None,
    place: Annotated[
        list[int] | None, typer.Option(help="Narrow it to a place, by id; repeat for several.")
    ] = None,
) -> None:
    """Make a key that acts as a service for the account's party. It is printed once."""
    now = system_clock()

    async def work(tx: Tx) -> str:
        party_id = await _found(tx, email)
        token, _ = await api.create_api_key(
            tx,
            party_id=party_id,
            name=name,
            seller_ids=seller or [],
            scopes=scope or [*Scope],
            now=now,
            days=days,
            uses=use or [],
            place_ids=place or [],
        )
        return token

    print(_run(work))


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The twelve digits after hk_.")]) -> None:
    """Refuse a key from the next request on."""
    now = system_clock()
    _run(lambda tx: api.revoke_api_key(tx, key_id, now))
    print("revoked")


@keys.command("list")
def list_keys() -> None:
    """Every key, without its secret."""
    found = _run(api.list_api_keys)
    if not found:
        print("no keys yet")
    for key in found:
        state = "revoked" if key.revoked_at else "live"
        narrowed = f"  only {','.join(key.uses) or 'all uses'}" if key.uses or key.place_ids else ""
        narrowed += f" at places {key.place_ids}" if key.place_ids else ""
        print(
            f"{key.key_id}  {state:<7}  party {key.party_id}  sellers {key.seller_ids}  {','.join(key.scopes)}{narrowed}"
            f"  {key.name}"
        )
