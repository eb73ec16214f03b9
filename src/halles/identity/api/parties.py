"""Parties: guests, persons, organisations, their roles; and how a guest becomes somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from halles.identity import rules
from halles.identity.api.closing import hold_open
from halles.identity.api.sessions import start_session
from halles.identity.store import parties as store
from halles.identity.store import sessions as session_store
from halles.identity.types import (
    DEMO_DOMAIN,
    DemoAccount,
    EmailTaken,
    Grant,
    GuestBecame,
    NoSuchParty,
    Party,
    SignedIn,
)
from halles.kernel import outbox
from halles.kernel.caller import Caller, Role
from halles.kernel.db import Tx
from halles.kernel.ids import PartyId, SellerId


async def load_parties(tx: Tx, party_ids: Sequence[int]) -> dict[int, Party]:
    """Parties by id. One statement."""
    return {row.party_id: _party(row) for row in await store.parties(tx, party_ids)}


async def load_names(tx: Tx, party_ids: Sequence[int]) -> dict[int, str]:
    """Names by party id, "" for a party without one. One statement."""
    return await store.names(tx, party_ids)


async def party(tx: Tx, party_id: int) -> Party:
    """One party. Raises NoSuchParty."""
    found = (await load_parties(tx, [party_id])).get(party_id)
    if found is None:
        raise NoSuchParty("There is no such account.", party_id=party_id)
    return found


async def current_party(tx: Tx, party_id: int) -> PartyId:
    """The party itself, or the account that this guest turned out to be; stays so until the transaction ends, so that what is
    booked now is not left behind by a sign-in at the same moment. One statement."""
    return PartyId(await store.current(tx, party_id) or party_id)


async def find_by_email(tx: Tx, email: str) -> PartyId | None:
    """Whose address this is. Raises BadEmail. For staff, commands and the demo: never answer a visitor with it."""
    owner = await store.owner_of(tx, rules.normal_email(email))
    return None if owner is None else PartyId(owner)


async def create_organisation(tx: Tx, name: str, *, now: datetime, currency: str = "EUR") -> SellerId:
    """A new organisation; its party id is its seller id."""
    made = await store.create_party(
        tx, kind="organisation", guest=False, name=name, locale="en", currency=currency, now=now
    )
    return SellerId(made)


async def create_person(
    tx: Tx,
    email: str,
    *,
    now: datetime,
    name: str | None = None,
    roles: Iterable[Role] = (),
    seller_ids: Iterable[int] = (),
    locale: str = "en",
    currency: str = "EUR",
) -> PartyId:
    """A person whose address staff vouch for, with each role for each seller (for none, when no seller is given).

    Raises BadEmail, EmailTaken, MisplacedRole.
    """
    address = rules.normal_email(email)
    made = await store.create_party(
        tx, kind="person", guest=False, name=name, locale=locale, currency=currency, now=now
    )
    if not await store.attach_email(tx, address, made, now):
        raise EmailTaken("This address belongs to another account.")
    await give_roles(tx, made, rules.grants_of(roles, seller_ids))
    return PartyId(made)


async def give_roles(tx: Tx, party_id: int, pairs: Sequence[tuple[Role, int | None]]) -> None:
    """Give roles, each with the seller it is for; those already given stay. One statement. Raises MisplacedRole."""
    if pairs:
        stored = [rules.stored_role(role, seller_id) for role, seller_id in pairs]
        await store.grant(tx, party_id, stored, [seller_id for _, seller_id in pairs])


async def take_role(tx: Tx, party_id: int, role: Role, seller_id: int | None) -> bool:
    """Take a role back, from the next request on; False when it was not given. Raises MisplacedRole."""
    return await store.revoke_grant(tx, party_id, rules.stored_role(role, seller_id), seller_id) > 0


async def roles_of(tx: Tx, party_id: int) -> list[Grant]:
    """What a party was granted, beyond shopping."""
    return rules.read_grants(await store.grants(tx, party_id))


async def change(
    tx: Tx, party_id: int, *, name: str | None, locale: str | None, currency: str | None
) -> None:
    """Change what is given; None leaves as it is."""
    await store.change_party(tx, party_id, name, locale, currency)


async def start_guest(
    tx: Tx, *, agent: str, now: datetime, days: int, locale: str = "en", currency: str = "EUR"
) -> SignedIn:
    """A new guest with a session of their own. Two statements."""
    made = await store.create_party(
        tx, kind="person", guest=True, name=None, locale=locale, currency=currency, now=now
    )
    return await start_session(tx, made, agent=agent, now=now, days=days, guest=True)


async def sign_in_by_email(
    tx: Tx, address: str, caller: Caller, *, agent: str, now: datetime, days: int, locale: str
) -> SignedIn:
    """Sign in whoever proved that `address` is theirs.

    An address nobody has makes a guest a full account in place, or opens a new one. An address somebody has signs that
    account in, and a guest's belongings follow (GuestBecame). Raises AccountClosed.
    """
    owner = await store.owner_of(tx, address)
    await hold_open(tx, _both(owner, caller))
    if owner is None:
        guest_id = await _live_guest(tx, caller)
        if guest_id is not None:
            await store.upgrade_guest(tx, guest_id)
            owner = guest_id
        else:
            owner = await store.create_party(
                tx, kind="person", guest=False, name=None, locale=locale, currency="EUR", now=now
            )
        attached = await store.attach_email(tx, address, owner, now)
        assert attached, "the code of an address is used once, so nobody else attaches it meanwhile"
    return await sign_in(tx, owner, caller, agent=agent, now=now, days=days)


async def sign_in(tx: Tx, party_id: int, caller: Caller, *, agent: str, now: datetime, days: int) -> SignedIn:
    """A fresh session for `party_id`; the one presented ends, so that a planted token never becomes a signed-in one.

    A guest who turns out to be another party is merged: all the guest's sessions end and GuestBecame is written. Raises
    AccountClosed.
    """
    await hold_open(tx, _both(party_id, caller))
    guest_id = await _live_guest(tx, caller)
    if guest_id is not None and guest_id != party_id:
        await store.note_merged(tx, guest_id, party_id)
        await session_store.end_all_sessions(tx, guest_id)
        await outbox.append(tx, [GuestBecame(old_party_id=guest_id, party_id=party_id)])
    elif caller.by_cookie and caller.party_id is not None and caller.session_id is not None:
        await session_store.end_sessions(tx, caller.party_id, [caller.session_id])
    return await start_session(tx, party_id, agent=agent, now=now, days=days)


async def demo_accounts(tx: Tx) -> list[DemoAccount]:
    """The accounts that the demo lets anyone sign in to."""
    return await store.demo_accounts(tx, DEMO_DOMAIN)


def _both(party_id: int | None, caller: Caller) -> set[int]:
    """Who is to be signed in, and the guest who asks: neither may be closed meanwhile."""
    asks = caller.party_id if caller.guest else None
    return {one for one in (party_id, asks) if one is not None}


async def _live_guest(tx: Tx, caller: Caller) -> PartyId | None:
    """The guest behind this request, locked, or None: of two tabs that sign in at once, one finds the guest gone."""
    if not caller.guest or caller.party_id is None:
        return None
    return caller.party_id if await store.lock_guest(tx, caller.party_id) else None


def _party(row: store.PartyRow) -> Party:
    return Party(
        party_id=PartyId(row.party_id),
        kind=row.kind,
        guest=row.guest,
        name=row.name,
        locale=row.locale,
        currency=row.currency,
        email=row.email,
        passkeys=row.passkeys,
    )
