"""Parties, their addresses and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.identity.types import DemoAccount
from halles.kernel.db import Tx, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    """A party with its first address and how many passkeys it has."""

    party_id: int
    kind: str
    guest: bool
    name: str | None
    locale: str
    currency: str
    email: str | None
    passkeys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRow:
    """A party's name, "" when it has none."""

    party_id: int
    name: str


_PARTIES = query(
    """select p.party_id, p.kind, p.guest, p.name, p.locale, p.currency,
      (select e.address from identity.email e where e.party_id = p.party_id order by e.added_at, e.address limit 1) as email,
      (select count(*)::int from identity.passkey k where k.party_id = p.party_id) as passkeys
    from identity.party p where p.party_id = any(%(party_ids)s::bigint[])""",
    PartyRow,
)
_CREATE = query(
    """insert into identity.party (kind, guest, name, locale, currency, created_at)
    values (%(kind)s, %(guest)s, %(name)s, %(locale)s, %(currency)s, %(now)s) returning party_id""",
    int,
)
_LOCK_GUEST = query(
    "select guest and merged_into is null from identity.party where party_id = %(party_id)s for update", bool
)
_OWNER = query("select party_id from identity.email where address = %(address)s", int)
_ATTACH = command(
    """insert into identity.email (address, party_id, added_at) values (%(address)s, %(party_id)s, %(now)s)
    on conflict (address) do nothing"""
)
_UPGRADE = command("update identity.party set guest = false where party_id = %(party_id)s")
_MERGED = command("update identity.party set merged_into = %(into)s where party_id = %(party_id)s")
_CURRENT = query(
    "select coalesce(merged_into, party_id) from identity.party where party_id = %(party_id)s for share", int
)
_CHANGE = command(
    """update identity.party set name = coalesce(%(name)s, name), locale = coalesce(%(locale)s, locale),
      currency = coalesce(%(currency)s, currency) where party_id = %(party_id)s"""
)
_GRANT = command(
    """insert into identity.role_grant (party_id, role, seller_id)
    select %(party_id)s, role, seller_id from unnest(%(roles)s::text[], %(seller_ids)s::bigint[]) as g (role, seller_id)
    on conflict do nothing"""
)
_REVOKE = command(
    """delete from identity.role_grant where party_id = %(party_id)s and role = %(role)s
    and seller_id is not distinct from %(seller_id)s"""
)
_GRANTS = query(
    "select role || ':' || coalesce(seller_id::text, '') from identity.role_grant where party_id = %(party_id)s order by 1",
    str,
)
_NAMES = query(
    "select party_id, coalesce(name, '') as name from identity.party where party_id = any(%(party_ids)s::bigint[])",
    NameRow,
)
_DEMO = query(
    """select coalesce(p.name, e.address) as label, e.address as email,
      coalesce((select min(g.role) from identity.role_grant g where g.party_id = p.party_id), 'shopper') as role
    from identity.email e join identity.party p on p.party_id = e.party_id
    where e.address like '%%' || %(domain)s order by p.party_id""",
    DemoAccount,
)


async def parties(tx: Tx, party_ids: Sequence[int]) -> list[PartyRow]:
    return await tx.all(_PARTIES, {"party_ids": list(party_ids)})


async def create_party(
    tx: Tx, *, kind: str, guest: bool, name: str | None, locale: str, currency: str, now: datetime
) -> int:
    params = {"kind": kind, "guest": guest, "name": name, "locale": locale, "currency": currency, "now": now}
    return await tx.one(_CREATE, params)


async def lock_guest(tx: Tx, party_id: int) -> bool:
    """Lock a party's row; whether it is (still) a guest of its own. False when it does not exist or was merged."""
    return bool(await tx.first(_LOCK_GUEST, {"party_id": party_id}))


async def owner_of(tx: Tx, address: str) -> int | None:
    """The party an address belongs to."""
    return await tx.first(_OWNER, {"address": address})


async def attach_email(tx: Tx, address: str, party_id: int, now: datetime) -> bool:
    """Give an address to a party; False when somebody has it already."""
    return await tx.run(_ATTACH, {"address": address, "party_id": party_id, "now": now}) == 1


async def upgrade_guest(tx: Tx, party_id: int) -> None:
    await tx.run(_UPGRADE, {"party_id": party_id})


async def note_merged(tx: Tx, party_id: int, into: int) -> None:
    await tx.run(_MERGED, {"party_id": party_id, "into": into})


async def current(tx: Tx, party_id: int) -> int | None:
    """Whom a party has become, locked against becoming somebody else until commit."""
    return await tx.first(_CURRENT, {"party_id": party_id})


async def change_party(
    tx: Tx, party_id: int, name: str | None, locale: str | None, currency: str | None
) -> None:
    await tx.run(_CHANGE, {"party_id": party_id, "name": name, "locale": locale, "currency": currency})


async def grant(tx: Tx, party_id: int, roles: Sequence[str], seller_ids: Sequence[int | None]) -> None:
    """Give roles; the arrays are parallel."""
    await tx.run(_GRANT, {"party_id": party_id, "roles": list(roles), "seller_ids": list(seller_ids)})


async def revoke_grant(tx: Tx, party_id: int, role: str, seller_id: int | None) -> int:
    return await tx.run(_REVOKE, {"party_id": party_id, "role": role, "seller_id": seller_id})


async def grants(tx: Tx, party_id: int) -> list[str]:
    return await tx.all(_GRANTS, {"party_id": party_id})


async def names(tx: Tx, party_ids: Sequence[int]) -> dict[int, str]:
    """Names of parties; "" for those who have none."""
    return {row.party_id: row.name for row in await tx.all(_NAMES, {"party_ids": list(party_ids)})}


async def demo_accounts(tx: Tx, domain: str) -> list[DemoAccount]:
    return await tx.all(_DEMO, {"domain": domain})
