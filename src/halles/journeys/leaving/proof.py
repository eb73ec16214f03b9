"""Who asks to close an account: a fresh code or passkey of the account, the session of a guest, or a guest's order and its mail.

What can be guessed is counted and used up in transactions of its own, so that a refused attempt counts; what proves it is used up
in the transaction that closes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from halles.identity import api as identity
from halles.identity.api import closing, codes, passkeys
from halles.identity.types import BadEmail, CodeRefused, PasskeyRefused, TooManyCodes
from halles.journeys.leaving.api import By
from halles.journeys.leaving.types import ProofNeeded
from halles.kernel.caller import Caller
from halles.kernel.db import Tx
from halles.kernel.errors import NotFound
from halles.kernel.web import Services
from halles.orders import api as orders
from halles.orders.api import people as order_people


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came with the request. `order_id`: of a guest who lost their session; `email` is what they gave with that order."""

    code: str | None
    credential: Mapping[str, Any] | None
    order_id: UUID | None
    email: str | None
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """Whose account it is. `use`: uses the proof up, in the transaction that closes; it may still refuse."""

    party_id: int
    by: By
    use: Callable[[Tx], Awaitable[None]]


async def prove(services: Services, caller: Caller, given: Given) -> Proved:
    """Whose account may be closed by this request. Raises ProofNeeded, CodeRefused, PasskeyRefused, TooManyCodes."""
    if given.order_id is not None:
        return await _by_order(services, given, given.order_id)
    party_id = caller.party()
    if caller.guest:
        return Proved(party_id=party_id, by="guest", use=_nothing)
    if given.code is not None:
        async with services.db.reading() as tx:
            email = (await identity.party(tx, party_id)).email
        if email is None:
            raise ProofNeeded("This account has no address; use its passkey.")
        return Proved(party_id=party_id, by="shopper", use=await _code(services, given, email, given.code))
    if given.credential is not None:
        use = await _passkey(services, caller, given.credential, party_id)
        return Proved(party_id=party_id, by="shopper", use=use)
    raise ProofNeeded("Prove that it is you: with a mailed code, or with a passkey.")


async def _nothing(tx: Tx) -> None:
    """A guest's session is all that there is of them."""


async def _by_order(services: Services, given: Given, order_id: UUID) -> Proved:
    """A guest who lost their session: the order's link, and a code mailed to the address of all their orders, since who was sent
    one of them, as a present, is not who bought. One refusal for whatever is wrong, so that nobody learns whose an order is."""
    refused = CodeRefused("This order, this address and this code do not belong together.")
    if given.code is None or given.email is None:
        raise ProofNeeded("Prove that it is you: with the order's address and a code mailed there.")
    try:
        email = identity.normal_email(given.email)
    except BadEmail as error:
        raise refused from error
    use = await _code(services, given, email, given.code)
    async with services.db.transaction() as tx:
        try:
            order = await orders.load_order(tx, order_id)
        except NotFound as error:
            raise refused from error
        owner = await identity.party(tx, await identity.current_party(tx, order.owner_id))
        told = await order_people.addresses_of(tx, await closing.family(tx, owner.party_id))
    if not owner.guest or order.email is None or told != {email}:
        raise refused
    return Proved(party_id=owner.party_id, by="guest", use=use)


async def _code(
    services: Services, given: Given, email: str, entered: str
) -> Callable[[Tx], Awaitable[None]]:
    settings, now = services.settings, services.clock()
    vault, refused = (
        identity.vault(settings),
        CodeRefused("This code does not work. Check it, or ask for another."),
    )
    async with services.db.transaction() as tx:
        wait_s = await codes.admit_attempt(tx, vault, given.network, now, settings.rate_limit_factor)
        hashed = None if wait_s is not None else await codes.try_code(tx, email, now)
    if wait_s is not None:
        raise TooManyCodes("Too many codes were tried; wait before the next.", retry_after_s=wait_s)
    if not await codes.fits(vault, hashed, email, "".join(entered.split())) or hashed is None:
        raise refused
    code_hash = hashed

    async def use(tx: Tx) -> None:
        if not await codes.take_code(tx, email, code_hash, now):
            raise refused

    return use


async def _passkey(
    services: Services, caller: Caller, credential: Mapping[str, Any], party_id: int
) -> Callable[[Tx], Awaitable[None]]:
    settings, now = services.settings, services.clock()
    vault, ceremonies = identity.vault(settings), passkeys.Ceremonies(settings.public_url)
    refused = PasskeyRefused("This passkey does not work here. Try again, or use a mailed code.")
    async with services.db.transaction() as tx:
        challenge = await passkeys.use_challenge(tx, credential, "sign_in", None, caller.visitor or "", now)
        known = await passkeys.find_passkey(tx, credential)
    if challenge is None or known is None or known.party_id != party_id:
        raise refused
    asked, row = challenge, known

    async def use(tx: Tx) -> None:
        await passkeys.assert_passkey(tx, vault, ceremonies, row, credential, asked, now)

    return use
